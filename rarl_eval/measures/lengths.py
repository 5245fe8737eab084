"""Lengths of answers: typical and long ones, right against wrong, and what one right answer costs."""

import msgspec
import numpy as np

from rarl_eval.stats import Interval
from rarl_eval.stats.auroc import area
from rarl_eval.stats.means import Codes, Floats, mean
from rarl_eval.stats.resample import Measure, bootstrap, ratios
from rarl_eval.stats.ties import ranked


class Lengths(msgspec.Struct, frozen=True, kw_only=True):
    """Lengths of one row's traces, in one unit; None where there are no such traces."""

    n: int
    mean: Interval | None
    median: Interval | None
    p95: Interval | None
    median_correct: float | None
    median_wrong: float | None
    per_correct: Interval | None
    """All that was written, wrong answers included, for each right answer."""
    delta: Interval | None
    """Cliff's delta (1993): P(wrong longer than right) - P(wrong shorter), 2 U / (n m) - 1 with Mann-Whitney's U."""


def measure_lengths(
    lengths: Floats, correct: Floats, units: Codes, *, seed: int = 0, replicates: int = 1000
) -> Lengths:
    """Measure lengths (n,) of judged traces; ``units`` numbers what is resampled as a whole (items, or groups).

    The mean has a clustered t interval cut at 0, delta one of the area under the ROC curve, the rest percentile
    bootstrap intervals over units.
    """
    n_units = int(units.max(initial=-1)) + 1
    measures = []
    if lengths.size:
        by_unit = [np.bincount(units, weights=values, minlength=n_units) for values in (lengths, correct)]
        measures = [
            quantiles(lengths, units, {"median": 0.5, "p95": 0.95}),
            ratios({"per_correct": (by_unit[0], by_unit[1])}),
        ]
    found = bootstrap(measures, n_units, seed=seed, replicates=replicates)
    return Lengths(
        n=lengths.size,
        mean=_mean(lengths, units),
        median=found.get("median"),
        p95=found.get("p95"),
        median_correct=_median(lengths[correct == 1]),
        median_wrong=_median(lengths[correct == 0]),
        per_correct=found.get("per_correct"),
        delta=_delta(lengths, correct, units),
    )


def quantiles(values: Floats, units: Codes, wanted: dict[str, float]) -> Measure:
    """Measures of quantiles of ``values`` (n,), interpolated as numpy.quantile does by default."""
    places, (weight,) = ranked(values, units, np.ones(values.size))
    shares = np.array(list(wanted.values()))

    def values_of(drawn: Floats) -> Floats:
        passed = np.cumsum(weight(drawn), axis=1)
        last = passed[:, -1:] - 1
        place = last * shares
        low = np.floor(place)
        # Rows are laid end to end, each lifted above the one before, so that one search serves them all.
        lift = np.arange(len(drawn))[:, None] * (passed[:, -1:].max() + 1)
        flat = (passed + lift).ravel()
        starts = np.arange(len(drawn))[:, None] * len(places)
        below, above = (
            places[np.searchsorted(flat, (at + lift).ravel(), side="right").reshape(at.shape) - starts]
            for at in (np.maximum(low, 0), np.maximum(np.minimum(low + 1, last), 0))
        )
        found: Floats = below + (above - below) * (place - low)
        return found

    return Measure(tuple(wanted), values_of, places.size)


def common_median(lengths: Floats, correct: Floats, items: Codes, common: Codes) -> float | None:
    """Median over the ``common`` items of each item's mean length of right traces.

    ``common`` numbers items that every compared model got right: comparing each model on its own right items
    favours the weaker one, which is right only where little is needed.
    """
    right = correct == 1
    sums = np.bincount(items[right], weights=lengths[right], minlength=int(items.max(initial=-1)) + 1)
    counts = np.bincount(items[right], minlength=len(sums))
    return _median(sums[common] / counts[common])


def _delta(lengths: Floats, correct: Floats, units: Codes) -> Interval | None:
    longer = area(lengths, 1 - correct, units)
    if longer is None or longer.low is None or longer.high is None:
        return None
    return Interval(2 * longer.value - 1, 2 * longer.low - 1, 2 * longer.high - 1)


def _mean(lengths: Floats, units: Codes) -> Interval | None:
    found = mean(lengths, units)
    if found is None or found.low is None:
        return found
    return Interval(found.value, max(0.0, found.low), found.high)


def _median(values: Floats) -> float | None:
    return float(np.median(values)) if values.size else None
