"""A program's tests made ready for the process that runs them: compiled once, however many programs they judge.

Nothing of the tests is run here. What crosses is marshalled code, from this process to one of its own making.
"""

import ast
import builtins
import importlib
import marshal
import struct
import sys
import threading
import warnings
from functools import cache, lru_cache
from typing import Any

from rarl_eval.errors import BadInput
from rarl_eval.sandbox.inside import codec
from rarl_eval.sandbox.inside.judge import ALIASES
from rarl_eval.sandbox.program import Program

_FRAME = struct.Struct("<I")
_LIBRARY = (
    "math", "cmath", "collections", "itertools", "functools", "typing", "heapq", "bisect", "operator", "copy", "re",
    "string", "datetime", "decimal", "fractions", "statistics", "random",
)  # fmt: skip
"""Modules whose names tests use bare."""


def job_of(program: Program, seed: int) -> bytes:
    """Everything the tests' process needs, as frames: the job, then each case.

    BadInput where the tests are no Python, or a case holds what is no plain data.
    """
    job = {**_compiled(program.tests, program.entry, program.preamble, program.names), "seed": seed}
    job.update(entry_text=program.entry, rtol=program.rtol, atol=program.atol, loose=program.loose)
    try:
        cases = [codec.encode((case.args, case.kwargs, case.expected)) for case in program.cases]
    except codec.CodecError as error:
        raise BadInput(f"a case of {program.entry} cannot be sent to the sandbox: {error}") from error
    return b"".join(_FRAME.pack(len(frame)) + frame for frame in [codec.encode(job), *cases])


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
    """Return the tests' code and the names they want; a call made for its effect alone is marked."""
    try:
        tree = parsed(tests)
        thing = None if entry is None else parsed(entry, "eval")
        asked = {*names, *(_names(thing, ast.Load) if thing else ())}
        undefined = {*_undefined(tree, thing, preamble)} - asked
        library = {name: place for name in undefined if (place := _place_of(name, tree, asked=bool(asked)))}
        wanted = asked | (undefined - library.keys())
        marked = ast.fix_missing_locations(_Effects().visit(tree))
        return {
            "tests": marshal.dumps(_compile(marked, "tests.py", "exec")),
            "text": tests,
            "entry": None if thing is None else marshal.dumps(_compile(thing, "tests.py", "eval")),
            "preamble": marshal.dumps(_compile(preamble, "preamble.py", "exec")) if preamble else None,
            "wanted": sorted(wanted),
            "library": library,
        }
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise BadInput(f"the tests of {entry or 'a program'} do not compile: {error}") from error


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
    return next((f"{module}:{name}" for module, public in _public().items() if asked and name in public), None)


@cache
def _public() -> dict[str, frozenset[str]]:
    modules = {name: importlib.import_module(name) for name in _LIBRARY}
    return {name: frozenset(getattr(m, "__all__", None) or vars(m)) for name, m in modules.items()}


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


class _Effects(ast.NodeTransformer):
    """``f(x)`` as a statement becomes ``__effect__(f, x)``: see proxies.Desk.effect."""

    def visit_Expr(self, node: ast.Expr) -> ast.Expr:
        self.generic_visit(node)
        call = node.value
        if isinstance(call, ast.Call):
            effect = ast.Name("__effect__", ast.Load())
            node.value = ast.copy_location(ast.Call(effect, [call.func, *call.args], call.keywords), call)
        return node
