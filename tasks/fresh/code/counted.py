"""Fresh complexity: how often a line runs, in nested loops, in a loop that divides, in a function that calls itself."""

import random

from rarl_eval.tasks.fresh.code.asking import calls
from rarl_eval.tasks.fresh.make import Draft, Redraw, Say


def triangle(rng: random.Random) -> Draft:
    """Calls in two nested loops, by the sum of an arithmetic sequence."""
    low, high, by = rng.randint(0, 20), rng.randint(30, 90), rng.randint(1, 5)
    wide, more = rng.randint(1, 9), rng.randint(1, 30)
    code = (
        f"def f(n):\n    for i in range({low}, n, {by}):\n"
        f"        for j in range({wide} * i + {more}):\n            work()\n"
    )

    def solve(say: Say) -> int:
        rounds = say((high - 1 - low) // by + 1, f"i takes ({high} - 1 - {low}) // {by} + 1 =", "values")
        end = say(low + (rounds - 1) * by, f"The last of them is {low} + ({rounds} - 1) * {by} =")
        first = say(wide * low + more, f"For the first one work() is called {wide} * {low} + {more} =", "times")
        last = say(wide * end + more, f"For the last one {wide} * {end} + {more} =", "times")
        return say(rounds * (first + last) // 2, f"In all ({rounds} * ({first} + {last})) // 2 =", "times")

    return calls(code, f"f({high})", solve)


def shrinking(rng: random.Random) -> Draft:
    """Calls in a loop whose variable is divided each time."""
    start, by, per, stop = rng.randint(40, 9000), rng.randint(2, 5), rng.randint(2, 12), rng.randint(1, 9)
    code = f"def f(n):\n    while n > {stop}:\n        for j in range(n % {per} + 1):\n            work()\n        n = n // {by}\n"

    def solve(say: Say) -> int:
        n, total = start, 0
        while n > stop:
            total = say(total + n % per + 1, f"n = {n}: {total} + {n} mod {per} + 1 =", "calls so far")
            n = say(n // by, f"n becomes {n} // {by} =")
        return say(total, "The loop ends, and the calls number")

    return calls(code, f"f({start})", solve)


def recursive(rng: random.Random) -> Draft:
    """Calls of a function that calls itself twice, by its recurrence."""
    a, b = rng.choice(((1, 2), (1, 3), (2, 3), (2, 2), (3, 4), (1, 4), (2, 5), (3, 5)))
    base, inner, leaf, top = rng.randint(1, 5), rng.randint(1, 40), rng.randint(1, 20), rng.randint(7, 14)
    if base > top - b:
        raise Redraw
    code = (
        f"def f(n):\n    if n < {base}:\n        for j in range({leaf}):\n            work()\n        return\n"
        f"    for j in range({inner}):\n        work()\n    f(n - {a})\n    f(n - {b})\n"
    )

    def solve(say: Say) -> int:
        made: dict[int, int] = {}
        for n in range(base, top + 1):
            one, two = made.get(n - a, leaf), made.get(n - b, leaf)
            made[n] = say(inner + one + two, f"f({n}) makes {inner} + {one} + {two} =", "calls")
        return made[top]

    return calls(code, f"f({top})", solve)
