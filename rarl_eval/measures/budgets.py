"""Accuracy against a budget: how much is right if every answer longer than t counted as wrong."""

from math import ceil, floor, log2

import msgspec
import numpy as np

from rarl_eval.stats.means import Codes, Floats


class BudgetCurve(msgspec.Struct, frozen=True, kw_only=True):
    """An accuracy-budget curve and its area."""

    low: float
    """Shortest budget, a power of two, in the row's unit."""
    high: float
    area: float
    """Mean of acc(t) over log t from ``low`` to ``high``: accuracy for someone whose budget is that uncertain."""
    curve: list[tuple[float, float]]
    """(t, acc(t)) at each power of two."""


def budget_range(lengths: Floats) -> tuple[float, float] | None:
    """Powers of two around all lengths (n,) of the rows to be compared; None if there are none above 0."""
    positive = lengths[lengths > 0]
    if not positive.size:
        return None
    low = floor(log2(float(positive.min())))
    return 2.0**low, 2.0 ** max(low + 1, ceil(log2(float(positive.max()))))


def budget(lengths: Floats, correct: Floats, items: Codes, low: float, high: float) -> BudgetCurve:
    """acc(t) = mean over items of the share of samples that are right within t, and its exact area over log t.

    Traces (n,). Areas compare only over the same ``low`` and ``high``. A trace cut off at its cap is wrong at any
    budget, which is the truth about that cap and not about a longer one.
    """
    samples = np.bincount(items)
    weight = correct / samples[items] / np.count_nonzero(samples)
    start = np.clip(lengths, low, high)
    area = float((weight * np.log(high / start)).sum() / np.log(high / low))
    order = np.argsort(lengths, kind="stable")
    reached = np.append(0.0, np.cumsum(weight[order]))
    marks = 2.0 ** np.arange(round(log2(low)), round(log2(high)) + 1)
    shares = reached[np.searchsorted(lengths[order], marks, side="right")]
    return BudgetCurve(
        low=low, high=high, area=area, curve=[(float(t), float(a)) for t, a in zip(marks, shares, strict=True)]
    )
