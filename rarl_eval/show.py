"""What a run directory holds, for a person: its manifest, progress and verdicts, and single items in full.

Not here: whether what it holds is right (verify.py).
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from rarl_eval import registry
from rarl_eval.data.calling import prompt_of
from rarl_eval.data.styles import task_in_style
from rarl_eval.errors import BadInput, Fault, RarlEvalError
from rarl_eval.runs import store
from rarl_eval.runs.store import Reader, Run, TaskInfo
from rarl_eval.runs.summary import accuracy_of_items, status_of
from rarl_eval.stats import Interval
from rarl_eval.types import Item, Record

REASONS = 5
"""Kinds of failed calls that are named."""


class TaskShown(msgspec.Struct, frozen=True, kw_only=True):
    """One task of a run."""

    task: str
    version: int
    origin: str | None
    items: int
    """Items asked, or that the recorded outputs should have answered."""
    answered: int
    """Items with at least one record."""
    records: int
    wanted: int | None
    """Records that the run will have; None where outputs were imported."""
    failed: int
    failures: dict[str, int] = {}
    """Why calls failed, the commonest reasons first."""
    verdicts: dict[str, int]
    accuracy: Interval | None
    """Mean over items of the share of right samples, 95 %, as the report gives it."""
    sandbox: str | None = None
    """Tier of the sandbox that ran programs; None where none was run."""
    answers: str = "text"
    checker: str | None = None


class RunShown(msgspec.Struct, frozen=True, kw_only=True):
    """A run at a glance."""

    path: str
    manifest: dict[str, Any]
    tasks: tuple[TaskShown, ...]


class ItemShown(msgspec.Struct, frozen=True, kw_only=True):
    """One item with everything written for it."""

    task: str
    item: Item
    key: str
    prompt: str | None
    """What a model is asked; None where the task is not known here or has another version."""
    records: tuple[Record, ...]


def show_run(path: Path) -> RunShown:
    """Describe a run directory; raises BadInput where it is none."""
    run = store.open_run(path)
    seen = {name: _Seen() for name in run.tasks}
    for record in run.records:
        seen[record.trace.task].add(record)
    tasks = tuple(_task(run, name, info, seen[name]) for name, info in sorted(run.tasks.items()))
    return RunShown(path=str(path), manifest=run.manifest, tasks=tasks)


def show_item(path: Path, wanted: str) -> list[ItemShown]:
    """Return the items whose id or key (or a key's first 6 digits and more) is ``wanted``, of every task."""
    with store.Reader(path) as reader:
        tasks = reader.tasks()
        shown = [_item(reader, task, info, item) for task, info, item in _find(tasks, wanted)]
    if not shown:
        known = [item.id for info in tasks.values() for item in list(info.items.values())[:3]]
        raise BadInput(f"{path} has no item {wanted!r}; it has {', '.join(known[:6])} ...")
    return shown


@dataclass
class _Seen:
    """What the records of a task came to, their texts let go."""

    records: int = 0
    failed: int = 0
    failures: Counter[str] = field(default_factory=Counter)
    verdicts: Counter[str] = field(default_factory=Counter)
    judged: dict[str, list[bool]] = field(default_factory=dict)
    answered: set[str] = field(default_factory=set)

    def add(self, record: Record) -> None:
        self.records += 1
        if record.trace.stop == "error":
            self.failed += 1
            self.failures[record.trace.error or "no reason given"] += 1
        self.verdicts[status_of(record)] += 1
        self.answered.add(record.trace.key)
        if record.verdict is not None and record.verdict.correct is not None:
            self.judged.setdefault(record.trace.key, []).append(record.verdict.correct)


def _task(run: Run, name: str, info: TaskInfo, seen: _Seen) -> TaskShown:
    samples = run.manifest.get("samples")
    return TaskShown(
        task=name,
        version=info.version,
        origin=run.manifest["tasks"][name].get("origin"),
        items=len(info.items),
        answered=len(seen.answered),
        records=seen.records,
        wanted=len(info.items) * samples if isinstance(samples, int) else None,
        failed=seen.failed,
        failures=dict(seen.failures.most_common(REASONS)),
        verdicts=dict(sorted(seen.verdicts.items())),
        accuracy=accuracy_of_items(seen.judged, info),
        sandbox=info.sandbox,
        answers=info.answers,
        checker=info.checker,
    )


def _find(tasks: Mapping[str, TaskInfo], wanted: str) -> Iterator[tuple[str, TaskInfo, Item]]:
    for name, info in sorted(tasks.items()):
        for key, item in info.items.items():
            if wanted in {item.id, key} or (len(wanted) >= 6 and key.startswith(wanted)):
                yield name, info, item


def _item(reader: Reader, task: str, info: TaskInfo, item: Item) -> ItemShown:
    records = tuple(reader.records(task, [item.key]).get(item.key, ()))
    return ItemShown(task=task, item=item, key=item.key, prompt=_prompt(task, info, item), records=records)


def _prompt(name: str, info: TaskInfo, item: Item) -> str | None:
    """Write the prompt again: a run keeps its hash, and the task makes it from the item."""
    try:
        task = registry.task(name)
        task = task_in_style(task, info.style)
    except RarlEvalError:
        return None
    if task.version != info.version:
        return None
    asked = prompt_of(task, item)
    return None if isinstance(asked, Fault) else "\n\n".join(f"[{m.role}] {m.content}" for m in asked)
