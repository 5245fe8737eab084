"""The bootstrap over items: every measure of a report sees the same resampled items, drawn in bounded blocks.

A measure is a function of weights: how often each unit (item, or group of items) was drawn. So ranking, sorting
and counting happen once, and a replicate costs a weighted sum. Not here: closed-form intervals (means, exact).
"""

import os
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rarl_eval.stats.exact import Interval

Floats = NDArray[np.float64]

BLOCK_CELLS = 250_000
"""Cells of one working array (2 MB): stays in cache, and bounds memory whatever the numbers of units and rows."""

KEPT_CELLS = 16_000_000
"""Resamples of at most this many counts (32 MB) are kept for the next measures of as many units."""

PARALLEL_CELLS = 20_000_000
"""Resamples of fewer cells in all are done before threads are up."""

MOST_THREADS = 8

MOST_UNDEFINED = 0.5
"""Beyond this share of resamples without a value (one class drawn only), bounds are None."""


@dataclass(frozen=True)
class Measure:
    """One or several numbers that depend on the items drawn."""

    names: tuple[str, ...]
    values: Callable[[Floats], Floats]
    """Weights (b, units) to values (b, len(names)); nan, inside this package only, where a resample has none."""
    width: int = 0
    """Longest array held for each resample, where that is more than ``units``."""


def bootstrap(
    measures: Sequence[Measure],
    units: int,
    *,
    seed: int = 0,
    replicates: int = 1000,
    level: float = 0.95,
) -> dict[str, Interval | None]:
    """Percentile intervals of all measures over the same ``replicates`` resamples of ``units`` (Efron 1993, ch. 13).

    A measure that the data leave undefined is None.
    """
    names = [name for measure in measures for name in measure.names]
    if units < 1 or not names:
        return dict.fromkeys(names)
    points = _values(measures, np.ones((1, units)))[0]
    replicates = replicates if units > 1 else 0
    # Resamples that are kept cost nothing to go through again, so each measure has them in blocks of its own size.
    together = [[m] for m in measures] if units * replicates <= KEPT_CELLS else [measures]
    drawn = np.concatenate([_resampled(part, units, replicates, seed) for part in together], axis=1)
    return {name: _interval(float(points[i]), drawn[:, i], level) for i, name in enumerate(names)}


def _resampled(measures: Sequence[Measure], units: int, replicates: int, seed: int) -> Floats:
    """Values of measures in every resample: (replicates, names)."""
    width = max(units, *(measure.width for measure in measures))
    blocks = weights(units, replicates, seed, width=width)
    parallel = width * replicates >= PARALLEL_CELLS
    found = (_in_threads if parallel else map)(lambda block: _values(measures, block), blocks)
    none = np.full((0, sum(len(measure.names) for measure in measures)), np.nan)
    return np.concatenate([none, *found])


def _in_threads(work: Callable[[Floats], Floats], blocks: Iterator[Floats]) -> Iterator[Floats]:
    """Map over blocks in their order, a few at work at a time: numpy lets go of the interpreter while it computes."""
    workers = min(MOST_THREADS, os.cpu_count() or 1)
    with ThreadPoolExecutor(workers) as pool:
        window: deque[Future[Floats]] = deque()
        for block in blocks:
            window.append(pool.submit(work, block))
            if len(window) > workers:
                yield window.popleft().result()
        while window:
            yield window.popleft().result()


def weights(units: int, replicates: int, seed: int, *, width: int = 0) -> Iterator[Floats]:
    """Yield blocks (b, units) of how often each unit was drawn, ``replicates`` rows in all, b * width bounded.

    The rows depend on ``units`` and ``seed`` alone, so two calls see the same resamples: their measures are paired.
    """
    block = max(1, BLOCK_CELLS // max(units, width))
    kept = _kept_counts(units, replicates, seed) if units * replicates <= KEPT_CELLS else None
    rng = np.random.default_rng(seed)
    for start in range(0, replicates, block):
        rows = min(block, replicates - start)
        counts = _counts(units, rows, rng) if kept is None else kept[start : start + rows]
        yield counts.astype(np.float64)


def ratios(pairs: Mapping[str, tuple[ArrayLike, ArrayLike]]) -> Measure:
    """Measures sum(w * numerator) / sum(w * denominator), each pair of shape (units,)."""
    columns = columnar([side for pair in pairs.values() for side in pair])

    def values(drawn: Floats) -> Floats:
        sums = drawn @ columns
        return divide(sums[:, 0::2], sums[:, 1::2])

    return Measure(tuple(pairs), values)


def columnar(columns: Sequence[ArrayLike] | NDArray[np.generic]) -> Floats:
    """Stack k columns (units,) to (units, k), each column in one piece: thin products then need no threads."""
    return np.asfortranarray(np.array(columns, dtype=np.float64).T)


def divide(numerator: Floats, denominator: Floats) -> Floats:
    """Elementwise quotient, nan where the denominator is 0."""
    out = np.full(np.broadcast_shapes(np.shape(numerator), np.shape(denominator)), np.nan)
    np.divide(numerator, denominator, out=out, where=denominator != 0)
    return out


@lru_cache(maxsize=4)
def _kept_counts(units: int, replicates: int, seed: int) -> NDArray[np.uint16]:
    """Draw all resamples at once, to be kept: the rows of one task mostly have the same number of items."""
    return _counts(units, replicates, np.random.default_rng(seed))


def _counts(units: int, rows: int, rng: np.random.Generator) -> NDArray[np.uint16]:
    counts = np.empty((rows, units), dtype=np.uint16)
    for row in counts:
        row[:] = np.bincount(rng.integers(0, units, size=units), minlength=units)
    return counts


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
