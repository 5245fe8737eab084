"""Fresh programming problems with hidden tests: stages over a list of integers, or over words; three, or five.

The tests' expected values are worked out by rules that are written apart from the reference program's text. The
worked steps follow one example through the stages.
"""

import random
from collections.abc import Callable, Sequence
from typing import Any

from rarl_eval.tasks.fresh.code.stages import (
    Stage,
    numbers_changed,
    numbers_joined,
    numbers_kept,
    words_changed,
    words_joined,
    words_kept,
)
from rarl_eval.tasks.fresh.make import Draft, Redraw, Say

HIDDEN_TESTS = 8
Inputs = Callable[[random.Random], list[Any]]


def pipeline(rng: random.Random) -> Draft:
    """Keep some integers, change each, then join them to one value."""
    return _draft(rng, "a list xs of integers", (numbers_kept, numbers_changed, numbers_joined), _some_numbers)


def words(rng: random.Random) -> Draft:
    """Change words, keep some, then join them."""
    return _draft(rng, "a list xs of words", (words_changed, words_kept, words_joined), _some_words)


def long_pipeline(rng: random.Random) -> Draft:
    """Five or six stages over integers."""
    drawn = (numbers_changed, numbers_kept, numbers_changed, numbers_kept, numbers_changed)[rng.randint(0, 1) :]
    return _draft(rng, "a list xs of integers", (*drawn, numbers_joined), _some_numbers)


def long_words(rng: random.Random) -> Draft:
    """Five or six stages over words."""
    drawn = (words_changed, words_changed, words_kept, words_changed, words_kept)[rng.randint(0, 1) :]
    return _draft(rng, "a list xs of words", (*drawn, words_joined), _some_words)


def _some_numbers(rng: random.Random) -> list[Any]:
    return [rng.randint(-20, 60) for _ in range(rng.randint(5, 9))]


def _some_words(rng: random.Random) -> list[Any]:
    sizes = [rng.randint(1, 7) for _ in range(rng.randint(3, 6))]
    return ["".join(rng.choice("aeinorstlmdk") for _ in range(size)) for size in sizes]


def _draft(rng: random.Random, takes: str, drawn: Sequence[Callable[[random.Random], Stage]], inputs: Inputs) -> Draft:
    stages, example, hidden = [one(rng) for one in drawn], inputs(rng), rng.getrandbits(48)
    result: Any = example
    for _, _, rule in stages:
        before, result = result, rule(result)
        if result in ("", [], {}) or result == before:
            raise Redraw  # an example that shows nothing
    program = "def f(xs):\n" + "".join(f"    xs = {text}\n" for _, text, _ in stages) + "    return xs\n"

    def solve(say: Say) -> Any:
        now: Any = example
        for said, _, rule in stages:
            now = say(rule(now), f"From {now!r}, {said}:")
        return now

    def tests() -> str:
        other = random.Random(hidden)
        every = [[], example, *(inputs(other) for _ in range(HIDDEN_TESTS - 1))]
        return "\n".join(f"assert f({xs!r}) == {_result(stages, xs)!r}" for xs in every)

    told = [said for said, _, _ in stages]
    asked = (
        f"Write a Python function f that takes {takes} and does this in order: {'; '.join(told)}. For example, "
        f"f({example!r}) returns {result!r}."
    )
    again = (
        f"Let f be a Python function of one argument, {takes}. Its work, step by step: {'; then '.join(told)}. So "
        f"f({example!r}) is {result!r}. Write f."
    )
    given = {"program": program, "example": example}
    return Draft(
        question=asked,
        rewordings=(again,),
        given=given,
        solve=solve,
        kind="program",
        vast=True,
        program=program,
        tests=tests,
    )


def _result(stages: Sequence[Stage], xs: list[Any]) -> Any:
    for _, _, rule in stages:
        xs = rule(xs)
    return xs
