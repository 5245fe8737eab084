"""Who declines, and who answers what cannot be answered: the ``abstention`` of a report's row.

Questions whose gold is ``types.UNANSWERABLE`` lack a premise: there to decline is right, and each is held against its
twin, the same question with the premise, wherever the same model answered it. Not here: how a decline is recognised
(answers.abstention) and calibration of a confidence (agreement).
"""

from collections.abc import Sequence

import msgspec
import numpy as np

from rarl_eval.measures.columns import Columns
from rarl_eval.stats import Interval
from rarl_eval.stats.means import Codes, Floats, mean, proportion
from rarl_eval.stats.resample import bootstrap, ratios


class Twins(msgspec.Struct, frozen=True, kw_only=True):
    """The same questions with the premise (``Item.twin``), in any row of the same model and unit."""

    pairs: int | None = None
    ratio: Interval | None = None
    """Mean length on the lacking questions over that on the whole ones."""
    length: Interval | None = None
    """Mean length on the whole ones."""
    accuracy: Interval | None = None
    abstained: Interval | None = None
    """Share of them that is declined all the same."""


class Lacking(msgspec.Struct, frozen=True, kw_only=True):
    """Items whose gold is ``cannot be determined``, where declining is right."""

    items: int | None = None
    traces: int | None = None
    answered: Interval | None = None
    """Share of traces that commit themselves to an answer all the same."""
    abstained: Interval | None = None
    length: Interval | None = None
    """Mean length on these questions."""
    per_abstention: Interval | None = None
    """All that was written on them for each decline, which grows with answering and with musing alike."""
    twins: Twins | None = None
    """Null without pairs."""


class Abstention(msgspec.Struct, frozen=True, kw_only=True):
    """Who declines to answer; a decline is not right, and no wrong answer either."""

    n: int | None = None
    """Judged traces that decline; questions that lack a premise are not in these."""
    share: Interval | None = None
    """Of the judged traces."""
    attempted: int | None = None
    """Traces that do not decline."""
    accuracy_attempted: Interval | None = None
    """Share of them that is right."""
    missing_premise: Lacking | None = None
    """Null where the row has no such item."""


def abstention(
    columns: Columns, lengths: Floats, same_model: Sequence[tuple[Columns, Floats]], seed: int, replicates: int
) -> Abstention:
    """Measure a row's ``abstention``; ``lengths`` (traces,); ``same_model`` holds its model's rows of one unit."""
    lacking = columns.lacking[columns.item]
    usual = ~lacking
    units = columns.unit_of_item[columns.item]
    tried = usual & (columns.abstained == 0)
    return Abstention(
        n=int(columns.abstained[usual].sum()),
        share=_share(columns.abstained[usual], units[usual]),
        attempted=int(tried.sum()),
        accuracy_attempted=_share(columns.correct[tried], units[tried]),
        missing_premise=_premises(columns, lengths, same_model, seed, replicates) if lacking.any() else None,
    )


def _share(values: Floats, units: Codes) -> Interval | None:
    """Share of traces, the unit of resampling kept together."""
    if not values.size:
        return None
    return proportion(values, clusters=np.unique(units, return_inverse=True)[1].astype(np.intp))


def _premises(
    columns: Columns, lengths: Floats, same_model: Sequence[tuple[Columns, Floats]], seed: int, replicates: int
) -> Lacking:
    lacking = columns.lacking[columns.item]
    units = np.unique(columns.unit_of_item[columns.item[lacking]], return_inverse=True)[1].astype(np.intp)
    declined, length = columns.abstained[lacking], lengths[lacking]
    n_units = int(units.max()) + 1
    by_unit = [np.bincount(units, weights=values, minlength=n_units) for values in (length, declined)]
    cost = bootstrap([ratios({"cost": (by_unit[0], by_unit[1])})], n_units, seed=seed, replicates=replicates)["cost"]
    return Lacking(
        items=int(columns.lacking.sum()),
        traces=int(lacking.sum()),
        answered=_share(columns.answered[lacking], units),
        abstained=_share(declined, units),
        length=mean(length, units),
        per_abstention=cost,
        twins=_twins(columns, lengths, same_model, seed, replicates),
    )


def _twins(
    columns: Columns, lengths: Floats, same_model: Sequence[tuple[Columns, Floats]], seed: int, replicates: int
) -> Twins | None:
    """Hold items against their twins: pairs, ratio of mean lengths, and how the twins fared; None without pairs."""
    whole = _whole(same_model)
    own = _means(columns, lengths)
    pairs = [
        (place, whole[twin])
        for place, key in enumerate(columns.keys)
        if columns.lacking[place] and (twin := columns.info.items[key].twin) in whole
    ]
    if not pairs:
        return None
    units = np.unique(columns.unit_of_item[[place for place, _ in pairs]], return_inverse=True)[1].astype(np.intp)
    n_units = int(units.max()) + 1
    sides = [np.array([own[place] for place, _ in pairs]), np.array([twin[0] for _, twin in pairs])]
    sums = [np.bincount(units, weights=side, minlength=n_units) for side in sides]
    ratio = bootstrap([ratios({"ratio": (sums[0], sums[1])})], n_units, seed=seed, replicates=replicates)["ratio"]
    return Twins(
        pairs=len(pairs),
        ratio=ratio,
        length=mean(sides[1], units),
        accuracy=_share(np.array([twin[1] for _, twin in pairs]), units),
        abstained=_share(np.array([twin[2] for _, twin in pairs]), units),
    )


def _whole(rows: Sequence[tuple[Columns, Floats]]) -> dict[str | None, tuple[float, float, float]]:
    """Mean length, share right and share declined of every item that lacks nothing, by key."""
    found: dict[str | None, tuple[float, float, float]] = {}
    for columns, lengths in rows:
        sides = [_means(columns, values) for values in (lengths, columns.correct, columns.abstained)]
        for place, key in enumerate(columns.keys):
            if not columns.lacking[place]:
                found[key] = (float(sides[0][place]), float(sides[1][place]), float(sides[2][place]))
    return found


def _means(columns: Columns, values: Floats) -> Floats:
    found: Floats = np.bincount(columns.item, weights=values) / np.bincount(columns.item)
    return found
