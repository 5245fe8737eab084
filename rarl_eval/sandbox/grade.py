"""Verdicts on answers that hold code: find the code, judge it in the shared sandbox, say it in a Verdict's words."""

import ast
import re
from collections.abc import Callable

from rarl_eval.sandbox import partial
from rarl_eval.sandbox.prepare import parsed
from rarl_eval.sandbox.program import Program
from rarl_eval.types import Verdict

_EXTRACT = 2000
PASSED = "score:tests passed"
"""The benchmark's own score of a program: the share of its tests that pass."""
CHECKER = "score:checker:"
"""And whether one of its checkers calls the answer right (measures/columns.py)."""


def call_arguments(answer: str) -> str | None:
    """Return the arguments of a call of ``f`` as Python text; None where they are no expression.

    The call is that of the last [ANSWER], else of the last line.
    """
    tagged = re.findall(r"\[ANSWER\](.*?)\[/ANSWER\]", answer, re.DOTALL)
    lines = answer.strip().splitlines()
    text = (tagged[-1] if tagged else lines[-1] if lines else "").strip().removeprefix("assert ").strip()
    try:
        tree = parsed(text, "eval").body
        call = tree.left if isinstance(tree, ast.Compare) else tree
        if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "f"):
            call = parsed(f"f({text})", "eval").body
        if not isinstance(call, ast.Call):
            return None
        return ", ".join(ast.unparse(part) for part in [*call.args, *call.keywords])
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def grade(program: Program | None, shown: str) -> Verdict:
    """Judge a program; None is an answer that holds no code. ``shown`` is what counts as the extracted answer."""
    from rarl_eval.sandbox import judge

    if program is None:
        return Verdict(status="no_answer", reason="no code in the answer")
    outcome = judge(program)
    told = [outcome.failed and f"failed: {outcome.failed}", outcome.reason, f"sandbox tier {outcome.tier}"]
    return Verdict(status=outcome.status, extracted=shown[:_EXTRACT], reason="; ".join(filter(None, told))[:1500])


def passed(program: Program | None) -> dict[str, float | None]:
    """Return the share of tests that a program passes, as the benchmark's own score; 0 where there is no code."""
    from rarl_eval.sandbox import current, judge

    return {PASSED: 0.0 if program is None else partial.share(program, judge(program), current().run)}


def by_checkers(strict: Program | None, name: str, lenient: Callable[[], Program | None]) -> dict[str, float | None]:
    """Return the share of tests passed by the published checker, and what it and another say: 1 right, 0 wrong.

    ``lenient`` makes the program as the other judges it, which passes whatever the published one passes; it is run
    where the two may differ.
    """
    from rarl_eval.sandbox import judge

    names = f"{CHECKER}published", f"{CHECKER}{name}"
    if strict is None:
        return {PASSED: 0.0, **dict.fromkeys(names, 0.0)}
    outcome = judge(strict)
    if outcome.status == "cannot_judge":
        return dict.fromkeys((PASSED, *names))
    share = passed(strict)
    other = lenient() if outcome.status == "incorrect" else None
    right = outcome.correct if other is None else judge(other).correct
    return {**share, names[0]: float(outcome.correct), names[1]: float(right)}
