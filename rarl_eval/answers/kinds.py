"""Benchmarks whose items are of several kinds: each item by its own rule; and lists of numbers within a tolerance.

Not here: the rules themselves.
"""

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from rarl_eval.answers.choice import verify_choice
from rarl_eval.answers.extract import shown
from rarl_eval.answers.literal import read_literal, verify_literal
from rarl_eval.answers.within import verify_within
from rarl_eval.types import Item, Status, Verdict

Verify = Callable[[Item, str], Verdict]


def by_rule(rule: Callable[[Item], Verify]) -> Verify:
    """Make a verifier that judges each item by the rule that ``rule`` gives for it."""

    def verify(item: Item, answer: str) -> Verdict:
        return rule(item)(item, answer)

    return verify


def option_or_limits(item: Item) -> Verify:
    """Return the rule of an item that has either options or limits."""
    return verify_choice if item.choices else verify_within


def verify_numbers(item: Item, answer: str) -> Verdict:
    """Judge a list of numbers, in any order, each within the share ``item.meta["share"]`` of the gold's.

    A whole number of the gold is met exactly.
    """
    exact = verify_literal(item, answer)
    if exact.status != "incorrect" or exact.extracted is None:
        return exact
    told, gold = _numbers(exact.extracted), _numbers(item.gold)
    if told is None or gold is None or len(told) != len(gold):
        return exact
    share = Fraction(str(item.meta["share"]))
    near = all(_near(one, other, share) for one, other in zip(sorted(told), sorted(gold), strict=True))
    status: Status = "correct" if near else "incorrect"
    return Verdict(status=status, extracted=shown(exact.extracted), reason=f"each within {float(share):g}: {near}")


def _near(told: Fraction, gold: Fraction, share: Fraction) -> bool:
    return told == gold if gold.denominator == 1 else abs(told - gold) <= abs(gold) * share


def _numbers(text: str) -> list[Fraction] | None:
    """Return the numbers of a list or tuple; None for what holds anything else."""
    try:
        found: Any = read_literal(text)
    except ValueError:
        return None
    if not isinstance(found, list | tuple) or not all(type(value) in {int, float} for value in found):
        return None
    return [Fraction(str(value)) for value in found]
