"""What is compared: one model on one task in one run, with its answers, dates and what the scans say."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from rarl_eval.evidence.scans import ScanResult, merge_status
from rarl_eval.measures.columns import Columns
from rarl_eval.measures.splits import item_shares
from rarl_eval.measures.traces import collect
from rarl_eval.runs.store import Run
from rarl_eval.stats.means import Codes, Floats, codes
from rarl_eval.types import Record

Counts = np.ndarray[tuple[int], np.dtype[np.int64]]

MOST_CHARACTERS = 200
"""Of an answer or question that is shown."""


class AnswerSaid(NamedTuple):
    """A final answer as read, "" where there was none, and whether it is right."""

    text: str
    right: bool


@dataclass(frozen=True, kw_only=True)
class Entrant:
    """One model on one task in one run."""

    label: str
    model: str
    run: str
    task: str
    columns: Columns
    shares: Floats
    """Share of right samples of each item of ``columns.keys`` (items,)."""
    samples: Counts
    right: Counts
    place: Mapping[str, int]
    """Item key to its place in the arrays."""
    answers: Mapping[str, tuple[AnswerSaid, ...]]
    """Item key to the judged final answers, by sample."""
    released: Mapping[str, str]
    """Item key to the ISO date on which it, or its benchmark, became public; without the items of unknown date."""


def entrants(runs: Iterable[Run], labels: Mapping[Path, str]) -> list[Entrant]:
    """Read the entrants of runs, by task, in the order given; ``labels`` names each run's path.

    An entrant is called by its model, and by its run too where a task has the model several times.
    """
    found = [entrant for run in runs for entrant in _of_run(run, labels[run.path])]
    names = Counter((e.task, e.model) for e in found)
    return [
        e if names[e.task, e.model] == 1 else replace(e, label=f"{e.model} ({e.run})")
        for e in sorted(found, key=lambda e: e.task)
    ]


def shared_keys(group: Sequence[Entrant]) -> list[str]:
    """Keys of the items that every entrant of the group has judged samples of, sorted."""
    return sorted(set.intersection(*(set(e.place) for e in group))) if group else []


def clusters_of(entrant: Entrant, keys: Sequence[str]) -> Codes | None:
    """Give the passages of ``keys`` numbers; None where no two items share one."""
    units = entrant.columns.unit_of_item[[entrant.place[key] for key in keys]]
    numbered, groups = codes(units)
    return None if groups == len(keys) else numbered


def parts(entrant: Entrant, scans: Sequence[ScanResult], after: str | None) -> dict[str, set[str]]:
    """Item keys of an entrant by part: ``all``, with scans ``clean`` and ``flagged``, with a date ``after``."""
    found = {"all": set(entrant.place)}
    if scans:
        status = {key: merge_status(scans, entrant.task, key) for key in entrant.place}
        found |= {name: {key for key, s in status.items() if s == name} for name in ("clean", "flagged")}
    if after is not None:
        found["after"] = {key for key in entrant.place if entrant.released.get(key, "") > after}
    return found


def _of_run(run: Run, label: str) -> list[Entrant]:
    answers: dict[tuple[str, str], dict[str, list[AnswerSaid]]] = defaultdict(lambda: defaultdict(list))

    def seen(record: Record) -> None:
        text, right = (record.verdict.extracted, record.verdict.correct) if record.verdict else (None, None)
        said = AnswerSaid((text or "")[:MOST_CHARACTERS], right is True)
        answers[record.trace.task, record.trace.model][record.trace.key].append(said)

    return [_entrant(run, label, c, answers[c.task, c.model]) for c in collect(run, seen=seen)]


def _entrant(run: Run, label: str, columns: Columns, answers: Mapping[str, list[AnswerSaid]]) -> Entrant:
    shares, samples = item_shares(columns)
    benchmark_date = run.manifest["tasks"][columns.task].get("released")
    dates = {key: item.released or benchmark_date for key, item in columns.info.items.items()}
    return Entrant(
        label=columns.model,
        model=columns.model,
        run=label,
        task=columns.task,
        columns=columns,
        shares=shares,
        samples=samples.astype(np.int64),
        right=np.bincount(columns.item, weights=columns.correct, minlength=len(columns.keys)).astype(np.int64),
        place={key: i for i, key in enumerate(columns.keys)},
        answers={key: tuple(said) for key, said in answers.items()},
        released={key: date for key in columns.keys if (date := dates.get(key))},
    )
