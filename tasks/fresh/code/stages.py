"""Stages of the programs that fresh synthesis asks for: what is said, the statement that does it, the rule.

A rule is written apart from its statement, so that running the statement checks it.
"""

import random
from collections.abc import Callable, Sequence
from typing import Any

Stage = tuple[str, str, Callable[[Any], Any]]
"""What is asked in words, the value that ``xs`` becomes as Python text, and the rule."""


def numbers_kept(rng: random.Random) -> Stage:
    """Draw a stage that leaves some integers out."""
    m, k, limit = rng.randint(2, 5), rng.randint(1, 3), rng.randint(5, 40)
    r = rng.randrange(m)
    stages: tuple[Stage, ...] = (
        (f"keep the numbers whose remainder by {m} is {r}", f"[x for x in xs if x % {m} == {r}]",
         lambda xs: list(filter(lambda x: (x - r) % m == 0, xs))),
        (f"keep the numbers below {limit}", f"[x for x in xs if x < {limit}]",
         lambda xs: list(filter(limit.__gt__, xs))),
        (f"keep the numbers of at least {-limit // 4}", f"[x for x in xs if x >= {-limit // 4}]",
         lambda xs: [x for x in xs if not x < -limit // 4]),
        (f"drop the first {k} numbers", f"xs[{k}:]", lambda xs: [x for i, x in enumerate(xs) if i >= k]),
        ("keep the first occurrence of each number", "list(dict.fromkeys(xs))",
         lambda xs: [x for i, x in enumerate(xs) if x not in xs[:i]]),
    )  # fmt: skip
    return rng.choice(stages)


def numbers_changed(rng: random.Random) -> Stage:
    """Draw a stage that makes other integers of them."""
    a, b, m = rng.randint(2, 9), rng.choice([n for n in range(-9, 10) if n]), rng.randint(3, 30)
    sign = "+" if b > 0 else "-"
    plus = f"{'add' if b > 0 else 'subtract'} {abs(b)}"
    stages: tuple[Stage, ...] = (
        (f"multiply each by {a} and {plus}", f"[{a} * x {sign} {abs(b)} for x in xs]",
         lambda xs: [x * a + b for x in xs]),
        ("square each", "[x ** 2 for x in xs]", lambda xs: [x * x for x in xs]),
        (f"replace each by its remainder modulo {m}, from 0 to {m - 1}", f"[x % {m} for x in xs]",
         lambda xs: [x - x // m * m for x in xs]),
        ("replace each by its distance from the first number, if there is any",
         "[abs(x - xs[0]) for x in xs]", lambda xs: [max(x, xs[0]) - min(x, xs[0]) for x in xs]),
        ("replace each by the sum of all numbers up to it", "[sum(xs[: i + 1]) for i in range(len(xs))]", _running),
        ("turn the order of the list round", "xs[::-1]", lambda xs: [xs[len(xs) - 1 - i] for i in range(len(xs))]),
    )  # fmt: skip
    return rng.choice(stages)


def numbers_joined(rng: random.Random) -> Stage:
    """Draw a stage that returns something of the integers."""
    m, k, b = rng.randint(2, 5), rng.randint(1, 3), rng.randint(-9, 9)
    stages: tuple[Stage, ...] = (
        ("return their sum", "sum(xs)", lambda xs: sum(sorted(xs))),
        (f"return the largest minus {k}, or {b} if there is none", f"max(xs) - {k} if xs else {b}",
         lambda xs: -min(-x for x in xs) - k if xs else b),
        ("return them in descending order", "sorted(xs, reverse=True)", lambda xs: sorted(xs)[::-1]),
        (f"return how many are divisible by {m}", f"sum(x % {m} == 0 for x in xs)",
         lambda xs: len([x for x in xs if not x % m])),
    )  # fmt: skip
    return rng.choice(stages)


def _running(xs: list[int]) -> list[int]:
    total, sums = 0, []
    for x in xs:
        total += x
        sums.append(total)
    return sums


def words_changed(rng: random.Random) -> Stage:
    """Draw a stage that makes other words of them."""
    letter, k = rng.choice("aeinorst"), rng.randint(1, 3)
    stages: tuple[Stage, ...] = (
        ("write each word backwards", "[x[::-1] for x in xs]", lambda xs: ["".join(reversed(x)) for x in xs]),
        (f"move the first {k} letters of each word to its end", f"[x[{k}:] + x[:{k}] for x in xs]",
         lambda xs: ["".join([*x[k:], *x[:k]]) for x in xs]),
        (f"remove every {letter!r}", f"[x.replace({letter!r}, '') for x in xs]",
         lambda xs: ["".join(c for c in x if c != letter) for x in xs]),
        (f"write every {letter!r} twice", f"[x.replace({letter!r}, {2 * letter!r}) for x in xs]",
         lambda xs: ["".join(c * (1 + (c == letter)) for c in x) for x in xs]),
    )  # fmt: skip
    return rng.choice(stages)


def words_kept(rng: random.Random) -> Stage:
    """Draw a stage that leaves some words out."""
    letter, n, k = rng.choice("aeinorst"), rng.randint(2, 6), rng.randint(1, 3)
    stages: tuple[Stage, ...] = (
        (f"keep the words of at least {n} letters", f"[x for x in xs if len(x) >= {n}]",
         lambda xs: [x for x in xs if not len(x) < n]),
        (f"keep the words without {letter!r}", f"[x for x in xs if {letter!r} not in x]",
         lambda xs: [x for x in xs if x.count(letter) == 0]),
        (f"keep every second word, beginning with word {k} (the first is word 1)", f"xs[{k} - 1::2]",
         lambda xs: [x for i, x in enumerate(xs, start=1) if i >= k and (i - k) % 2 == 0]),
    )  # fmt: skip
    return rng.choice(stages)


def words_joined(rng: random.Random) -> Stage:
    """Draw a stage that returns something of the words."""
    letter, mark = rng.choice("aeinorst"), rng.choice("-+/_.:")
    stages: tuple[Stage, ...] = (
        (f"return them joined by {mark!r}", f"{mark!r}.join(xs)", lambda xs: _joined(xs, mark)),
        ("return them sorted by length, then alphabetically", "sorted(xs, key=lambda x: (len(x), x))",
         lambda xs: sorted(sorted(xs), key=len)),
        (f"return a dict from each word to how often {letter!r} is in it", f"{{x: x.count({letter!r}) for x in xs}}",
         lambda xs: {x: len(x) - len(x.replace(letter, "")) for x in xs}),
    )  # fmt: skip
    return rng.choice(stages)


def _joined(xs: Sequence[str], mark: str) -> str:
    text = ""
    for i, x in enumerate(xs):
        text = text + mark + x if i else x
    return text
