"""Sentence embeddings of candidates, by any sentence-transformers model: the extra ``[semantic]``.

Pairs of words propose (pairs.py) and embeddings choose among what they proposed, so that their cost depends on the
candidates and not on the corpus. Not here: what a similarity means (paraphrased.py).
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from rarl_eval.errors import BadInput, NotInstalled

Embedder = Callable[[Sequence[str]], npt.NDArray[np.float32]]
"""Texts to one unit vector each."""


def open_embedder(model: str) -> Embedder:
    """Open a sentence-transformers model: a folder, or a name on the hub.

    Raises NotInstalled without the package, BadInput for what is no such model.
    """
    try:
        from sentence_transformers import SentenceTransformer
    except ImportError:
        raise NotInstalled("sentence-transformers", "semantic") from None
    try:
        opened: Any = SentenceTransformer(str(Path(model)) if Path(model).is_dir() else model)
    except Exception as error:  # the package raises whatever its loaders and the hub do
        raise BadInput(
            f"--embed {model} is no sentence-transformers model that can be loaded ({type(error).__name__}: {error}); "
            "give a folder that holds one, or its name on the hub"
        ) from error
    return lambda texts: np.asarray(
        opened.encode(list(texts), normalize_embeddings=True, show_progress_bar=False), np.float32
    )
