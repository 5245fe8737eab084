"""Models side by side on the same items: who is worth its length, and what equal accuracy costs.

Arrays are (models, items): mean share right and mean length of each item. Not here: several samples an item, and what
choosing among them gives at equal compute (agreement.equal).
"""

import msgspec
import numpy as np
from numpy.typing import NDArray

from rarl_eval.stats import Interval
from rarl_eval.stats.means import Codes, Floats
from rarl_eval.stats.resample import Measure, bootstrap, weights
from rarl_eval.stats.ties import ranked


class Front(msgspec.Struct, frozen=True, kw_only=True):
    """One model's place against the others of its task, on the items that all of them answered."""

    on: bool
    """No other is at least as accurate and at most as long, and better in one of both."""
    chance: float | None
    """Share of resamples of the items in which it is on the front; None where nothing can be resampled."""
    items: int
    models: int


def fronts(right: Floats, lengths: Floats, units: Codes, *, seed: int = 0, replicates: int = 1000) -> list[Front]:
    """Place every model; ``units`` (items,) numbers what is resampled as a whole. Empty with fewer than two models."""
    models, items = right.shape
    if models < 2 or not items:
        return []
    names = tuple(str(i) for i in range(models))
    by_unit = [_by_unit(part, units) for part in (right, lengths)]

    def values(drawn: Floats) -> Floats:
        return on_front(*(drawn @ part for part in by_unit)).astype(np.float64)

    now = on_front(right.sum(axis=1)[None], lengths.sum(axis=1)[None])[0]
    n_units = int(units.max()) + 1
    drawn = _share(Measure(names, values), n_units, seed, replicates)
    return [
        Front(on=bool(here), chance=chance, items=items, models=models) for here, chance in zip(now, drawn, strict=True)
    ]


def on_front(right: Floats, lengths: Floats) -> NDArray[np.bool_]:
    """Whether each model (b, models) is beaten by none: ``right`` the more the better, ``lengths`` the fewer."""
    a, b = right[:, :, None], right[:, None, :]
    x, y = lengths[:, :, None], lengths[:, None, :]
    beaten = (b >= a) & (y <= x) & ((b > a) | (y < x))
    free: NDArray[np.bool_] = np.logical_not(np.logical_or.reduce(beaten, axis=2))
    return free


def equal_accuracy(
    lengths: Floats, correct: Floats, units: Codes, target: float, *, seed: int = 0, replicates: int = 1000
) -> Interval | None:
    """Shortest budget within which a model is right on ``target`` of its traces (n,); None where it never is.

    The budget t with acc(t) = target: what a model of that accuracy would be paid for. Resamples that never get there
    count as infinitely long, so that the upper bound may be unknown.
    """
    if not lengths.size or correct.mean() < target:
        return None
    n_units = int(units.max()) + 1
    budgets, (right,) = ranked(lengths, units, correct)
    traces = np.bincount(units, minlength=n_units).astype(np.float64)

    def values(drawn: Floats) -> Floats:
        reached = np.cumsum(right(drawn), axis=1) >= target * (drawn @ traces)[:, None] - 1e-9
        found = np.where(reached.any(axis=1), budgets[reached.argmax(axis=1)], np.nan)
        return found[:, None]

    measure = Measure(("length",), values, budgets.size)
    return bootstrap([measure], n_units, seed=seed, replicates=replicates)["length"]


def _by_unit(table: Floats, units: Codes) -> Floats:
    """Sum a table (models, items) by unit, to (units, models)."""
    return np.stack([np.bincount(units, weights=line) for line in table], axis=1).astype(np.float64)


def _share(measure: Measure, units: int, seed: int, replicates: int) -> list[float | None]:
    """Share of resamples in which each of a measure's yes-or-no values is 1."""
    if units < 2:
        return [None] * len(measure.names)
    total = sum(measure.values(block).sum(axis=0) for block in weights(units, replicates, seed))
    return [float(part) / replicates for part in np.atleast_1d(total)]
