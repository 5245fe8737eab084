"""What a run directory holds, for a person: its manifest, progress and verdicts, and single items in full.

Not here: whether what it holds is right (verify.py).
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from rarl_eval import registry
from rarl_eval.data.styles import task_in_style
from rarl_eval.errors import BadInput, RarlEvalError
from rarl_eval.runs import store
from rarl_eval.runs.store import Run, TaskInfo
from rarl_eval.runs.summary import accuracy_of, verdicts
from rarl_eval.stats import Interval
from rarl_eval.types import Item, Record


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
    verdicts: dict[str, int]
    accuracy: Interval | None
    """Mean over items of the share of right samples, 95 %, as the report gives it."""


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
    run = store.read_run(path)
    samples = run.manifest.get("samples")
    return RunShown(
        path=str(path),
        manifest=run.manifest,
        tasks=tuple(_task(run, name, info, samples) for name, info in sorted(run.tasks.items())),
    )


def show_item(path: Path, wanted: str) -> list[ItemShown]:
    """Return the items whose id or key (or a key's first 6 digits and more) is ``wanted``, of every task."""
    run = store.read_run(path)
    shown = [_item(run, task, info, item) for task, info, item in _find(run, wanted)]
    if not shown:
        known = [item.id for info in run.tasks.values() for item in list(info.items.values())[:3]]
        raise BadInput(f"{path} has no item {wanted!r}; it has {', '.join(known[:6])} ...")
    return shown


def _task(run: Run, name: str, info: TaskInfo, samples: Any) -> TaskShown:
    records = [r for r in run.records if r.trace.task == name]
    return TaskShown(
        task=name,
        version=info.version,
        origin=run.manifest["tasks"][name].get("origin"),
        items=len(info.items),
        answered=len({r.trace.key for r in records}),
        records=len(records),
        wanted=len(info.items) * samples if isinstance(samples, int) else None,
        failed=sum(r.trace.stop == "error" for r in records),
        verdicts=verdicts(records),
        accuracy=accuracy_of(records, info),
    )


def _find(run: Run, wanted: str) -> Iterator[tuple[str, TaskInfo, Item]]:
    for name, info in sorted(run.tasks.items()):
        for key, item in info.items.items():
            if wanted in {item.id, key} or (len(wanted) >= 6 and key.startswith(wanted)):
                yield name, info, item


def _item(run: Run, task: str, info: TaskInfo, item: Item) -> ItemShown:
    records = tuple(r for r in run.records if r.trace.task == task and r.trace.key == item.key)
    return ItemShown(task=task, item=item, key=item.key, prompt=_prompt(task, info, item), records=records)


def _prompt(name: str, info: TaskInfo, item: Item) -> str | None:
    """Write the prompt again: a run keeps its hash, and the task makes it from the item."""
    try:
        (task,) = registry.tasks(name)
        task = task_in_style(task, info.style)
    except RarlEvalError:
        return None
    if task.version != info.version:
        return None
    return "\n\n".join(f"[{message.role}] {message.content}" for message in task.prompt(item))
