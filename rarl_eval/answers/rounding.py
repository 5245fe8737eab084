"""Numbers beside numbers: exactly, or as one of them is rounded; what a question or a written decimal allows."""

import re
from contextvars import ContextVar
from fractions import Fraction

from rarl_eval.answers.extract import shown
from rarl_eval.answers.numbers import parse_number

SAME_DIGITS = 6
"""A decimal with this many significant digits may stand for the exact value that it rounds or truncates."""
GOLD_DIGITS = 4
"""A gold decimal with this many significant digits is met by an exact expression that rounds to it."""


decimals: ContextVar[int | None] = ContextVar("decimals", default=None)
"""To how many decimals the question asks to round, where its benchmark says so; numbers then compare as rounded."""


def numbers_differ(gold: str, answer: str) -> str | None:
    """Compare two plain numbers: "" if equal, the difference if not, None if one is no plain number."""
    one, other = parse_number(gold), parse_number(answer)
    if one is None or other is None:
        decimal_comma = re.fullmatch(r"-?\d+, ?\d+", gold if one is None else answer) and (one or other)
        return "" if decimal_comma and re.sub(", ?", ".", answer) == re.sub(", ?", ".", gold) else None
    asked = decimals.get()
    if asked is not None and abs(one.value - other.value) <= Fraction(1, 2 * 10**asked):
        return ""
    if one.value == other.value or _rounded(gold, one.value, other.value) or _rounded(answer, other.value, one.value):
        return ""
    return f"is not {shown(gold)}"


def _rounded(text: str, decimal: Fraction, exact: Fraction) -> bool:
    """Whether a decimal of enough digits rounds or truncates an exact value."""
    found = re.match(r"\s*-?(\d*)\.(\d+)", text)
    if not found or not decimal or len((found[1] + found[2]).lstrip("0")) < SAME_DIGITS:
        return False
    written = Fraction(f"{found[1] or 0}.{found[2]}")
    return abs(decimal - exact) < Fraction(1, 10 ** len(found[2])) * abs(decimal / written)


def half_unit(decimal: str) -> Fraction:
    """Half a unit in a decimal's last place, and a tenth more, since halves are rounded either way."""
    digits = re.search(r"\.(\d+)", decimal)
    return Fraction(55, 10 ** (2 + (len(digits[1]) if digits else 0)))


def significant(text: str) -> int:
    """Significant digits of a decimal; 0 for anything else."""
    return len(re.sub(r"\D", "", text).lstrip("0")) if re.fullmatch(r"-?\d*\.\d+", text) else 0


def coefficient(gold: str, answer: str) -> Fraction | None:
    """Half a unit of the one rounded coefficient of a gold, where the answer is an exact expression; else None."""
    found = re.findall(r"\d*\.\d+", gold)
    if (
        len(found) != 1
        or "." in answer
        or parse_number(gold) is not None
        or re.search(r"[<>=,]|\\[lg]eq?", gold + answer)
    ):
        return None
    return half_unit(found[0]) if significant(found[0]) >= GOLD_DIGITS else None
