"""The one-sided test between two sets of different items."""

import numpy as np
import pytest

from rarl_eval.stats.above import p_above


def test_few_items_are_permuted() -> None:
    """Two right items beside eight wrong ones: 1 of 45 ways to draw two; with both sides alike all of them."""
    assert p_above([1, 1], [0] * 8) == pytest.approx(1 / 45, abs=0.004)
    assert p_above([0, 0], [1] * 8) == 1.0
    assert p_above([0.5], [0.5] * 9) == 1.0


def test_the_smaller_side_is_drawn_whichever_it_is() -> None:
    """Eight right items beside two wrong ones are as unlikely as two right ones beside eight wrong."""
    assert p_above([1] * 8, [0, 0]) == pytest.approx(1 / 45, abs=0.004)


def test_many_items_are_welchs() -> None:
    """Of hundreds it is half of Welch's two-sided p, or the rest of 1 on the other side."""
    rng = np.random.default_rng(0)
    a, b = rng.random(200) + 0.1, rng.random(300)
    found = p_above(a, b)
    assert found is not None
    assert 0 < found < 0.01
    assert p_above(b, a) == pytest.approx(1 - found)


def test_sets_without_variation_are_counted() -> None:
    """A hundred right ones and a hundred wrong ones are one draw of all; the other way round every draw is as high."""
    assert p_above([1.0] * 100, [0.0] * 100) == pytest.approx(1.1e-59, rel=0.01)
    assert p_above([0.0] * 100, [1.0] * 100) == 1.0


@pytest.mark.parametrize(("a", "b"), [([], [1.0]), ([1.0], [])])
def test_an_empty_side_tells_nothing(a: list[float], b: list[float]) -> None:
    """None, never a p."""
    assert p_above(a, b) is None


def test_groups_count_once() -> None:
    """Items of two passages a side are two units, however many items they have."""
    groups = (np.repeat([0, 1], 40), np.repeat([2, 3], 40))
    alone = p_above([1.0] * 40 + [0.9] * 40, [0.0] * 40 + [0.1] * 40)
    clustered = p_above([1.0] * 40 + [0.9] * 40, [0.0] * 40 + [0.1] * 40, groups)
    assert alone is not None
    assert clustered is not None
    assert alone < 1e-6 < clustered < 0.05
