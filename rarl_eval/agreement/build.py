"""The agreement report: rewards against verdicts, over runs, with what games them and what choosing by them gives.

``build_agreement`` returns the object that docs/rewards.md describes, as plain data. The same runs, scans and seed give
the same object. Not here: formulas, and how it is written (present.py).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from rarl_eval import __version__
from rarl_eval.agreement.domains import by_domain, shifts
from rarl_eval.agreement.entry import entry_of
from rarl_eval.agreement.equal import equal_compute
from rarl_eval.agreement.policies import policies
from rarl_eval.agreement.traces import Traces, traces_of
from rarl_eval.agreement.verdicts import Label, corrected, read_labels
from rarl_eval.errors import BadInput
from rarl_eval.evidence.scans import ScanResult, scan_entry, statuses_of
from rarl_eval.files.plain import plain_data
from rarl_eval.measures.columns import lengths_of
from rarl_eval.measures.scaling import scaling
from rarl_eval.runs import store
from rarl_eval.runs.added import Slot
from rarl_eval.runs.identity import once, run_labels
from rarl_eval.stats.compare import paired
from rarl_eval.stats.means import Floats

SCHEMA = 1


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What an agreement report is made from, beside its runs."""

    scans: Sequence[ScanResult] = ()
    labels: Path | None = None
    """People's labels: whether a trace is right, and its first faulty step."""
    selected: Sequence[tuple[str, str]] = ()
    """(model whose traces were chosen by a reward, model that wrote them unchosen) to be compared."""
    seed: int = 0
    replicates: int = 1000
    labelled: dict[Slot, Label] = field(default_factory=dict)


def build_agreement(runs: Sequence[store.Run], asked: Asked) -> dict[str, Any]:
    """Measure every reward of every model, task and run; raises BadInput where nothing can be compared."""
    labels = run_labels(runs)
    once("scan", (scan.path for scan in asked.scans))
    rows = [row for run in runs for row in traces_of(run)]
    if not any(row.columns.signals for row in rows):
        raise BadInput("no run has a judged trace with a reward; add one with: rarl-eval reward")
    if asked.labels is not None:
        asked.labelled.update(read_labels(asked.labels, _keys(runs)))
    domains = by_domain(rows, seed=asked.seed, replicates=asked.replicates)
    scaled = [_scaled(row, labels) for row in rows]
    found = {
        "schema": SCHEMA,
        "created_by": f"rarl-eval {__version__}",
        "synthetic": any(run.manifest.get("synthetic") for run in runs),
        "settings": {"seed": asked.seed, "replicates": asked.replicates, "level": 0.95},
        "scans": [scan_entry(scan) for scan in asked.scans],
        "rewards": _entries(rows, labels, asked),
        "policies": [p for row in rows for p in _named(row, labels, policies(row, asked.seed, asked.replicates))],
        "domains": domains,
        "shifts": shifts(domains),
        "scaling": scaled,
        "equal_compute": equal_compute(scaled),
        "selected": [_selected(rows, picked, base) for picked, base in asked.selected],
        "verdicts": [_verdict(row, labels, asked) for row in rows],
    }
    return plain_data(found)


def _entries(rows: Sequence[Traces], labels: Mapping[Path, str], asked: Asked) -> list[dict[str, Any]]:
    found = []
    for row in rows:
        statuses = statuses_of(asked.scans, row.columns.task, row.columns.keys)
        others = [r for r in rows if r.columns.task == row.columns.task and r is not row]
        entries = [
            entry_of(row, name, statuses, others, asked.labelled, seed=asked.seed, replicates=asked.replicates)
            for name in row.columns.signals
        ]
        found += _named(row, labels, entries)
    return found


def _named(row: Traces, labels: Mapping[Path, str], entries: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    c = row.columns
    where = {"model": c.model, "task": c.task, "run": labels[c.run], "domain": c.info.domain}
    return [{**where, **entry} for entry in entries]


def _scaled(row: Traces, labels: Mapping[Path, str]) -> dict[str, Any]:
    unit, lengths = lengths_of(row.columns)
    scores = {n: s.scores for n, s in row.columns.signals.items() if s.meaning != "shaping" and _tells(s.scores)}
    found = scaling(
        row.columns.correct,
        row.columns.item.tolist(),
        row.answers,
        lengths,
        scores,
    )
    return _named(row, labels, [{"unit": unit, **msgspec.structs.asdict(found)}])[0]


def _tells(scores: Floats) -> bool:
    return not bool(np.isnan(scores).any()) and bool(np.isfinite(scores).all())


def _selected(rows: Sequence[Traces], picked: str, base: str) -> dict[str, Any]:
    """Paired difference of a model whose traces a reward chose and the model that wrote them."""
    one, other = _one(rows, picked), _one(rows, base)
    if one.columns.task != other.columns.task:
        raise BadInput(f"--selected {picked}={base}: they answered {one.columns.task} and {other.columns.task}")
    shares = [_shares(row) for row in (one, other)]
    keys = sorted(shares[0].keys() & shares[1].keys())
    clusters = _clusters(one, keys)
    found = paired([shares[0][k] for k in keys], [shares[1][k] for k in keys], clusters)
    if found is None:
        raise BadInput(f"--selected {picked}={base}: they share no item")
    return {"picked": picked, "base": base, "task": one.columns.task, **msgspec.structs.asdict(found)}


def _one(rows: Sequence[Traces], model: str) -> Traces:
    found = [row for row in rows if row.columns.model == model]
    if len(found) != 1:
        known = ", ".join(sorted({row.columns.model for row in rows}))
        raise BadInput(f"--selected names {model!r}, of which the runs hold {len(found)} rows (models: {known})")
    return found[0]


def _shares(row: Traces) -> dict[str, float]:
    c = row.columns
    counts = np.bincount(c.item, minlength=len(c.keys))
    right = np.bincount(c.item, weights=c.correct, minlength=len(c.keys))
    return {key: float(r / n) for key, r, n in zip(c.keys, right, counts, strict=True)}


def _clusters(row: Traces, keys: Sequence[str]) -> Any:
    units = dict(zip(row.columns.keys, row.columns.unit_of_item.tolist(), strict=True))
    found = np.unique([units[key] for key in keys], return_inverse=True)[1]
    return None if found.size == np.unique(found).size else found


def _verdict(row: Traces, labels: Mapping[Path, str], asked: Asked) -> dict[str, Any]:
    """Accuracy of a row with the verdict's own error in it, where people labelled traces."""
    labelled = sum(slot in asked.labelled for slot in row.slots)
    found = corrected(row.columns.correct, row.slots, asked.labelled)
    return _named(row, labels, [{"labelled": labelled, "corrected_accuracy": found}])[0]


def _keys(runs: Sequence[store.Run]) -> dict[tuple[str, str], str]:
    found = {}
    for run in runs:
        for task, info in run.tasks.items():
            for key, item in info.items.items():
                found[task, item.id] = key
                found[task, key] = key
    return found
