"""Records of a run become columns, one set per model and task; texts are measured on the way and let go.

A million records fit in memory as columns, not as texts. Not here: any statistic.
"""

from collections import Counter, defaultdict
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np

from rarl_eval.measures.columns import CASES, SCORE, Columns, Signal, TwoReadings
from rarl_eval.measures.loops import loops
from rarl_eval.measures.reference import ReferenceTokenizer
from rarl_eval.runs.store import Run
from rarl_eval.stats.means import codes
from rarl_eval.types import UNANSWERABLE, Record, Reward, Trace, Verdict

REASONS = 3
"""Kinds of failed calls that a row names."""

_BUFFERED_CHARACTERS = 8_000_000
"""Text held back before it is searched for loops."""

_COUNTED_TEXTS = 1_000
"""Texts given to the reference tokenizer at once."""


NAN = float("nan")

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
    "cannot_judge",
    "empty",
    "loop",
)


def collect(
    run: Run,
    tokenizer: ReferenceTokenizer | None = None,
    seen: Callable[[Record], None] = lambda _: None,
) -> list[Columns]:
    """Turn a run's records into columns, sorted by task and model; the records are read once, in order.

    ``seen`` is shown each of the traces of ``Columns.item``, in that order: what else is wanted of them.
    """
    drafts: dict[tuple[str, str], _Draft] = {}
    with ThreadPoolExecutor(1) as pool:
        for record in run.records:
            name = (record.trace.task, record.trace.model)
            draft = drafts.get(name)
            if draft is None:
                draft = drafts[name] = _Draft(pool, tokenizer)
            if draft.add(record):
                seen(record)
        return [_finish(run, task, model, draft) for (task, model), draft in sorted(drafts.items())]


@dataclass
class _Draft:
    """Columns being filled."""

    pool: ThreadPoolExecutor
    """Searching texts is numpy's work, which leaves the interpreter free to read the next records."""
    tokenizer: ReferenceTokenizer | None = None
    keys: list[str] = field(default_factory=list)
    correct: list[bool] = field(default_factory=list)
    second: list[float] = field(default_factory=list)
    two_ways: Counter[str] = field(default_factory=Counter)
    cases: list[TwoReadings] = field(default_factory=list)
    statuses: list[str] = field(default_factory=list)
    tokens: list[float] = field(default_factory=list)
    counted_by: set[str] = field(default_factory=set)
    characters: list[int] = field(default_factory=list)
    measured: set[str] = field(default_factory=set)
    cut: list[float] = field(default_factory=list)
    hidden: bool = False
    stops: dict[str, int] = field(default_factory=lambda: dict.fromkeys(STOPS, 0))
    failures: Counter[str] = field(default_factory=Counter)
    scores: dict[str, list[float]] = field(default_factory=dict)
    kinds: dict[str, Reward] = field(default_factory=dict)
    own: dict[str, dict[str, list[float]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(list)))
    unjudged: list[tuple[float, int]] = field(default_factory=list)
    reference: list[int] = field(default_factory=list)
    uncounted: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    judges: set[str] = field(default_factory=set)
    held: int = 0
    looking: list[Future[list[bool]]] = field(default_factory=list)

    def add(self, record: Record) -> bool:
        """Take one record in; tell whether its trace is a judged one."""
        trace, verdict = record.trace, record.verdict
        self.stops[trace.stop or "unknown"] += 1
        if verdict is None or trace.stop == "error":
            self.failures[trace.error or "no reason given"] += 1
            return False
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
            return False
        if verdict.judge is not None:
            self.judges.add(verdict.judge)
        for reward in record.rewards:
            # What decided agrees with itself, and a benchmark's own scores with the verdict of the same rule.
            if reward.name != verdict.judge and not (verdict.judge is None and reward.name.startswith(SCORE)):
                self._score(reward)
        self.keys.append(trace.key)
        self.correct.append(verdict.correct)
        self._reread(record, verdict)
        self.statuses.append(verdict.status)
        self._measure(trace)
        return True

    def _reread(self, record: Record, verdict: Verdict) -> None:
        second = record.second if verdict.judge is None else None  # a judge's verdict is no reading
        found = None if second is None else second.correct
        self.second.append(NAN if found is None else float(found))
        if second is not None and found not in {None, verdict.correct}:
            kind = f"{verdict.status}, second {second.status}"
            self.two_ways[kind] += 1
            if self.two_ways[kind] <= CASES:
                self.cases.append(
                    TwoReadings(
                        item=record.trace.item_id,
                        sample=record.trace.sample,
                        kind=kind,
                        first=verdict.extracted,
                        second=second.extracted,
                    )
                )

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
            outcome = reward.outcome
            scores.append(NAN if outcome is None else outcome)

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
        second=np.array(draft.second, dtype=np.float64),
        two_ways=dict(draft.two_ways),
        cases=tuple(draft.cases),
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
        failures=dict(draft.failures.most_common(REASONS)),
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
        judges=tuple(sorted(draft.judges)),
    )
