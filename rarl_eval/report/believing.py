"""The facts behind each row's belief, gathered from runs, scans, probes and the rows beside it.

Not here: what is concluded from them (belief).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from rarl_eval.belief import AnswerSource, Facts, LengthPeer, Probed, Training, Twin, believe
from rarl_eval.evidence.probes import ProbeResult
from rarl_eval.evidence.scans import ScanResult, statuses_of
from rarl_eval.measures.columns import Columns
from rarl_eval.measures.exposed import Exposed, exposed
from rarl_eval.measures.outcome import RowOutcome
from rarl_eval.measures.rewarded import Rewarded
from rarl_eval.report.fresh import FRESH, PUBLIC
from rarl_eval.report.row_types import FreshEntry, ReportRow
from rarl_eval.runs.store import Run
from rarl_eval.stats.means import Floats

Place = tuple[str, str, str | None]
"""Task, model and run of a row."""


@dataclass(frozen=True, kw_only=True)
class Behind:
    """What bears on a row's belief and is no figure of the row."""

    exposed: Exposed | None
    judges: tuple[str, ...]
    columns: Columns
    found: frozenset[str] = frozenset()
    """Items that stand in the training data of the row's model."""


@dataclass(frozen=True, kw_only=True)
class RewardedBy:
    """What is said of the rewards that trained a model or chose its answers."""

    rewards: tuple[str, ...] = ()
    """Their names among the rewards that scored its answers."""
    trainings: tuple[Training, ...] = ()


UNSAID = RewardedBy()


def place(row: ReportRow) -> Place:
    """Return what names a row."""
    return row.task, row.model, row.run


def behind(
    task: str,
    rows: Sequence[Columns],
    others: Sequence[Mapping[str, Floats]],
    scans: Sequence[ScanResult],
    seed: int,
    replicates: int,
) -> list[Behind]:
    """Hold each row of a task against the scans of its own model's corpora.

    ``others`` holds each other model's shares on the row's items; a model in whose training data a scan found any of
    the task's items is no control for anybody.
    """
    keys = sorted({key for columns in rows for key in columns.keys})
    own = {model: _own(scans, model, task) for model in {columns.model for columns in rows}}
    statuses = {model: statuses_of(found, task, keys) for model, found in own.items()}
    seen = {model for model, found in statuses.items() if "flagged" in found.values()}
    made = []
    for columns, peers in zip(rows, others, strict=True):
        found = None
        if own[columns.model]:
            paths = tuple(str(scan.path) for scan in own[columns.model])
            controls = {model: shares for model, shares in peers.items() if model not in seen}
            found = exposed(columns, statuses[columns.model], paths, controls, seed, replicates)
        held = frozenset(key for key, status in statuses[columns.model].items() if status == "flagged")
        made.append(Behind(exposed=found, judges=columns.judges, columns=columns, found=held))
    return made


def with_beliefs(
    rows: Sequence[ReportRow],
    more: Mapping[Place, Behind],
    *,
    runs: Mapping[str, Run],
    scans: Sequence[ScanResult],
    fresh: Sequence[FreshEntry],
    probes: Sequence[ProbeResult],
    cutoffs: Mapping[str, str],
    rewarded: Mapping[str, RewardedBy],
) -> list[ReportRow]:
    """Return the rows with their beliefs; ``runs`` by the label that rows name them by."""
    untied = [scan for scan in scans if not scan.models]
    by_place = {(r.task, r.model, r.run): r for r in rows}
    judged = [entry for row in rows for entry in row.agreement or ()]
    board = []
    for row in rows:
        extra = more[place(row)]
        entries = [e for e in fresh if (e.public.task, e.model, e.public.run) == place(row)]
        board.append(
            Facts(
                row=_outcome(row),
                doubt=row.doubt,
                exposed=extra.exposed,
                untied=tuple(str(scan.path) for scan in untied if scan.covers(row.task)),
                twins=tuple(t for e in entries if (t := _twin(e, by_place))),
                probes=tuple(_probed(probes, row)),
                fresh=bool(FRESH.fullmatch(row.task)) and not PUBLIC.fullmatch(row.task),
                cutoff=cutoffs.get(row.model, cutoffs.get("*")),
                source=_source(runs.get(row.run or ""), row.task),
                judges=extra.judges,
                judge_measured=_measured(judged, extra.judges),
                truncated=row.length.truncated if row.length else None,
                peer=_peer(row, [r for r in rows if not _seen(more[place(r)])]),
                rewards=row.agreement or (),
                trained_by=rewarded.get(row.model, UNSAID).rewards,
                trainings=rewarded.get(row.model, UNSAID).trainings,
            )
        )
    return [msgspec.structs.replace(r, belief=b) for r, b in zip(rows, believe(board), strict=True)]


def _outcome(row: ReportRow) -> RowOutcome:
    return RowOutcome(**{name: getattr(row, name) for name in RowOutcome.__struct_fields__})


def _own(scans: Sequence[ScanResult], model: str, task: str) -> list[ScanResult]:
    return [scan for scan in scans if model in scan.models and scan.covers(task)]


def _twin(entry: FreshEntry, rows: Mapping[Place, ReportRow]) -> Twin | None:
    accuracy = rows[entry.fresh.task, entry.model, entry.fresh.run].accuracy
    if accuracy is None:
        return None
    return Twin(task=entry.fresh.task, accuracy=accuracy, difference=entry.difference)


def _probed(probes: Sequence[ProbeResult], row: ReportRow) -> list[Probed]:
    return [
        Probed(name=finding.probe, p=finding.p)
        for result in probes
        if str(result.report.model.get("name")) == row.model
        for finding in result.report.findings
        if finding.task == row.task and finding.p is not None
    ]


def _source(run: Run | None, task: str) -> AnswerSource:
    if run is None:
        return AnswerSource()
    manifest = run.manifest
    said: Mapping[str, Any] = manifest.get("tasks", {}).get(task, {})
    return AnswerSource(
        recorded=manifest.get("kind") == "score",
        revision=said.get("revision"),
        made=task.startswith("fresh:"),
        released=said.get("released"),
        served=tuple(manifest.get("served_by") or ()),
        harness_differs=_contradicted(run.path),
    )


def _contradicted(path: Path) -> float | None:
    """Share of the answers that another harness scored and this program judges otherwise; None without such scores."""
    try:
        found = msgspec.json.decode((path / "disagreements.json").read_bytes())
        entries = [(int(e["compared"]), int(e["only_theirs"]) + int(e["only_ours"])) for e in found["scores"]]
    except (OSError, msgspec.DecodeError, KeyError, TypeError, ValueError):
        return None
    shares = [differ / n for n, differ in entries if n]
    # Another harness may score one text by several rules, of which a strict one misreads many: the nearest counts.
    return min(shares) if shares else None


def _measured(entries: Sequence[Rewarded], judges: Sequence[str]) -> Rewarded | None:
    """Return where the judge of the most answers was held against a rule; None for several judges, or none."""
    known = [e for e in entries if (e.reward,) == tuple(judges) and e.false_pass and e.false_fail]
    return max(known, key=lambda e: e.n or 0, default=None)


def _seen(extra: Behind) -> bool:
    return extra.exposed is not None and bool(extra.exposed.found)


def _peer(row: ReportRow, rows: Sequence[ReportRow]) -> LengthPeer | None:
    """Return the next less accurate of some models of the task whose lengths are in the same unit."""
    if row.accuracy is None or row.length is None or row.length.budget is None or row.length.hidden:
        return None
    below = [
        (other.accuracy.value, other)
        for other in rows
        if other.task == row.task and other.model != row.model and other.accuracy is not None
        if other.accuracy.value < row.accuracy.value
        if other.length is not None and other.length.unit == row.length.unit and other.length.budget is not None
    ]
    if not below:
        return None
    accuracy, peer = max(below, key=lambda pair: pair[0])
    assert peer.length is not None
    assert peer.length.budget is not None
    lead = row.length.budget.area - peer.length.budget.area
    return LengthPeer(model=peer.model, lead=row.accuracy.value - accuracy, lead_at_equal_length=lead)
