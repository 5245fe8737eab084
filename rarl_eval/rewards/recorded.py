"""Scores that another program wrote: a column of a file, joined to the traces by item and sample."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from rarl_eval.errors import BadInput, MissingField
from rarl_eval.files.plain import file_hash
from rarl_eval.files.rows import read_rows
from rarl_eval.rewards import Group, Kind, Reach, RewardSource
from rarl_eval.rewards.steps import join_steps
from rarl_eval.runs.added import Entry


def open_recorded(argument: str, reach: Reach, registered: str) -> RewardSource:
    """Open ``recorded:FILE#COLUMN``: rows with ``key`` or ``id``, optionally ``sample`` and ``task``, and the column.

    A list in the column is one score a step where the item has one trace, and one score a sample where ``sample`` is
    not given and its length is the number of samples.
    """
    file, _, column = argument.rpartition("#")
    if not (file and column):
        raise BadInput(f"--reward {registered}:{argument} is not recorded:FILE#COLUMN, e.g. recorded:scores.jsonl#rm")
    path = Path(file)
    rows = list(_rows(path, column))
    kind = Kind(name=reach.name or column, judge="discriminative", grain=_grain(rows))

    def score(groups: Iterable[Group]) -> Iterator[Entry]:
        table = {(task, item, sample): value for task, item, sample, value in rows}
        for group in groups:
            for case in group:
                trace = case.record.trace
                places = (
                    (task, item, trace.sample) for task in (trace.task, None) for item in (trace.key, trace.item_id)
                )
                value = next((table[place] for place in places if place in table), None)
                steps = value if isinstance(value, list) else None
                joined = join_steps(steps, reach.aggregate) if steps else None
                yield kind.entry(case, joined if steps else _single(value), steps)

    identity = {"recorded": path.name, "column": column, "sha256": file_hash(path)}
    return RewardSource(kind=kind, score=score, identity=identity)


def _rows(path: Path, column: str) -> Iterator[tuple[str | None, str, int, float | list[float] | None]]:
    for number, row in read_rows(path):
        item = row.get("key", row.get("id", row.get("idx")))
        if item is None or column not in row:
            raise MissingField(
                f"{path} row {number} needs 'key' or 'id' and {column!r} (it has {', '.join(sorted(row)[:12])})"
            )
        task, value = row.get("task"), row[column]
        if "sample" in row:
            yield task, str(item), _whole(path, number, row["sample"]), _score(path, number, value)
        elif isinstance(value, list):
            for sample, one in enumerate(value):
                yield task, str(item), sample, _score(path, number, one)
        else:
            yield task, str(item), 0, _score(path, number, value)


def _score(path: Path, number: int, value: Any) -> float | list[float] | None:
    if isinstance(value, list):
        return [_number(path, number, v) for v in value]
    return None if value is None or value == "" else _number(path, number, value)


def _number(path: Path, number: int, value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError) as error:
        raise BadInput(f"{path} row {number} has the score {str(value)[:60]!r}; expected a number") from error


def _whole(path: Path, number: int, value: Any) -> int:
    try:
        return int(value)
    except (TypeError, ValueError) as error:
        raise BadInput(f"{path} row {number} has the sample {str(value)[:60]!r}; expected 0, 1, 2 ...") from error


def _grain(rows: list[tuple[str | None, str, int, float | list[float] | None]]) -> Any:
    return "process" if any(isinstance(value, list) and len(value) > 1 for *_, value in rows) else "outcome"


def _single(value: float | list[float] | None) -> float | None:
    return None if isinstance(value, list) else value
