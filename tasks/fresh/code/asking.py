"""How fresh code questions are worded: the program first, then what is asked of it, in two wordings."""

from collections.abc import Callable
from typing import Any

from rarl_eval.tasks.fresh.make import Draft, Say


def value_of(code: str, expression: str, solve: Callable[[Say], Any], *, source: str = "", vast: bool = False) -> Draft:
    """Ask for the value of an expression after a program."""
    asked = f"{shown(code)}What is the value of `{expression}`?"
    again = f"Read this program:\n\n{shown(code)}To what does `{expression}` evaluate after it?"
    given = {"code": code, "expression": expression}
    return Draft(
        question=asked, rewordings=(again,), given=given, solve=solve, kind="literal", vast=vast, source=source
    )


def calls(code: str, call: str, solve: Callable[[Say], int]) -> Draft:
    """Ask how often a call makes the program call work()."""
    asked = f"{shown(code)}How many times is work() called by `{call}`? Give the number."
    again = f"How often does `{call}` call work() in this program?\n\n{shown(code)}Give the number of calls."
    given = {"code": code, "call": call}
    return Draft(question=asked, rewordings=(again,), given=given, solve=solve, kind="number")


def shown(code: str) -> str:
    """Write a program in a fence."""
    return f"```python\n{code}```\n\n"
