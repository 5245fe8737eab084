"""Every error a user can meet, in one tree.

    RarlEvalError            exit code 2: the command was given something it cannot work with
    ├── BadInput             a file, a line, a value: says which, and what to do
    │   ├── MissingField     a row lacks the field it was asked for
    │   └── SchemaMismatch   a directory or file was written by another schema version
    ├── UnknownName          no such task, model adapter, reward or detector; names the nearest
    ├── DuplicateName        two owners claim one name; names both
    ├── NotInstalled         an optional package is missing; gives the pip line
    └── LockMismatch         the rows loaded are not the rows the lock file holds

Anything else that reaches the user is a bug and shows its traceback.
"""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any


class RarlEvalError(Exception):
    """One clear sentence for the user: which file, which line, which value, what to do."""

    def __reduce__(self) -> tuple[Any, ...]:
        """Pass between processes as the sentence it is; its makers' arguments stay behind."""
        return _again, (type(self), self.args), self.__dict__ or None


def first_line(error: Exception) -> str:
    """First line of a foreign error's message, cut down to fit into a sentence; its kind where it has none."""
    return (str(error).splitlines() or [type(error).__name__])[0][:200]


def _again(kind: type[RarlEvalError], said: tuple[Any, ...]) -> RarlEvalError:
    return kind.__new__(kind, *said)


class BadInput(RarlEvalError):
    """Input that cannot be used as it stands."""


class MissingField(BadInput):
    """A row lacks a field."""


class SchemaMismatch(BadInput):
    """Written by another schema version."""


class UnknownName(RarlEvalError):
    """A name that no registry knows."""

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        options = sorted(known)
        near = get_close_matches(name, options, n=3, cutoff=0.5)
        hint = f"did you mean {', '.join(near)}?" if near else f"known: {', '.join(options) or 'none'}"
        super().__init__(f"no {kind} is called {name!r}; {hint}")


class DuplicateName(RarlEvalError):
    """One name, two owners."""

    def __init__(self, kind: str, name: str, first: str, second: str) -> None:
        super().__init__(f"two owners claim the {kind} {name!r}: {first} and {second}; rename or remove one")


class NotInstalled(RarlEvalError):
    """An optional package is missing."""

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(f"{what} is not installed; run: pip install 'rarl-eval[{extra}]'")


class LockMismatch(RarlEvalError):
    """The rows differ from the locked ones."""
