"""Partial credit: of a benchmark's tests of a program, the share that pass, each run by itself.

A script is a test, a case, a statement at the top of the tests or of ``check`` that asserts something (a loop of
asserts is one), and a method of a test class. The verdict is not made of this: it is one run of all.
"""

import ast
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace

from rarl_eval.sandbox.prepare import parsed
from rarl_eval.sandbox.program import Outcome, Program

PATIENCE_SECONDS = 10.0
"""Wall-clock time of failing tests after which the share is not known: a program too slow for every test."""


def share(program: Program, outcome: Outcome, run: Callable[[Program], Outcome]) -> float | None:
    """Return the share of tests that pass, 0 to 1; ``outcome`` is that of the whole program.

    None where a test cannot be judged, or failing ones take too long to run them all.
    """
    if outcome.status == "cannot_judge":
        return None
    if outcome.correct:
        return 1.0
    listed = parts(program)
    if len(listed) < 2:
        return 0.0
    passed, spent = 0, 0.0
    for part in listed:
        if spent > PATIENCE_SECONDS:
            return None
        found = run(part)
        if found.status == "cannot_judge":
            return None
        passed += found.correct
        spent += 0.0 if found.correct else found.seconds or 0.0
    return passed / len(listed)


def parts(program: Program) -> list[Program]:
    """Return a program with each of its tests alone."""
    if program.scripts:
        return [replace(program, scripts=(script,)) for script in program.scripts]
    seconds = program.case_seconds or program.seconds
    tests = _alone(program.tests) if program.tests.strip() else []
    cases = [replace(program, tests="", cases=(case,), seconds=seconds) for case in program.cases]
    return [replace(program, tests=text, cases=()) for text in tests] + cases


def _alone(text: str) -> list[str]:
    """Return tests with each of their asserting statements alone; none where they are no Python."""
    try:
        tree = parsed(text)
        places = [(n, at) for n, body in enumerate(_bodies(tree)) for at, node in enumerate(body) if _is_test(node)]
        return [ast.unparse(_only(tree, places, place)) for place in places]
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []


def _bodies(tree: ast.Module) -> list[list[ast.stmt]]:
    """Return the bodies that hold tests: of classes of tests, else the text's own and that of ``check``."""
    classes = [node.body for node in tree.body if isinstance(node, ast.ClassDef) and any(map(_is_method, node.body))]
    checks = [node.body for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "check"]
    return classes or [tree.body, *checks]


def _is_method(node: ast.stmt) -> bool:
    return isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name.startswith("test")


def _is_test(node: ast.stmt) -> bool:
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return _is_method(node)
    return any(isinstance(part, ast.Assert) for part in ast.walk(node))


def _only(tree: ast.Module, places: list[tuple[int, int]], kept: tuple[int, int]) -> ast.Module:
    """Return a copy of tests without the other places."""
    copied = deepcopy(tree)
    bodies = _bodies(copied)
    for n, at in places:
        if (n, at) != kept:
            bodies[n][at] = ast.Pass()
    return ast.fix_missing_locations(copied)
