"""A program's tests made ready for the process that runs them: compiled once, however many programs they judge.

Nothing of the tests is run here. What crosses is marshalled code, from this process to one of its own making.
"""

import ast
import builtins
import importlib
import marshal
import re
import struct
import sys
import threading
import warnings
from functools import cache, lru_cache
from typing import Any

from rarl_eval.sandbox import needs
from rarl_eval.sandbox.inside import codec
from rarl_eval.sandbox.inside.judge import ALIASES
from rarl_eval.sandbox.program import CannotJudge, Program
from rarl_eval.sandbox.watching import watched

_LISTEN = {
    "out": re.compile(r"stdout|StringIO|capsys"),
    "warned": re.compile(r"warn", re.IGNORECASE),
    "logged": re.compile(r"logging|assertLogs|caplog"),
    "seed": re.compile(r"\bseed\("),
}
"""What tests look for in a program besides its answers, by words they then hold."""
_FRAME = struct.Struct("<I")
_LIBRARY = (
    "math", "cmath", "collections", "itertools", "functools", "typing", "heapq", "bisect", "operator", "copy", "re",
    "string", "datetime", "decimal", "fractions", "statistics", "random",
)  # fmt: skip
"""Modules whose names tests use bare."""


def job_of(program: Program, seed: int) -> bytes:
    """Everything the tests' process needs, as frames: the job, then each case.

    CannotJudge where the tests are no Python, or a case holds what is no plain data, or more of it than may cross.
    """
    job = {**_compiled(program.tests, program.entry, program.preamble, program.names), "seed": seed}
    job.update(entry_text=program.entry, rtol=program.rtol, atol=program.atol, loose=program.loose)
    job.update(plain=program.plain, functions=program.functions, timed=program.case_seconds is not None)
    try:
        frames = [codec.encode(job)]
        frames += (codec.encode((case.args, case.kwargs, case.expected)) for case in program.cases)
    except codec.CodecError as error:
        raise CannotJudge(f"the tests of {program.entry or 'a program'} cannot cross: {error}") from error
    return b"".join(part for frame in frames for part in (_FRAME.pack(len(frame)), frame))


def parsed(text: str, mode: str = "exec") -> Any:
    """Syntax tree of Python text that is not ours: what the compiler would warn of is not our user's business."""
    return _compile(text, "tests.py", mode, ast.PyCF_ONLY_AST)


def _compile(source: Any, name: str, mode: str, flags: int = 0) -> Any:
    with _quiet, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return compile(source, name, mode, flags, dont_inherit=True)


_quiet = threading.Lock()
"""The filters of warnings belong to the whole process."""


@lru_cache(1024)
def _compiled(tests: str, entry: str | None, preamble: str, names: tuple[str, ...]) -> dict[str, Any]:
    """Return the tests' code, the names they want, and what of the program they listen to."""
    try:
        tree, preamble = parsed(tests), _whole(preamble)
        thing = None if entry is None else parsed(entry, "eval")
        asked = {*names, *(_names(thing, ast.Load) if thing else ())}
        undefined = {*_undefined(tree, thing, preamble)} - asked
        library = {name: place for name in undefined if (place := _place_of(name, tree, asked=bool(asked)))}
        wanted = asked | (undefined - library.keys())
        needed = needs.of_tests(tree)
        marked = ast.fix_missing_locations(watched(tree, wanted))
        return {
            "tests": marshal.dumps(_compile(marked, "tests.py", "exec")),
            "text": tests,
            "entry": None if thing is None else marshal.dumps(_compile(thing, "tests.py", "eval")),
            "preamble": marshal.dumps(_compile(preamble, "preamble.py", "exec")) if preamble else None,
            "wanted": sorted(wanted),
            "library": library,
            "needs": needed,
            "listen": [what for what, words in _LISTEN.items() if words.search(tests)],
        }
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise CannotJudge(f"the tests of {entry or 'a program'} do not compile: {error}") from error


def _whole(preamble: str) -> str:
    """Return a benchmark's helpers as Python; a head that ends in a function without a body gets one."""
    last = next((line for line in reversed(preamble.split("\n")) if line.strip()), "")
    if not last.rstrip().endswith(":"):
        return preamble
    indent = last[: len(last) - len(last.lstrip())]
    return f"{preamble.rstrip()}\n{indent}    pass\n"


def _undefined(tests: ast.Module, entry: ast.Expression | None, preamble: str) -> list[str]:
    """Names that the tests read and nobody but the program defines; never a built-in or a helper of the benchmark."""
    read = _names(tests, ast.Load) | (_names(entry, ast.Load) if entry else set())
    own = _defined(tests) | (_defined(parsed(preamble)) if preamble else set())
    return [name for name in read - own if not hasattr(builtins, name)]


def _place_of(name: str, tests: ast.Module, *, asked: bool) -> str | None:
    """Return where in the library a name is that tests use and nobody was asked for: ``math``, ``math:isclose``.

    Tests often lean on what the reference imported. What a program put under such a name would judge the program.
    """
    bases = [node.value for node in ast.walk(tests) if isinstance(node, ast.Attribute)]
    whole = sum(isinstance(node, ast.Name) and node.id == name for node in ast.walk(tests))
    if whole == sum(isinstance(base, ast.Name) and base.id == name for base in bases):
        module = ALIASES.get(name, name)
        return module if module in sys.stdlib_module_names or module in ALIASES.values() else None
    if not asked or not _is_used_as_function(name, tests):
        return None
    return next((f"{module}:{name}" for module, public in _public().items() if name in public), None)


def _is_used_as_function(name: str, tests: ast.Module) -> bool:
    """Whether tests call a name, hand it over, or use it as a constant of the library's."""
    if name in {"pi", "e", "inf", "nan", "tau"}:
        return True
    for node in ast.walk(tests):
        if isinstance(node, ast.Call) and not _asks_kind(node):
            handed = [node.func, *node.args, *(word.value for word in node.keywords)]
            if any(isinstance(part, ast.Name) and part.id == name for part in handed):
                return True
        elif isinstance(node, (ast.Subscript, ast.Attribute)) and _names(node.value, ast.Load) == {name}:
            return True
    return False


def _asks_kind(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Name) and call.func.id in {"isinstance", "issubclass"}


@cache
def _public() -> dict[str, frozenset[str]]:
    """Functions, classes and numbers of the library, by module."""
    found = {}
    for module in map(importlib.import_module, _LIBRARY):
        named = {name: getattr(module, name) for name in getattr(module, "__all__", None) or vars(module)}
        kept = (name for name, value in named.items() if callable(value) or isinstance(value, float))
        found[module.__name__] = frozenset(kept)
    return found


def _names(tree: ast.AST, context: type[ast.expr_context]) -> set[str]:
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, context)}


def _defined(tree: ast.AST) -> set[str]:
    """Every name that some statement binds, at any level: narrower than scoping, and safe, for the test then wins."""
    found = _names(tree, ast.Store)
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            found.add(node.name)
        elif isinstance(node, ast.arg):
            found.add(node.arg)
        elif isinstance(node, ast.alias):
            found.add((node.asname or node.name).partition(".")[0])
    return found
