"""The one-sided test between marked and unmarked items."""

import numpy as np
import pytest

from rarl_eval.stats.above import FEW, p_above, strata_of


def p(marked: list[float], others: list[float], strata: list[int] | None = None) -> float | None:
    values = np.array([*marked, *others], dtype=np.float64)
    marks = np.arange(values.size) < len(marked)
    return p_above(values, marks, None if strata is None else np.array(strata, dtype=np.intp))


def test_few_marks_are_permuted() -> None:
    """Two right items beside eight wrong ones: 1 of 45 ways to draw two; marked wrong ones are reached by all."""
    assert p([1, 1], [0] * 8) == pytest.approx(1 / 45, abs=0.004)
    assert p([0, 0], [1] * 8) == 1.0
    assert p([1] * 8, [0, 0]) == pytest.approx(1 / 45, abs=0.004)


def test_what_was_observed_is_one_of_the_draws() -> None:
    """The four right ones of a hundred, marked: one of 3.9 million ways, and yet no p is below 1 in 20,000."""
    assert p([1] * 4, [0] * 96) == 1 / 20_000


def test_marks_are_drawn_within_strata() -> None:
    """In two strata of one right and two wrong items, both marked right: a third of a third."""
    assert p([1, 1], [0, 0, 0, 0], [0, 1, 0, 0, 1, 1]) == pytest.approx(1 / 9, abs=0.01)


def test_a_stratum_of_one_kind_tells_nothing() -> None:
    """Marked items that are right in a stratum where all are, or beside no other items at all, are no evidence."""
    assert p([1, 1], [1, 1, 0], [0, 0, 0, 0, 1]) is None
    assert p([], [1.0]) is None


def test_many_marks_are_mantels() -> None:
    """60 of 100 marked right against 40 of 100: the sum lies 10 above its mean, with variance 100 x 100 x 50 / 199 / 200."""
    found = p([1.0] * 60 + [0.0] * 40, [1.0] * 40 + [0.0] * 60)
    assert found == pytest.approx(0.00240, abs=1e-5)  # z = 10 / sqrt(12.56) = 2.82
    assert FEW < 100


def test_items_of_a_group_count_once() -> None:
    """Items of two passages a side are two units, however many items they have."""
    values = np.array([1.0] * 80 + [0.9] * 80 + [0.0] * 80 + [0.1] * 80)
    marks, groups = np.arange(320) < 160, np.repeat(np.arange(4), 80)
    alone, clustered = p_above(values, marks), p_above(values, marks, clusters=groups)
    assert alone is not None
    assert clustered is not None
    assert alone < 1e-6 < clustered < 0.05


def test_equal_totals_share_a_stratum() -> None:
    """Few totals are strata as they are; of a thousand different ones neighbours are put together."""
    assert strata_of(np.array([0.0, 1.0, 0.0, 2.0])).tolist() == [0, 1, 0, 2]
    many = strata_of(np.arange(1000.0))
    assert np.unique(many).size == 25
    assert (np.diff(many) >= 0).all()


def test_marked_items_alone_in_their_stratum_join_the_next() -> None:
    """The stratum below that holds others, or else the one above: two of four drawn, one way of six."""
    assert p([1, 1], [0, 0], [1, 1, 0, 0]) == pytest.approx(1 / 6, abs=0.01)
    assert p([1, 1], [0, 0], [0, 0, 1, 1]) == pytest.approx(1 / 6, abs=0.01)


def test_a_margin_is_allowed_for() -> None:
    """A surplus of 20 points in a hundred a side is significant above 0, and hardly above 15 points."""
    values = np.array([1.0] * 60 + [0.0] * 40 + [1.0] * 40 + [0.0] * 60)
    marks = np.arange(200) < 100
    assert p_above(values, marks, margin=0.15) == pytest.approx(0.2403, abs=1e-4)  # z = (10 - 7.5) / 3.54
