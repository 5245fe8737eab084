"""The runs and scans behind a report, read a few items at a time, so that no more than a few items' texts are held.

Not here: what a page makes of them (items.py).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from rarl_eval import registry
from rarl_eval.errors import BadInput, RarlEvalError
from rarl_eval.evidence.scans import ItemStatus, ScanResult, merge_status, read_scan
from rarl_eval.leaderboards.report import Report, SiteRow
from rarl_eval.runs.identity import run_labels
from rarl_eval.runs.store import Reader
from rarl_eval.types import Item, Record, Task

READ_AT_ONCE = 16
"""Items whose answers are read together: few questions to the databases, and little held."""


@dataclass(frozen=True)
class Answered:
    """One item with all that the rows of its task wrote for it."""

    item: Item
    key: str
    records: dict[tuple[str, str], list[Record]]
    """By entrant, those that have any, in the order of the task's rows."""
    found: list[tuple[ScanResult, ItemStatus]]
    """What each scan that covers the item says of it."""
    status: str
    """``clean``, ``flagged`` or ``unscanned``, over all scans."""


@dataclass(frozen=True)
class Sources:
    """Open runs with the rows each of them is behind, and the scans."""

    readers: tuple[Reader, ...]
    rows: dict[str, list[tuple[SiteRow, Reader]]]
    """By task, the most accurate first; rows whose run was not given are left out."""
    scans: tuple[ScanResult, ...]

    def asked(self, task: str) -> dict[str, Item]:
        """Return the items of a task over all runs by key, in the order of the run that asked them first."""
        items: dict[str, Item] = {}
        for reader in self._readers(task):
            items |= dict(reader.items(task, known=items.keys()))
        return items

    def answered(self, task: str, asked: Mapping[str, Item]) -> Iterator[Answered]:
        """Yield each of the items ``asked`` of a task with its answers."""
        rows, readers = self.rows[task], self._readers(task)
        keys = list(asked)
        for start in range(0, len(keys), READ_AT_ONCE):
            part = keys[start : start + READ_AT_ONCE]
            written = {reader.path: reader.records(task, part) for reader in readers}
            yield from self._answered(task, {key: asked[key] for key in part}, rows, written)

    def _answered(
        self,
        task: str,
        asked: Mapping[str, Item],
        rows: Sequence[tuple[SiteRow, Reader]],
        written: Mapping[Path, Mapping[str, list[Record]]],
    ) -> Iterator[Answered]:
        for key, item in asked.items():
            here = {path: _by_model(records.get(key, ())) for path, records in written.items()}
            records = {row.entrant: here[reader.path].get(row.model, []) for row, reader in rows}
            yield Answered(
                item=item,
                key=key,
                records={who: found for who, found in records.items() if found},
                found=[(scan, scan.items[task, key]) for scan in self.scans if (task, key) in scan.items],
                status=merge_status(self.scans, task, key),
            )

    def dates(self) -> dict[tuple[str, tuple[str, str]], str]:
        """When the run of each row ended, by task and entrant, as its manifest says."""
        ended = (
            (task, row.entrant, reader.manifest.get("finished")) for task, x in self.rows.items() for row, reader in x
        )
        return {(task, who): when for task, who, when in ended if isinstance(when, str)}

    def task(self, name: str) -> Task | None:
        """Return the task if it is known here and asks as it did in some run; else its prompts cannot be shown."""
        versions = {
            reader.manifest["tasks"][name]["version"]
            for reader in self._readers(name)
            if reader.manifest.get("kind") == "run"
        }
        try:
            task = registry.task(name)
        except RarlEvalError:
            return None
        return task if task.version in versions else None

    def _readers(self, task: str) -> list[Reader]:
        return list({reader.path: reader for _, reader in self.rows[task]}.values())


def _by_model(records: Iterable[Record]) -> dict[str, list[Record]]:
    found: dict[str, list[Record]] = defaultdict(list)
    for record in records:
        found[record.trace.model].append(record)
    return found


def parts_of(sources: Sources, *, past: bool, watched: bool) -> Iterator[tuple[str, str]]:
    """Title and address of each further part of the site that there is something for."""
    if any(len(rows) > 1 for rows in sources.rows.values()):
        yield "Compare", "compare.html"
    if past:
        yield "History", "history.html"
    if watched:
        yield "Trainings", "trainings.html"
    if sources.scans:
        yield "Audit", "audit.html"


def open_sources(
    stack: ExitStack, everything: Report, shown: Report, runs: Sequence[Path], scans: Sequence[Path]
) -> Sources:
    """Open runs and scans; ``everything`` is all that the reports hold, ``shown`` what the board shows of it.

    Raises BadInput for a run of which no report has a row, and for one given twice.
    """
    readers = [stack.enter_context(Reader(path)) for path in runs]
    told = run_labels(readers)
    owner: dict[tuple[str, str], Reader] = {}
    for reader in readers:
        labels = {str(reader.path), told[reader.path]}
        held = {(row.run, row.task) for row in everything.rows if row.run in labels} & {
            (label, task) for label in labels for task in reader.manifest["tasks"]
        }
        if not held:
            raise BadInput(
                f"{reader.path}: no report given has a row of this run; write one with: "
                f"rarl-eval report --run {reader.path}"
            )
        owner |= {(str(run), task): reader for run, task in held}
    rows = defaultdict(list)
    for task in sorted({row.task for row in shown.rows}):
        for row in shown.of_task(task):
            behind = owner.get((row.run or "", task))
            if behind:
                rows[task].append((row, behind))
    return Sources(readers=tuple(readers), rows=dict(rows), scans=tuple(read_scan(path) for path in scans))
