"""What a model makes of the items that stand in its own training data, beside the others.

Only scans of corpora that are said to be this model's count here: where a benchmark's items stand in somebody's corpus
says nothing of a model that never read it. Not here: what is concluded from it (belief).
"""

from collections.abc import Mapping

import msgspec
import numpy as np

from rarl_eval.measures import splits
from rarl_eval.measures.columns import Columns
from rarl_eval.stats import Interval
from rarl_eval.stats.above import p_above, strata_of
from rarl_eval.stats.means import Floats

MARGIN = 0.03
"""How much better found items may be answered than others before it counts: models do differ in what is easy for them,
which no matching on totals takes away."""


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
    """Other models on the same items, in whose training data none of them was found; they tell which items are easy."""
    p: float | None = None
    """One-sided, of "found items are answered at most 3 points better than clean ones of the same total of models"."""


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
    beside = {model: shares for model, shares in controls.items() if not np.isnan(shares).all()}
    return Exposed(
        scans=scans,
        n=len(columns.keys),
        found=parts["flagged"].n,
        untold=parts["unscanned"].n,
        clean=parts["clean"].accuracy,
        flagged=parts["flagged"].accuracy,
        gain=splits.gain(columns, statuses, seed, replicates),
        controls=len(beside),
        p=_p(columns, statuses, beside, seed),
    )


def _p(columns: Columns, statuses: splits.Statuses, controls: Mapping[str, Floats], seed: int) -> float | None:
    """Test found items against clean ones that as many of all models got right, this one included.

    If chances are as in Rasch's model, this model's share of what an item's total says depends on no item's difficulty:
    the test of differential item functioning (Holland & Thayer 1988), which easy items do not fool.
    """
    own = splits.item_shares(columns)[0]
    known, totals = np.ones(own.size, dtype=bool), np.zeros(own.size)
    if controls:
        mean = splits.nan_mean([shares for _, shares in sorted(controls.items())])
        known = ~np.isnan(mean)
        totals = own + len(controls) * np.where(known, mean, 0.0)
    told = np.array([statuses.get(key) in {"flagged", "clean"} for key in columns.keys], dtype=bool)
    at = np.flatnonzero(known & told)
    found = np.array([statuses.get(columns.keys[i]) == "flagged" for i in at], dtype=bool)
    units = columns.unit_of_item[at]
    grouped = np.unique(units).size < at.size
    return p_above(own[at], found, strata_of(totals[at]), units if grouped else None, margin=MARGIN, seed=seed)
