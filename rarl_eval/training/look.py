"""One look at a training: take what is new, watch, write what was found."""

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from rarl_eval.errors import BadInput
from rarl_eval.training.present import write
from rarl_eval.training.store import Store
from rarl_eval.training.taken import take
from rarl_eval.training.tokens import opened
from rarl_eval.training.watch import FILE, Watching, WatchSettings, signature, watch


def look(dumps: Sequence[Path], out: Path, settings: WatchSettings, say: Callable[[str], None]) -> Watching:
    """Write training.json, summary.md and junit.xml into ``out``, and return what they say.

    What is known so far lies there, too, and is gone on with. Raises BadInput where nothing can be read, and leaves no
    folder behind that was not there.
    """
    if settings.columns.tokenizer is not None:
        opened(settings.columns.tokenizer)  # a file that is none is told before anything is read
    begun = out.exists()
    store = Store(out / FILE, signature(settings))
    try:
        take(dumps, store, settings, say)
        found = watch(store, settings)
        write(found, out)
    except BadInput:
        if not begun:
            shutil.rmtree(out)  # what was read of it is read again
        raise
    finally:
        store.close()
    return found
