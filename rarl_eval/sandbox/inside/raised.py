"""What a program raised, raised again in the tests: the same built-in or library class, arguments and attributes."""

import builtins
import contextlib
import importlib
from typing import Any

_NOT_RAISED = (StopIteration, StopAsyncIteration, Warning)
"""Exceptions that a test's own loop would take for its end, or that are none."""
_RAISED_BY = frozenset({
    "decimal", "json.decoder", "struct", "queue", "asyncio.exceptions", "binascii", "zlib", "re",
    "sre_constants", "csv", "statistics", "configparser", "subprocess", "concurrent.futures._base", "uuid",
    "ipaddress", "zoneinfo._common", "urllib.error", "email.errors", "sqlite3", "numpy.linalg",
    "numpy.exceptions", "numpy",
})  # fmt: skip
"""Modules whose exceptions a test may name."""


class ProgramError(Exception):
    """The program raised something that is no ordinary built-in exception."""


def made(kind: type[BaseException], error: Any) -> BaseException:
    """Return an exception as the program raised it: its arguments where these are plain, else its text."""
    args = error.args_given if type(error.args_given) is tuple else (error.text,)
    try:
        raised = kind(*args)
    except Exception:
        try:
            raised = kind.__new__(kind, *args)
        except Exception:
            raised = ProgramError(f"{error.name}: {error.text}")
    with_state = error.state if type(error.state) is dict else {}
    for name, value in with_state.items():
        if type(name) is str and name and not name.startswith("__"):
            with contextlib.suppress(Exception):
                setattr(raised, name, value)
    raised.__dict__["_program_text"] = error.text
    return raised


def own_text(self: Any) -> str:
    """Return the text that an exception had in the program."""
    return str(self.__dict__.get("_program_text", ""))


def of_library(name: str, module: str) -> type[BaseException] | None:
    """Return an exception of the standard library or numpy by its name, where a test may meet it without harm."""
    if module not in _RAISED_BY or not name.isidentifier():
        return None
    try:
        kind = getattr(importlib.import_module(module), name, None)
    except ImportError:
        return None
    known = isinstance(kind, type) and issubclass(kind, Exception) and not issubclass(kind, _NOT_RAISED)
    return kind if known else None


def ordinary(name: str) -> type[BaseException]:
    """Return the built-in exception of a name, where a test may meet it without harm; else ProgramError."""
    kind = getattr(builtins, name, None)
    if kind is SystemExit:
        return SystemExit
    if isinstance(kind, type) and issubclass(kind, Exception) and not issubclass(kind, _NOT_RAISED):
        return kind
    return ProgramError
