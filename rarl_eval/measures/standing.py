"""A row's ``standing``: its rank among the models of its task, and the ranks that the data leave open.

Ranks are by what to believe. Where every model can be held to the same items, those that all of them answered and that
stand in nobody's training data, they are by the shares on these, and pairs are tested item by item; else by the
believed values as they are, and pairs by their intervals alone.
"""

from collections.abc import Sequence
from math import sqrt
from statistics import NormalDist

import msgspec
import numpy as np

from rarl_eval.measures.pairs import Counted, open_ranks, pairs_of
from rarl_eval.stats import Interval, critical
from rarl_eval.stats.means import accuracy
from rarl_eval.stats.ranks import Rank, rank_intervals

MOST_EXACT = 100
"""Pairs of a task up to which tests over several samples or passages are exact; beyond, normal with equal moments."""


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """The place of a row among the rows of its task."""

    rank: int | None = None
    """1 is best, equals share the better place; null with ``why``."""
    low: int | None = None
    high: int | None = None
    """The first and the last rank that cannot be ruled out: the true one lies among them with 95 %."""
    models: int
    """Rows that have a rank."""
    n: int | None = None
    """Items that all of them answered and that stand in nobody's training data; null where ranks are by the values as
    they are, over whatever items these are of."""
    accuracy: Interval | None = None
    """On these items."""
    why: str | None = None
    """Why the row has no rank."""


def on_shared(table: Counted) -> list[Standing]:
    """Rank entrants (m,) who all have judged samples of all items (n,) of the table."""
    shares = table.right / table.judged
    found = open_ranks(table, pairs_of(table, MOST_EXACT)) or [Rank(1, 1, 1)] * len(shares)
    clusters = table.clusters(np.arange(shares.shape[1], dtype=np.intp))
    return [
        _standing(rank, len(shares), n=shares.shape[1], accuracy=accuracy(line, judged, clusters))
        for rank, line, judged in zip(found, shares, table.judged, strict=True)
    ]


def by_values(values: Sequence[Interval]) -> list[Standing]:
    """Rank believed values (m,), whatever items each of them is of; two are told apart by their intervals."""
    if not values:
        return []
    p_values = [[_p(a, b) for b in values] for a in values]
    return [_standing(rank, len(values)) for rank in rank_intervals([v.value for v in values], p_values)]


def _standing(rank: Rank, models: int, n: int | None = None, accuracy: Interval | None = None) -> Standing:
    return Standing(rank=rank.rank, low=rank.low, high=rank.high, models=models, n=n, accuracy=accuracy)


def _p(a: Interval, b: Interval) -> float:
    """Two-sided p of two independent values from the arms of their intervals that face each other."""
    if a.value < b.value:
        a, b = b, a
    if a.low is None or b.high is None or a.value == b.value:
        return 1.0
    spread = sqrt((a.value - a.low) ** 2 + (b.high - b.value) ** 2) / critical()
    return 2 * (1 - NormalDist().cdf((a.value - b.value) / spread)) if spread else 1.0
