"""Fresh programming problems with hidden tests: a pipeline over a list of integers, or over words.

The tests' expected values are worked out by rules that are written apart from the reference program's text. The
worked steps follow one example through the pipeline.
"""

import random
from collections.abc import Callable, Sequence
from typing import Any

from rarl_eval.tasks.fresh.make import Draft, Redraw, Say

Stage = tuple[str, str, Callable[[Any], Any]]
"""What is asked in words, the statement that does it to ``xs``, and the rule."""
HIDDEN_TESTS = 8


def pipeline(rng: random.Random) -> Draft:
    """Keep some integers, change each, then join them to one value."""
    m, r, a, b = rng.randint(2, 5), rng.randint(0, 1), rng.randint(2, 9), rng.randint(-9, 9)
    limit, k = rng.randint(5, 40), rng.randint(1, 3)
    keep: tuple[Stage, ...] = (
        (f"keep the numbers whose remainder by {m} is {r}", f"[x for x in xs if x % {m} == {r}]",
         lambda xs: list(filter(lambda x: (x - r) % m == 0, xs))),
        (f"keep the numbers below {limit}", f"[x for x in xs if x < {limit}]",
         lambda xs: list(filter(limit.__gt__, xs))),
        (f"drop the first {k} numbers", f"xs[{k}:]", lambda xs: [x for i, x in enumerate(xs) if i >= k]),
        ("keep the first occurrence of each number", "list(dict.fromkeys(xs))",
         lambda xs: [x for i, x in enumerate(xs) if x not in xs[:i]]),
    )  # fmt: skip
    change: tuple[Stage, ...] = (
        (f"multiply each by {a} and add {b}", f"[{a} * x + {b} for x in xs]", lambda xs: [x * a + b for x in xs]),
        ("square each", "[x ** 2 for x in xs]", lambda xs: [x * x for x in xs]),
        ("replace each by its distance from the first number, if there is any",
         "[abs(x - xs[0]) for x in xs]", lambda xs: [max(x, xs[0]) - min(x, xs[0]) for x in xs]),
        ("replace each by the sum of all numbers up to it", "[sum(xs[: i + 1]) for i in range(len(xs))]", _running),
    )  # fmt: skip
    join: tuple[Stage, ...] = (
        ("return their sum", "sum(xs)", lambda xs: sum(sorted(xs))),
        (f"return the largest minus {k}, or {b} if there is none", f"max(xs) - {k} if xs else {b}",
         lambda xs: -min(-x for x in xs) - k if xs else b),
        ("return them in descending order", "sorted(xs, reverse=True)", lambda xs: sorted(xs)[::-1]),
        (f"return how many are divisible by {m}", f"sum(x % {m} == 0 for x in xs)",
         lambda xs: len([x for x in xs if not x % m])),
    )  # fmt: skip
    stages = (rng.choice(keep), rng.choice(change), rng.choice(join))
    inputs = [[], *([rng.randint(-20, 60) for _ in range(rng.randint(4, 8))] for _ in range(HIDDEN_TESTS))]
    return _draft("a list xs of integers", stages, inputs)


def _running(xs: list[int]) -> list[int]:
    total, sums = 0, []
    for x in xs:
        total += x
        sums.append(total)
    return sums


def words(rng: random.Random) -> Draft:
    """Change words, keep some, then join them."""
    letter, n, k = rng.choice("aeinorst"), rng.randint(2, 6), rng.randint(1, 3)
    mark = rng.choice("-+/_.:")
    change: tuple[Stage, ...] = (
        ("turn each word round", "[x[::-1] for x in xs]", lambda xs: ["".join(reversed(x)) for x in xs]),
        (f"move the first {k} letters of each word to its end", f"[x[{k}:] + x[:{k}] for x in xs]",
         lambda xs: ["".join([*x[k:], *x[:k]]) for x in xs]),
        (f"remove every {letter!r}", f"[x.replace({letter!r}, '') for x in xs]",
         lambda xs: ["".join(c for c in x if c != letter) for x in xs]),
    )  # fmt: skip
    keep: tuple[Stage, ...] = (
        (f"keep the words of at least {n} letters", f"[x for x in xs if len(x) >= {n}]",
         lambda xs: [x for x in xs if not len(x) < n]),
        (f"keep the words without {letter!r}", f"[x for x in xs if {letter!r} not in x]",
         lambda xs: [x for x in xs if x.count(letter) == 0]),
        (f"keep every second word, beginning with word {k}", f"xs[{k} - 1::2]",
         lambda xs: [x for i, x in enumerate(xs, start=1) if i >= k and (i - k) % 2 == 0]),
    )  # fmt: skip
    join: tuple[Stage, ...] = (
        (f"return them joined by {mark!r}", f"{mark!r}.join(xs)", lambda xs: _joined(xs, mark)),
        ("return them sorted by length, then alphabetically", "sorted(xs, key=lambda x: (len(x), x))",
         lambda xs: sorted(sorted(xs), key=len)),
        (f"return a dict from each word to how often {letter!r} is in it", f"{{x: x.count({letter!r}) for x in xs}}",
         lambda xs: {x: len(x) - len(x.replace(letter, "")) for x in xs}),
    )  # fmt: skip
    stages = (rng.choice(change), rng.choice(keep), rng.choice(join))
    return _draft("a list xs of words", stages, [[], *(_some_words(rng) for _ in range(HIDDEN_TESTS))])


def _some_words(rng: random.Random) -> list[str]:
    sizes = [rng.randint(1, 7) for _ in range(rng.randint(3, 6))]
    return ["".join(rng.choice("aeinorstlmdk") for _ in range(size)) for size in sizes]


def _joined(xs: Sequence[str], mark: str) -> str:
    text = ""
    for i, x in enumerate(xs):
        text = text + mark + x if i else x
    return text


def _draft(takes: str, stages: Sequence[Stage], inputs: Sequence[list[Any]]) -> Draft:
    example = inputs[1]
    for count in range(1, len(stages)):
        if not _result(stages[:count], example):
            raise Redraw  # an example that shows nothing
    if _result(stages, example) in ("", [], {}):
        raise Redraw
    program = "def f(xs):\n" + "".join(f"    xs = {text}\n" for _, text, _ in stages) + "    return xs\n"

    def solve(say: Say) -> Any:
        now: Any = example
        for said, _, rule in stages:
            now = say(rule(now), f"From {now!r}, {said}:")
        return now

    tests = [(xs, _result(stages, xs)) for xs in inputs]
    told = "; ".join(said for said, _, _ in stages)
    return Draft(
        question=f"Write a Python function f that takes {takes} and does this in order: {told}. "
        f"For example, f({example!r}) returns {_result(stages, example)!r}.",
        given={"tests": tests, "program": program, "example": example},
        solve=solve,
        kind="program",
        program=program,
        tests="\n".join(f"assert f({xs!r}) == {expected!r}" for xs, expected in tests),
    )


def _result(stages: Sequence[Stage], xs: list[Any]) -> Any:
    for _, _, rule in stages:
        xs = rule(xs)
    return xs
