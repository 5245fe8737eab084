"""Programs of thought: an answer is a Python program, and what counts is the value it comes to.

As ToRA, Program of Thoughts, PAL and FinanceMath record them. The program runs in the sandbox and holds no gold; the
value it comes to, as text, is then judged by the task's own rule. The value is, in this order: the variable ``ans``;
the last line printed; the last expression; what ``solution()``, ``solver()`` or the one function without arguments
returns; the last variable that is set. Blocks of Python in a reply are one program, in order, as a notebook's cells.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

from rarl_eval.sandbox import fences
from rarl_eval.sandbox.program import Program, Script
from rarl_eval.sandbox.replies import cleaned, code_in
from rarl_eval.sandbox.sources import parsed_or_none
from rarl_eval.types import Item, Task, Verdict

SECONDS = 10.0
"""As in PoT's own runner; an equation in sympy takes its time."""
PACKAGES = ("numpy", "sympy", "scipy", "pandas")
"""What recorded programs import."""
_RUNNER = """\
import ast, io, sys, types
source = {code!r}
{helpers}
space = types.ModuleType("__main__").__dict__
space.update(given)
real, sys.stdout = sys.stdout, io.StringIO()
tree = ast.parse(source, "solution.py")
last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
try:
    exec(compile(tree, "solution.py", "exec"), space)
    value = eval(compile(ast.Expression(last.value), "solution.py", "eval"), space) if last else None
except SystemExit:
    value = None
printed = [line for line in sys.stdout.getvalue().split("\\n") if line.strip()]
own = [f for n, f in space.items() if isinstance(f, types.FunctionType) and f.__code__.co_filename == "solution.py"]
free = [f for f in own if f.__code__.co_argcount <= len(f.__defaults__ or ())]
called = [f for f in free if f.__name__ in ("solution", "solver")] or (free if len(free) == 1 else [])
if "ans" in space:
    value = space["ans"]
elif printed:
    value = printed[-1].strip()
elif value is None and called:
    value = called[-1]()
elif value is None:
    simple = (int, float, complex, str, bool, list, tuple)
    kept = [v for n, v in space.items() if isinstance(v, simple) and n[:1] != "_" and n not in given]
    value = kept[-1] if kept else None
def text(value):
    while isinstance(value, (list, tuple, set, dict)) and len(value) == 1:
        value = list(value.values() if isinstance(value, dict) else value)[0]
    if hasattr(value, "item") and getattr(value, "size", 1) == 1:
        value = value.item()
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value == value and abs(value) < 1e300:
        near = float("%.12g" % value)  # the noise of binary fractions is no part of an answer
        return str(int(near)) if near == int(near) and abs(near) < 1e15 else repr(near)
    if isinstance(value, (list, tuple, set)):
        return ", ".join(map(text, value))
    return str(value)
unit = space.get("units", "")
said = "" if value is None else text(value) + (" " + unit if isinstance(unit, str) and unit and "ans" in space else "")
sys.stdout = real
print(said)
"""
_SOLVER = """\
import sympy
def solve_it(equation, variable):
    found = sympy.solve(equation, variable, dict=True)
    asked = variable if isinstance(variable, (list, tuple)) else [variable]
    return found[0] if found else dict.fromkeys(asked)
sympy.solve_it = solve_it
given = {**{n: getattr(sympy, n) for n in sympy.__all__}, "solve_it": solve_it, "math": __import__("math")}
"""
"""What the demonstrations of PoT define for their programs."""


def of_programs(task: Task) -> Task:
    """Return a task whose answers are programs: each is run, and what it comes to is judged as the task judges."""

    def verify(item: Item, answer: str) -> Verdict:
        code = program_in(answer)
        if not code.strip():
            return Verdict(status="no_answer", reason="no program in the answer")
        value, failed = _value(code)
        if failed is not None or value is None:
            return failed or Verdict(status="no_answer", reason="the program comes to no value")
        verdict = task.verify(item, value)
        return Verdict(
            status=verdict.status,
            extracted=verdict.extracted,
            reason=f"the program gives {value[:200]}; {verdict.reason}",
            judge=verdict.judge,
        )

    def score(item: Item, answer: str) -> Mapping[str, float | None]:
        value = _value(program_in(answer))[0]
        return task.score(item, value or "") if task.score else {}

    return replace(
        task, verify=verify, score=score if task.score else None, runs_code=True, packages=PACKAGES, answers="programs"
    )


def program_in(answer: str) -> str:
    """Return the program in an answer: its blocks of Python one after the other, where they make one."""
    text = cleaned(answer)
    python = [b.body for b in fences.blocks(text) if b.language in fences.PYTHON and b.body.strip()]
    whole = "\n".join(python)
    return whole if len(python) > 1 and parsed_or_none(whole) is not None else code_in(answer)


@lru_cache(256)
def _value(code: str) -> tuple[str | None, Verdict | None]:
    """Run a program; its value as text, or the verdict on one that came to none."""
    from rarl_eval.sandbox import judge

    helpers = _SOLVER if "solve_it" in code else "given = {}"
    script = Script(stdin="", stdout=None)
    outcome = judge(Program(code=_RUNNER.format(code=code, helpers=helpers), scripts=(script,), seconds=SECONDS))
    if not outcome.correct:
        reason = f"{outcome.reason}; sandbox tier {outcome.tier}"
        return None, Verdict(status=outcome.status, extracted=code[:2000], reason=reason)
    said = outcome.output.strip("\n")
    return said or None, None
