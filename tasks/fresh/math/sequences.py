"""Fresh sequences of more than 20 operations, on one number or on two registers."""

import random
from collections.abc import Callable

from rarl_eval.tasks.fresh.make import Draft, Redraw, Say

Operation = tuple[str, int]
"""What is done, and by which number."""
HIGH = 5_000
"""Above it the next operation makes the number smaller."""


def operations(rng: random.Random) -> Draft:
    """One number under 21 to 26 operations."""
    start = now = rng.randint(11, 99)
    ops: list[Operation] = []
    for _ in range(rng.randint(21, 26)):
        ops.append(_drawn(rng, now))
        now = _after(now, ops[-1])

    def solve(say: Say) -> int:
        number = start
        for place, (what, by) in enumerate(ops, start=1):
            number = say(_after(number, (what, by)), f"Step {place}: {_work(number, what, by)}")
        return number

    told = [_WORDS[what].format(by) for what, by in ops]
    numbered = " ".join(f"{place}. {text[0].upper()}{text[1:]}." for place, text in enumerate(told, start=1))
    asked = (
        f"Begin with the number {start} and carry out these {len(ops)} steps in order. {numbered} Which number results?"
    )
    again = f"A counter shows {start}. It is changed as follows, in this order: {'; '.join(told)}. What does it show at the end?"
    given = {"start": start, "ops": ops}
    return Draft(question=asked, rewordings=(again,), given=given, solve=solve, kind="number", vast=True)


_WORDS = {
    "+": "add {}",
    "-": "subtract {}",
    "*": "multiply by {}",
    "//": "divide by {} and drop the remainder",
    "mod": "keep only the remainder on division by {}",
}


def _drawn(rng: random.Random, now: int) -> Operation:
    if now > HIGH:
        what = rng.choice(("//", "mod", "-"))
    else:
        what = rng.choice([op for op in _WORDS if now >= 20 or op in "+*"])
    ranges = {"+": (3, 99), "-": (2, min(now - 1, 999)), "*": (2, 9), "//": (2, 9), "mod": (11, min(now - 1, 997))}
    return what, rng.randint(*ranges[what])


def _after(now: int, operation: Operation) -> int:
    what, by = operation
    if what in {"//", "mod"}:
        times, rest = divmod(now, by)
        return times if what == "//" else rest
    return now + by if what == "+" else now - by if what == "-" else now * by


def _work(now: int, what: str, by: int) -> str:
    return f"{now} {what} {by} ="


Rule = Callable[[int, int, int], int]
_REGISTERS: dict[str, tuple[str, Rule, str]] = {
    "add b to a": ("a", lambda a, b, _: a + b, "{a} + {b}"),
    "add a to b": ("b", lambda a, b, _: a + b, "{b} + {a}"),
    "add {n} to a": ("a", lambda a, _, n: a + n, "{a} + {n}"),
    "multiply b by {n}": ("b", lambda _, b, n: b * n, "{b} * {n}"),
    "replace a by its remainder modulo {n}": ("a", lambda a, _, n: a % n, "{a} mod {n}"),
    "replace b by its remainder modulo {n}": ("b", lambda _, b, n: b % n, "{b} mod {n}"),
    "replace a by the distance between a and b": ("a", lambda a, b, _: max(a, b) - min(a, b), ""),
}
"""What is done to two registers with a number: the register that it changes, the rule, the work as text."""


def registers(rng: random.Random) -> Draft:
    """Two registers under 21 to 24 operations that use each other."""
    start = rng.randint(2, 40), rng.randint(2, 40)
    ops: list[Operation] = []
    a, b = start
    for _ in range(rng.randint(21, 24)):
        what = _next(rng, a, b, ops[-1][0] if ops else "")
        ops.append((what, rng.randint(11, 97) if "modulo" in what else rng.randint(2, 9) if "{n}" in what else 0))
        register, rule, _ = _REGISTERS[what]
        changed = rule(a, b, ops[-1][1])
        if changed == (a if register == "a" else b):
            raise Redraw  # a step that does nothing
        a, b = (changed, b) if register == "a" else (a, changed)

    def solve(say: Say) -> int:
        a, b = start
        for place, (what, n) in enumerate(ops, start=1):
            register, rule, work = _REGISTERS[what]
            work = work or ("{a} - {b}" if a >= b else "{b} - {a}")
            value = say(rule(a, b, n), f"Step {place}, {register} becomes {work.format(a=a, b=b, n=n)} =")
            a, b = (value, b) if register == "a" else (a, value)
        return say(a + b, f"The sum is {a} + {b} =")

    told = [what.format(n=n) for what, n in ops]
    numbered = " ".join(f"({place}) {text};" for place, text in enumerate(told, start=1)).rstrip(";")
    asked = (
        f"Two registers hold a = {start[0]} and b = {start[1]}. These {len(ops)} steps are carried out in order: {numbered}. "
        "What is a + b afterwards?"
    )
    again = (
        f"Let a = {start[0]} and b = {start[1]}. One after the other, do the following: {', then '.join(told)}. What is the sum "
        "of a and b in the end?"
    )
    given = {"start": start, "ops": ops}
    return Draft(question=asked, rewordings=(again,), given=given, solve=solve, kind="number", vast=True)


def _next(rng: random.Random, a: int, b: int, last: str) -> str:
    """Draw what is done next: a large register is made smaller, and nothing is done twice in a row."""
    allowed = [what for what in _REGISTERS if what != last]
    if a > HIGH or b > HIGH:
        allowed = [f"replace {'a' if a > HIGH else 'b'} by its remainder modulo {{n}}"]
    return rng.choice(allowed)
