"""How the kernels are compiled, and kept compiled: once per machine and version, then they are read from a cache.

Numba looks at the file of a function to tell whether its compiled form is still right, but not at the files of the
functions and tables that were compiled into it. Here all of them count, so that no change goes unseen.
"""

from collections.abc import Callable
from contextlib import suppress
from functools import cache, partial
from hashlib import blake2b
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

from numba import njit

SOURCES = (
    "corpus/text", "matching/grouping", "matching/kernel", "matching/minhash", "matching/ngrams", "matching/shapes",
    "matching/tables", "paraphrase/pairs", "words/bits", "words/characters", "words/code", "words/compiling",
    "words/lexer", "words/normalise", "words/spelling",
)  # fmt: skip


def compiled(function: Callable[..., Any]) -> Any:
    """Compile a function on its first use, without the GIL, and cache it."""
    return _kept(njit(cache=True, nogil=True, error_model="numpy")(function))


def inlined(function: Callable[..., Any]) -> Any:
    """Compile a function into those that call it."""
    return _kept(njit(cache=True, nogil=True, error_model="numpy", inline="always")(function))


def announce(kernel: Any, say: Callable[[str], None]) -> None:
    """Tell the user of the wait, if there will be one: where ``kernel`` has not been compiled before."""
    if not kernel._cache._cache_file._load_index():  # noqa: SLF001 - numba has no public way to ask
        say("compiling the scanner for this machine, once: about half a minute")


def _spare_scipy() -> None:
    """Spare numba the import of scipy.linalg, a fifth of a second, by which it asks whether ``np.dot`` can be compiled.

    The answer is yes, for scipy is among the dependencies; whoever compiles ``np.dot`` has it imported then.
    """
    with suppress(ImportError, AttributeError):
        from numba.np import linalg

        asks, linalg.ensure_blas = linalg.ensure_blas, lambda: None
        try:
            from numba.np import arraymath  # noqa: F401
        finally:
            linalg.ensure_blas = asks


_spare_scipy()


def _kept(dispatcher: Any) -> Any:
    file: Any = dispatcher._cache._cache_file  # noqa: SLF001 - numba has no public way to set these
    vars(file).update(_source_stamp=stamp(), _load_index=partial(_known, vars(type(file))["_load_index"], file))
    return dispatcher


def _known(load: Callable[[Any], Any], file: Any) -> Any:
    """Read what was compiled; what names modules or classes of an older version counts as nothing."""
    try:
        return load(file)
    except (ImportError, AttributeError, EOFError, UnpicklingError):
        return {}


@cache
def stamp() -> str:
    """Fingerprint of the source of everything that is compiled."""
    digest = blake2b(digest_size=16)
    for name in SOURCES:
        digest.update((Path(__file__).parents[1] / f"{name}.py").read_bytes())
    return digest.hexdigest()
