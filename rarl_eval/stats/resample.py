"""The bootstrap over items: every measure of a report sees the same resampled items, drawn in bounded blocks.

A measure is a function of weights: how often each unit (item, or group of items) was drawn. So ranking, sorting
and counting happen once, and a replicate costs a weighted sum. Not here: closed-form intervals (means, exact).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rarl_eval.stats.exact import Interval

Floats = NDArray[np.float64]

BLOCK_CELLS = 250_000
"""Cells of one working array (2 MB): stays in cache, and bounds memory whatever the numbers of units and rows."""

MOST_UNDEFINED = 0.5
"""Beyond this share of resamples without a value (one class drawn only), bounds are None."""


@dataclass(frozen=True)
class Measure:
    """One or several numbers that depend on the items drawn."""

    names: tuple[str, ...]
    values: Callable[[Floats], Floats]
    """Weights (b, units) to values (b, len(names)); nan, inside this package only, where a resample has none."""


def bootstrap(
    measures: Sequence[Measure],
    units: int,
    *,
    rows: int = 0,
    seed: int = 0,
    replicates: int = 1000,
    level: float = 0.95,
) -> dict[str, Interval | None]:
    """Percentile intervals of all measures over the same ``replicates`` resamples of ``units`` (Efron 1993, ch. 13).

    ``rows`` is the longest array a measure holds for each resample, where that is more than ``units``. A measure
    that the data leave undefined is None.
    """
    names = [name for measure in measures for name in measure.names]
    if units < 1:
        return dict.fromkeys(names)
    points = _values(measures, np.ones((1, units)))[0]
    drawn = np.full((replicates if units > 1 else 0, len(names)), np.nan)
    start = 0
    for block in weights(units, drawn.shape[0], np.random.default_rng(seed), width=max(units, rows)):
        drawn[start : start + len(block)] = _values(measures, block)
        start += len(block)
    return {name: _interval(float(points[i]), drawn[:, i], level) for i, name in enumerate(names)}


def weights(units: int, replicates: int, rng: np.random.Generator, *, width: int = 0) -> Iterator[Floats]:
    """Yield blocks (b, units) of how often each unit was drawn, ``replicates`` rows in all, b * width bounded."""
    block = max(1, BLOCK_CELLS // max(units, width))
    for start in range(0, replicates, block):
        counts = np.empty((min(block, replicates - start), units))
        for row in counts:
            row[:] = np.bincount(rng.integers(0, units, size=units), minlength=units)
        yield counts


def ratios(pairs: Mapping[str, tuple[ArrayLike, ArrayLike]]) -> Measure:
    """Measures sum(w * numerator) / sum(w * denominator), each pair of shape (units,)."""
    columns = np.array([side for pair in pairs.values() for side in pair], dtype=np.float64).T

    def values(drawn: Floats) -> Floats:
        sums = drawn @ columns
        return divide(sums[:, 0::2], sums[:, 1::2])

    return Measure(tuple(pairs), values)


def divide(numerator: Floats, denominator: Floats) -> Floats:
    """Elementwise quotient, nan where the denominator is 0."""
    out = np.full(np.broadcast_shapes(np.shape(numerator), np.shape(denominator)), np.nan)
    np.divide(numerator, denominator, out=out, where=denominator != 0)
    return out


def _values(measures: Sequence[Measure], drawn: Floats) -> Floats:
    return np.concatenate([measure.values(drawn) for measure in measures], axis=1)


def _interval(value: float, drawn: Floats, level: float) -> Interval | None:
    if not np.isfinite(value):
        return None
    defined = drawn[np.isfinite(drawn)]
    if defined.size <= (1 - MOST_UNDEFINED) * drawn.size:
        return Interval(value, None, None)
    low, high = np.quantile(defined, [(1 - level) / 2, (1 + level) / 2])
    return Interval(value, float(low), float(high))
