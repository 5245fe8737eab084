"""One-sided test between two sets of different items: whether the first scores higher than the second.

What accuses somebody has to hold with few items, too, where Welch's t is too sure: there marks are permuted.
"""

from math import comb

import numpy as np
from numpy.typing import ArrayLike

from rarl_eval.stats.means import Codes, Floats
from rarl_eval.stats.unpaired import unpaired_means

FEW = 50
"""Below so many items on one side, and without groups, the marks are permuted."""
DRAWS = 19_999
"""Permutations: the smallest p is 1 in 20,000."""
AT_ONCE = 2_000


def p_above(
    a: ArrayLike, b: ArrayLike, clusters: tuple[Codes | None, Codes | None] = (None, None), seed: int = 0
) -> float | None:
    """One-sided p of "mean of ``a`` (n,) above mean of ``b`` (m,)"; None where a side tells nothing.

    Few items without groups: which of them are the first set is drawn anew (Pitman 1937), the observed draw counted
    among them. Else Welch's t, on errors clustered by group.
    """
    first, second = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    if not (first.size and second.size):
        return None
    grouped = any(c is not None for c in clusters)
    if not grouped and min(first.size, second.size) < FEW:
        return _permuted(first, second, seed)
    found = unpaired_means(first, second, clusters)
    if found is None or found.p_value is None:
        return None if grouped else _constant(first, second)
    return found.p_value / 2 if found.difference.value > 0 else 1 - found.p_value / 2


def _constant(a: Floats, b: Floats) -> float:
    """Count where neither set varies: one draw of all is as high, or every draw is."""
    return 1 / comb(a.size + b.size, a.size) if a[0] > b[0] else 1.0


def _permuted(a: Floats, b: Floats, seed: int) -> float:
    """Share of draws of the smaller set whose mean is as far on its side as the observed one."""
    smaller, sign = (a, 1.0) if a.size <= b.size else (b, -1.0)
    every = sign * np.concatenate([a, b])
    reached = sign * float(smaller.sum()) - 1e-9  # sums of one set in another order are the same sum
    rng = np.random.default_rng(seed)
    above = 0
    for begin in range(0, DRAWS, AT_ONCE):
        places = _subsets(rng, min(AT_ONCE, DRAWS - begin), smaller.size, every.size)
        above += int((every[places].sum(axis=1) >= reached).sum())
    return (above + 1) / (DRAWS + 1)


def _subsets(rng: np.random.Generator, draws: int, size: int, of: int) -> Codes:
    """Draw sets of ``size`` different places of ``of`` (draws, size): sparse ones by drawing again where two meet."""
    if size * size > 2 * of:
        return np.argpartition(rng.random((draws, of)), size - 1, axis=1)[:, :size]
    found = rng.integers(of, size=(draws, size))
    again = np.arange(draws)
    while again.size:
        ordered = np.sort(found[again], axis=1)
        again = again[(ordered[:, 1:] == ordered[:, :-1]).any(axis=1)]
        found[again] = rng.integers(of, size=(again.size, size))
    return found.astype(np.intp)
