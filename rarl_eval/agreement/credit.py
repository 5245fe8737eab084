"""Credit assignment: how far from the first faulty step the scores of a process reward fall."""

from collections.abc import Sequence

import msgspec
import numpy as np

from rarl_eval.stats import Interval
from rarl_eval.stats.means import mean, proportion


class Credit(msgspec.Struct, frozen=True, kw_only=True):
    """Where a process reward puts the fault, over solutions whose first faulty step is known."""

    n: int
    """Faulty solutions with step scores."""
    exact: Interval | None
    """Share in which the very step is the first to fail."""
    early: Interval | None
    late: Interval | None
    missed: Interval | None
    """Share in which no step fails."""
    distance: Interval | None
    """Mean of (named step - faulty step), of those in which a step was named; below 0 is too early."""
    drop: Interval | None
    """Share in which the score falls furthest into the faulty step; chance is 1 / steps."""


def first_failed(steps: Sequence[float], line: float) -> int | None:
    """Index of the first step below ``line``; None where every step passes."""
    return next((i for i, score in enumerate(steps) if score < line), None)


def credit(steps: Sequence[Sequence[float]], faults: Sequence[int | None], line: float | None) -> Credit:
    """Compare step scores with the index of the first faulty step, None for a sound solution (which is left out).

    Without a ``line`` (scores without a threshold) only ``drop`` is known. Before the first step the score is taken
    as the largest of its steps, so that a fault in the first step can be seen as a fall.
    """
    pairs = [(list(s), f) for s, f in zip(steps, faults, strict=True) if s and f is not None]
    drops = [float(_largest_fall(s) == f) for s, f in pairs]
    named = [(first_failed(s, line), f) for s, f in pairs] if line is not None else []
    found = [(a, f) for a, f in named if a is not None]
    return Credit(
        n=len(pairs),
        exact=_share([a == f for a, f in named]),
        early=_share([a is not None and a < f for a, f in named]),
        late=_share([a is not None and a > f for a, f in named]),
        missed=_share([a is None for a, _ in named]),
        distance=mean([float(a - f) for a, f in found]) if found else None,
        drop=proportion(np.array(drops)) if drops else None,
    )


def _largest_fall(steps: Sequence[float]) -> int:
    before = [max(steps), *steps[:-1]]
    falls = [a - b for a, b in zip(before, steps, strict=True)]
    return falls.index(max(falls))


def _share(hits: Sequence[bool]) -> Interval | None:
    return proportion(np.array(hits, dtype=np.float64)) if hits else None
