"""What the formats say of a task in a run: its records, its accuracy, its names."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rarl_eval.runs.store import Run, TaskInfo
from rarl_eval.stats import Interval
from rarl_eval.stats.means import accuracy, codes
from rarl_eval.types import Record


@dataclass(frozen=True, kw_only=True)
class TaskPart:
    """One task of a run."""

    task: str
    info: TaskInfo
    described: dict[str, Any]
    """What the manifest says of the task."""
    records: list[Record]
    model: str


def parts(run: Run) -> Iterator[TaskPart]:
    """Yield the tasks of a run that have records, by name."""
    for task in sorted(run.tasks):
        records = [r for r in run.records if r.trace.task == task]
        if records:
            yield TaskPart(
                task=task,
                info=run.tasks[task],
                described=run.manifest["tasks"][task],
                records=records,
                model=records[0].trace.model,
            )


def accuracy_of(records: list[Record], info: TaskInfo) -> Interval | None:
    """Mean over items of the share of right answers, as the report gives it; None where nothing is judged."""
    judged: dict[str, list[bool]] = {}
    for record in records:
        correct = record.verdict.correct if record.verdict else None
        if correct is not None:
            judged.setdefault(record.trace.key, []).append(correct)
    return accuracy_of_items(judged, info)


def accuracy_of_items(judged: Mapping[str, Sequence[bool]], info: TaskInfo) -> Interval | None:
    """Accuracy from what was right of each item, by key."""
    groups = info.groups
    labels, count = codes([groups.get(key, key) for key in judged])
    return accuracy(
        [sum(right) / len(right) for right in judged.values()],
        [len(right) for right in judged.values()],
        labels if count < len(judged) else None,
    )


def status_of(record: Record) -> str:
    """Status of a record's verdict; of a failed call ``error``."""
    return record.verdict.status if record.verdict else "error"


def verdicts(records: list[Record]) -> dict[str, int]:
    """Count records by verdict, failed calls as ``error``, in order of name."""
    return dict(sorted(Counter(map(status_of, records)).items()))


def seconds_since_epoch(manifest: dict[str, Any]) -> float:
    """Return when the run ended, else when it began, so that the same run gives the same bytes."""
    try:
        return datetime.fromisoformat(manifest.get("finished") or manifest["started"]).timestamp()
    except (KeyError, TypeError, ValueError):
        return 0.0


def portable(name: str) -> str:
    """Make a name that any file system takes."""
    return re.sub(r"[^A-Za-z0-9._-]+", "_", name).strip("._") or "unnamed"
