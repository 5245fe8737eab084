"""Exact paired tests by randomisation: which session's answers are whose is exchanged within each item or passage.

With two sessions of one sample an item this is McNemar's exact test; it goes on where McNemar's ends, with several
samples, passages, and several earlier sessions. Not here: intervals (stats.compare).
"""

from collections import Counter
from math import sqrt
from statistics import NormalDist

import msgspec
import numpy as np
from numpy.typing import ArrayLike, NDArray

from rarl_eval.stats.means import Codes

MOST_CELLS = 100_000_000
"""Beyond this many units x lattice points the exact distribution gives way to the normal one of the same moments."""

NEGLIGIBLE = 1e-32
"""Chances below it at the ends of a distribution are let go."""

LEAST = 1e-25
"""Smallest p that is told; what was let go is less."""

Table = NDArray[np.int64]


class Randomised(msgspec.Struct, frozen=True):
    """p-values of the first session's sum of shares among the others'."""

    less: float
    """P(a sum this small or smaller) if the sessions are exchangeable: small after a drop."""
    greater: float
    two_sided: float
    """Twice the smaller tail, at most 1; equals McNemar's exact p for single samples."""
    exact: bool
    """False where the normal approximation stood in."""


def randomisation(right: ArrayLike, samples: ArrayLike, clusters: Codes | None = None) -> Randomised:
    """Test the first session against the others: ``right`` of ``samples``, both (items, sessions), whole numbers.

    Under the null hypothesis the sessions' shares of one unit (item, or all items of one of ``clusters``) are
    exchangeable, so that the first session's sum over units is a sum of independent draws, one of each unit's
    sessions; its distribution is found by convolution (Pitman 1937; Fisher 1935, section 21). Samples of one session
    and items of one passage may depend on each other as they like. Where sessions differ in samples it is
    approximate. Raises ValueError for shapes that differ and for items without samples.
    """
    return _tested(_scaled(right, samples, clusters))


def against_mean(right: ArrayLike, samples: ArrayLike, clusters: Codes | None = None) -> Randomised:
    """Test the first session against the mean of the others by flipping the signs of the units' differences.

    As ``randomisation`` with two sessions, and the same for two; with more it holds too where the others are copies
    of one another, as greedy answers are until a server changes, which ``randomisation`` takes for much evidence.
    Differences of few samples against many are skewed, so that with few units it is approximate.
    """
    table = _scaled(right, samples, clusters)
    return _tested(np.stack([table[:, 0] * (table.shape[1] - 1), table[:, 1:].sum(axis=1)], axis=1))


def _scaled(right: ArrayLike, samples: ArrayLike, clusters: Codes | None) -> Table:
    """Shares as whole numbers of one denominator, summed by cluster: (units, sessions)."""
    hit, drawn = np.asarray(right, dtype=np.int64), np.asarray(samples, dtype=np.int64)
    if hit.shape != drawn.shape or hit.ndim != 2:
        raise ValueError(f"{hit.shape} counts against {drawn.shape} samples: give two tables of (items, sessions)")
    if (drawn < 1).any() or (hit < 0).any() or (hit > drawn).any():
        raise ValueError("each item needs samples in each session, and no more right than samples")
    scale = int(np.lcm.reduce(np.unique(drawn)))
    return _units(hit * (scale // drawn), clusters)


def _tested(table: Table) -> Randomised:
    if table.shape[1] < 2 or not table.size:
        return Randomised(1.0, 1.0, 1.0, True)
    table = table - table.min(axis=1, keepdims=True)
    table = table[table.max(axis=1) > 0]
    if not table.size:
        return Randomised(1.0, 1.0, 1.0, True)
    table //= np.gcd.reduce(table, axis=None)
    cells = table.shape[0] * int(table.max(axis=1).sum())
    less, greater = _exact(table) if cells <= MOST_CELLS else _normal(table)
    return Randomised(less, greater, min(1.0, 2 * min(less, greater)), cells <= MOST_CELLS)


def _units(values: Table, clusters: Codes | None) -> Table:
    """Sum the items of each cluster: (units, sessions)."""
    if clusters is None:
        return values
    sums = np.zeros((int(clusters.max()) + 1, values.shape[1]), dtype=np.int64)
    np.add.at(sums, clusters, values)
    return sums


def _exact(table: Table) -> tuple[float, float]:
    """Tails of the sum over units of one draw of each row, the first column's sum included in both."""
    chances, first = np.ones(1), 0
    rows = sorted(table.tolist(), key=max)
    for number, row in enumerate(rows):
        wider = np.zeros(chances.size + max(row))
        for step, count in sorted(Counter(row).items()):
            wider[step : step + chances.size] += count / len(row) * chances
        chances = wider
        if number % 16 == 15:  # far ends cost time and carry nothing
            kept = np.flatnonzero(chances > NEGLIGIBLE)
            chances, first = chances[kept[0] : kept[-1] + 1], first + int(kept[0])
    seen = int(table[:, 0].sum()) - first
    less, greater = float(chances[: max(0, seen + 1)].sum()), float(chances[max(0, seen) :].sum())
    return min(1.0, max(LEAST, less)), min(1.0, max(LEAST, greater))


def _normal(table: Table) -> tuple[float, float]:
    """Tails by the normal distribution of the same mean and variance, with half a step of continuity."""
    away = float(table[:, 0].sum() - table.mean(axis=1).sum())
    spread = sqrt(float(table.var(axis=1).sum()))
    cdf = NormalDist().cdf
    return cdf((away + 0.5) / spread), cdf((0.5 - away) / spread)
