"""The tests' side: run the tests against a program that lives elsewhere, and say how it went.

The tests and what they expect never leave this process. Names that the tests use and do not define are taken from
the program, never in place of a built-in or of the benchmark's own helpers, unless the benchmark says so.
"""

import _socket
import builtins
import contextlib
import errno
import importlib
import marshal
import math
import os
import reprlib
import sys
import types
from collections.abc import Callable, Iterator
from typing import Any

from . import codec
from .lacking import lacking
from .peer import Garbled, Gone, Peer
from .proxies import _NOTHING, CannotCross, Desk
from .remote import Remote, known_as
from .solution import read_all, seed

_FORBIDDEN = {errno.EPERM, errno.EACCES, errno.EROFS, errno.ENOSYS}
ALIASES = {"np": "numpy", "pd": "pandas", "sp": "scipy"}
"""What tests call modules that are not the standard library's."""


class Wrong(AssertionError):
    """A case whose answer is not the expected one."""


def main(handles: list[int]) -> int:
    """Judge one program; descriptors: the job and its cases, the channel, where the result goes."""
    frames = _frames(read_all(handles[0]))
    job = codec.decode(next(frames))
    seed(job["seed"])
    desk = Desk()
    begin_case = (lambda: os.write(handles[2], bytes(4))) if job["timed"] else _nothing
    desk.peer = Peer(_socket.socket(fileno=handles[1]), desk.serve, desk.keep, desk.resolve)
    result = codec.encode(told(job, judge(job, frames, desk, begin_case)))
    os.write(handles[2], len(result).to_bytes(4, "little") + result)
    return 0


def _frames(content: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(content):
        size = int.from_bytes(content[at : at + 4], "little")
        yield content[at + 4 : at + 4 + size]
        at += 4 + size


def told(job: dict[str, Any], result: dict[str, Any]) -> dict[str, Any]:
    """Return a verdict, unless the item's tests need what no program is given here."""
    why, whatever = job["needs"]
    if why is None or (result["status"] == "correct" and not whatever):
        return result
    return {**result, "status": "cannot_judge", "reason": f"{why}; without it: {result['status']}"[:1000]}


def _nothing() -> None:
    pass


def judge(
    job: dict[str, Any], cases: Iterator[bytes], desk: Desk, begin_case: Callable[[], object] = _nothing
) -> dict[str, Any]:
    """Status, reason and first failing test; ``gone`` where the program ended before the tests did."""
    try:
        space = _space(job, desk)
        exec(marshal.loads(job["tests"]), space)
        if job["entry"] is not None:
            _check(job, cases, space, begin_case)
        # A test that swallows every error must not hide that the program is no longer there.
        desk.ask("still there")
    except CannotCross as error:
        return _result("cannot_judge", str(error), desk, _failing_line(error, job["text"]))
    except (Gone, Garbled) as error:
        status = "gone" if isinstance(error, Gone) else "incorrect"
        return _result(status, str(error), desk)
    except BaseException as error:
        return _fallen(error, job["text"], desk)
    return _result("correct", "", desk)


def _space(job: dict[str, Any], desk: Desk) -> dict[str, Any]:
    """Return the names the tests run in: the benchmark's helpers, then what they take from the program."""
    assert desk.peer is not None
    space: dict[str, Any] = {"__name__": "tests", "__builtins__": builtins}
    wanted = job["wanted"]
    desk.peer.begin("load", wanted, job["listen"])
    if job["preamble"]:
        exec(marshal.loads(job["preamble"]), space)
    given = desk.finish()
    if type(given) is not dict or not set(given) <= set(wanted):
        raise Garbled("names are a table")
    for name in wanted:
        _bind(name, given, space)
    for name, place in job["library"].items():
        _lend(name, place, space)
    space.update(__observed__=desk.observed, __settled__=desk.settled, __before__=desk.before)
    space.update(__is__=desk.is_same, __type__=desk.type_of)
    desk.space, desk.plain, desk.functions = space, job["plain"], job["functions"]
    if "seed" in job["listen"]:
        _share_seed(desk)
    return space


def _share_seed(desk: Desk) -> None:
    """Let a test that seeds the random generators seed those of the program, too."""
    for name in ("random", "numpy.random"):
        if name in sys.modules:
            _seed_both(desk, name, sys.modules[name])


def _seed_both(desk: Desk, name: str, module: Any) -> None:
    own = module.seed

    def seed_both(number: Any = None, *more: Any) -> None:
        own(number, *more)
        if type(number) is int:
            desk.ask("seed", name, number)

    module.seed = seed_both


def _bind(name: str, given: dict[str, Any], space: dict[str, Any]) -> None:
    """Take a name from the program; a module of that name comes from here instead."""
    value = given.get(name, _NOTHING)
    is_module = isinstance(value, Remote) and value._handle.kind == "module"
    if value is not _NOTHING and not is_module:
        space[name] = known_as(name, value)
        return
    space.pop(name, None)
    module = ALIASES.get(name, name)
    if module in sys.stdlib_module_names or (is_module and module in sys.modules):
        space[name] = importlib.import_module(module)


def _lend(name: str, place: str, space: dict[str, Any]) -> None:
    """Give the tests a name of the library, where its module is there."""
    module, _, part = place.partition(":")
    with contextlib.suppress(ImportError):
        found = importlib.import_module(module)
        space[name] = getattr(found, part) if part else found


def _check(
    job: dict[str, Any], cases: Iterator[bytes], space: dict[str, Any], begin_case: Callable[[], object]
) -> None:
    """Call the tests' ``check`` on the thing under test, and try the cases on it."""
    candidate = eval(marshal.loads(job["entry"]), space)
    if isinstance(space.get("check"), types.FunctionType):
        space["check"](candidate)
    for number, frame in enumerate(cases, start=1):
        args, kwargs, expected = codec.decode(frame)
        begin_case()
        got = candidate(*args, **kwargs)
        if not same(got, expected, job["rtol"], job["atol"], loose=job["loose"]):
            call = f"{job['entry_text']}({_shown(args, kwargs)})"
            raise Wrong(f"case {number}: {call} gave {excerpt(got)}, not {excerpt(expected)}")


def same(got: Any, expected: Any, rtol: float, atol: float, *, loose: bool) -> bool:
    """Whether an answer is the expected value: equal, or numbers within tolerance at the same places.

    ``loose`` takes a tuple for a list, as JSON does. True and 1 are equal, as in Python's own assert.
    """
    if isinstance(got, Remote):
        return False
    if isinstance(got, tuple):
        got = list(got) if loose else tuple(got)  # a named one is a tuple, too
    if loose and isinstance(expected, tuple):
        expected = list(expected)
    if isinstance(expected, (list, tuple)):
        pairs = zip(got, expected, strict=False) if type(got) is type(expected) and len(got) == len(expected) else None
        return pairs is not None and all(same(g, e, rtol, atol, loose=loose) for g, e in pairs)
    if isinstance(expected, dict) and type(got) is dict and (rtol or atol):
        return got.keys() == expected.keys() and all(
            same(got[k], e, rtol, atol, loose=loose) for k, e in expected.items()
        )
    numbers = isinstance(got, (int, float)) and isinstance(expected, float) and not isinstance(got, bool)
    if numbers and (rtol or atol):
        return math.isclose(got, expected, rel_tol=rtol, abs_tol=atol) or got == expected
    return bool(got == expected)


def _fallen(error: BaseException, text: str, desk: Desk) -> dict[str, Any]:
    """Return the verdict for whatever ended the tests early."""
    failing = _failing_line(error, text)
    if isinstance(error, ModuleNotFoundError) and error is not desk.raised:
        return _result("cannot_judge", f"the tests need {error.name}, which is not there", desk, failing)
    if error is desk.raised and desk.cause is not None:
        return _result(*of_program(*desk.cause), desk, failing)
    if isinstance(error, Wrong):
        case, _, reason = str(error).partition(": ")
        return _result("incorrect", reason, desk, case)
    if isinstance(error, codec.CodecError):
        return _result("incorrect", str(error), desk, failing)
    said = excerpt(error.args[0]) if error.args else ""
    if not isinstance(error, AssertionError):
        said = f"the test raised {type(error).__name__}: {said}"
    return _result("incorrect", f"{said} {_told(desk)}".strip(), desk, failing)


def of_program(name: str, builtin: str, text: str, number: int | None, line: int | None) -> tuple[str, str]:
    """Return status and reason for what a program raised, in the words of peer.describe_error."""
    where = f" (line {line} of the program)" if line else ""
    if name == "CodecError":
        return "incorrect", f"the answer is {text}"
    if builtin == "ModuleNotFoundError" and (package := lacking(text)):
        return "cannot_judge", f"the program needs {package}, which is not there{where}"
    if builtin == "MemoryError":
        return "memory", f"ran out of memory{where}"
    if number in _FORBIDDEN:
        return "forbidden", f"{name}: {text[:300]}{where}"
    return "crash", f"raised {name}: {text[:300]}{where}"


def _told(desk: Desk) -> str:
    """Return the last call and its answer, for a reader."""
    if desk.last is None or desk.last[3] is _NOTHING:
        return ""
    name, args, kwargs, result = desk.last
    return f"last call: {name}({_shown(args, kwargs)}) gave {excerpt(result)}"


def _shown(args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
    return ", ".join([excerpt(a) for a in args] + [f"{k}={excerpt(v)}" for k, v in kwargs.items()])


def _failing_line(error: BaseException, text: str) -> str | None:
    """Return the line of the tests that was running."""
    trace, line = error.__traceback__, 0
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == "tests.py":
            line = trace.tb_lineno
        trace = trace.tb_next
    return text.split("\n")[line - 1].strip()[:400] if line else None


_SHORT = reprlib.Repr()
_SHORT.maxstring = _SHORT.maxother = 120


def excerpt(value: Any) -> str:
    """Return a value as short text, whatever its size."""
    if isinstance(value, Remote):
        return f"<{value._handle.name}>"
    if isinstance(value, int) and not isinstance(value, bool) and value.bit_length() > 400:
        return f"<an integer of {value.bit_length()} bits>"
    try:
        return _SHORT.repr(value)[:300]
    except Exception as error:
        return f"<{type(value).__name__} that cannot be shown: {type(error).__name__}>"


def _result(status: str, reason: str, desk: Desk, failing: str | None = None) -> dict[str, Any]:
    clean = [None if t is None else t.encode("utf-8", "replace").decode() for t in (reason[:1000], failing)]
    return {"status": status, "reason": clean[0], "failed": clean[1], "calls": desk.calls}
