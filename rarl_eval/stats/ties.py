"""Resampled traces in order of a value: how often each was drawn, by distinct values where ties are many.

Lengths in tokens and constant scores have few distinct values, whatever the number of traces. Not here: what is made of
the order (efficiency, agreement).
"""

from collections.abc import Callable

import numpy as np

from rarl_eval.stats.means import Codes, Floats

MANY = 4
"""Traces for each distinct value from which on values are counted instead of traces."""

Drawn = Callable[[Floats], Floats]
"""Weights of units (b, units) to weights of ranked values (b, k)."""


def tied(values: Floats) -> bool:
    """Whether it pays to count distinct values."""
    return values.size > 0 and MANY * np.unique(values).size <= values.size


def ranked(values: Floats, units: Codes, *shares: Floats) -> tuple[Floats, list[Drawn]]:
    """Values (k,) in ascending order, and for each of ``shares`` (n,) how its drawn weights add up at each of them.

    Equal values stand once where ``tied``, else each trace stands for itself, equal ones in the order given.
    """
    if not tied(values):
        order = np.argsort(values, kind="stable")
        return values[order], [_taken(units[order], share[order]) for share in shares]
    distinct, place = np.unique(values, return_inverse=True)
    return distinct, [_summed(place, units, share) for share in shares]


def _taken(units: Codes, share: Floats) -> Drawn:
    if (share == 1).all():
        return lambda drawn: drawn.take(units, axis=1)
    return lambda drawn: drawn.take(units, axis=1) * share


def _summed(place: Codes, units: Codes, share: Floats) -> Drawn:
    from scipy.sparse import csr_matrix

    shape = (int(place.max()) + 1, int(units.max()) + 1)
    matrix = csr_matrix((share, (place, units)), shape=shape)
    matrix.eliminate_zeros()

    def sums(drawn: Floats) -> Floats:
        found: Floats = (matrix @ drawn[:, : shape[1]].T).T
        return found

    return sums
