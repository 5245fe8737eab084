"""What a program prints, warns of and logs while the tests call it, kept for tests that look for it."""

import io
import sys
import warnings
from typing import Any

_MOST = 2**20
"""Characters of prints, and warnings and records, that one call may leave."""


class Overheard:
    """Listens to nothing until it is asked to."""

    def __init__(self) -> None:
        self._printed: io.StringIO | None = None
        self._warned: list[tuple[str, str]] | None = None
        self._logged: list[tuple[str, int, str]] | None = None

    def listen(self, to: list[str]) -> None:
        """Listen to ``out``, ``warned``, ``logged``, each where it is named."""
        if "out" in to:
            self._printed = sys.stdout = io.StringIO()
        if "warned" in to:
            self._warned = []
            warnings.simplefilter("always")
            warnings.showwarning = self._warn  # type: ignore[assignment]
        if "logged" in to:
            self._logged = []
            _to(self._logged)

    def since(self) -> dict[str, Any]:
        """Return what was heard since this was last asked; empty where that is nothing."""
        heard: dict[str, Any] = {}
        if self._printed is not None and self._printed.tell():
            heard["out"] = self._printed.getvalue()[:_MOST]
            self._printed.seek(0)
            self._printed.truncate()
        for name, kept in (("warned", self._warned), ("logged", self._logged)):
            if kept:
                heard[name] = kept[:1000]
                kept.clear()
        return heard

    def _warn(self, message: Any, category: type[Warning], *_: Any) -> None:
        if self._warned is not None and len(self._warned) < _MOST:
            self._warned.append((category.__name__, str(message)))


def _to(kept: list[tuple[str, int, str]]) -> None:
    """Send every log record to a list; the tests' own loggers then decide what is of interest."""
    import logging

    class Keeper(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            kept.append((record.name, record.levelno, record.getMessage()))

    logging.root.setLevel(1)
    logging.root.addHandler(Keeper())
