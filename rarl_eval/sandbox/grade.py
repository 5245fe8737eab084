"""Verdicts on answers that hold code: find the code, judge it in the shared sandbox, say it in a Verdict's words."""

import ast
import re

from rarl_eval.sandbox.prepare import parsed
from rarl_eval.sandbox.program import Program
from rarl_eval.types import Verdict

_EXTRACT = 2000


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
