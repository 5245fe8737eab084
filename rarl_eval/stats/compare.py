"""Two models on the same items: the paired difference, what it could have missed, and how much more would tell."""

from math import sqrt
from statistics import NormalDist

import msgspec
import numpy as np
from numpy.typing import ArrayLike

from rarl_eval.stats.exact import Interval, critical, mcnemar
from rarl_eval.stats.means import Codes, mean


class Paired(msgspec.Struct, frozen=True, kw_only=True):
    """How model A differs from model B on the items both answered."""

    n: int
    difference: Interval
    """Mean of a - b over items."""
    only_a: int | None
    """Items that A alone got right; None where items have several samples."""
    only_b: int | None
    p_value: float | None
    """McNemar's exact two-sided p, which takes items as independent; None where items have several samples."""
    minimum_detectable: float | None
    """The true difference that such a comparison finds with 80 % power: below it, "no difference" says little."""


def paired(a: ArrayLike, b: ArrayLike, clusters: Codes | None = None, level: float = 0.95) -> Paired | None:
    """Compare per-item accuracies ``a`` and ``b`` (n,), in the same order; None without items.

    The interval is Student's t on the (clustered) standard error of the differences; for single samples without
    groups it is Bonett and Price's (2012), which does not shrink to a point when no item differs.
    """
    first, second = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    if first.shape != second.shape:
        raise ValueError(f"{first.size} values against {second.size}: the items differ")
    if not first.size:
        return None
    binary = bool(np.isin(first, (0, 1)).all() and np.isin(second, (0, 1)).all())
    only_a, only_b = int(np.sum(first > second)), int(np.sum(second > first))
    if binary and clusters is None:
        return paired_counts(only_a, only_b, first.size, level)
    difference = _clustered(first - second, clusters, level)
    return Paired(
        n=first.size,
        difference=difference,
        only_a=only_a if binary else None,
        only_b=only_b if binary else None,
        p_value=mcnemar(only_a, only_b) if binary else None,
        minimum_detectable=_detectable(difference, level),
    )


def paired_counts(only_a: int, only_b: int, n: int, level: float = 0.95) -> Paired:
    """Compare single samples of ``n`` independent items, of which each model alone got ``only_a`` and ``only_b``."""
    difference = bonett_price(only_a, only_b, n, level)
    return Paired(
        n=n,
        difference=difference,
        only_a=only_a,
        only_b=only_b,
        p_value=mcnemar(only_a, only_b),
        minimum_detectable=_detectable(difference, level),
    )


def bonett_price(only_a: int, only_b: int, n: int, level: float = 0.95) -> Interval:
    """Interval of a paired difference of proportions (Bonett & Price 2012, adjusted Wald with one pair a side)."""
    up, down = (only_a + 1) / (n + 2), (only_b + 1) / (n + 2)
    half = critical(level) * sqrt((up + down - (up - down) ** 2) / (n + 2))
    value = (only_a - only_b) / n
    return Interval(value, max(-1.0, min(up - down - half, value)), min(1.0, max(up - down + half, value)))


def minimum_detectable(error: float, *, power: float = 0.8, level: float = 0.95) -> float:
    """Smallest true difference that a two-sided test on a difference with standard ``error`` finds with ``power``."""
    return (critical(level) + NormalDist().inv_cdf(power)) * error


def items_needed(
    difference: float,
    between: float,
    within_a: float = 0.0,
    within_b: float = 0.0,
    *,
    samples_a: int = 1,
    samples_b: int = 1,
    power: float = 0.8,
    level: float = 0.95,
) -> float:
    """Items for which a paired test finds a true ``difference`` with ``power``.

    n = (z_(a/2) + z_b)^2 (between + within_a / samples_a + within_b / samples_b) / difference^2, all variances of
    one item: ``between`` of the true difference, ``within`` of one sample's score (Miller, arXiv 2411.00640, eq. 9).
    """
    if difference == 0:
        raise ValueError("no number of items resolves a difference of 0")
    spread = between + within_a / samples_a + within_b / samples_b
    return (critical(level) + NormalDist().inv_cdf(power)) ** 2 * spread / difference**2


def power(difference: float, error: float, level: float = 0.95) -> float:
    """Chance that a two-sided normal test on a difference with standard ``error`` finds the true ``difference``."""
    normal = NormalDist()
    z = critical(level)
    return normal.cdf(difference / error - z) + normal.cdf(-difference / error - z)


def _clustered(
    differences: np.ndarray[tuple[int], np.dtype[np.float64]], clusters: Codes | None, level: float
) -> Interval:
    found = mean(differences, clusters, level)
    if found is None:
        raise ValueError("no items to compare")
    if found.low is not None and found.high is not None and found.low < found.high:
        return Interval(found.value, max(-1.0, found.low), min(1.0, found.high))
    # Every item differs alike (mostly by 0): as wide as no discordant item among as many clusters would be.
    groups = differences.size if clusters is None else int(np.unique(clusters).size)
    spare = bonett_price(0, 0, groups, level)
    return Interval(found.value, max(-1.0, found.value + (spare.low or 0)), min(1.0, found.value + (spare.high or 0)))


def _detectable(difference: Interval, level: float) -> float | None:
    if difference.low is None or difference.high is None:
        return None
    return minimum_detectable((difference.high - difference.low) / (2 * critical(level)), level=level)
