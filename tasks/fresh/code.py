"""Fresh code questions: tracing a function, writing one, counting its work, simulating a data structure.

The text of a program and the rules that work it out here are written apart, so that running the text checks both.
"""

import random
from collections.abc import Callable

from rarl_eval.tasks.fresh.make import Draft, Family, Redraw, Say
from rarl_eval.tasks.fresh.structures import double_ended, heap, least_recent
from rarl_eval.tasks.fresh.synthesis import pipeline, words

Rule = tuple[str, Callable[[int, int, int, int], int]]
"""Python text over total, x, i, k, and what it works out."""


def accumulate(rng: random.Random) -> Draft:
    """A loop with a condition and two updates."""
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

    def solve(say: Say) -> int:
        total = start
        for i, x in enumerate(xs):
            yes = bool(holds(total, x, i, k))
            rule, update = (then, one) if yes else (other, two)
            lead = f"With total = {total}, i = {i}, x = {x}: {asked_if} is {yes}, so total becomes {rule}, which is"
            total = say(update(total, x, i, k), lead)
        return total

    return Draft(question=f"f({xs}, {k})", given={"code": code}, solve=solve, kind="literal", context=code)


def rewrite(rng: random.Random) -> Draft:
    """A loop over a string that builds another."""
    vowels, late = "".join(sorted(rng.sample("aeiou", 3))), rng.randint(2, 4)
    text = "".join(rng.choice("abcdeiou") for _ in range(rng.randint(5, 8)))
    front = rng.random() < 0.5
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

    return Draft(question=f"f({text!r})", given={"code": code}, solve=solve, kind="literal", context=code)


def triangle(rng: random.Random) -> Draft:
    """Calls in two nested loops, by the sum of an arithmetic sequence."""
    low, high, more = rng.randint(0, 6), rng.randint(9, 40), rng.randint(1, 9)
    wide = rng.choice((1, 2, 3))
    code = (
        f"def f(n):\n    for i in range({low}, n):\n        for j in range({wide} * i + {more}):\n            work()\n"
    )

    def solve(say: Say) -> int:
        rounds = say(high - low, f"i takes {high} - {low} =", "values")
        first = say(wide * low + more, f"For the first of them work() is called {wide} * {low} + {more} =", "times")
        last = say(wide * (high - 1) + more, f"For the last one {wide} * ({high} - 1) + {more} =", "times")
        return say(rounds * (first + last) // 2, f"In all ({rounds} * ({first} + {last})) // 2 =", "times")

    return _counted(code, f"f({high})", solve)


def shrinking(rng: random.Random) -> Draft:
    """Calls in a loop whose variable is divided each time."""
    start, by, per, stop = rng.randint(40, 3000), rng.randint(2, 5), rng.randint(2, 9), rng.randint(1, 6)
    code = f"def f(n):\n    while n > {stop}:\n        for j in range(n % {per} + 1):\n            work()\n        n = n // {by}\n"

    def solve(say: Say) -> int:
        n, total = start, 0
        while n > stop:
            total = say(total + n % per + 1, f"n = {n}: {total} + {n} mod {per} + 1 =", "calls so far")
            n = say(n // by, f"n becomes {n} // {by} =")
        return say(total, "The loop ends, and the calls number")

    return _counted(code, f"f({start})", solve)


def recursive(rng: random.Random) -> Draft:
    """Calls of a function that calls itself twice, by its recurrence."""
    a, b = rng.choice(((1, 2), (1, 3), (2, 3), (2, 2), (3, 4), (1, 4)))
    base, inner, leaf, top = rng.randint(1, 4), rng.randint(1, 8), rng.randint(0, 4), rng.randint(7, 14)
    code = (
        f"def f(n):\n    if n < {base}:\n        for j in range({leaf}):\n            work()\n        return\n"
        f"    for j in range({inner}):\n        work()\n    f(n - {a})\n    f(n - {b})\n"
    )

    def solve(say: Say) -> int:
        calls: dict[int, int] = {}
        for n in range(base, top + 1):
            one, two = calls.get(n - a, leaf), calls.get(n - b, leaf)
            calls[n] = say(inner + one + two, f"f({n}) makes {inner} + {one} + {two} =", "calls")
        return calls[top]

    return _counted(code, f"f({top})", solve)


def _counted(code: str, call: str, solve: Callable[[Say], int]) -> Draft:
    if len(code) > 400:
        raise Redraw
    asked = f"How many times is work() called by {call}? Give the number."
    return Draft(question=asked, given={"code": code, "call": call}, solve=solve, kind="number", context=code)


FAMILIES = (
    Family(name="tracing", domain="code", templates=(accumulate, rewrite)),
    Family(name="complexity", domain="code", templates=(triangle, shrinking, recursive)),
    Family(name="data_structures", domain="code", templates=(double_ended, heap, least_recent)),
    Family(name="synthesis", domain="code", templates=(pipeline, words)),
)
