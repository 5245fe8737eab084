"""Rows of a report, each from its run's columns and from what the other rows of its task share with it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import msgspec
import numpy as np

from rarl_eval import __version__
from rarl_eval.belief import LEVEL
from rarl_eval.evidence.probes import ProbeResult
from rarl_eval.evidence.scans import ScanResult, levels_of, scan_entry, statuses_of
from rarl_eval.files.plain import plain_data
from rarl_eval.measures import splits, wanted
from rarl_eval.measures.abstention import abstention
from rarl_eval.measures.budgets import budget_range
from rarl_eval.measures.columns import Columns, comparable, item_lengths, lengths_of
from rarl_eval.measures.doubt import doubt
from rarl_eval.measures.front import Front, fronts
from rarl_eval.measures.origin import origin
from rarl_eval.measures.outcome import outcome, unsupported
from rarl_eval.measures.rewarded import rewarded
from rarl_eval.measures.spent import Spent, beside, spent
from rarl_eval.measures.traces import collect
from rarl_eval.measures.wanted import Wanted
from rarl_eval.report.believing import Behind, Place, RewardedBy, behind, place, with_beliefs
from rarl_eval.report.fresh import public_minus_fresh
from rarl_eval.report.probes import probe_entries
from rarl_eval.report.row_types import ReportFile, ReportRow, ScanEntry
from rarl_eval.report.standing import partial_items, with_standings
from rarl_eval.runs.identity import once, run_labels
from rarl_eval.runs.store import Run
from rarl_eval.stats.means import Floats

SCHEMA = 2

NOTHING = Wanted()
NO_DATES: Mapping[str, str] = MappingProxyType({})
NO_REWARDS: Mapping[str, RewardedBy] = MappingProxyType({})


def build_report(
    runs: Iterable[Run],
    scans: Sequence[ScanResult] = (),
    *,
    probes: Sequence[ProbeResult] = (),
    more: Wanted = NOTHING,
    cutoffs: Mapping[str, str] = NO_DATES,
    rewarded_by: Mapping[str, RewardedBy] = NO_REWARDS,
    seed: int = 0,
    replicates: int = 1000,
) -> dict[str, Any]:
    """Join runs, scans and probes into the object of docs/report.md: plain dicts, lists, strings, numbers and None.

    Each run is gone through once. ``more`` is what is measured only where asked for; ``seed`` and ``replicates`` are
    the bootstrap's; ``cutoffs`` maps models, or ``*``, to the ISO date after which they learnt nothing, ``rewarded_by``
    models to what trained them or chose their answers. Raises BadInput for a run, scan or probe that is given twice.
    """
    given = list(runs)
    labels = run_labels(given)
    once("scan", (scan.path for scan in scans))
    once("probe", (probe.path for probe in probes))
    rows = [columns for run in given for columns in collect(run, more.tokenizer)]
    wanted.check_base(more, rows)
    tasks = defaultdict(list)
    for columns in rows:
        tasks[columns.task].append(columns)
    models = _models(rows)
    built: list[ReportRow] = []
    bearing: dict[Place, Behind] = {}
    for task, columns_of_task in sorted(tasks.items()):
        rows_of_task, found = _task_rows(task, columns_of_task, models, labels, scans, more, seed, replicates)
        built += rows_of_task
        bearing |= found
    fresh = public_minus_fresh(built)
    by_label = {labels[run.path]: run for run in given}
    built = with_beliefs(
        built, bearing, runs=by_label, scans=scans, fresh=fresh, probes=probes, cutoffs=cutoffs, rewarded=rewarded_by
    )
    built = with_standings(built, lambda r: bearing[place(r)].columns, lambda r: bearing[place(r)].found)
    report = ReportFile(
        schema=SCHEMA,
        created_by=f"rarl-eval {__version__}",
        synthetic=any(run.manifest.get("synthetic") for run in given),
        settings={"seed": seed, "replicates": replicates, "level": 0.95, "belief": _believed(built), **more.settings()},
        scans=tuple(msgspec.convert(scan_entry(scan), ScanEntry) for scan in scans),
        rows=tuple(built),
        fresh=tuple(fresh),
        probes=tuple(probe_entries(probes, scans)),
    )
    return plain_data(report)


def _task_rows(
    task: str,
    rows: Sequence[Columns],
    models: Mapping[tuple[str, str], list[tuple[Columns, Floats]]],
    labels: Mapping[Path, str],
    scans: Sequence[ScanResult],
    more: Wanted,
    seed: int,
    replicates: int,
) -> tuple[list[ReportRow], dict[Place, Behind]]:
    """Rows of one task, the most accurate first, then by model and run; and what else bears on their beliefs."""
    keys = sorted({key for columns in rows for key in columns.keys})
    statuses = statuses_of(scans, task, keys)
    levels = levels_of(scans, task, keys)
    others = list(_others(rows, keys))
    common = _common_correct(rows)
    spans = _spans(rows)
    placed = _fronts(rows, _held(rows, scans, task, keys), seed, replicates)
    least = _least_accurate(rows)
    built = []
    for columns, peers in zip(rows, others, strict=True):
        places = None if common is None else np.flatnonzero(np.isin(columns.keys, common)).astype(np.intp)
        unit, lengths = lengths_of(columns)
        length = spent(columns, places, spans.get(unit), seed, replicates)
        front = placed.get((columns.run, columns.model))
        length = beside(length, columns, least.get(unit), front, seed, replicates)
        asked = wanted.measure(columns, rows, places, more, seed, replicates)
        parts = splits.splits(columns, statuses)
        relative = splits.relative_gain(columns, peers, statuses, seed, replicates)
        built.append(
            ReportRow(
                **msgspec.structs.asdict(outcome(columns, labels[columns.run])),
                clean=parts["clean"],
                flagged=parts["flagged"],
                unscanned=parts["unscanned"],
                levels=splits.by_level(columns, levels),
                gain=splits.gain(columns, statuses, seed, replicates),
                gain_relative=relative.gain,
                control=relative.control,
                length=msgspec.structs.replace(length, **asked),
                origin=origin(columns),
                doubt=doubt(columns),
                abstention=abstention(columns, lengths, models[columns.model, unit], seed, replicates),
                unsupported=unsupported(columns),
                agreement=rewarded(columns, seed, replicates),
            )
        )
    bearing = dict(zip(map(place, built), behind(task, rows, others, scans, seed, replicates), strict=True))
    turned = [_with_flips(row, built) for row in built]
    return sorted(turned, key=lambda r: (-(r.accuracy.value if r.accuracy else -1.0), r.model, r.run or "")), bearing


def _believed(rows: Sequence[ReportRow]) -> dict[str, Any]:
    """Say how beliefs were come by: over how many tests the chance of a false accusation is held."""
    return {"level": LEVEL, "correction": "holm", "tests": sum(len(row.belief.tests) for row in rows if row.belief)}


def _with_flips(row: ReportRow, rows: Sequence[ReportRow]) -> ReportRow:
    assert row.length is not None
    others = [(other.model, other.length) for other in rows if other.length is not None]
    return msgspec.structs.replace(
        row, length=msgspec.structs.replace(row.length, order_flips=_order_flips(row.length, others))
    )


def _order_flips(own: Spent, others: Sequence[tuple[str, Spent]]) -> tuple[str, ...] | None:
    """Name the models that one of the two medians, of own right answers and of common ones, puts on the other side.

    The first compares hard questions of the better model with easy ones of the worse; None without common items.
    """
    if own.median_common_correct is None or own.median_correct is None or own.hidden:
        return None
    turned = [
        model
        for model, length in others
        if length.unit == own.unit and not length.hidden
        if length.median_common_correct is not None and length.median_correct is not None
        if (length.median_correct - own.median_correct) * (length.median_common_correct - own.median_common_correct) < 0
    ]
    return tuple(sorted(set(turned)))


def _models(rows: Sequence[Columns]) -> dict[tuple[str, str], list[tuple[Columns, Floats]]]:
    """Rows with their lengths by model and unit: a question and its twin may stand in two tasks, or two runs."""
    found = defaultdict(list)
    for columns in rows:
        unit, lengths = lengths_of(columns)
        found[columns.model, unit].append((columns, lengths))
    return found


def _others(rows: Sequence[Columns], keys: Sequence[str]) -> Iterator[dict[str, Floats]]:
    """For each row, the shares of every other model on the row's items; several runs of a model are averaged."""
    matrix = splits.share_matrix(rows, keys)
    lines = defaultdict(list)
    for line, columns in zip(matrix, rows, strict=True):
        lines[columns.model].append(line)
    models = {model: splits.nan_mean(runs) for model, runs in lines.items()}
    for line, columns in zip(matrix, rows, strict=True):
        own = ~np.isnan(line)  # keys are sorted in both, so these are the row's items in its own order
        yield {model: shares[own] for model, shares in models.items() if model != columns.model}


def _common_correct(rows: Sequence[Columns]) -> list[str] | None:
    """Keys of the items that every row got right at least once; None unless there are two models to compare."""
    if len({columns.model for columns in rows}) < 2:
        return None
    right = [{columns.keys[i] for i in np.unique(columns.item[columns.correct == 1])} for columns in rows]
    return sorted(set.intersection(*right))


def _spans(rows: Sequence[Columns]) -> dict[str, tuple[float, float]]:
    """Budget range by unit, over all rows of the task, so that their areas compare."""
    by_unit = defaultdict(list)
    for columns in rows:
        unit, lengths = lengths_of(columns)
        by_unit[unit].append(lengths)
    ranges = {unit: budget_range(np.concatenate(lengths)) for unit, lengths in by_unit.items()}
    return {unit: span for unit, span in ranges.items() if span is not None}


def _held(rows: Sequence[Columns], scans: Sequence[ScanResult], task: str, keys: Sequence[str]) -> set[str]:
    """Items that stand in the training data of some row's model, by the scans that are said to be that model's."""
    models = {columns.model for columns in rows}
    own = [scan for scan in scans if models & set(scan.models)]
    return {key for key, status in statuses_of(own, task, keys).items() if status == "flagged"}


def _fronts(rows: Sequence[Columns], held: set[str], seed: int, replicates: int) -> dict[tuple[Path, str], Front]:
    """Place of each row on accuracy against length, among the rows of its unit.

    On the items that all of them answered and that are not ``held`` by anybody's training data; rows of a part of the
    items have no place, and shrink nobody's.
    """
    found: dict[tuple[Path, str], Front] = {}
    most = max((len(columns.keys) for columns in rows), default=0)
    for unit in ("characters", "tokens"):
        same = [c for c in rows if lengths_of(c)[0] == unit and comparable(c) and not partial_items(len(c.keys), most)]
        keys = sorted(set.intersection(*(set(columns.keys) for columns in same)) - held) if same else []
        if keys and len(same) > 1:
            places = [np.flatnonzero(np.isin(columns.keys, keys)) for columns in same]
            right = np.stack([splits.item_shares(c)[0][p] for c, p in zip(same, places, strict=True)])
            means = np.stack([item_lengths(c)[p] for c, p in zip(same, places, strict=True)])
            units = np.unique(same[0].unit_of_item[places[0]], return_inverse=True)[1].astype(np.intp)
            front = fronts(right, means, units, seed=seed, replicates=replicates)
            found |= {(c.run, c.model): place for c, place in zip(same, front, strict=True)}
    return found


def _least_accurate(rows: Sequence[Columns]) -> dict[str, float]:
    """By unit the lowest accuracy of a row, which all of them reach; units with one row are left out."""
    reached = defaultdict(list)
    for columns in rows:
        if columns.correct.size and comparable(columns):
            reached[lengths_of(columns)[0]].append(float(columns.correct.mean()))
    return {unit: min(shares) for unit, shares in reached.items() if len(shares) > 1}
