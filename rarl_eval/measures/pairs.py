"""Every two entrants of a task on the items both answered: difference, test, ranks left open, and what more would tell.

One maker for ``compare`` and the site. Holm's adjustment is over all that was asked at once (``adjusted``): whoever
asks says over how many comparisons. Not here: whose answers these are (entrants) and how it is said (sentences).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import ceil, sqrt
from statistics import NormalDist
from typing import TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from rarl_eval.stats import Interval, holm
from rarl_eval.stats.compare import Paired, items_needed, paired, paired_counts
from rarl_eval.stats.means import Codes, Floats, clustered_error
from rarl_eval.stats.randomise import randomisation
from rarl_eval.stats.ranks import Rank, rank_intervals

POWER = 0.8
"""Chance of finding a difference that ``minimum_detectable`` and ``needed`` speak of."""

Counts = NDArray[np.int64]
Tested = TypeVar("Tested", bound=msgspec.Struct)


@dataclass(frozen=True)
class Counted:
    """What the entrants (m,) of one task made of its items (n,)."""

    right: Counts
    """Right samples (m, n)."""
    judged: Counts
    """Judged samples (m, n); 0 where an entrant has none of the item."""
    units: Codes
    """What is resampled as a whole (n,): the item's passage, else the item."""
    versions: Sequence[int | None]
    """Version of the task that judged each entrant (m,): others do not compare."""

    def where(self, a: int, b: int) -> Codes:
        """Places of the items that both have judged samples of."""
        return np.flatnonzero((self.judged[a] > 0) & (self.judged[b] > 0)).astype(np.intp)

    def clusters(self, at: Codes) -> Codes | None:
        """Passages of the items ``at``, numbered; None where no two of them share one."""
        numbered = np.unique(self.units[at], return_inverse=True)[1].astype(np.intp)
        return None if int(numbered.max(initial=-1)) + 1 == at.size else numbered


class Pair(msgspec.Struct, frozen=True, kw_only=True):
    """Entrant ``a`` against ``b``, by their places."""

    a: int
    b: int
    n: int
    """Items that both answered."""
    difference: Interval
    """a - b; clustered where items share a passage."""
    clustered: bool
    only_a: int | None
    only_b: int | None
    """Items that one of them alone got right; None where items have several samples."""
    test: str
    """``mcnemar`` (exact) for single samples without passages, else ``randomisation`` (exact, stats.randomise), or
    ``normal`` of the same variance where there are too many pairs for it."""
    p_value: float
    p_holm: float
    """Adjusted over all that was asked."""
    minimum_detectable: float | None


class Needed(msgspec.Struct, frozen=True, kw_only=True):
    """What would resolve a true difference as large as the one seen, 4 times in 5; None where nothing does."""

    items: int | None
    """Items in all, with as many samples as now."""
    samples: int | None
    """Samples of each item for each model, on the items of now; None where they have one sample or none would do."""


def pairs_of(table: Counted, most_exact: int | None = None) -> list[Pair]:
    """Compare every two entrants that one version judged and who share an item, in their order; p is not adjusted.

    Above ``most_exact`` couples, tests over several samples or passages are normal ones of the same variance.
    """
    couples = [(a, b) for a, b in combinations(range(len(table.versions)), 2) if table.versions[a] == table.versions[b]]
    single = table.judged.max(initial=0) <= 1 and np.unique(table.units).size == table.units.size
    if single:
        # Counts for all couples at once: a board of a hundred models has thousands of them.
        both, only = table.judged @ table.judged.T, table.right @ (table.judged - table.right).T
        counted = ((a, b, int(both[a, b]), int(only[a, b]), int(only[b, a])) for a, b in couples)
        return [_pair(a, b, paired_counts(x, y, n), clustered=False) for a, b, n, x, y in counted if n]
    exact = most_exact is None or len(couples) <= most_exact
    return [pair for a, b in couples if (pair := _of_several(table, a, b, exact=exact))]


def adjusted(tests: Sequence[Tested]) -> list[Tested]:
    """Fill in ``p_holm`` of tests that have a ``p_value``: Holm's, over all of them."""
    p_values = holm([test.p_value for test in tests])  # type: ignore[attr-defined]
    return [msgspec.structs.replace(test, p_holm=p) for test, p in zip(tests, p_values, strict=True)]


def open_ranks(table: Counted, found: Sequence[Pair]) -> list[Rank]:
    """Ranks (m,) with those that cannot be ruled out; empty unless all pairs are ``found`` and on the same items."""
    m, judged = len(table.versions), table.judged > 0
    if m < 2 or len(found) < m * (m - 1) // 2 or not (judged == judged[0]).all():
        return []
    p_values = np.ones((m, m))
    for pair in found:
        p_values[pair.a, pair.b] = p_values[pair.b, pair.a] = pair.p_value
    shares = table.right[:, judged[0]] / table.judged[:, judged[0]]
    return rank_intervals([float(line.mean()) for line in shares], p_values)


def needed(shares: Sequence[Floats], samples: Sequence[Counts], clusters: Codes | None) -> Needed | None:
    """Solve the sample-size formula for items and for samples (stats.compare.items_needed)."""
    differences = shares[0] - shares[1]
    value, n = abs(float(differences.mean())), differences.size
    units = np.arange(n) if clusters is None else clusters
    spread = clustered_error(differences, units) ** 2 * n
    if value == 0 or spread == 0 or n < 2:
        return None
    items = ceil(items_needed(value, spread, power=POWER))
    within = [_within(s, k) for s, k in zip(shares, samples, strict=True)]
    if within[0] is None or within[1] is None:
        return Needed(items=items, samples=None)
    drawn = sum(w / float(k.mean()) for w, k in zip(within, samples, strict=True) if w is not None)
    between = max(0.0, spread - drawn)
    # n items suffice for a spread of n / items x the present one; what samples cannot shrink must fit into it.
    room = spread * n / items - between
    return Needed(items=items, samples=ceil((within[0] + within[1]) / room) if room > 0 else None)


def _of_several(table: Counted, a: int, b: int, *, exact: bool) -> Pair | None:
    """Compare one couple, whatever its samples and passages; None without a shared item."""
    at = table.where(a, b)
    clusters = table.clusters(at)
    right, judged = (np.stack([counts[a, at], counts[b, at]], axis=1) for counts in (table.right, table.judged))
    found = paired(right[:, 0] / judged[:, 0], right[:, 1] / judged[:, 1], clusters)
    if found is None:
        return None
    if clusters is None and bool((judged == 1).all()):
        return _pair(a, b, found, clustered=False)
    p = randomisation(right, judged, clusters).two_sided if exact else _normal(right / judged, clusters)
    return _pair(a, b, found, clustered=clusters is not None, test="randomisation" if exact else "normal", p=p)


def _pair(a: int, b: int, found: Paired, *, clustered: bool, test: str = "mcnemar", p: float | None = None) -> Pair:
    p_value = found.p_value if p is None else p
    if p_value is None:
        raise ValueError("several samples need a test of their own")
    return Pair(
        a=a,
        b=b,
        n=found.n,
        difference=found.difference,
        clustered=clustered,
        only_a=found.only_a,
        only_b=found.only_b,
        test=test,
        p_value=p_value,
        p_holm=p_value,
        minimum_detectable=found.minimum_detectable,
    )


def _normal(shares: Floats, clusters: Codes | None) -> float:
    """Two-sided p of the sum of differences if each unit's sign were tossed, by the normal of the same variance."""
    difference = shares[:, 0] - shares[:, 1]
    sums = difference if clusters is None else np.bincount(clusters, weights=difference)
    spread = sqrt(float(np.square(sums).sum()))
    return 1.0 if spread == 0 else 2 * (1 - NormalDist().cdf(abs(float(sums.sum())) / spread))


def _within(shares: Floats, samples: Counts) -> float | None:
    """Variance of one sample's score within an item, unbiased; None without items of several samples."""
    several = samples > 1
    if not several.any():
        return None
    p, k = shares[several], samples[several]
    return float((p * (1 - p) * k / (k - 1)).mean())
