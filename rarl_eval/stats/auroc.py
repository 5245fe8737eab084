"""The area under the ROC curve, with an interval that holds near its ends, where the bootstrap is too sure."""

from collections.abc import Callable
from math import sqrt

import numpy as np

from rarl_eval.stats.exact import Interval, critical
from rarl_eval.stats.means import Codes, Floats, student


def area(scores: Floats, correct: Floats, units: Codes, level: float = 0.95) -> Interval | None:
    """P(score of a right trace > score of a wrong one), ties half, over all pairs of traces (n,); None with one class.

    Equals sklearn.metrics.roc_auc_score. ``units`` (n,) numbers what is independent (items, or groups of them). The
    interval is Newcombe's on the effective sizes; with a handful of one class Student's t takes the normal's place,
    with three degrees of freedom for each of them, and at least ten.
    """
    right, wrong = scores[correct == 1], scores[correct == 0]
    if not (right.size and wrong.size):
        return None
    value = float(placements(right, wrong).mean())
    sizes = effective_sizes(scores, correct, units)
    return auroc_interval(value, *sizes, quantile=student(level, max(10, round(3 * min(sizes)))))


def auroc_interval(
    value: float, right: float, wrong: float, level: float = 0.95, quantile: float | None = None
) -> Interval:
    """Interval of an area ``value`` over ``right`` and ``wrong`` traces (Newcombe 2006, Stat Med 25:559, method 5).

    The bounds are the areas t that lie ``quantile`` standard errors from the value, each by its own error
    t (1 - t) (1 + N ((1 - t) / (2 - t) + t / (1 + t))) / (right wrong), N = (right + wrong) / 2 - 1. Sizes may be
    fractional, for effective ones.
    """
    z = critical(level) if quantile is None else quantile
    half = max(0.0, (right + wrong) / 2 - 1)

    def beyond(t: float) -> bool:
        error = t * (1 - t) * (1 + half * ((1 - t) / (2 - t) + t / (1 + t))) / (right * wrong)
        return abs(value - t) > z * sqrt(error)

    return Interval(value, _edge(value, 0.0, beyond), _edge(value, 1.0, beyond))


def _edge(inside: float, outside: float, beyond: Callable[[float], bool]) -> float:
    """Bisect for where ``beyond`` begins between a point inside and an end; the end itself has no error."""
    if inside == outside:
        return inside
    for _ in range(60):
        middle = (inside + outside) / 2
        inside, outside = (inside, middle) if beyond(middle) else (middle, outside)
    return inside


def effective_sizes(scores: Floats, correct: Floats, units: Codes) -> tuple[float, float]:
    """How many independent right and wrong traces carry as much as these, which come in units (n,).

    The placements of the traces (their shares of the other class that they beat; DeLong 1988) are summed by unit
    (Obuchowski 1997): the ratio of the two variances is the design effect, by which both sizes shrink. Without any
    misordered pair nothing of it can be seen, and the units of each class are counted.
    """
    right, wrong = scores[correct == 1], scores[correct == 0]
    in_right, in_wrong = units[correct == 1], units[correct == 0]
    groups = float(np.unique(in_right).size), float(np.unique(in_wrong).size)
    if groups == (right.size, wrong.size) and np.intersect1d(in_right, in_wrong).size == 0:
        return groups
    placed = np.concatenate([placements(right, wrong), 1 - placements(wrong, right)])
    value = float(placed[: right.size].mean())
    shares = (placed - value) / np.repeat([right.size, wrong.size], [right.size, wrong.size])
    alone = float(np.square(shares).sum())
    together = float(np.square(np.bincount(np.concatenate([in_right, in_wrong]), weights=shares)).sum())
    if alone == 0 or value in {0.0, 1.0}:
        return groups
    effect = max(1.0, together / alone)
    return max(1.0, right.size / effect), max(1.0, wrong.size / effect)


def placements(scores: Floats, others: Floats) -> Floats:
    """Return the share of ``others`` that each score beats, ties half."""
    ordered = np.sort(others)
    below, not_above = (np.searchsorted(ordered, scores, side=side) for side in ("left", "right"))
    found: Floats = (below + not_above) / (2 * others.size)
    return found
