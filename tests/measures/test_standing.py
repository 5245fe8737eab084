"""Ranks on shared items and by values, with the ranks left open."""

import numpy as np
import pytest

from rarl_eval.measures.pairs import Counted
from rarl_eval.measures.standing import by_values, on_shared
from rarl_eval.stats import Interval


def counted(*right: int, n: int = 200, samples: int = 1) -> Counted:
    """Models that are right on their first items."""
    table = np.array([[samples if i < k else 0 for i in range(n)] for k in right], dtype=np.int64)
    return Counted(table, np.full_like(table, samples), np.arange(n, dtype=np.intp), [1] * len(right))


@pytest.mark.parametrize("samples", [1, 3])
def test_ranks_on_shared_items_stay_open_where_the_data_do(samples: int) -> None:
    """A model far ahead is first for certain; two alike share places."""
    found = on_shared(counted(190, 100, 99, samples=samples))
    assert [(s.rank, s.low, s.high, s.n, s.models) for s in found] == [
        (1, 1, 1, 200, 3), (2, 2, 3, 200, 3), (3, 2, 3, 200, 3),
    ]  # fmt: skip
    assert found[0].accuracy is not None
    assert found[0].accuracy.value == pytest.approx(0.95)


def test_one_model_is_first_of_one() -> None:
    """There is nobody to tell it from."""
    (only,) = on_shared(counted(100))
    assert (only.rank, only.low, only.high, only.models) == (1, 1, 1, 1)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([Interval(0.9, 0.85, 0.95), Interval(0.5, 0.45, 0.55)], [(1, 1, 1), (2, 2, 2)]),
        ([Interval(0.5, 0.45, 0.55), Interval(0.52, 0.47, 0.57)], [(2, 1, 2), (1, 1, 2)]),
        ([Interval(0.9), Interval(0.5)], [(1, 1, 2), (2, 1, 2)]),
        ([Interval(0.5, 0.5, 0.5), Interval(0.5, 0.5, 0.5)], [(1, 1, 2), (1, 1, 2)]),
        ([], []),
    ],
)
def test_values_are_told_apart_by_their_intervals(values: list[Interval], expected: list[tuple[int, int, int]]) -> None:
    """Without bounds, or with equal values, every rank stays open."""
    assert [(s.rank, s.low, s.high) for s in by_values(values)] == expected
    assert all(s.n is None for s in by_values(values))
