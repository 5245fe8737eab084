"""Two readings of the same answers: how often their verdicts differ, and what accuracy lies between them.

The first reading, the task's own rule, decides; the second (answers/lenient.py) takes the last thing that could be an
answer. Where they differ, one of them misread a text. Not here: which of them is right.
"""

from collections.abc import Sequence

import msgspec
import numpy as np

from rarl_eval.measures.columns import Columns, TwoReadings
from rarl_eval.stats import Interval
from rarl_eval.stats.means import Floats, proportion

MOST = 0.02
"""A row is marked where more than this share of its answers has no answer, or is read in two ways."""


class Doubt(msgspec.Struct, frozen=True, kw_only=True):
    """How far a row's accuracy hangs on how its answers were read."""

    n: int | None = None
    """Answers that were read twice."""
    share: Interval | None = None
    """Share of them that one reading calls right and the other does not."""
    low: float | None = None
    """Accuracy if only answers count that both readings call right; answers read once count as the rule says."""
    high: float | None = None
    """Accuracy if answers count that either reading calls right."""
    marked: bool = False
    """More than 2 % have no answer, or are read in two ways: look at the cases before believing the accuracy."""
    kinds: dict[str, int] = {}
    """Answers read in two ways, by what each reading says, e.g. ``no_answer, second correct``; commonest first."""
    cases: tuple[TwoReadings, ...] = ()
    """Some of them, of every kind."""


def doubt(columns: Columns) -> Doubt | None:
    """Measure a row's ``doubt``; None where no answer was read twice and none is missing."""
    second = columns.second
    known = np.flatnonzero(~np.isnan(second))
    judged = int(columns.item.size)
    missing = columns.stops["no_answer"] / judged if judged else 0.0
    if not known.size:
        return Doubt(n=0, marked=True) if missing > MOST else None
    differs = (columns.correct[known] != second[known]).astype(np.float64)
    units = np.unique(columns.unit_of_item[columns.item[known]], return_inverse=True)[1].astype(np.intp)
    either = np.where(np.isnan(second), columns.correct, np.fmax(columns.correct, second))
    both = np.where(np.isnan(second), columns.correct, np.fmin(columns.correct, second))
    return Doubt(
        n=int(known.size),
        share=proportion(differs, clusters=units),
        low=_over_items(both, columns),
        high=_over_items(either, columns),
        marked=bool(missing > MOST or differs.mean() > MOST),
        kinds=dict(sorted(columns.two_ways.items(), key=lambda kind: (-kind[1], kind[0]))),
        cases=columns.cases,
    )


def _over_items(right: Floats, columns: Columns) -> float:
    """Mean over items of the share of right samples, as ``accuracy`` is."""
    return float(np.mean(np.bincount(columns.item, weights=right) / np.bincount(columns.item)))


def sentence(found: Doubt | None, no_answer: float | None) -> str:
    """Say what a marked row's reader should look at; "" where nothing is in doubt."""
    if found is None or not found.marked:
        return ""
    parts: Sequence[str] = [
        f"{no_answer:.1%} of the answers have none that the rule can read" if (no_answer or 0) > MOST else "",
        f"{found.share.value:.1%} are read in two ways" if found.share and found.share.value > MOST else "",
    ]
    told = " and ".join(part for part in parts if part)
    span = "" if found.low is None or found.high is None else f": right are {found.low:.1%} to {found.high:.1%}"
    return f"{told}{span}"
