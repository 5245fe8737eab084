"""Fresh tracing: what a short function returns.

The text of a program and the rules that work it out here are written apart, so that running the text checks both.
"""

import random
from collections.abc import Callable

from rarl_eval.tasks.fresh.code.asking import value_of
from rarl_eval.tasks.fresh.make import Draft, Redraw, Say

Rule = tuple[str, Callable[[int, int, int, int], int]]
"""Python text over total, x, i, k, and what it works out."""


def accumulate(rng: random.Random) -> Draft:
    """A loop with a condition and two updates, both of which come about."""
    m, r = rng.randint(2, 4), rng.randint(0, 1)
    a, b = rng.randint(2, 5), rng.randint(1, 9)
    conditions: tuple[Rule, ...] = (
        (f"x % {m} == {r}", lambda total, x, i, k: x % m == r),  # noqa: ARG005
        ("x > total", lambda total, x, i, k: x > total),  # noqa: ARG005
        ("(i + x) % 2 == 0", lambda total, x, i, k: (i + x) % 2 == 0),  # noqa: ARG005
        ("total < k * i", lambda total, x, i, k: total < k * i),  # noqa: ARG005
    )
    updates: tuple[Rule, ...] = (
        ("total + x", lambda total, x, i, k: total + x),  # noqa: ARG005
        ("total - k", lambda total, x, i, k: total - k),  # noqa: ARG005
        (f"{a} * x - total", lambda total, x, i, k: a * x - total),  # noqa: ARG005
        (f"total + i * {b}", lambda total, x, i, k: total + i * b),  # noqa: ARG005
        ("abs(total - x)", lambda total, x, i, k: abs(total - x)),  # noqa: ARG005
        (f"total // {a} + k", lambda total, x, i, k: total // a + k),  # noqa: ARG005
    )
    (asked_if, holds), ((then, one), (other, two)) = rng.choice(conditions), rng.sample(updates, 2)
    start, k, xs = rng.randint(-5, 20), rng.randint(1, 9), [rng.randint(-9, 30) for _ in range(rng.randint(4, 7))]
    code = (
        f"def f(xs, k):\n    total = {start}\n    for i, x in enumerate(xs):\n        if {asked_if}:\n"
        f"            total = {then}\n        else:\n            total = {other}\n    return total\n"
    )
    taken, total = set(), start
    for i, x in enumerate(xs):
        taken.add(bool(holds(total, x, i, k)))
        total = (one if holds(total, x, i, k) else two)(total, x, i, k)
    if len(taken) == 1:
        raise Redraw

    def solve(say: Say) -> int:
        total = start
        for i, x in enumerate(xs):
            yes = bool(holds(total, x, i, k))
            rule, update = (then, one) if yes else (other, two)
            lead = f"With total = {total}, i = {i}, x = {x}: {asked_if} is {yes}, so total becomes {rule}, which is"
            total = say(update(total, x, i, k), lead)
        return total

    return value_of(code, f"f({xs}, {k})", solve)


def rewrite(rng: random.Random) -> Draft:
    """A loop over a string that builds another."""
    vowels, late = "".join(sorted(rng.sample("aeiou", 3))), rng.randint(2, 4)
    text = "".join(rng.choice("abcdeiou") for _ in range(rng.randint(5, 8)))
    front = rng.random() < 0.5
    if not 0 < sum(c in vowels for c in text) < len(text):
        raise Redraw
    code = (
        f"def f(s):\n    out = ''\n    for i, c in enumerate(s):\n        if c in out:\n            out = out[::-1]\n"
        f"        elif c in '{vowels}':\n            out = {'c + out' if front else 'out + c + c'}\n"
        f"        elif i >= {late}:\n            out = out[1:] + c\n        else:\n            out = out + c\n    return out\n"
    )

    def solve(say: Say) -> str:
        out = ""
        for i, c in enumerate(text):
            if c in out:
                out = say("".join(reversed(out)), f"'{c}' is in '{out}' already, which is turned round:")
            elif c in vowels:
                out = say(f"{c}{out}" if front else f"{out}{c}{c}", f"'{c}' is in '{vowels}', '{out}' becomes")
            elif i >= late:
                out = say(out[1:] + c, f"'{c}' stands at {i}, not before {late}, '{out}' loses its first and becomes")
            else:
                out = say(out + c, f"'{c}' stands at {i}, before {late}, '{out}' becomes")
        return out

    return value_of(code, f"f({text!r})", solve)
