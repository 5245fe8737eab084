"""Says so when the kernels have to be compiled first: once per machine and version, then they are read from a cache."""

from collections.abc import Callable
from pathlib import Path

from rarl_eval.contamination import kernel, lexer


def announce(say: Callable[[str], None]) -> None:
    """Tell the user of the wait, if there will be one."""
    if not _cached():
        say("compiling the scanner for this machine, once: about half a minute")


def _cached() -> bool:
    """Whether numba's cache holds a compiled main kernel that is newer than its source."""
    folder = Path(kernel.stream.stats.cache_path or ".")
    newest = max(Path(m.__file__ or "").stat().st_mtime for m in (kernel, lexer))
    return any(f.stat().st_mtime >= newest for f in folder.glob("kernel.stream-*.nbi"))
