"""What the agreement report needs of a run beyond the columns of a report: answers, forms, steps and traps."""

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

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
    traps: dict[str, list[Entry]]

    @property
    def units(self) -> Codes:
        """What is resampled as a whole, for each trace."""
        return self.columns.unit_of_item[self.columns.item]


def traces_of(run: store.Run) -> list[Traces]:
    """Read a run's judged traces by task and model, with the judgements and traps stored beside them."""
    drafts: dict[tuple[str, str], list[_Seen]] = defaultdict(list)
    found = collect(run, seen=lambda record: drafts[record.trace.task, record.trace.model].append(_seen(record)))
    entries, traps = (_by_task(store.read_entries(run.path, traps=p)) for p in (False, True))
    return [_traces(run, c, drafts[c.task, c.model], entries[c.task], traps[c.task]) for c in found]


class _Seen(NamedTuple):
    """What is kept of a record, whose text is let go."""

    slot: Slot
    extracted: str | None
    answer: str | None
    characters: int
    markdown: float
    text: int
    steps: dict[str, tuple[float, ...]]


def _seen(record: Record) -> _Seen:
    trace = record.trace
    return _Seen(
        slot=(trace.task, trace.key, trace.sample),
        extracted=record.verdict.extracted if record.verdict else None,
        answer=record.verdict.answer if record.verdict else None,
        characters=characters(trace),
        markdown=100 * len(_MARKS.findall(trace.answer)) / max(1, len(trace.answer)),
        text=hash(" ".join(trace.text.split())),
        steps={reward.name: reward.steps for reward in reversed(record.rewards) if reward.steps is not None},
    )


def _traces(
    run: store.Run,
    columns: Columns,
    seen: list[_Seen],
    entries: dict[str, list[Entry]],
    traps: dict[str, list[Entry]],
) -> Traces:
    slots = [one.slot for one in seen]
    mine = set(slots)
    return Traces(
        columns=columns,
        identities=run.manifest.get("rewards", {}),
        slots=slots,
        answers=[one.answer for one in seen],
        extracted=[one.extracted for one in seen],
        answered=np.array([float(one.answer is not None) for one in seen]),
        characters=np.array([float(one.characters) for one in seen]),
        markdown=np.array([one.markdown for one in seen], dtype=np.float64),
        texts=[one.text for one in seen],
        steps={name: [one.steps.get(name) for one in seen] for name in columns.signals},
        entries={name: [e for e in found if e.slot in mine] for name, found in entries.items()},
        traps={name: [e for e in found if e.slot in mine] for name, found in traps.items()},
    )


def _by_task(entries: list[Entry]) -> dict[str, dict[str, list[Entry]]]:
    found: dict[str, dict[str, list[Entry]]] = defaultdict(lambda: defaultdict(list))
    for entry in entries:
        found[entry.slot[0]][entry.reward.name].append(entry)
    return found
