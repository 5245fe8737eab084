"""Ranks with intervals: which places the data leave open for each of several models."""

from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import ArrayLike

from rarl_eval.stats.exact import holm
from rarl_eval.stats.means import Floats


class Rank(msgspec.Struct, frozen=True):
    """A place, 1 is best, and the places that cannot be ruled out."""

    rank: int
    low: int
    high: int


def rank_intervals(values: Sequence[float], p_values: ArrayLike, level: float = 0.95) -> list[Rank]:
    """Rank ``values`` (m,), the highest first, ties sharing the better place.

    ``p_values`` (m, m) holds the two-sided p of each pair's difference. The interval of one model starts behind all
    that are better and ends before all that are worse by Holm's adjustment over its m - 1 comparisons, so that it
    holds the true rank with chance ``level`` (marginal confidence sets of Mogstad, Romano, Shaikh & Wilhelm 2024).
    """
    table = np.asarray(p_values, dtype=np.float64)
    m = len(values)
    if table.shape != (m, m):
        raise ValueError(f"{m} values need {m} x {m} p-values, not {table.shape}")
    return [_rank(values, table, i, 1 - level) for i in range(m)]


def _rank(values: Sequence[float], table: Floats, i: int, alpha: float) -> Rank:
    others = [j for j in range(len(values)) if j != i]
    adjusted = holm([float(table[i, j]) for j in others])
    told = [j for j, p in zip(others, adjusted, strict=True) if p <= alpha]
    better = sum(values[j] > values[i] for j in told)
    worse = sum(values[j] < values[i] for j in told)
    place = 1 + sum(values[j] > values[i] for j in others)
    return Rank(place, 1 + better, len(values) - worse)
