"""Scores that another program wrote: a column of a file, joined to the traces by item and sample."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from math import isfinite
from pathlib import Path
from typing import Any

import msgspec

from rarl_eval.errors import BadInput, MissingField
from rarl_eval.files.plain import file_hash
from rarl_eval.files.rows import read_rows
from rarl_eval.rewards import Case, Group, Kind, Reach, RewardSource
from rarl_eval.rewards.steps import join_steps
from rarl_eval.runs.added import UNMATCHED, Entry
from rarl_eval.types import Grain

Place = tuple[str | None, str, int | None]
"""Task, item and sample; None where a row does not say."""


def open_recorded(argument: str, reach: Reach, registered: str) -> RewardSource:
    """Open ``recorded:FILE#COLUMN``: rows with ``key`` or ``id``, optionally ``sample`` and ``task``, and the column.

    A list in the column is one score a step where ``sample`` is given, or where every item has one trace; else it is
    one score (or one list of step scores) a sample. A trace without a row is told as such.
    """
    file, _, column = argument.rpartition("#")
    if not (file and column):
        raise BadInput(f"--reward {registered}:{argument} is not recorded:FILE#COLUMN, e.g. recorded:scores.jsonl#rm")
    path = Path(file)
    table = _table(path, column)
    kind = Kind(name=reach.name or column, judge="discriminative", grain=_grain(table))

    def score(groups: Iterable[Group]) -> Iterator[Entry]:
        held = list(groups)
        by_sample = any(len(group) > 1 for group in held) or _nested(table)
        return (_entry(kind, case, table, by_sample, reach.aggregate) for group in held for case in group)

    identity = {"recorded": path.name, "column": column, "sha256": file_hash(path)}
    return RewardSource(kind=kind, score=score, identity=identity, whole=True)


def _entry(kind: Kind, case: Case, table: Mapping[Place, Any], by_sample: bool, aggregate: str) -> Entry:
    trace = case.record.trace
    items = [(task, item) for task in (trace.task, None) for item in (trace.key, trace.item_id)]
    place = next((p for p in ((*item, trace.sample) for item in items) if p in table), None)
    value = None if place is None else table[place]
    if place is None:
        whole = next((p for p in ((*item, None) for item in items) if p in table), None)
        value = None if whole is None else table[whole]
        if isinstance(value, list) and by_sample:
            found = trace.sample < len(value)
            value = value[trace.sample] if found else None
        else:
            found = whole is not None and (isinstance(value, list) or trace.sample == 0)
        if not found:
            return msgspec.structs.replace(kind.entry(case, None), detail={**case.detail, UNMATCHED: True})
    if not isinstance(value, list):
        return kind.entry(case, value)
    process = replace(kind, grain="process")
    return process.entry(case, None) if None in value else process.entry(case, join_steps(value, aggregate), value)


def _table(path: Path, column: str) -> dict[Place, Any]:
    """Read the column by place; raises BadInput where two rows give one place two values."""
    table: dict[Place, Any] = {}
    for number, row in read_rows(path):
        item = row.get("key", row.get("id", row.get("idx")))
        if item is None or column not in row:
            raise MissingField(
                f"{path} row {number} needs 'key' or 'id' and {column!r} (it has {', '.join(sorted(row)[:12])})"
            )
        sample = _whole(path, number, row["sample"]) if "sample" in row else None
        place, value = (row.get("task"), str(item), sample), _score(path, number, row[column])
        if table.setdefault(place, value) != value:
            raise BadInput(
                f"{path} row {number} scores {item} again, by {value} after {table[place]}; keep one of them"
            )
    return table


def _nested(table: Mapping[Place, Any]) -> bool:
    return any(isinstance(v, list) and any(isinstance(one, list) for one in v) for v in table.values())


def _score(path: Path, number: int, value: Any) -> Any:
    """Return a score, a list of them, or a list of lists; None for an empty cell."""
    if isinstance(value, list):
        return [_score(path, number, v) for v in value]
    return None if value is None or value == "" else _number(path, number, value)


def _number(path: Path, number: int, value: Any) -> float | None:
    """Return a score; None for one that is no finite number, NaN among them."""
    try:
        found = float(value)
        return found if isfinite(found) else None
    except (TypeError, ValueError) as error:
        raise BadInput(f"{path} row {number} has the score {str(value)[:60]!r}; expected a number") from error


def _whole(path: Path, number: int, value: Any) -> int:
    try:
        return int(value)
    except (TypeError, ValueError) as error:
        raise BadInput(f"{path} row {number} has the sample {str(value)[:60]!r}; expected 0, 1, 2 ...") from error


def _grain(table: Mapping[Place, Any]) -> Grain:
    """Of rows that say their sample; those that do not are known with the traces."""
    steps = (sample is not None and isinstance(value, list) for (_, _, sample), value in table.items())
    return "process" if any(steps) or _nested(table) else "outcome"
