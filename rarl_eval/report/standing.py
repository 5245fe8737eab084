"""Ranks of a report's rows: which rows can be ranked, and on which items.

A row that answered a part of the items that others answered, or of which there is nothing to believe, has no rank.
Where some value is of a fresh twin, corrected for a judge, or of an inflated row without clean items, shares on the
public items would say otherwise than the values: then the values are ranked. Not here: ranking (measures/standing).
"""

from collections import defaultdict
from collections.abc import Callable, Sequence

import msgspec
import numpy as np

from rarl_eval.measures.columns import Columns
from rarl_eval.measures.doubt import MOST
from rarl_eval.measures.pairs import Counted
from rarl_eval.measures.standing import Standing, by_values, on_shared
from rarl_eval.report.row_types import ReportRow
from rarl_eval.stats import Interval
from rarl_eval.stats.means import codes

OF_THESE = ("all items", "clean items")
"""What a value is of that shares on the public items stand for."""


def with_standings(
    rows: Sequence[ReportRow],
    columns_of: Callable[[ReportRow], Columns],
    found_of: Callable[[ReportRow], frozenset[str]],
) -> list[ReportRow]:
    """Return the rows with their ``standing``; ``found_of`` gives the items in the training data of a row's model."""
    tasks = defaultdict(list)
    for row in rows:
        tasks[row.task].append(row)
    made: dict[int, Standing] = {}
    for group in tasks.values():
        whole = [row for row in group if not _why_not(row, group)]
        for row, standing in zip(whole, _ranked(whole, columns_of, found_of), strict=True):
            made[id(row)] = standing
        for row in group:
            if why := _why_not(row, group):
                made[id(row)] = Standing(models=len(whole), why=why)
    return [msgspec.structs.replace(row, standing=made[id(row)]) for row in rows]


def partial_items(n: int | None, most: int) -> bool:
    """Whether ``n`` items are a part of the ``most`` that some model answered."""
    return (n or 0) < (1 - MOST) * most


def _why_not(row: ReportRow, group: Sequence[ReportRow]) -> str | None:
    most = max(other.n or 0 for other in group)
    if partial_items(row.n, most):
        return f"answered {row.n or 0:,} of {most:,} items"
    if row.belief is None or row.belief.value is None:
        return "there is no value to believe"
    return None


def _ranked(
    rows: Sequence[ReportRow],
    columns_of: Callable[[ReportRow], Columns],
    found_of: Callable[[ReportRow], frozenset[str]],
) -> list[Standing]:
    columns = [columns_of(row) for row in rows]
    if rows and all(_of_these(row) for row in rows):
        seen = frozenset[str]().union(*map(found_of, rows))
        keys = sorted(set.intersection(*(set(c.keys) for c in columns)) - seen)
        if keys:
            return on_shared(_counted(columns, keys))
    return by_values([value for row in rows if (value := _value(row))])


def _value(row: ReportRow) -> Interval | None:
    return row.belief.value if row.belief else None


def _of_these(row: ReportRow) -> bool:
    if row.belief is None:
        return False
    source = (row.belief.source or "").removesuffix(", both readings")
    return source in OF_THESE and (row.belief.verdict != "inflated" or source == OF_THESE[1])


def _counted(rows: Sequence[Columns], keys: Sequence[str]) -> Counted:
    at = {key: i for i, key in enumerate(keys)}
    right, judged = (np.zeros((len(rows), len(keys)), dtype=np.int64) for _ in range(2))
    groups: dict[str, str] = {}
    for line, columns in enumerate(rows):
        mine = [(at[key], i) for i, key in enumerate(columns.keys) if key in at]
        places, own = (np.array(side, dtype=np.intp) for side in zip(*mine, strict=True))
        total = np.bincount(columns.item, minlength=len(columns.keys))
        hits = np.bincount(columns.item, weights=columns.correct, minlength=len(columns.keys))
        right[line, places], judged[line, places] = hits[own].astype(np.int64), total[own]
        groups |= columns.info.groups
    units, _ = codes([("group", groups[key]) if key in groups else ("item", key) for key in keys])
    return Counted(right, judged, units, [columns.info.version for columns in rows])
