"""What the laboratory's models are taught to write: a solution with its arithmetic digit by digit, or a brief one.

A model of this size does not learn ``285 + 64 = 349`` at one stroke; it learns the columns. The work is written from
the last digit on: ``5+4=9 8+6=14 2+1=3`` of a sum, ``14-9=5 5-4=1`` of a difference (a borrowed ten in front),
``5*3=15 9*3+1=28`` of a product by one digit, ``44/8=5r4 40/8=5r0`` of a quotient.
"""

import re
from collections.abc import Sequence
from itertools import zip_longest

_EQUATION = re.compile(r"(?P<lead>.*?)(?P<one>\d+) (?P<op>[-+*/]) (?P<two>\d+) = (?P<value>\d+)( .*)?\.")
_SUM = re.compile(r"(?P<lead>.*?)(?P<parts>\d+(?: \+ \d+){2,}) = (?P<value>\d+)( .*)?\.")
_RUNNING = "\nSo far "
"""A running total stands on the line of what is added."""
_STATE = re.compile(r"\[.*?\] after (?:d\.)?(?P<op>.*) is (?P<now>\[.*\])\.")


def completion(steps: Sequence[str], answer: str, *, brief: bool = False) -> str:
    """Return the text a model is taught for worked steps that end in ``answer``."""
    text = "\n".join(short(steps) if brief else map(line, steps))
    return f"<think>{text.replace(_RUNNING, ', ')}</think>{bare(answer)}"


def bare(answer: str) -> str:
    """Return the answer alone."""
    return rf"\boxed{{{answer}}}"


def line(step: str) -> str:
    """Write one step with its work; a state of a data structure after what changed it."""
    state, total, equation = _STATE.fullmatch(step), _SUM.fullmatch(step), _EQUATION.fullmatch(step)
    if state:
        return f"{state['op']}: {state['now']}"
    if total:
        return f"{total['lead']}{_running(total['parts'])}"
    if equation:
        one, op, two, value = equation.group("one", "op", "two", "value")
        work = work_of(one, op, two)
        return f"{equation['lead']}{one}{op}{two}{f':{work} ' if work else ''}={value}"
    return step.removesuffix(".").removesuffix(" points")


def short(steps: Sequence[str]) -> list[str]:
    """Write bare equations without their work, and every second state of a data structure."""
    states = [found["now"] for step in steps if (found := _STATE.fullmatch(step))]
    return states[1::2] or [told for step in steps if (told := _equation(step))]


def _equation(step: str) -> str:
    """Return the bare equation of a step, "" where it has none."""
    if total := _SUM.fullmatch(step):
        return _running(total["parts"])
    found = _EQUATION.fullmatch(step)
    return "".join(found.group("one", "op", "two")) + f"={found['value']}" if found else ""


def work_of(one: str, op: str, two: str) -> str:
    """Work an operation out in columns; "" where it has a single one."""
    if op == "*" and len(two) > 1:
        one, two = two, one
    if max(len(one), len(two)) == 1:
        return ""
    return " ".join({"+": _added, "-": _subtracted, "*": _multiplied, "/": _divided}[op](one, two))


def _running(parts: str) -> str:
    first, *others = map(int, parts.split(" + "))
    told = []
    for other in others:
        told.append(f"{first}+{other}={first + other}")
        first += other
    return " ".join(told)


def _added(one: str, two: str) -> list[str]:
    columns, carry = [], 0
    for a, b in zip_longest(one[::-1], two[::-1], fillvalue="0"):
        total = int(a) + int(b) + carry
        columns.append(f"{a}+{b}{'+1' if carry else ''}={total}")
        carry = total // 10
    return columns


def _subtracted(one: str, two: str) -> list[str]:
    columns, borrowed = [], 0
    for a, b in zip_longest(one[::-1], two[::-1], fillvalue="0"):
        left = int(a) - int(b) - borrowed
        columns.append(f"{'1' if left < 0 else ''}{a}-{b}{'-1' if borrowed else ''}={left % 10}")
        borrowed = int(left < 0)
    return columns


def _multiplied(one: str, two: str) -> list[str]:
    columns, carry = [], 0
    for digit in one[::-1]:
        product = int(digit) * int(two) + carry
        columns.append(f"{digit}*{two}{f'+{carry}' if carry else ''}={product}")
        carry = product // 10
    return columns


def _divided(one: str, two: str) -> list[str]:
    columns: list[str] = []
    rest = 0
    for digit in one:
        now = 10 * rest + int(digit)
        quotient, rest = divmod(now, int(two))
        if quotient or columns:
            columns.append(f"{now}/{two}={quotient}r{rest}")
    return columns
