"""Drills of the laboratory's base model: one operation each, in the columns that worked solutions write.

A network of this size learns to copy digits and to carry from short rows some five times as fast as from whole solutions.
"""

import random
from collections import deque
from collections.abc import Iterator

from rarl_eval.tasks.laboratory.worked import bare, work_of

BRIEF_SHARE = 0.2
MOST_DIGITS = {"+": (5, 5), "-": (4, 4), "*": (4, 1)}
"""Digits of both numbers, at most."""


def drills(rng: random.Random) -> Iterator[tuple[str, str, bool]]:
    """Yield without end what is asked, the completion, and whether it is asked for briefly."""
    while True:
        kind = rng.choice(("+", "-", "*", "/", "/", "copy", "turn"))
        brief = rng.random() < BRIEF_SHARE
        if kind in {"copy", "turn"}:
            yield (*_listed(rng, turned=kind == "turn"), brief)
        else:
            yield _operation(rng, kind, brief=brief)


def _listed(rng: random.Random, *, turned: bool) -> tuple[str, str]:
    values = [rng.randint(0, 30) for _ in range(rng.randint(1, 7))]
    if not turned:
        return f"Write {values}.", bare(str(values))
    by, after = rng.randint(-2, 3), deque(values)
    after.rotate(by)
    return (
        f"d = deque({values})\nd.rotate({by})\nlist(d)",
        f"<think>rotate({by}): {[*after]}</think>{bare(str([*after]))}",
    )


def _operation(rng: random.Random, op: str, *, brief: bool) -> tuple[str, str, bool]:
    if op == "/":
        two, value = rng.randint(2, 19), _number(rng, 2)
        one = two * value
    else:
        one, two = (_number(rng, most) for most in MOST_DIGITS[op])
        one, two = (max(one, two), min(one, two)) if op == "-" else (one, two)
        value = {"+": one + two, "-": one - two, "*": one * two}[op]
    work = "" if brief else work_of(str(one), op, str(two))
    told = f"{one}{op}{two}{f':{work} ' if work else ''}={value}"
    return f"{one}{op}{two}", f"<think>{told}</think>{bare(str(value))}", brief


def _number(rng: random.Random, most: int) -> int:
    digits = rng.randint(1, most)
    return rng.randint(10 ** (digits - 1) if digits > 1 else 0, 10**digits - 1)
