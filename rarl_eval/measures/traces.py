"""Records of a run become columns, one set per model and task; texts are measured on the way and let go.

A million records fit in memory as columns, not as texts. Not here: any statistic.
"""

from collections import defaultdict
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rarl_eval.measures.loops import loops
from rarl_eval.measures.reference import ReferenceTokenizer
from rarl_eval.runs.store import Run, TaskInfo
from rarl_eval.stats.means import Codes, Floats, codes
from rarl_eval.types import UNANSWERABLE, Record, Reward, Trace

_BUFFERED_CHARACTERS = 8_000_000
"""Text held back before it is searched for loops."""

_COUNTED_TEXTS = 1_000
"""Texts given to the reference tokenizer at once."""

NAN = float("nan")
SCORE = "score:"
"""Names of rewards that are another harness's own score of the answer begin so (data/lm_eval.py)."""

STOPS = (
    "end",
    "length",
    "error",
    "unknown",
    "no_answer",
    "ambiguous",
    "abstained",
    "timeout",
    "unparsable_gold",
    "unjudged",
    "empty",
    "loop",
)


@dataclass(frozen=True, kw_only=True)
class Signal:
    """One reward over the judged traces."""

    judge: str
    grain: str
    meaning: str
    scores: Floats
    """(n,), nan where the signal failed or abstained."""


@dataclass(frozen=True, kw_only=True)
class Columns:
    """The judged traces of one model on one task in one run, and counts of all."""

    run: Path
    model: str
    task: str
    info: TaskInfo
    keys: list[str]
    """Item keys, sorted; ``item`` numbers them."""
    item: Codes
    correct: Floats
    tokens: Floats | None
    """Everything generated, None unless every judged trace has a count."""
    counted_by: str | None
    characters: Floats
    """Of the reasoning where it is marked, else of the whole text."""
    measured: str
    """What ``characters`` counts: ``reasoning``, ``text`` or ``mixed``."""
    abstained: Floats
    """1 where the reply declines to answer, which is right of a question that has no answer."""
    answered: Floats
    """1 where the reply commits itself to an answer, right or wrong."""
    lacking: NDArray[np.bool_]
    """(items,): the question lacks a premise and has no answer."""
    cut: Floats
    """1 where the trace ended by its cap, 0 where by itself, nan where nobody says."""
    hidden: bool
    """Some trace has reasoning tokens but no reasoning text: the visible length is not what was spent."""
    stops: dict[str, int]
    signals: dict[str, Signal]
    own: dict[str, dict[str, list[float]]]
    """Scores of another harness's own rule: name to item key to the traces' scores, judged or not."""
    reference: Floats | None
    """Tokens of the whole text by the reference tokenizer; None without one."""
    unjudged: Floats
    """Lengths of the unjudged traces: tokens if each has a count, else characters."""
    unjudged_unit: str
    unit_of_item: Codes
    """What is resampled as a whole: the item's group, else the item."""


def collect(run: Run, tokenizer: ReferenceTokenizer | None = None) -> list[Columns]:
    """Turn a run's records into columns, sorted by task and model; the records are read once, in order."""
    drafts: dict[tuple[str, str], _Draft] = {}
    with ThreadPoolExecutor(1) as pool:
        for record in run.records:
            name = (record.trace.task, record.trace.model)
            draft = drafts.get(name)
            if draft is None:
                draft = drafts[name] = _Draft(pool, tokenizer)
            draft.add(record)
        return [_finish(run, task, model, draft) for (task, model), draft in sorted(drafts.items())]


@dataclass
class _Draft:
    """Columns being filled."""

    pool: ThreadPoolExecutor
    """Searching texts is numpy's work, which leaves the interpreter free to read the next records."""
    tokenizer: ReferenceTokenizer | None = None
    keys: list[str] = field(default_factory=list)
    correct: list[bool] = field(default_factory=list)
    statuses: list[str] = field(default_factory=list)
    tokens: list[float] = field(default_factory=list)
    counted_by: set[str] = field(default_factory=set)
    characters: list[int] = field(default_factory=list)
    measured: set[str] = field(default_factory=set)
    cut: list[float] = field(default_factory=list)
    hidden: bool = False
    stops: dict[str, int] = field(default_factory=lambda: dict.fromkeys(STOPS, 0))
    scores: dict[str, list[float]] = field(default_factory=dict)
    kinds: dict[str, Reward] = field(default_factory=dict)
    own: dict[str, dict[str, list[float]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(list)))
    unjudged: list[tuple[float, int]] = field(default_factory=list)
    reference: list[int] = field(default_factory=list)
    uncounted: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    held: int = 0
    looking: list[Future[list[bool]]] = field(default_factory=list)

    def add(self, record: Record) -> None:
        """Take one record in."""
        trace, verdict = record.trace, record.verdict
        self.stops[trace.stop or "unknown"] += 1
        if verdict is None or trace.stop == "error":
            return
        self.stops["empty"] += not (trace.text.strip() or (trace.reasoning or "").strip())
        if verdict.status in self.stops:
            self.stops[verdict.status] += 1
        self._hold(trace.text)
        for reward in record.rewards:
            if reward.name.startswith(SCORE) and reward.score is not None:
                self.own[reward.name.removeprefix(SCORE)][trace.key].append(reward.score)
        if verdict.correct is None:
            if verdict.status == "unjudged":
                self.unjudged.append((_generated(trace), _visible(trace)))
            return
        for reward in record.rewards:
            if reward.name != verdict.judge:  # what decided agrees with itself
                self._score(reward)
        self.keys.append(trace.key)
        self.correct.append(verdict.correct)
        self.statuses.append(verdict.status)
        self._measure(trace)

    def _measure(self, trace: Trace) -> None:
        tokens = trace.tokens
        self.tokens.append(_generated(trace))
        self.counted_by.add(tokens.counted_by or "unknown")
        self.characters.append(_visible(trace))
        self.measured.add("text" if trace.reasoning is None else "reasoning")
        self.cut.append(float("nan") if trace.stop is None else float(trace.stop == "length"))
        if self.tokenizer is not None:
            self.uncounted.append(trace.text)
            if len(self.uncounted) >= _COUNTED_TEXTS:
                self.count()
        self.hidden = self.hidden or bool(tokens.reasoning and trace.reasoning is None)

    def count(self) -> None:
        """Count the texts held back by the reference tokenizer."""
        if self.tokenizer is not None and self.uncounted:
            self.reference += self.tokenizer.count(self.uncounted)
            self.uncounted = []

    def _score(self, reward: Reward) -> None:
        scores = self.scores.get(reward.name)
        if scores is None:
            scores = self.scores[reward.name] = []
            self.kinds[reward.name] = reward
        place = len(self.keys)
        if len(scores) < place:  # traces without this reward
            scores.extend([NAN] * (place - len(scores)))
        if len(scores) == place:  # a second score of one name for one trace does not count
            score = reward.score if reward.score is not None or not reward.steps else min(reward.steps)
            scores.append(NAN if score is None else score)

    def _hold(self, text: str) -> None:
        self.texts.append(text)
        self.held += len(text)
        if self.held > _BUFFERED_CHARACTERS:
            self.search()

    def search(self) -> None:
        """Look for loops in the texts held back, beside what goes on, and let them go."""
        while len(self.looking) > 1:
            self.stops["loop"] += sum(self.looking.pop(0).result())
        self.looking.append(self.pool.submit(loops, self.texts))
        self.texts, self.held = [], 0

    def finish(self) -> None:
        """Count what is still looked at, and give every signal a score for each trace."""
        self.count()
        self.search()
        self.stops["loop"] += sum(sum(found.result()) for found in self.looking)
        self.looking = []
        for scores in self.scores.values():
            scores.extend([NAN] * (len(self.keys) - len(scores)))


def _generated(trace: Trace) -> float:
    """Count the tokens of everything generated; nan where nobody did."""
    tokens = trace.tokens
    if tokens.completion is None and tokens.reasoning is not None and tokens.answer is not None:
        return tokens.reasoning + tokens.answer
    return float("nan") if tokens.completion is None else tokens.completion


def _visible(trace: Trace) -> int:
    return len(trace.text if trace.reasoning is None else trace.reasoning)


def _finish(run: Run, task: str, model: str, draft: _Draft) -> Columns:
    draft.finish()
    info = run.tasks[task]
    keys = sorted(set(draft.keys))
    number = {key: i for i, key in enumerate(keys)}
    tokens = np.array(draft.tokens, dtype=np.float64)
    known = bool(tokens.size) and not bool(np.isnan(tokens).any())
    groups = info.groups
    lacking = np.array([info.items[key].gold == UNANSWERABLE for key in keys], dtype=bool)
    item = np.array([number[key] for key in draft.keys], dtype=np.intp)
    statuses = np.array(draft.statuses, dtype=object)
    waiting = np.array(draft.unjudged, dtype=np.float64).reshape(-1, 2)
    counted = bool(waiting.size) and not bool(np.isnan(waiting[:, 0]).any())
    declined = (statuses == "abstained") | ((statuses == "correct") & lacking[item])
    return Columns(
        run=run.path,
        model=model,
        task=task,
        info=info,
        keys=keys,
        item=item,
        correct=np.array(draft.correct, dtype=np.float64),
        tokens=tokens if known else None,
        counted_by=", ".join(sorted(draft.counted_by)) if known else None,
        characters=np.array(draft.characters, dtype=np.float64),
        measured=draft.measured.pop() if len(draft.measured) == 1 else "mixed",
        abstained=declined.astype(np.float64),
        answered=(~declined & (statuses != "no_answer")).astype(np.float64),
        lacking=lacking,
        cut=np.array(draft.cut, dtype=np.float64),
        hidden=draft.hidden,
        stops=draft.stops,
        signals={
            name: Signal(
                judge=kind.judge,
                grain=kind.grain,
                meaning=kind.meaning,
                scores=np.array(draft.scores[name], dtype=np.float64),
            )
            for name, kind in sorted(draft.kinds.items())
        },
        own={name: dict(scores) for name, scores in sorted(draft.own.items())},
        reference=None if draft.tokenizer is None else np.array(draft.reference, dtype=np.float64),
        unjudged=waiting[:, 0 if counted else 1],
        unjudged_unit="tokens" if counted else "characters",
        # A group's name may equal a key; the tuple keeps them apart.
        unit_of_item=codes([("group", groups[key]) if key in groups else ("item", key) for key in keys])[0],
    )


def lengths_of(columns: Columns) -> tuple[str, Floats]:
    """Return unit and lengths (traces,) of a row: tokens where every trace has a count, else characters."""
    return ("characters", columns.characters) if columns.tokens is None else ("tokens", columns.tokens)


def comparable(columns: Columns) -> bool:
    """Whether the row's lengths are what was spent: characters of hidden reasoning are not."""
    return columns.tokens is not None or not columns.hidden


def item_lengths(columns: Columns) -> Floats:
    """Mean length of each item's traces (items,), in the row's unit."""
    found: Floats = np.bincount(columns.item, weights=lengths_of(columns)[1]) / np.bincount(columns.item)
    return found
