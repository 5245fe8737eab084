"""What the agreement report needs of a run beyond the columns of a report: answers, forms, steps and probes."""

import re
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from rarl_eval.judge import characters
from rarl_eval.measures.columns import Columns
from rarl_eval.measures.traces import collect
from rarl_eval.runs import store
from rarl_eval.runs.added import Entry, Slot
from rarl_eval.stats.means import Codes, Floats
from rarl_eval.types import Record

_MARKS = re.compile(r"(?m)^\s*(?:#{1,6}\s|[-*+]\s|\d{1,2}[.)]\s|>\s)|\*\*|`|\|")


@dataclass(frozen=True, kw_only=True)
class Traces:
    """The judged traces of one model on one task in one run; arrays are (traces,), in the order of ``columns``."""

    columns: Columns
    identities: Mapping[str, Any]
    """What the run's manifest says of each added reward."""
    slots: list[Slot]
    answers: list[str | None]
    extracted: list[str | None]
    """As read, for people; ``answers`` are for comparing."""
    answered: Floats
    characters: Floats
    markdown: Floats
    """Marks of Markdown in a hundred characters."""
    texts: list[int]
    """Hash of each text."""
    steps: dict[str, list[tuple[float, ...] | None]]
    entries: dict[str, list[Entry]]
    """Added rewards of these traces with their judgements, by name."""
    probes: dict[str, list[Entry]]

    @property
    def units(self) -> Codes:
        """What is resampled as a whole, for each trace."""
        return self.columns.unit_of_item[self.columns.item]


def traces_of(run: store.Run) -> list[Traces]:
    """Read a run's judged traces by task and model, with the judgements and probes stored beside them."""
    drafts: dict[tuple[str, str], list[Record]] = defaultdict(list)
    for record in run.records:
        if record.verdict is not None and record.trace.stop != "error" and record.verdict.correct is not None:
            drafts[record.trace.task, record.trace.model].append(record)
    entries, probes = (_by_task(store.read_entries(run.path, probes=p)) for p in (False, True))
    found = []
    for columns in collect(run):
        records = drafts[columns.task, columns.model]
        if len(records) != columns.item.size:
            raise ValueError(f"{len(records)} judged traces against {columns.item.size} in the report's columns")
        found.append(_traces(run, columns, records, entries.get(columns.task, {}), probes.get(columns.task, {})))
    return found


def _traces(
    run: store.Run,
    columns: Columns,
    records: list[Record],
    entries: dict[str, list[Entry]],
    probes: dict[str, list[Entry]],
) -> Traces:
    slots = [(r.trace.task, r.trace.key, r.trace.sample) for r in records]
    mine = set(slots)
    return Traces(
        columns=columns,
        identities=run.manifest.get("rewards", {}),
        slots=slots,
        answers=[_answer(r) for r in records],
        extracted=[r.verdict.extracted if r.verdict else None for r in records],
        answered=_array(records, lambda r: float(_answer(r) is not None)),
        characters=_array(records, lambda r: float(characters(r.trace))),
        markdown=_array(records, lambda r: 100 * len(_MARKS.findall(r.trace.answer)) / max(1, len(r.trace.answer))),
        texts=[hash(" ".join(r.trace.text.split())) for r in records],
        steps={name: [_steps(r, name) for r in records] for name in columns.signals},
        entries={name: [e for e in found if e.slot in mine] for name, found in entries.items()},
        probes={name: [e for e in found if e.slot in mine] for name, found in probes.items()},
    )


def _array(records: list[Record], value: Callable[[Record], float]) -> Floats:
    return np.array([value(r) for r in records], dtype=np.float64)


def _answer(record: Record) -> str | None:
    extracted = record.verdict.extracted if record.verdict else None
    return None if extracted is None else " ".join(extracted.casefold().split())


def _steps(record: Record, name: str) -> tuple[float, ...] | None:
    return next((reward.steps for reward in record.rewards if reward.name == name), None)


def _by_task(entries: list[Entry]) -> dict[str, dict[str, list[Entry]]]:
    found: dict[str, dict[str, list[Entry]]] = defaultdict(lambda: defaultdict(list))
    for entry in entries:
        found[entry.slot[0]][entry.reward.name].append(entry)
    return found
