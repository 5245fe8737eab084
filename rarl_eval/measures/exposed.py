"""What a model makes of the items that stand in its own training data, beside the others.

Only scans of corpora that are said to be this model's count here: where a benchmark's items stand in somebody's corpus
says nothing of a model that never read it. Not here: what is concluded from it (belief).
"""

from collections.abc import Mapping
from typing import NamedTuple

import msgspec
import numpy as np

from rarl_eval.measures import splits
from rarl_eval.measures.columns import Columns
from rarl_eval.stats import Interval
from rarl_eval.stats.above import p_above
from rarl_eval.stats.means import Codes, Floats


class Exposed(msgspec.Struct, frozen=True, kw_only=True):
    """A row against the scans of its model's own corpora."""

    scans: tuple[str, ...] = ()
    """Paths of these scans, of those that cover the task."""
    n: int | None = None
    """Items of the row."""
    found: int | None = None
    """Items that stand in the model's training data (levels ``exact`` and ``near``)."""
    untold: int | None = None
    """Items that none of these scans could tell of."""
    clean: Interval | None = None
    """Accuracy on the items that these scans find clean."""
    flagged: Interval | None = None
    gain: Interval | None = None
    """Accuracy on both less that on the clean items, by paired bootstrap: what the score owes to the found items."""
    controls: int | None = None
    """Other models on the same items, in whose training data none of them was found; their accuracy is taken off."""
    p: float | None = None
    """One-sided: found items are not answered better than clean ones, beyond what the controls make of them."""


class Sides(NamedTuple):
    """Values of the found items and of the clean ones, with their groups."""

    found: Floats
    clean: Floats
    groups: tuple[Codes | None, Codes | None]


def exposed(
    columns: Columns,
    statuses: splits.Statuses,
    scans: tuple[str, ...],
    controls: Mapping[str, Floats],
    seed: int,
    replicates: int,
) -> Exposed:
    """Measure a row by the ``statuses`` that scans of its model's corpora give its items.

    ``controls`` holds the shares of right answers of other models on the row's items (items,), nan where one has none.
    """
    parts = splits.splits(columns, statuses)
    sides = _sides(columns, statuses, controls)
    with_controls = bool(sides.found.size and sides.clean.size)
    if not with_controls:
        sides = _sides(columns, statuses, {})
    return Exposed(
        scans=scans,
        n=len(columns.keys),
        found=parts["flagged"].n,
        untold=parts["unscanned"].n,
        clean=parts["clean"].accuracy,
        flagged=parts["flagged"].accuracy,
        gain=splits.gain(columns, statuses, seed, replicates),
        controls=len(controls) if with_controls else 0,
        p=p_above(sides.found, sides.clean, sides.groups, seed),
    )


def _sides(columns: Columns, statuses: splits.Statuses, controls: Mapping[str, Floats]) -> Sides:
    values = splits.item_shares(columns)[0]
    known = np.ones(values.size, dtype=bool)
    if controls:
        mean = splits.nan_mean([shares for _, shares in sorted(controls.items())])
        known = ~np.isnan(mean)
        values = values - np.where(known, mean, 0.0)
    grouped = np.unique(columns.unit_of_item).size < values.size
    found, clean = (
        np.array([i for i, key in enumerate(columns.keys) if known[i] and statuses.get(key) == name], dtype=np.intp)
        for name in ("flagged", "clean")
    )
    groups = (columns.unit_of_item[found], columns.unit_of_item[clean]) if grouped else (None, None)
    return Sides(values[found], values[clean], groups)
