"""Numbers as a reader sees them: decimals, signs, thousands, intervals; an unknown is a dash, never a zero.

A terminal, report.md and a page write the same figure a little differently: text is plain ASCII and has the digits to
compute with, a page has true signs and the interval on a line of its own. A ``Form`` holds both.
"""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from rarl_eval.files import text
from rarl_eval.stats import Interval

UNKNOWN = "–"

Format = Callable[[float], str]


def percent(value: float) -> str:
    """Fraction as per cent with one decimal, without the sign: 0.951 is ``95.1``."""
    return _minus(f"{100 * value:.1f}")


def whole_percent(value: float) -> str:
    """Fraction as whole per cent: a chance from a thousand resamples has no more."""
    return f"{100 * value:.0f}"


def points(value: float) -> str:
    """Difference of fractions in percentage points, with its sign: 0.032 is ``+3.2``."""
    text = f"{100 * value:+.1f}"
    return "0.0" if float(text) == 0 else _minus(text)


def decimal(value: float) -> str:
    """Statistic with two decimals."""
    return _minus(f"{value:.2f}")


def chance(value: float) -> str:
    """Return a p-value with two significant digits; below a thousandth a bound."""
    return "<0.001" if value < 0.001 else f"{value:.2g}"


def count(value: float) -> str:
    """Whole number with thousands separated by commas."""
    return _minus(f"{value:,.0f}")


def amount(value: float) -> str:
    """Length: whole from 100 on, one decimal below."""
    return _minus(f"{value:,.0f}" if abs(value) >= 99.95 else f"{value:.1f}")


def _minus(text: str) -> str:
    """Text with a true minus sign, and without one on a rounded zero."""
    if text.startswith("-") and not text.strip("-0.,"):
        text = text[1:]
    return text.replace("-", "−")


def number(value: float | None, form: Format) -> str:
    """Format a number; a dash where it is unknown."""
    return UNKNOWN if value is None else form(value)


def span(interval: Interval | None, form: Format) -> str:
    """Join the ends of an interval, ``93.8–96.2``; signed ends are joined by "to"; empty where unknown."""
    if interval is None or interval.low is None or interval.high is None:
        return ""
    low, high = form(interval.low), form(interval.high)
    joint = " to " if any(mark in low + high for mark in "+−") else "–"
    return f"{low}{joint}{high}"


def estimate(interval: Interval | None, form: Format) -> str:
    """Value of an interval, or a dash."""
    return number(interval.value if interval else None, form)


class Form(NamedTuple):
    """How a figure is written."""

    text: Format
    page: Format
    ends: Format
    """Ends of an interval in text, which have no plus sign."""


def _fixed(scale: float, form: str, value: float) -> str:
    return format(scale * value, form)


def _form(page: Format, scale: float, digits: int, sign: str = "") -> Form:
    return Form(partial(_fixed, scale, f"{sign}.{digits}f"), page, partial(_fixed, scale, f".{digits}f"))


PERCENT = _form(percent, 100, 1)
WHOLE = _form(whole_percent, 100, 0)
POINTS = _form(points, 100, 1, "+")
DECIMAL = _form(decimal, 1, 3)
SIGNED = _form(decimal, 1, 3, "+")
DELTA = _form(decimal, 1, 2, "+")
COUNT = Form(str, count, str)
AMOUNT = Form(text.number, amount, text.number)
WORDS = Form(str, str, str)
"""Of texts, which have no digits."""


def told(interval: Interval | None, form: Form) -> str:
    """Write an interval as text: ``value [low, high]``."""
    if interval is None:
        return text.UNKNOWN
    value = form.text(interval.value)
    if interval.low is None or interval.high is None:
        return value
    return f"{value} [{form.ends(interval.low)}, {form.ends(interval.high)}]"
