"""Amounts told in two units or in two forms, written as one: "2 hours and 30 minutes", "0.125 or 12.5%".

Not here: what the amount is in the question's unit (stated.py).
"""

import re
from fractions import Fraction

from rarl_eval.answers.units import factor, measure_named

_PARTED = (
    ("years?|yrs?", "months?"),
    ("weeks?|wks?", "days?"),
    ("days?", "hours?|hrs?"),
    ("hours?|hrs?|h", "minutes?|mins?|min|m"),
    ("minutes?|mins?|min", "seconds?|secs?|sec|s"),
    ("feet|foot|ft", "inch(?:es)?|in"),
    ("pounds?|lbs?", "ounces?|oz"),
    ("kilometers?|kilometres?|km", "meters?|metres?|m"),
    ("meters?|metres?|m", "centimeters?|centimetres?|cm"),
    ("kilograms?|kg", "grams?|g"),
    ("dollars?", "cents?"),
)
_PAIRS = re.compile(
    "|".join(
        rf"(?<![\d.,/])(\d{{1,6}})\s?({large})\s(?:and\s)?(\d{{1,6}}(?:\.\d+)?)\s?({small})(?![A-Za-z/²³^]|\s(?:per|an?|each|later|ago)\b)"
        for large, small in _PARTED
    ),
    re.IGNORECASE,
)


def in_one_unit(text: str) -> str:
    """Write an amount of two units in the smaller one: "150 minutes" for "2 hours and 30 minutes"."""
    return _PAIRS.sub(_added, text)


def _added(found: re.Match[str]) -> str:
    whole, large, rest, small = (group for group in found.groups() if group is not None)
    names = [measure_named("inches" if name == "in" else name) for name in (large, small)]
    times = factor(names[0] or "", names[1] or "") if all(names) else None
    if times is None:
        return found[0]
    total = Fraction(whole) * times + Fraction(rest)
    return f"{float(total):.12g} {'inches' if small == 'in' else small}" if total.denominator < 10**6 else found[0]


_TWICE = re.compile(
    r"(?<![\d.,])(-?\d{0,12}\.?\d{1,12})(?:,? or |\s?=\s?|,? i\.e\.,? |\s?\((?:or |i\.e\.,? )?)"
    r"(-?\d{1,12}(?:\.\d{1,12})?)\s?\\?%\)?"
)


def said_once(text: str) -> str:
    """Write a share that is told again as a percentage once: "12.5%" for "0.125, or 12.5%"."""
    return _TWICE.sub(lambda m: f"{m[2]}%" if Fraction(m[1]) * 100 == Fraction(m[2]) else m[0], text)
