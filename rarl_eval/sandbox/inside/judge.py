"""The tests' side: run the tests against a program that lives elsewhere, and say how it went.

The tests and what they expect never leave this process. Names that the tests use and do not define are taken from
the program, never in place of a built-in or of the benchmark's own helpers, unless the benchmark says so.
"""

import ast
import builtins
import errno
import importlib
import linecache
import math
import reprlib
import socket
import sys
import types
from typing import Any

from . import codec
from .peer import Garbled, Gone, Peer
from .proxies import _NOTHING, Desk, Remote
from .solution import read_all, seed

_TESTS = "tests.py"
_FORBIDDEN = {errno.EPERM, errno.EACCES, errno.EROFS, errno.ENOSYS}
_ALIASES = {"np": "numpy", "pd": "pandas", "sp": "scipy"}


class Wrong(AssertionError):
    """A case whose answer is not the expected one."""


def main(order: dict[str, Any], handles: list[int]) -> int:
    """Judge one program; descriptors: the job, the channel, where the result goes."""
    del order
    job = codec.decode(read_all(handles[0]))
    seed(job["seed"])
    desk = Desk()
    desk.peer = Peer(socket.socket(fileno=handles[1]), desk.serve, desk.keep, desk.resolve)
    result = codec.encode(judge(job, desk))
    with open(handles[2], "wb") as stream:
        stream.write(result)
    return 0


def judge(job: dict[str, Any], desk: Desk) -> dict[str, Any]:
    """Status, reason and first failing test; ``gone`` where the program ended before the tests did."""
    try:
        desk.ask("load")
        space = _space(job, desk)
        _run(job["tests"], space, desk)
        if job["entry"] is not None:
            _check(job, space, desk)
    except (Gone, Garbled) as error:
        status = "gone" if isinstance(error, Gone) else "incorrect"
        return _result(status, f"{'' if status == 'gone' else 'sent no message: '}{error}", desk)
    except BaseException as error:  # noqa: BLE001 - a test may raise anything; each is a verdict
        return _fallen(error, desk)
    # A test that swallows every error must not hide that the program is no longer there.
    try:
        desk.ask("names", [])
    except (Gone, Garbled) as error:
        return _result("gone", str(error), desk)
    return _result("correct", "", desk)


def _space(job: dict[str, Any], desk: Desk) -> dict[str, Any]:
    """The names the tests run in: the benchmark's helpers, then what they take from the program."""
    space: dict[str, Any] = {"__name__": "tests", "__builtins__": builtins}
    if job["preamble"]:
        _execute(job["preamble"], "preamble.py", space)
    trees = [ast.parse(job["tests"], _TESTS), ast.parse(job["entry"] or "None")]
    used = {node.id for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Name)}
    if job["names"] is None:
        stored = {
            node.id for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Name) and _is_store(node)
        }
        entry = {node.id for node in ast.walk(trees[1]) if isinstance(node, ast.Name)}
        wanted = {n for n in used - stored if n not in space and not hasattr(builtins, n)} | (entry - {"None"})
    else:
        wanted = set(job["names"])
    given = desk.ask("names", sorted(wanted))
    if type(given) is not dict or not set(given) <= wanted:
        raise Garbled("names are a table")
    for name in sorted(wanted):
        _bind(name, given, space)
    return space


def _is_store(node: ast.Name) -> bool:
    return isinstance(node.ctx, ast.Store)


def _bind(name: str, given: dict[str, Any], space: dict[str, Any]) -> None:
    """Take a name from the program; a module of that name comes from here instead."""
    value = given.get(name, _NOTHING)
    is_module = type(value) is Remote and value._handle.kind == "module"  # noqa: SLF001
    if value is not _NOTHING and not is_module:
        space[name] = value
    elif is_module or name in sys.stdlib_module_names:
        module = _ALIASES.get(name, name)
        if module.partition(".")[0] in sys.stdlib_module_names or module in sys.modules:
            space[name] = importlib.import_module(module)


def _execute(source: str, name: str, space: dict[str, Any], tree: ast.Module | None = None) -> None:
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    exec(compile(tree or source, name, "exec", dont_inherit=True), space)  # noqa: S102


def _run(source: str, space: dict[str, Any], desk: Desk) -> None:
    """Run the tests' text; a call made for its effect alone brings its arguments back as they are afterwards."""
    space["__effect__"] = desk.effect
    tree = ast.fix_missing_locations(_Effects().visit(ast.parse(source, _TESTS)))
    _execute(source, _TESTS, space, tree)


class _Effects(ast.NodeTransformer):
    def visit_Expr(self, node: ast.Expr) -> ast.Expr:  # noqa: N802 - ast names its methods so
        self.generic_visit(node)
        call = node.value
        if isinstance(call, ast.Call):
            effect = ast.Name("__effect__", ast.Load())
            node.value = ast.copy_location(ast.Call(effect, [call.func, *call.args], call.keywords), call)
        return node


def _check(job: dict[str, Any], space: dict[str, Any], desk: Desk) -> None:
    """Call the tests' ``check`` on the thing under test, and try the cases on it."""
    candidate = eval(compile(ast.parse(job["entry"], mode="eval"), _TESTS, "eval"), space)  # noqa: S307 - the benchmark's own text
    if isinstance(space.get("check"), types.FunctionType):
        space["check"](candidate)
    for number, (args, kwargs, expected) in enumerate(job["cases"]):
        got = candidate(*args, **kwargs)
        if not same(got, expected, job["rtol"], job["atol"], loose=job["loose"]):
            shown = ", ".join([excerpt(a) for a in args] + [f"{k}={excerpt(v)}" for k, v in kwargs.items()])
            raise Wrong(f"case {number + 1}: {job['entry']}({shown}) gave {excerpt(got)}, not {excerpt(expected)}")
    desk.last = None


def same(got: Any, expected: Any, rtol: float, atol: float, *, loose: bool) -> bool:
    """Whether an answer is the expected value: equal, or numbers within tolerance at the same places.

    ``loose`` takes a tuple for a list, as JSON does. True and 1 are equal, as in Python's own assert.
    """
    if type(got) is Remote:
        return False
    if loose and isinstance(got, tuple):
        got = list(got)
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


def _fallen(error: BaseException, desk: Desk) -> dict[str, Any]:
    """The verdict for whatever ended the tests early."""
    failing = _failing_line(error)
    if error is desk.raised and desk.cause is not None:
        return _result(*of_program(*desk.cause), desk, failing)
    if isinstance(error, Wrong):
        case, _, reason = str(error).partition(": ")
        return _result("incorrect", reason, desk, case)
    if isinstance(error, AssertionError):
        return _result("incorrect", " ".join(filter(None, [excerpt(error.args[0]) if error.args else "", _told(desk)])), desk, failing)
    if isinstance(error, codec.CodecError):
        return _result("incorrect", str(error), desk, failing)
    return _result("incorrect", f"the test raised {type(error).__name__}: {str(error)[:300]} {_told(desk)}", desk, failing)


def of_program(name: str, builtin: str, text: str, number: int | None, line: int | None) -> tuple[str, str]:
    where = f" (line {line} of the program)" if line else ""
    if name == "CodecError":
        return "incorrect", f"the answer is {text}"
    if builtin == "MemoryError":
        return "memory", f"ran out of memory{where}"
    if number in _FORBIDDEN:
        return "forbidden", f"{name}: {text[:300]}{where}"
    return "crash", f"raised {name}: {text[:300]}{where}"


def _told(desk: Desk) -> str:
    """The last call and its answer, for a reader."""
    if desk.last is None or desk.last[3] is _NOTHING:
        return ""
    name, args, kwargs, result = desk.last
    shown = ", ".join([excerpt(a) for a in args] + [f"{k}={excerpt(v)}" for k, v in kwargs.items()])
    return f"last call: {name}({shown}) gave {excerpt(result)}"


def _failing_line(error: BaseException) -> str | None:
    """The line of the tests that was running."""
    trace, line = error.__traceback__, None
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == _TESTS:
            line = trace.tb_lineno
        trace = trace.tb_next
    return None if line is None else linecache.getline(_TESTS, line).strip()[:400]


_SHORT = reprlib.Repr()
_SHORT.maxstring = _SHORT.maxother = 120


def excerpt(value: Any) -> str:
    """A value as short text, whatever its size."""
    if type(value) is Remote:
        return f"<{value._handle.name}>"  # noqa: SLF001
    if isinstance(value, int) and not isinstance(value, bool) and value.bit_length() > 400:
        return f"<an integer of {value.bit_length()} bits>"
    try:
        return _SHORT.repr(value)[:300]
    except Exception as error:  # noqa: BLE001 - a value that cannot be shown is still a value
        return f"<{type(value).__name__} that cannot be shown: {type(error).__name__}>"


def _result(status: str, reason: str, desk: Desk, failing: str | None = None) -> dict[str, Any]:
    clean = [None if t is None else t.encode("utf-8", "replace").decode() for t in (reason[:1000], failing)]
    return {"status": status, "reason": clean[0], "failed": clean[1], "calls": desk.calls}
