"""Means and proportions over items that may share a passage, with clustered standard errors."""

from collections.abc import Sequence
from math import sqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rarl_eval.stats.exact import Interval, critical, wilson

Floats = NDArray[np.float64]
Codes = NDArray[np.intp]


def codes(labels: Sequence[object] | NDArray[np.generic]) -> tuple[Codes, int]:
    """Give labels numbers from 0 in order of first appearance: (codes of shape (n,), how many there are)."""
    seen: dict[object, int] = {}
    array = np.fromiter((seen.setdefault(label, len(seen)) for label in labels), dtype=np.intp, count=len(labels))
    return array, len(seen)


def student(level: float, freedom: int) -> float:
    """Two-sided quantile of Student's t; the normal one for a million degrees of freedom and more."""
    from scipy.special import stdtrit

    return critical(level) if freedom >= 1_000_000 else float(stdtrit(freedom, (1 + level) / 2))


def clustered_error(values: ArrayLike, clusters: Codes) -> float:
    """Return the standard error of the mean of ``values`` (n,), errors independent only between ``clusters`` (n,).

    sqrt(sum over clusters of (sum of residuals)^2) / n: what statsmodels OLS on a constant gives with
    cov_type="cluster", use_correction=False (Miller, arXiv 2411.00640, section 2.2).
    """
    x = np.asarray(values, dtype=np.float64)
    sums = np.bincount(clusters, weights=x - x.mean())
    return float(np.sqrt(np.square(sums).sum()) / x.size)


def mean(values: ArrayLike, clusters: Codes | None = None, level: float = 0.95) -> Interval | None:
    """Mean with Student's t interval on the (clustered) standard error; bounds None for fewer than two clusters.

    With G clusters the error is scaled by sqrt(G / (G - 1)), which the uncorrected form lacks, and t has G - 1
    degrees of freedom, so that few clusters give wide intervals, not confident ones.
    """
    x = np.asarray(values, dtype=np.float64)
    if x.size == 0:
        return None
    units = np.arange(x.size) if clusters is None else clusters
    groups = int(np.unique(units).size)
    value = float(x.mean())
    if groups < 2:
        return Interval(value, None, None)
    half = student(level, groups - 1) * clustered_error(x, units) * sqrt(groups / (groups - 1))
    return Interval(value, value - half, value + half)


def proportion(
    hits: ArrayLike,
    trials: ArrayLike | None = None,
    clusters: Codes | None = None,
    *,
    draws: float | None = None,
    level: float = 0.95,
) -> Interval | None:
    """Interval of sum(hits) / sum(trials), never outside 0 to 1 and never a point at 0 or 1; None without trials.

    ``hits`` (n,) and ``trials`` (n,; default 1 each) are per item, ``clusters`` (n,) numbers the groups of items.
    One trial an item and no groups: Wilson. Else Wilson on the effective sample size p(1-p)/SE^2 with Student's t,
    SE being the ratio's clustered error (Korn & Graubard 1998; Dean & Pagano 2015). The effective size is at most
    ``draws`` (default the trials).
    """
    hit = np.asarray(hits, dtype=np.float64)
    trial = np.ones_like(hit) if trials is None else np.asarray(trials, dtype=np.float64)
    total = float(trial.sum())
    if total <= 0:
        return None
    by_hits: Floats = hit if clusters is None else np.bincount(clusters, weights=hit).astype(np.float64)
    by_trials: Floats = trial if clusters is None else np.bincount(clusters, weights=trial).astype(np.float64)
    groups = int((by_trials > 0).sum())
    most = total if draws is None else draws
    if groups == total == most and bool(np.all((by_hits == 0) | (by_hits == 1))):
        return wilson(float(by_hits.sum()), groups, level)
    value = min(1.0, max(0.0, float(hit.sum()) / total))
    size = min(most, effective_size(by_hits, by_trials))
    return wilson(value * size, size, level, student(level, groups - 1) if groups > 1 else None)


def accuracy(
    shares: ArrayLike, samples: ArrayLike, clusters: Codes | None = None, level: float = 0.95
) -> Interval | None:
    """Mean over items of the share of correct samples, with an interval as ``proportion`` gives it.

    ``shares`` (n,) in 0 to 1, ``samples`` (n,) how many traces stand behind each: every item weighs the same,
    however many samples it has, and no item counts as more than its samples.
    """
    count = np.asarray(samples, dtype=np.float64)
    if count.size == 0:
        return None
    draws = count.size**2 / float((1 / count).sum())
    return proportion(shares, clusters=clusters, draws=draws, level=level)


def effective_size(hits: Floats, trials: Floats) -> float:
    """Return how many independent yes-or-no items carry as much as these clusters do: hits and trials (clusters,).

    A few clusters tell little of how alike their members are, nearly nothing where all are right. So the design
    effect is measured with one cluster more that is all right and one that is all wrong, after Agresti and Coull.
    """
    groups = int((trials > 0).sum())
    usual = float(trials.sum()) / groups
    hit, trial = np.append(hits, [usual, 0.0]), np.append(trials, [usual, usual])
    value = float(hit.sum() / trial.sum())
    variance = float(np.square(hit - value * trial).sum()) / float(trial.sum()) ** 2 * (groups + 2) / (groups + 1)
    return value * (1 - value) / variance * groups / (groups + 2)
