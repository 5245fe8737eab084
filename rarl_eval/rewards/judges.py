"""Generative judges: what each kind asks, where the verdict must stand, and what score it becomes.

``pointwise`` and ``reference`` (which shows the gold) give 1 or 0, the latter the score of an item's own criteria where
it has some (criteria.py), ``rubric`` the mean of its criteria in 0 to 1,
``critique`` the first faulty step, ``pairwise`` the share of the
item's other samples that a trace beats in both orders.
The verdict is read from the last line alone: a verdict quoted from the judged text, or written on the way, is none.
Not here: how judges are reached (judging.py).
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence

import msgspec

from rarl_eval.models import Model
from rarl_eval.rewards import Case, Group, Kind, Reach, RewardSource, cases, criteria
from rarl_eval.rewards.judging import VERSION, Ask, describe, open_judge, put
from rarl_eval.rewards.questions import CRITERIA, MOST, critique, pairwise, pointwise, rubric
from rarl_eval.rewards.steps import split_steps
from rarl_eval.runs.added import Entry, Judgement
from rarl_eval.types import Item, Message

PEERS = 3
"""Each sample is compared with this many that follow it in the item's ring of samples, so that costs stay linear."""


def open_pointwise(argument: str, reach: Reach, registered: str) -> RewardSource:
    """Open ``pointwise:ADAPTER:NAME`` or ``reference:ADAPTER:NAME``."""
    model = open_judge(argument, reach, registered)
    shows_gold = registered == "reference"
    kind = Kind(name=_name(model, reach, registered), judge="generative")

    def score(groups: Iterable[Group]) -> Iterator[Entry]:
        for case, judged in put(model, _singly(groups, registered, shows_gold), reach, read_verdict):
            told = [judgement for _, judgement in judged]
            if judged[0][0].part == "criterion":
                value = criteria.score(case.shown, [judgement.verdict for judgement in told])
            else:
                value = {"correct": 1.0, "incorrect": 0.0}.get(told[0].verdict or "")
            yield kind.entry(case, value, judgements=told, failed=any(j.error is not None for j in told))

    return _source(kind, score, model, registered)


def open_rubric(argument: str, reach: Reach, registered: str) -> RewardSource:
    """Open ``rubric:ADAPTER:NAME``: 1 to 5 on each of CRITERIA, joined to a mean between 0 and 1."""
    model = open_judge(argument, reach, registered)
    kind = Kind(name=_name(model, reach, registered), judge="generative")

    def questions(groups: Iterable[Group]) -> Iterator[tuple[Case, list[Ask]]]:
        for case in cases(groups):
            yield case, [Ask(part="rubric", messages=rubric(case.shown, response_of(case)))]

    def score(groups: Iterable[Group]) -> Iterator[Entry]:
        for case, judged in put(model, questions(groups), reach, read_rubric):
            judgement = judged[0][1]
            yield kind.entry(
                case, rubric_score(judgement.verdict), judgements=[judgement], failed=judgement.error is not None
            )

    return _source(kind, score, model, registered)


def open_critique(argument: str, reach: Reach, registered: str) -> RewardSource:
    """Open ``critique:ADAPTER:NAME``: the first faulty step; steps before it score 1, it and the rest 0.

    The prompt's form is that of ProcessBench's critic models (arXiv 2412.06559): what follows a fault is not judged.
    """
    model = open_judge(argument, reach, registered)
    kind = Kind(name=_name(model, reach, registered), judge="generative", grain="process")

    def questions(groups: Iterable[Group]) -> Iterator[tuple[Case, list[Ask]]]:
        for case in cases(groups):
            steps = steps_of(case, reach.steps)
            asks = [Ask(part="critique", messages=critique(case.shown, steps), subject=len(steps))] if steps else []
            yield case, asks

    def score(groups: Iterable[Group]) -> Iterator[Entry]:
        for case, judged in put(model, questions(groups), reach, read_step):
            steps = critique_scores(judged[0][1].verdict, judged[0][0].subject) if judged else None
            failed = any(j.error is not None for _, j in judged)
            yield kind.entry(case, min(steps) if steps else None, steps, [j for _, j in judged], failed=failed)

    return _source(kind, score, model, registered)


def open_pairwise(argument: str, reach: Reach, registered: str) -> RewardSource:
    """Open ``pairwise:ADAPTER:NAME``: each pair of samples in both orders; a trace wins a pair if both orders say so.

    The score is the mean over a trace's pairs of 1 (wins), 0 (loses), 1/2 (the orders disagree, or a tie); None where
    the item has one sample or no pair could be read.
    """
    model = open_judge(argument, reach, registered)
    kind = Kind(name=_name(model, reach, registered), judge="generative", meaning="preference")

    def score(groups: Iterable[Group]) -> Iterator[Entry]:
        for group, judged in put(model, ((g, pair_asks(g)) for g in groups), reach, read_side):
            yield from pair_entries(kind, group, judged)

    return _source(kind, score, model, registered, whole=True, pairs=True)


def response_of(case: Case) -> str:
    """Return what a judge is shown: the answer, and the reasoning before it where it stands apart."""
    trace = case.record.trace
    return f"{trace.reasoning}\n\n{trace.answer}".strip() if trace.reasoning else trace.answer or trace.text


def steps_of(case: Case, by: str) -> list[str]:
    """Return the steps of a case: as given, else the trace as a judge is shown it, split ``by``."""
    return list(case.steps) if case.steps is not None else split_steps(response_of(case), by)


def pair_entries(kind: Kind, group: Group, judged: Sequence[tuple[Ask, Judgement]]) -> Iterator[Entry]:
    """Make the entries of a group whose pairs were judged: a trace has its mean point."""
    points = pair_points(judged)
    for i, case in enumerate(group):
        mine = [judgement for ask, judgement in judged if ask.subject == i]
        failed = any(j.error is not None for ask, j in judged if i in {ask.subject, ask.other})
        value = sum(points[i]) / len(points[i]) if i in points else None
        yield kind.entry(case, value, None, mine, failed=failed)


def pair_asks(group: Group, messages_of: Callable[[Item, str, str], tuple[Message, ...]] = pairwise) -> list[Ask]:
    """Both orders of each pair of different samples: every one against the PEERS that follow it in the ring."""
    n, asks = len(group), []
    pairs = {(min(i, (i + d) % n), max(i, (i + d) % n)) for i in range(n) for d in range(1, min(PEERS, n - 1) + 1)}
    for i, j in sorted(pairs):
        mine, other = response_of(group[i]), response_of(group[j])
        against = group[j].record.trace.sample
        for first in (True, False):
            messages = messages_of(group[i].item, *((mine, other) if first else (other, mine)))
            asks.append(Ask(part="pairwise", messages=messages, against=against, first=first, subject=i, other=j))
    return asks


def pair_points(judged: Iterable[tuple[Ask, Judgement]]) -> dict[int, list[float]]:
    """Points of each trace (by its place in the group) from its pairs; a pair with an unread order gives none."""
    pairs: dict[tuple[int, int], list[int | None]] = defaultdict(list)
    for ask, judgement in judged:
        if ask.other is not None:
            pairs[ask.subject, ask.other].append(vote(judgement))
    points: dict[int, list[float]] = defaultdict(list)
    for (mine, other), votes in pairs.items():
        known = [v for v in votes if v is not None]
        if len(known) == len(votes):
            won = (sum(known) > 0) + (sum(known) == 0) / 2
            points[mine].append(won)
            points[other].append(1 - won)
    return points


def vote(judgement: Judgement) -> int | None:
    """+1 if the scored trace was preferred, -1 if the other, 0 for a tie, None where no verdict was read."""
    if judgement.verdict is None or judgement.first is None:
        return None
    return {"A": 1, "B": -1, "TIE": 0}[judgement.verdict] * (1 if judgement.first else -1)


def read_verdict(ask: Ask, reply: str) -> str | None:
    """Read ``Verdict: correct`` or ``incorrect``, of a criterion ``met`` or ``not met``, on the last line."""
    if ask.part == "criterion":
        return _read(reply, r"(met|not met)", str.lower)
    return _read(reply, r"(correct|incorrect)", str.lower)


def read_side(ask: Ask, reply: str) -> str | None:  # noqa: ARG001
    """Read ``Verdict: A``, ``B`` or ``tie`` on the last line."""
    return _read(reply, r"(A|B|tie)", str.upper)


def read_step(ask: Ask, reply: str) -> str | None:
    """Read ``Verdict: 3`` (a step's number) or ``Verdict: none`` on the last line; a number past the steps is none."""
    found = _read(reply, r"(\d{1,4}|none)", str.lower)
    return found if found is None or found == "none" or 1 <= int(found) <= ask.subject else None


def read_rubric(ask: Ask, reply: str) -> str | None:  # noqa: ARG001
    """Read the JSON object on the last line: an integer from 1 to MOST for each criterion and nothing else."""
    line = _last_line(reply)
    try:
        marks = msgspec.json.decode(line.encode("utf-8", "replace"), type=dict[str, int])
    except msgspec.DecodeError:
        return None
    if marks.keys() != set(CRITERIA) or not all(1 <= mark <= MOST for mark in marks.values()):
        return None
    return msgspec.json.encode(marks, order="sorted").decode()


def rubric_score(verdict: str | None) -> float | None:
    """Mean mark, moved from 1..MOST to 0..1."""
    if verdict is None:
        return None
    marks = msgspec.json.decode(verdict, type=dict[str, int])
    return (sum(marks.values()) / len(marks) - 1) / (MOST - 1)


def critique_scores(verdict: str | None, steps: int) -> list[float] | None:
    """Scores of the steps (k,): 1 before the first faulty one, 0 from it on."""
    if verdict is None:
        return None
    sound = steps if verdict == "none" else int(verdict) - 1
    return [1.0] * sound + [0.0] * (steps - sound)


def _read(reply: str, allowed: str, form: Callable[[str], str]) -> str | None:
    found = re.fullmatch(rf"[*_`#\s]*verdict[*_`]*\s*:[*_`\s]*{allowed}[*_`.\s]*", _last_line(reply), re.IGNORECASE)
    return form(found[1]) if found else None


def _last_line(reply: str) -> str:
    lines = [line for line in reply.strip().split("\n") if line.strip()]
    # A line this long is no verdict, and the expression above need not walk through it.
    return lines[-1].strip() if lines and len(lines[-1]) <= 500 else ""


def _singly(groups: Iterable[Group], part: str, shows_gold: bool) -> Iterator[tuple[Case, list[Ask]]]:
    for case in cases(groups):
        if shows_gold and criteria.graded(case.shown):
            yield case, criteria.asks(case.shown, response_of(case))
            continue
        gold = case.shown.gold if shows_gold else None
        yield case, [Ask(part=part, messages=pointwise(case.shown, response_of(case), gold))]


def _name(model: Model, reach: Reach, registered: str) -> str:
    return reach.name or f"{registered}:{model.describe()['name']}"


def _source(
    kind: Kind,
    score: Callable[[Iterable[Group]], Iterator[Entry]],
    model: Model,
    registered: str,
    *,
    whole: bool = False,
    pairs: bool = False,
) -> RewardSource:
    identity = {"form": registered, "model": describe(model), "version": VERSION}
    return RewardSource(kind=kind, score=score, identity=identity, whole=whole, pairs=pairs, close=model.close)
