"""One tokenizer for all models, so that lengths compare whatever each model's own tokens are.

It is read from a file (the ``tokenizer.json`` of the tokenizers library), never from a hub: which one it was is told by
its name and hash. Counted is everything a trace shows, reasoning included, without special tokens added.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from rarl_eval.errors import BadInput, NotInstalled


class ReferenceTokenizer:
    """A tokenizer read once and asked often."""

    def __init__(self, path: Path) -> None:
        """Read ``path``; raises BadInput where it is no such file, NotInstalled without the tokenizers package."""
        try:
            from tokenizers import Tokenizer
        except ImportError:
            raise NotInstalled("tokenizers, which --tokenizer needs,", "tokenizer") from None
        file = path / "tokenizer.json" if path.is_dir() else path
        try:
            data = file.read_bytes()
            self._tokenizer = Tokenizer.from_str(data.decode("utf-8"))
        except OSError as error:
            raise BadInput(f"tokenizer {file} cannot be read: {error.strerror}; name a tokenizer.json") from error
        except Exception as error:  # the library raises plain Exceptions for files it cannot use
            told = " ".join(str(error).split())[:200]
            raise BadInput(f"{file} is no tokenizer.json: {told}; name the file of a fast tokenizer") from error
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self.name = f"{file.resolve().parent.name}/{file.name} {hashlib.sha256(data).hexdigest()[:12]}"
        """The file and its folder, and the first digits of its SHA-256."""

    def count(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text; lone surrogates, which have no UTF-8, count as question marks."""
        clean = [text.encode("utf-8", "replace").decode("utf-8") for text in texts]
        return [len(found) for found in self._tokenizer.encode_batch_fast(clean, add_special_tokens=False)]

    def text(self, ids: Sequence[int], *, marks: bool) -> str:
        """Return the text of token ids, with or without special tokens; raises BadInput for what are none of its."""
        if not all(isinstance(one, int) and 0 <= one < self._tokenizer.get_vocab_size() for one in ids):
            raise BadInput(
                f"token ids that {self.name} does not have; name the tokenizer of the model that was trained"
            )
        return str(self._tokenizer.decode(list(ids), skip_special_tokens=not marks))
