"""One model on two sets of different items: before and after a date, say."""

from math import sqrt

import msgspec
import numpy as np
from numpy.typing import ArrayLike

from rarl_eval.stats.exact import Interval, newcombe
from rarl_eval.stats.means import Codes, Floats, accuracy, clustered_error, student


class Unpaired(msgspec.Struct, frozen=True, kw_only=True):
    """How the mean over one set of items differs from the mean over another."""

    n_a: int
    n_b: int
    difference: Interval
    """Mean over a less mean over b."""
    p_value: float | None
    """Two-sided; None where a set has fewer than two units and counts do not give it."""


def unpaired_shares(
    a: tuple[Floats, Floats], b: tuple[Floats, Floats], clusters: tuple[Codes | None, Codes | None] = (None, None)
) -> Unpaired | None:
    """Compare accuracies over two sets of items, each (shares right, numbers of samples); None if one is empty.

    Interval: Newcombe's (1998, method 10) on the two (clustered) intervals. p: Fisher's exact test for single samples
    without groups (scipy.stats.fisher_exact), else Welch's t on clustered errors.
    """
    sides = [accuracy(s, k, c) for (s, k), c in zip((a, b), clusters, strict=True)]
    if sides[0] is None or sides[1] is None:
        return None
    single = all(bool((k == 1).all()) and c is None for (_, k), c in zip((a, b), clusters, strict=True))
    p_value = _fisher(a[0], b[0]) if single else _welch(a[0], b[0], clusters)[1]
    return Unpaired(n_a=a[0].size, n_b=b[0].size, difference=newcombe(sides[0], sides[1]), p_value=p_value)


def unpaired_means(
    a: ArrayLike, b: ArrayLike, clusters: tuple[Codes | None, Codes | None] = (None, None), level: float = 0.95
) -> Unpaired | None:
    """Compare means of any values over two sets of items by Welch's t on (clustered) errors; None if one is empty."""
    first, second = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    if not (first.size and second.size):
        return None
    difference, p_value = _welch(first, second, clusters, level)
    return Unpaired(n_a=first.size, n_b=second.size, difference=difference, p_value=p_value)


def _fisher(a: Floats, b: Floats) -> float:
    from scipy.stats import fisher_exact

    table = [[int(side.sum()), side.size - int(side.sum())] for side in (a, b)]
    return min(1.0, float(fisher_exact(table)[1]))


def _welch(
    a: Floats, b: Floats, clusters: tuple[Codes | None, Codes | None], level: float = 0.95
) -> tuple[Interval, float | None]:
    """Difference of means with Welch's interval and two-sided p; None where a side is one unit or nothing varies."""
    from scipy.special import stdtr

    value = float(a.mean() - b.mean())
    squares, freedoms = zip(*(_error(side, c) for side, c in zip((a, b), clusters, strict=True)), strict=True)
    error = sqrt(sum(squares))
    if min(freedoms) < 1 or error == 0:
        return Interval(value, None, None), None
    freedom = sum(squares) ** 2 / sum(s * s / f for s, f in zip(squares, freedoms, strict=True))
    half = error * student(level, max(1, int(freedom)))
    return Interval(value, value - half, value + half), float(2 * stdtr(freedom, -abs(value) / error))


def _error(values: Floats, clusters: Codes | None) -> tuple[float, int]:
    """Squared standard error of the mean, and its degrees of freedom."""
    units = np.arange(values.size) if clusters is None else np.unique(clusters, return_inverse=True)[1]
    groups = int(units.max()) + 1
    if groups < 2:
        return 0.0, 0
    return clustered_error(values, units) ** 2 * groups / (groups - 1), groups - 1
