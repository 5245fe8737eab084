"""What a night came to: rows for the history, the gate's tests, and one exit code."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec

from rarl_eval.errors import BadInput
from rarl_eval.measures.doubt import sentence
from rarl_eval.nightly import history
from rarl_eval.nightly.cells import Filled, shown
from rarl_eval.nightly.config import Gate
from rarl_eval.nightly.gate import Night, Test, judge_night, unusable
from rarl_eval.nightly.history import Cell, ItemRow, ResultRow
from rarl_eval.report.column import value
from rarl_eval.report.row_types import ReportRow, read_report
from rarl_eval.runs import store


@dataclass(frozen=True, kw_only=True)
class NightOutcome:
    """A finished night."""

    night: str
    started: str
    results: list[ResultRow]
    items: list[ItemRow]
    tests: list[Test]
    notes: list[str]
    """What a reader must know: cells without a reference, nights that cannot be compared."""
    failures: list[str]
    """What failed beside cells: corpora, rewards, trainings that could not be watched."""
    alarms: list[str]
    """Of trainings whose reward and truth part, a sentence each."""
    false_alarm_rate: float
    fallen: dict[Cell, list[str]]
    """For alarmed cells, ids of items mostly right in the baseline (else the last nights) and not tonight."""
    doubted: dict[Cell, str]
    """Cells whose answers may have been misread, and why (measures/doubt.py)."""

    @property
    def code(self) -> int:
        """Exit code: 1 on regression or a training's alarm, 2 on failure without one, 0 else."""
        statuses = {row.status for row in self.results}
        return 1 if "regression" in statuses or self.alarms else 2 if "failure" in statuses or self.failures else 0

    @property
    def status(self) -> str:
        """The night in a word."""
        return ("ok", "regression", "failure")[self.code]


def conclude(
    night: str,
    started: str,
    filled: Sequence[Filled],
    report: Mapping[str, Any],
    folder: Path,
    gate: Gate,
    *,
    base: Path,
    failures: Sequence[str],
    alarms: Sequence[str] = (),
) -> NightOutcome:
    """Judge tonight's runs against the history in ``folder``; paths of baseline runs are relative to ``base``."""
    rows = {row.run: row for row in read_report(report).rows}
    tonight = {cell.cell: _items_of_run(night, cell) for cell in filled}
    references, notes = _references(tonight, filled, folder, gate, base)
    tests = judge_night(
        tonight, references, false_alarm_rate=gate.false_alarm_rate, smallest_drop=gate.smallest_drop / 100
    )
    results = [
        _result(night, started, cell, rows.get(cell.run.name) if cell.run else None, tests, gate) for cell in filled
    ]
    return NightOutcome(
        night=night,
        started=started,
        results=results,
        items=[row for cell in sorted(tonight, key=repr) for _, row in sorted(tonight[cell].items())],
        tests=tests,
        notes=notes,
        failures=list(failures),
        alarms=list(alarms),
        false_alarm_rate=gate.false_alarm_rate,
        fallen=_fallen(tests, tonight, references),
        doubted=_doubted(filled, rows),
    )


def _items_of_run(night: str, filled: Filled) -> dict[str, ItemRow]:
    """Count tonight's judged samples of each item; failed calls and golds that cannot be judged are in no count."""
    if filled.run is None:
        return {}
    run = store.read_run(filled.run)
    return _items(night, filled.cell, run)


def _items(night: str, cell: Cell, run: store.Run) -> dict[str, ItemRow]:
    label, task, budget = cell
    info = run.tasks[task]
    counts: dict[str, list[tuple[bool, int | None]]] = defaultdict(list)
    for record in run.records:
        if record.trace.task == task and record.verdict is not None and record.verdict.correct is not None:
            counts[record.trace.key].append((record.verdict.correct, record.trace.tokens.completion))
    groups = info.groups
    return {
        key: ItemRow(
            night=night,
            model=label,
            task=task,
            budget=budget,
            task_version=info.version,
            key=key,
            item_id=info.items[key].id,
            unit=f"g:{groups[key]}" if key in groups else f"k:{key}",
            samples=len(judged),
            right=sum(correct for correct, _ in judged),
            tokens=_sum([tokens for _, tokens in judged]),
        )
        for key, judged in counts.items()
    }


def _sum(values: Sequence[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if len(known) == len(values) else None


Reference = tuple[str, Cell, list[tuple[str, Night]]]


def _references(
    tonight: Mapping[Cell, Night], filled: Sequence[Filled], folder: Path, gate: Gate, base: Path
) -> tuple[list[Reference], list[str]]:
    """Find each cell's baseline and last nights, and say which cells have none."""
    before = _Before(folder, tonight)
    found: list[Reference] = []
    notes: list[str] = []
    for cell in filled:
        items = tonight[cell.cell]
        if not items:
            continue
        baseline = before.pinned(gate.baseline, cell, base) if gate.baseline else before.first(cell.cell)
        last = before.last(cell.cell, gate.nights)
        usable = [(night, rows) for night, rows in baseline if not unusable(items, rows)]
        if usable:
            found.append(("baseline", cell.cell, usable))
        else:
            whys = [f"{night}: {unusable(items, rows)}" for night, rows in baseline]
            notes.append(f"{shown(cell.cell)} has no baseline yet{''.join(f' ({why})' for why in whys)}.")
        if last and [night for night, _ in last] != [night for night, _ in usable]:
            found.append(("last nights", cell.cell, last))
    return found, notes


class _Before:
    """The history as the gate needs it: which nights hold a cell, and their items, each file read once."""

    def __init__(self, folder: Path, cells: Iterable[Cell]) -> None:
        self._folder = folder
        self._nights: dict[Cell, list[str]] = {cell: [] for cell in cells}
        for row in history.read_results(folder):
            if row.status != "failure" and row.cell in self._nights:
                self._nights[row.cell].append(row.night)
        self._items = lru_cache(maxsize=None)(self._read)

    def first(self, cell: Cell) -> list[tuple[str, Night]]:
        return [(night, self._items(night).get(cell, {})) for night in self._nights[cell][:1]]

    def last(self, cell: Cell, count: int) -> list[tuple[str, Night]]:
        chosen = self._nights[cell][-count:] if count else []
        return [(night, self._items(night).get(cell, {})) for night in chosen]

    def pinned(self, names: Sequence[str], cell: Filled, base: Path) -> list[tuple[str, Night]]:
        """Nights of the history by name, or run directories of the same model and task."""
        found: list[tuple[str, Night]] = []
        known = set(history.nights(self._folder))
        for name in names:
            if name in known:
                found.append((name, self._items(name).get(cell.cell, {})))
            elif (base / name / "manifest.json").is_file():
                found += _of_run_directory(name, base / name, cell)
            else:
                raise BadInput(f"gate.baseline: {name!r} is neither a night of the history nor a run directory")
        return [(night, rows) for night, rows in found if rows]

    def _read(self, night: str) -> dict[Cell, dict[str, ItemRow]]:
        cells: dict[Cell, dict[str, ItemRow]] = defaultdict(dict)
        for row in history.read_items(self._folder, night):
            cells[row.cell][row.key] = row
        return cells


def _of_run_directory(name: str, path: Path, cell: Filled) -> list[tuple[str, Night]]:
    """Let a run directory stand for the cells of its tasks whose model it is, by label or by the model's own name."""
    manifest = store.read_manifest(path)
    own = None if cell.run is None else store.read_manifest(cell.run)["model"]["name"]
    if cell.cell[1] not in manifest["tasks"] or manifest["model"]["name"] not in {cell.cell[0], own}:
        return []
    return [(name, _items(name, cell.cell, store.read_run(path)))]


def _result(
    night: str, started: str, filled: Filled, row: ReportRow | None, tests: Sequence[Test], gate: Gate
) -> ResultRow:
    """One cell's line of the history."""
    label, task, budget = filled.cell
    mine = {test.reference: test for test in tests if test.cell == filled.cell}
    failure = filled.failure or _too_many_errors(row, gate)
    alarms = [test for test in mine.values() if test.alarm]
    reasons = [f"{-100 * t.difference.value:.1f} points below the {t.reference} (p = {t.p_holm:.2g})" for t in alarms]
    accuracy = row.accuracy if row else None
    length = row.length if row else None
    return ResultRow(
        night=night,
        started=started,
        model=label,
        task=task,
        budget=budget,
        task_version=(row and row.task_version) or 0,
        fingerprint=(row and row.fingerprint) or "",
        status="regression" if alarms else "failure" if failure else "ok",
        reason="; ".join([*reasons, *([failure] if failure else [])]),
        n=(row and row.n) or 0,
        traces=(row and row.traces) or 0,
        errors=(row and row.errors) or 0,
        accuracy=value(accuracy, "value"),
        accuracy_low=value(accuracy, "low"),
        accuracy_high=value(accuracy, "high"),
        no_answer=row.no_answer if row else None,
        truncated=value(length, "truncated"),
        mean_tokens=value(length, "mean.value") if value(length, "unit") == "tokens" else None,
        clean=value(row, "clean.accuracy.value"),
        flagged=value(row, "flagged.accuracy.value"),
        gain=value(row, "gain.value"),
        baseline_difference=mine["baseline"].difference.value if "baseline" in mine else None,
        baseline_p=mine["baseline"].p_holm if "baseline" in mine else None,
        recent_difference=mine["last nights"].difference.value if "last nights" in mine else None,
        recent_p=mine["last nights"].p_holm if "last nights" in mine else None,
        rewards=msgspec.json.encode(
            {e.reward: value(e, "auroc.value") for e in (row and row.agreement) or ()}
        ).decode(),
    )


def _doubted(filled: Sequence[Filled], rows: Mapping[str | None, ReportRow]) -> dict[Cell, str]:
    found = {cell.cell: rows.get(cell.run.name) for cell in filled if cell.run}
    told = {cell: sentence(row.doubt, row.no_answer) for cell, row in found.items() if row}
    return {cell: why for cell, why in told.items() if why}


def _too_many_errors(row: ReportRow | None, gate: Gate) -> str:
    if row is None:
        return "no judged answer"
    traces, errors = row.traces or 0, row.errors or 0
    if errors > gate.allowed_error_share * (traces + errors):
        return f"{errors:,} of {traces + errors:,} calls failed"
    return "" if traces else "no judged answer"


def _fallen(
    tests: Sequence[Test], tonight: Mapping[Cell, Night], references: Sequence[Reference]
) -> dict[Cell, list[str]]:
    found: dict[Cell, list[str]] = {}
    nights_of = {(name, cell): nights for name, cell, nights in references}
    for test in tests:
        if test.alarm and test.cell not in found:
            now = tonight[test.cell]
            before = [items for _, items in nights_of[test.reference, test.cell]]
            fell = [row for key, row in now.items() if 2 * row.right <= row.samples and _mostly_right(before, key)]
            found[test.cell] = sorted(row.item_id for row in fell)
    return found


def _mostly_right(nights: Sequence[Night], key: str) -> bool:
    rows = [items[key] for items in nights if key in items]
    return 2 * sum(row.right for row in rows) > sum(row.samples for row in rows)
