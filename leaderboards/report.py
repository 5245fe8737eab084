"""What the site reads of report.json (docs/report.md); fields it does not know are left alone.

Not here: computing any of it. ``None`` is unknown throughout.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePath
from typing import Any

import msgspec

from rarl_eval.errors import BadInput
from rarl_eval.measures.standing import Standing, by_values
from rarl_eval.report.row_types import ProbeEntry, ReportRow, ScannedCorpus, read_report
from rarl_eval.report.standing import partial_items
from rarl_eval.stats import Interval


class SiteRow(ReportRow, frozen=True, kw_only=True):
    """One model on one task, with what the site adds."""

    synthetic: bool = False
    """Taken from the report that holds the row."""
    shown_run: str = ""
    """The run, where this model has several rows of a task and the name alone does not tell which."""

    @property
    def entrant(self) -> tuple[str, str]:
        """Who competes: the model, or one run of it."""
        return self.model, self.shown_run


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """Items of one task by what a scan found of them."""

    n: int | None = None
    exact: int | None = None
    near: int | None = None
    sibling: int | None = None
    variant: int | None = None
    partial: int | None = None
    paraphrase: int | None = None
    too_short: int | None = None
    clean: int | None = None

    @property
    def flagged_share(self) -> float | None:
        """Share of the items found in the corpus (``exact`` and ``near``), 0 to 1."""
        if self.n is None or self.n <= 0 or (self.exact is None and self.near is None):
            return None
        return ((self.exact or 0) + (self.near or 0)) / self.n


class Scan(msgspec.Struct, frozen=True, kw_only=True):
    """One scan of tasks against corpora."""

    path: str = ""
    tasks: dict[str, Counts] = {}
    corpora: tuple[ScannedCorpus, ...] = ()

    @property
    def label(self) -> str:
        """The corpora's names, the first three of them; else the scan folder's name."""
        names = [c.name for c in self.corpora]
        more = f" and {len(names) - 3} more" if len(names) > 3 else ""
        return ", ".join(names[:3]) + more or PurePath(self.path).name or "unnamed corpus"


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """The rows and scans of all reports given, each once."""

    rows: tuple[SiteRow, ...]
    scans: tuple[Scan, ...]
    created_by: tuple[str, ...]
    probes: tuple[ProbeEntry, ...] = ()

    @property
    def entrants(self) -> list[tuple[str, str]]:
        """Models, or runs of models that ran twice, sorted."""
        return sorted({row.entrant for row in self.rows})

    @property
    def models(self) -> list[str]:
        """Names of the models, sorted."""
        return sorted({row.model for row in self.rows})

    def of_task(self, task: str) -> list[SiteRow]:
        """Rows of a task by rank, below them those without one: no value to believe, or a part of the items."""
        return sorted((row for row in self.rows if row.task == task), key=_best_first)

    def of_model(self, model: str) -> list[SiteRow]:
        """Rows of a model by task and run."""
        return sorted((r for r in self.rows if r.model == model), key=lambda r: (r.task, r.shown_run))

    def scans_of(self, task: str) -> list[tuple[Scan, Counts]]:
        """Return the scans that covered a task, with what they found."""
        return [(scan, scan.tasks[task]) for scan in self.scans if task in scan.tasks]


def accuracy(row: SiteRow) -> float | None:
    """Accuracy over all items, 0 to 1."""
    return row.accuracy.value if row.accuracy else None


def believed(row: SiteRow) -> float | None:
    """Accuracy to believe, 0 to 1: what models are ordered and ranked by; in reports without beliefs the accuracy."""
    if row.belief is None:
        return accuracy(row)
    return row.belief.value.value if row.belief.value else None


def restood(rows: Sequence[SiteRow]) -> tuple[SiteRow, ...]:
    """Return rows whose standings are among themselves: as their report has them where it ranked just these.

    Reports of before have none, boards may leave models out, and several reports rank apart: then rows are ranked
    anew, by their shares on the items that one report held them to, else by the values to believe.
    """
    tasks = defaultdict(list)
    for row in rows:
        tasks[row.task].append(row)
    made = {(row.task, row.entrant): s for group in tasks.values() for row, s in _standings(group)}
    return tuple(msgspec.structs.replace(row, standing=made[row.task, row.entrant]) for row in rows)


def _standings(group: Sequence[SiteRow]) -> list[tuple[SiteRow, Standing]]:
    ranked = [row for row in group if row.standing is not None and row.standing.rank is not None]
    told = [row.standing for row in group if row.standing is not None]
    alone = len(told) == len(group) and len({(s.models, s.n) for s in told if s.rank is not None}) <= 1
    if alone and all(s.models == len(ranked) for s in told):
        return list(zip(group, told, strict=True))
    most = max(row.n or 0 for row in group)
    reasons = [_why_not(row, most) for row in group]
    whole = [row for row, why in zip(group, reasons, strict=True) if not why]
    values = [_comparable(row, alone=alone) for row in whole]
    known = dict(zip(map(id, whole), by_values(values), strict=True))
    return [
        (row, known[id(row)] if not why else Standing(models=len(whole), why=why))
        for row, why in zip(group, reasons, strict=True)
    ]


def _why_not(row: SiteRow, most: int) -> str:
    if row.standing is not None and row.standing.why:
        return row.standing.why
    if partial_items(row.n, most):
        return f"answered {row.n or 0:,} of {most:,} items"
    return "" if believed(row) is not None else "there is no value to believe"


def _comparable(row: SiteRow, *, alone: bool) -> Interval:
    """Return what a row is ranked by among rows that its report did not rank alone."""
    shared = row.standing.accuracy if row.standing and alone else None
    value = shared or (row.belief.value if row.belief else row.accuracy)
    assert value is not None
    return value


def _best_first(row: SiteRow) -> tuple[float, float, tuple[str, str]]:
    rank = row.standing.rank if row.standing else None
    return float("inf") if rank is None else rank, -(believed(row) or 0.0), row.entrant


def merge(files: Mapping[str, dict[str, Any]]) -> Report:
    """Join parsed report.json files by path; the same row twice is kept once.

    Raises BadInput for a field of the wrong type, and for two different rows of one model, task and run.
    """
    rows: dict[tuple[str, str, str], tuple[SiteRow, str]] = {}
    scans: dict[str, Scan] = {}
    probes: dict[str, ProbeEntry] = {}
    makers = set()
    for path, raw in files.items():
        file = read_report(raw, path)
        makers.add(file.created_by)
        plain = [msgspec.to_builtins(scan) for scan in file.scans or ()]
        scans.update((json.dumps(scan, sort_keys=True), msgspec.convert(scan, Scan)) for scan in plain)
        probes.update((json.dumps(msgspec.to_builtins(found), sort_keys=True), found) for found in file.probes or ())
        for row in file.rows:
            _add(rows, SiteRow(**msgspec.structs.asdict(row), synthetic=file.synthetic), path)
    if not rows:
        raise BadInput(f"{', '.join(files)}: no rows; a site needs at least one model on one task")
    _check_domains(rows.values())
    ordered = restood(_told_apart([rows[key][0] for key in sorted(rows)]))
    return Report(
        rows=ordered,
        scans=tuple(scans[key] for key in sorted(scans)),
        created_by=_known(makers),
        probes=tuple(probes[key] for key in sorted(probes)),
    )


def _add(rows: dict[tuple[str, str, str], tuple[SiteRow, str]], row: SiteRow, path: str) -> None:
    known, owner = rows.setdefault((row.task, row.model, row.run or ""), (row, path))
    if known != row:
        raise BadInput(
            f"{owner} and {path} both hold a row of model {row.model!r} on task {row.task!r} from run {row.run!r}, "
            "with other figures; give only one of them"
        )


def _check_domains(rows: Iterable[tuple[SiteRow, str]]) -> None:
    domains: dict[str, str] = {}
    for row, path in rows:
        if domains.setdefault(row.task, row.domain) != row.domain:
            raise BadInput(f"{path}: task {row.task!r} is in domain {row.domain!r} and in {domains[row.task]!r}")


def _told_apart(rows: list[SiteRow]) -> tuple[SiteRow, ...]:
    """Show the run beside the name of each model that has several rows of one task."""
    several = {model for (model, _), n in Counter((row.model, row.task) for row in rows).items() if n > 1}
    return tuple(
        msgspec.structs.replace(row, shown_run=row.run or "unnamed run") if row.model in several else row
        for row in rows
    )


def _known(makers: set[str]) -> tuple[str, ...]:
    return tuple(sorted(makers - {""}))
