"""When to stop asking a server: it refuses every call, or has gone; the rest is left for ``--resume``."""

import re
from collections.abc import Callable
from http import HTTPStatus

FIRST = 3
"""Calls that may fail alike before any was answered: a wrong key or model, no quota, nobody there."""

TOLD = 3
"""Kinds of failures that are told at once."""

_SPENT = re.compile(r"insufficient_quota|exceeded your current quota|billing|payment|credit balance", re.IGNORECASE)


class Breaker:
    """Counts failures between answers; ``open`` once asking on is of no use."""

    def __init__(self, concurrency: int, notice: Callable[[str], None]) -> None:
        self._later = max(8, 2 * concurrency)
        self._notice = notice
        self._told: set[str] = set()
        self._answered = False
        self._row: list[str] = []
        self.open = False

    def told(self, why: str) -> None:
        """Tell the first failed try of each kind at once."""
        kind = _kind(why)
        if kind not in self._told and len(self._told) < TOLD:
            self._told.add(kind)
            self._notice(why)

    def answered(self) -> None:
        """Note an answer."""
        self._answered = True
        self._row.clear()

    def begin(self) -> None:
        """Let calls through again: another command of the same process may find the server back."""
        self.open = False

    @property
    def hopeless(self) -> bool:
        """Whether trying a call again is of no use: nothing was ever answered, and one call had all its tries."""
        return self.open or (bool(self._row) and not self._answered)

    def failed(self, why: str) -> bool:
        """Note a call that was given up; whether it is the one after which no more are made."""
        self._row.append(_kind(why))
        most = self._later if self._answered else FIRST
        before = self.open
        self.open = self.open or (len(self._row) >= most and len(set(self._row[-most:])) == 1)
        return self.open and not before


def spent(status: int, words: str) -> bool:
    """Whether a refusal for too many requests says that there is no more to be had, so that waiting is of no use."""
    return status == HTTPStatus.TOO_MANY_REQUESTS and _SPENT.search(words) is not None


def _kind(why: str) -> str:
    """Return what is alike in failures of one cause: their words without numbers and quotations."""
    return re.sub(r"\d+|'[^']*'|\"[^\"]*\"", "#", why)[:60]
