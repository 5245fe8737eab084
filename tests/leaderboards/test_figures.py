"""Numbers as a reader sees them."""

import pytest

from rarl_eval.report.figures import amount, count, decimal, estimate, number, percent, points, span
from rarl_eval.stats import Interval


@pytest.mark.parametrize(
    ("form", "value", "text"),
    [
        (percent, 0.9514, "95.1"),
        (percent, 1.0, "100.0"),
        (percent, 0.0, "0.0"),
        (points, 0.032, "+3.2"),
        (points, -0.032, "−3.2"),
        (points, -0.0004, "0.0"),
        (points, 0.0004, "0.0"),
        (decimal, -0.004, "0.00"),
        (decimal, 0.5, "0.50"),
        (decimal, -0.126, "−0.13"),
        (count, 1319, "1,319"),
        (count, 0, "0"),
        (amount, 99.94, "99.9"),
        (amount, 99.96, "100"),
        (amount, 100.4, "100"),
        (amount, 12345.6, "12,346"),
    ],
)
def test_numbers_are_rounded_and_signed(form, value, text):
    """Decimals, thousands and a true minus sign; a rounded zero has no sign."""
    assert form(value) == text


def test_unknown_is_a_dash_and_zero_is_zero():
    """None never looks like a number, and 0 never like an unknown."""
    assert number(None, percent) == "–"
    assert number(0.0, percent) == "0.0"
    assert estimate(None, percent) == "–"
    assert estimate(Interval(None, 0.1, 0.2), percent) == "–"


def test_intervals_join_their_ends():
    """Plain ends are joined by a dash, signed ones by a word that no minus can hide in."""
    assert span(Interval(0.951, 0.938, 0.962), percent) == "93.8–96.2"
    assert span(Interval(0.01, -0.002, 0.02), points) == "−0.2 to +2.0"
    assert span(Interval(0.5, None, None), percent) == ""
    assert span(None, percent) == ""
