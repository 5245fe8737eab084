"""Every two entrants of a task on the items both answered, and the ranks that such pairs leave open.

The statistics are the engine's (stats); here they are asked for all pairs of a board at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from math import sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from rarl_eval.leaderboards.tally import Tally
from rarl_eval.stats import Interval
from rarl_eval.stats.compare import bonett_price, minimum_detectable, paired
from rarl_eval.stats.exact import Interval as Found
from rarl_eval.stats.exact import critical, holm, mcnemar
from rarl_eval.stats.means import Codes
from rarl_eval.stats.randomise import randomisation
from rarl_eval.stats.ranks import rank_intervals

MOST_EXACT = 100
"""Pairs of a task up to which tests over several samples or passages are exact; beyond, normal with equal moments."""


@dataclass(frozen=True)
class Pair:
    """Entrant ``a`` against ``b``, by their places in the tally, a ranked before b."""

    a: int
    b: int
    n: int
    difference: Interval
    only_a: int | None
    only_b: int | None
    """Items that one of them alone got right; None where items have several samples."""
    p_value: float
    p_holm: float
    """Adjusted over all pairs of the task."""
    minimum_detectable: float | None


def pairs(tally: Tally) -> list[Pair]:
    """Compare every two entrants whose tasks have one version and who share an item; in the order of the tally."""
    couples = [
        (a, b)
        for a, b in combinations(range(len(tally.rows)), 2)
        if tally.rows[a].task_version == tally.rows[b].task_version
    ]
    right, judged = np.array(tally.right, dtype=np.int64), np.array(tally.judged, dtype=np.int64)
    units = tally.units()
    if units is None and (not judged.size or int(judged.max()) <= 1):
        found = _single(couples, right, judged)
    else:
        found = _several(couples, right, judged, units)
    adjusted = holm([pair.p_value for pair in found])
    return [replace(pair, p_holm=p) for pair, p in zip(found, adjusted, strict=True)]


Table = NDArray[np.int64]
Couples = Sequence[tuple[int, int]]


def _single(couples: Couples, right: Table, judged: Table) -> list[Pair]:
    """Pairs of single samples without passages: counts for all at once, McNemar's exact test."""
    both, only = judged @ judged.T, right @ (judged - right).T
    found = []
    for a, b in couples:
        n, only_a, only_b = int(both[a, b]), int(only[a, b]), int(only[b, a])
        if n:
            found.append(_pair(a, b, bonett_price(only_a, only_b, n), n, (only_a, only_b), mcnemar(only_a, only_b)))
    return found


def _several(couples: Couples, right: Table, judged: Table, units: Codes | None) -> list[Pair]:
    found = []
    for a, b in couples:
        at = np.flatnonzero((judged[a] > 0) & (judged[b] > 0))
        clusters = None if units is None else np.unique(units[at], return_inverse=True)[1].astype(np.intp)
        told = paired(right[a, at] / judged[a, at], right[b, at] / judged[b, at], clusters)
        if told is None:
            continue
        hits, draws = (np.stack([table[a, at], table[b, at]], axis=1) for table in (right, judged))
        exact = len(couples) <= MOST_EXACT
        p = randomisation(hits, draws, clusters).two_sided if exact else _normal(hits, draws, clusters)
        found.append(_pair(a, b, told.difference, told.n, (told.only_a, told.only_b), p))
    return found


def _normal(right: Table, judged: Table, clusters: Codes | None) -> float:
    """Two-sided p of the sum of differences if each unit's sign were tossed, by the normal of the same variance."""
    shares = right / judged
    difference = shares[:, 0] - shares[:, 1]
    sums = difference if clusters is None else np.bincount(clusters, weights=difference)
    spread = sqrt(float(np.square(sums).sum()))
    return 1.0 if spread == 0 else 2 * (1 - NormalDist().cdf(abs(float(sums.sum())) / spread))


def _pair(a: int, b: int, found: Found, n: int, only: tuple[int | None, int | None], p: float) -> Pair:
    finds = None
    if found.low is not None and found.high is not None:
        finds = minimum_detectable((found.high - found.low) / (2 * critical()))
    return Pair(
        a, b, n, Interval(found.value, found.low, found.high), *only, p_value=p, p_holm=p, minimum_detectable=finds
    )


def rank_ranges(tally: Tally, found: Sequence[Pair]) -> dict[tuple[str, str], tuple[int, int]]:
    """Return the ranks that cannot be ruled out, by entrant; empty unless all answered the same items.

    Each holds its entrant's true rank with 95 % (stats.ranks).
    """
    judged = np.array(tally.judged) > 0
    m = len(tally.rows)
    if m < 2 or len(found) < m * (m - 1) // 2 or not (judged == judged[0]).all():
        return {}
    values = [float(line[judged[0]].mean()) for line in tally.shares()]
    table = np.ones((m, m))
    for pair in found:
        table[pair.a, pair.b] = table[pair.b, pair.a] = pair.p_value
    ranks = rank_intervals(values, table)
    return {row.entrant: (rank.low, rank.high) for row, rank in zip(tally.rows, ranks, strict=True)}
