"""One-sided test between marked and unmarked items: whether the marked ones score higher, among items that are alike.

What accuses somebody has to hold with few items, too, and where the marked items are easier. So items are compared
within strata alone, and a few marks are permuted there.
"""

from math import sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from rarl_eval.stats.means import Codes, Floats
from rarl_eval.stats.unpaired import unpaired_means

Marks = NDArray[np.bool_]

FEW = 50
"""Below so many items on one side, and without groups, the marks are permuted."""
DRAWS = 19_999
"""Permutations: the smallest p is 1 in 20,000."""
AT_ONCE = 2_000
MOST_STRATA = 25
"""Beyond so many different totals, neighbours share a stratum."""


def strata_of(totals: Floats) -> Codes:
    """Put items of equal ``totals`` (n,) into one numbered stratum, and neighbours where there are many."""
    levels, codes = np.unique(np.round(totals, 6), return_inverse=True)
    if levels.size <= MOST_STRATA:
        return codes.astype(np.intp)
    edges = np.quantile(totals, np.linspace(0, 1, MOST_STRATA + 1)[1:-1])
    return np.searchsorted(np.unique(edges), totals, side="right").astype(np.intp)


def p_above(
    values: Floats,
    marked: Marks,
    strata: Codes | None = None,
    clusters: Codes | None = None,
    *,
    margin: float = 0.0,
    seed: int = 0,
) -> float | None:
    """One-sided p of "marked items have ``values`` (n,) above unmarked ones of their stratum, by more than ``margin``".

    Mantel's test, the sum over strata against its mean and variance under permuted marks (Mantel 1963); where one side
    has few items the marks are permuted within strata and counted, the observed draw among them. Items of one cluster
    count as one: Welch's t on what strata leave, errors clustered. None where no stratum holds items of both sides
    that differ: nothing can be told.
    """
    within = np.zeros(values.size, dtype=np.intp) if strata is None else _joined(strata, marked)
    parts = [part for s in np.unique(within) if (part := _part(values, marked, np.flatnonzero(within == s)))]
    if not parts:
        return None
    told = np.concatenate([part[0] for part in parts])
    if clusters is not None:
        return _clustered(values - margin * marked, marked, [part[0] for part in parts], clusters)
    both = int(marked[told].sum()), int((~marked[told]).sum())
    allowed = (margin * k * (at.size - k) / at.size for at, k in parts)
    sums = [(values[at], k, float(values[at][marked[at]].sum()) - a) for (at, k), a in zip(parts, allowed, strict=True)]
    return _permuted(sums, seed) if min(both) < FEW else _mantel(sums)


def _joined(strata: Codes, marked: Marks) -> Codes:
    """Let marked items that are alone in their stratum join the next one below that has others, or the next above."""
    known = np.unique(strata[~marked])
    if not known.size:
        return strata
    below = np.searchsorted(known, strata, side="right") - 1
    nearest = known[np.maximum(below, 0)]
    return np.where(marked, nearest, strata).astype(np.intp)


def _part(values: Floats, marked: Marks, at: Codes) -> tuple[Codes, int] | None:
    """Places and number of marks of a stratum that tells something."""
    k = int(marked[at].sum())
    return (at, k) if 0 < k < at.size and np.ptp(values[at]) > 0 else None


Stratum = tuple[Floats, int, float]
"""Values, number of marks, and the sum of the marked values, less what the margin allows."""


def _mantel(parts: list[Stratum]) -> float:
    surplus = variance = 0.0
    for x, k, found in parts:
        n = x.size
        surplus += found - k * float(x.mean())
        variance += k * (n - k) / (n * (n - 1)) * float(np.square(x - x.mean()).sum())
    return NormalDist().cdf(-surplus / sqrt(variance))


def _permuted(parts: list[Stratum], seed: int) -> float:
    """Share of draws of as many marks in each stratum whose sum is at least the observed one."""
    reached = sum(found for _, _, found in parts) - 1e-9  # one set summed in another order is the same sum
    rng = np.random.default_rng(seed)
    above = 0
    for begin in range(0, DRAWS, AT_ONCE):
        draws = min(AT_ONCE, DRAWS - begin)
        sums = np.zeros(draws)
        for x, k, _ in parts:
            fewer = min(k, x.size - k)
            drawn = x[_subsets(rng, draws, fewer, x.size)].sum(axis=1)
            sums += drawn if fewer == k else x.sum() - drawn
        above += int((sums >= reached).sum())
    return (above + 1) / (DRAWS + 1)


def _clustered(values: Floats, marked: Marks, parts: list[Codes], clusters: Codes) -> float | None:
    rest = values.copy()
    for at in parts:
        rest[at] -= values[at].mean()
    told = np.concatenate(parts)
    sides = [told[marked[told]], told[~marked[told]]]
    found = unpaired_means(rest[sides[0]], rest[sides[1]], (clusters[sides[0]], clusters[sides[1]]))
    if found is None or found.p_value is None:
        return None
    return found.p_value / 2 if found.difference.value > 0 else 1 - found.p_value / 2


def _subsets(rng: np.random.Generator, draws: int, size: int, of: int) -> Codes:
    """Draw sets of ``size`` different places of ``of`` (draws, size): sparse ones by drawing again where two meet."""
    if size * size > 2 * of:
        return np.argpartition(rng.random((draws, of)), size - 1, axis=1)[:, :size]
    found = rng.integers(of, size=(draws, size))
    again = np.arange(draws)
    while again.size:
        ordered = np.sort(found[again], axis=1)
        again = again[(ordered[:, 1:] == ordered[:, :-1]).any(axis=1)]
        found[again] = rng.integers(of, size=(again.size, size))
    return found.astype(np.intp)
