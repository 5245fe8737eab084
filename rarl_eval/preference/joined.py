"""Figures of parts joined to one of the whole."""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from rarl_eval.preference import Answer, Example, Figure
from rarl_eval.stats import Interval

Pairs = Sequence[tuple[Example, Answer]]


def subsets(pairs: Pairs) -> dict[str, list[tuple[Example, Answer]]]:
    """Sort examples by the subset that they belong to."""
    found: dict[str, list[tuple[Example, Answer]]] = defaultdict(list)
    for example, answer in pairs:
        found[example.subset].append((example, answer))
    return found


def mean_of(metric: str, subset: str, parts: Sequence[Figure]) -> Figure:
    """Mean of figures, all alike."""
    return weighted(subset, parts, [1] * len(parts), metric)


def weighted(subset: str, parts: Sequence[Figure], weights: Sequence[float], metric: str = "accuracy") -> Figure:
    """Weighted mean of independent figures; the interval adds their half widths in squares (MOVER)."""
    held = [(f.value, w) for f, w in zip(parts, weights, strict=True) if f.value is not None]
    total = sum(w for _, w in held)
    n, left = sum(f.n for f in parts), sum(f.left_out for f in parts)
    if not total:
        return Figure(metric=metric, subset=subset, n=n, value=None, left_out=left)
    value = sum(v.value * w for v, w in held) / total
    below, above = (_spread([(v, w / total) for v, w in held], side) for side in ("low", "high"))
    low, high = (None if below is None else value - below), (None if above is None else value + above)
    chances = [f.chance for f in parts if f.chance is not None]
    chance = sum(chances) / len(chances) if len(chances) == len(parts) else None
    return Figure(metric=metric, subset=subset, n=n, value=Interval(value, low, high), chance=chance, left_out=left)


def _spread(parts: Sequence[tuple[Interval, float]], side: str) -> float | None:
    bounds = [(getattr(v, side), v.value, w) for v, w in parts]
    if any(bound is None for bound, _, _ in bounds):
        return None
    return float(np.sqrt(sum((w * (bound - value)) ** 2 for bound, value, w in bounds)))
