"""Several judges, not all of whom saw every trace: Krippendorff's alpha."""

from collections.abc import Hashable, Sequence
from typing import Literal

import numpy as np

from rarl_eval.stats import Interval
from rarl_eval.stats.means import Codes, Floats, codes
from rarl_eval.stats.resample import Measure, bootstrap, columnar, divide

Metric = Literal["nominal", "interval"]


def krippendorff(
    votes: Sequence[Sequence[float | None]],
    items: Sequence[Hashable] | None = None,
    *,
    metric: Metric = "nominal",
    seed: int = 0,
    replicates: int = 1000,
) -> Interval | None:
    """Krippendorff's alpha of ``votes`` (traces, judges), None where a judge gave none; interval by item bootstrap.

    1 - observed / expected disagreement, with 1[a != b] (``nominal``) or (a - b)^2 (``interval``); traces with one
    vote count for nothing. None where nothing is comparable or all votes are the same. ``items`` (default: each
    trace its own) is what is resampled. Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability".
    """
    table = np.array(votes, dtype=np.float64)  # None becomes nan: the array's form of unknown
    if table.size == 0:
        return None
    units, n_units = (np.arange(len(table)), len(table)) if items is None else codes(list(items))
    return bootstrap([alpha(table, units, n_units, metric)], n_units, seed=seed, replicates=replicates)["alpha"]


def alpha(votes: Floats, units: Codes, n_units: int, metric: Metric) -> Measure:
    """Measure alpha of ``votes`` (traces, judges), nan where there is none; every term is a sum over units."""
    known = ~np.isnan(votes)
    paired = known & (known.sum(axis=1, keepdims=True) >= 2)
    size = paired.sum(axis=1).astype(np.float64)
    if metric == "nominal":
        totals = np.array([((votes == label) & paired).sum(axis=1) for label in np.unique(votes[paired])])
        observed = np.square(size) - np.square(totals).sum(axis=0)
    else:
        values = np.where(paired, votes, 0.0)
        totals = np.array([values.sum(axis=1), np.square(values).sum(axis=1)])
        observed = 2 * (size * totals[1] - np.square(totals[0]))
    observed = np.where(size >= 2, observed / np.maximum(size - 1, 1), 0.0)
    rows = [observed, size, *totals]
    table = columnar([np.bincount(units, weights=row, minlength=n_units) for row in rows])

    def measure(drawn: Floats) -> Floats:
        sums_of = drawn @ table
        n, parts = sums_of[:, 1], sums_of[:, 2:]
        if metric == "nominal":
            expected = n * n - np.square(parts).sum(axis=1)
        else:
            expected = 2 * (n * parts[:, 1] - np.square(parts[:, 0]))
        return (1 - (n - 1) * divide(sums_of[:, 0], expected))[:, None]

    return Measure(("alpha",), measure)
