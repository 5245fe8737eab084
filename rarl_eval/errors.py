"""Every error a user can meet, in one tree, and the boundary around code that is not ours.

    RarlEvalError            exit code 2: the command was given something it cannot work with
    ├── BadInput             a file, a line, a value: says which, and what to do
    │   ├── MissingField     a row lacks the field it was asked for
    │   ├── SchemaMismatch   a directory or file was written by another schema version
    │   └── Unreachable      a server does not give what was asked for; says why
    ├── UnknownName          no such task, model adapter, reward or detector; names the nearest
    ├── DuplicateName        two owners claim one name; names both
    ├── NotInstalled         an optional package is missing; gives the pip line
    └── LockMismatch         the rows loaded are not the rows the lock file holds

Anything else that reaches the user is a bug and shows its traceback. What a user's own task, reward, reader or plug-in
raises is neither: ``attempt`` makes it a Fault, which is data.
"""

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from traceback import walk_tb
from typing import Any, TypeVar

T = TypeVar("T")

_NOT_THEIRS = (str(Path(__file__).parent), str(Path(os.__file__).parent), "<frozen")
"""Files of this program, of Python and of installed packages begin so: the line that helps is one of the user's."""


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


class Unreachable(BadInput):
    """A server does not give what was asked for."""


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


@dataclass(frozen=True)
class Fault:
    """What other people's code did in place of returning what it should."""

    what: str
    """Whose code, or which of its functions."""
    error: str
    """Type and message of the error, and where in their file it arose, in one line."""

    @property
    def reason(self) -> str:
        """One clause for whoever reads the verdict."""
        return f"{self.what} {self.error}" if self.error.startswith("returned") else f"{self.what} raised {self.error}"


def attempt(what: str, function: Callable[..., T], *given: Any) -> T | Fault:
    """Call other people's code: whatever it raises is a Fault, ``exit()`` too.

    Not an interrupt, and not the one error that would befall every call alike: a package that is not installed.
    """
    try:
        return function(*given)
    except (KeyboardInterrupt, GeneratorExit, NotInstalled):
        raise
    except BaseException as error:  # noqa: BLE001  the boundary: it may raise anything
        return Fault(what, _told(error))


def _told(error: BaseException) -> str:
    try:
        message = " ".join(str(error).split())[:200]
    except Exception:  # noqa: BLE001  its text is other people's code as well
        message = ""
    places = [(frame.f_code.co_filename, line) for frame, line in walk_tb(error.__traceback__)]
    theirs = [f"{Path(file).name} line {line}" for file, line in places if not file.startswith(_NOT_THEIRS)]
    where = f" ({theirs[-1]})" if theirs else ""
    name = type(error).__name__
    return (f"{name}: {message}" if message else name) + where
