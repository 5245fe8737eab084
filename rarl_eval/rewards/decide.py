"""A judge model turns the unjudged answers of a run into right and wrong ones, and every question to it is kept.

The judge is asked as the reward ``reference`` asks: does the answer mean the same as the reference answer? Its replies
stand in the run as that reward, so that each verdict can be read again. What it did not answer readably, or was not
asked for want of budget, stays unjudged. Not here: what a judge is asked (rewards/questions.py).
"""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import msgspec

from rarl_eval.errors import BadInput
from rarl_eval.rewards import Reach, criteria
from rarl_eval.rewards.add import add_to
from rarl_eval.rewards.judges import open_pointwise
from rarl_eval.runs import store
from rarl_eval.runs.writer import Writer
from rarl_eval.types import Item, Record, Reward, Status, Verdict

FORM = "reference"
"""The kind of generative reward that judges."""

_STATUS: dict[float, Status] = {1.0: "correct", 0.0: "incorrect"}


@dataclass(frozen=True, kw_only=True)
class Judged:
    """What a judge made of a run."""

    judge: str
    """Name of its reward in the run."""
    right: int
    wrong: int
    left: int
    """Answers that are still unjudged: a failed call, a reply without a verdict, or a spent budget."""
    graded: int = 0
    """Answers that are neither right nor wrong and have the score of their item's criteria."""
    failed: int = 0
    """Of those of this session, the ones whose call failed or was not made for want of budget."""
    unread: int = 0
    """Of those of this session, the ones whose reply holds no verdict."""
    why: str = ""
    """Why the first call failed."""


def judge_run(
    path: Path,
    argument: str,
    reach: Reach,
    progress: Callable[[str, int, int], None] = lambda name, done, total: None,  # noqa: ARG005
) -> Judged:
    """Put the unjudged answers of the run at ``path`` to the judge ``ADAPTER:NAME``; given again, it goes on.

    Raises BadInput if another judge has decided answers of the run.
    """
    with closing(open_pointwise(argument, reach, FORM)) as source:
        name = source.kind.name
        run = store.read_run(path)
        deciders = {r.verdict.judge for r in run.records if r.verdict and r.verdict.judge}
        others = sorted(judge for judge in deciders - {name} if judge.startswith(f"{FORM}:"))
        if others:
            raise BadInput(f"{path} was judged by {others[0]}, now {name}; choose another --out")
        added, run = add_to(run, source, only=lambda case: waits(case.record), progress=progress)
    told = [r.verdict.status for r in run.records if r.verdict and r.verdict.judge]
    left = 0
    with Writer(path) as writer:
        for record in filter(waits, run.records):
            decided = by_judge(record, name, run.tasks[record.trace.task].items[record.trace.key])
            writer.add(decided)
            left += waits(decided)
            told += [decided.verdict.status] if decided.verdict else []
    return Judged(
        judge=name,
        right=told.count("correct"),
        wrong=told.count("incorrect"),
        left=left,
        graded=told.count("unjudged") - left,
        failed=added.failed,
        unread=added.unread,
        why=added.why,
    )


def unjudged(path: Path) -> int:
    """Count the answers of a run that wait for a judge."""
    return sum(map(waits, store.open_run(path).records))


def waits(record: Record) -> bool:
    """Whether an answer waits for a judge."""
    return record.verdict is not None and record.verdict.status == "unjudged" and record.verdict.judge is None


def by_judge(record: Record, name: str, item: Item) -> Record:
    """Decide an unjudged record by the score that the reward ``name`` gave it; unchanged where it gave none.

    An answer to an item with criteria of its own stays unjudged, with their score. The judge's reward itself is left
    to the table of added rewards, where it stands with the judge's reply.
    """
    score = next((r.score for r in record.rewards if r.name == name), None)
    status = None if score is None else _STATUS.get(score)
    own = tuple(r for r in record.rewards if r.name not in {name, criteria.SCORE})
    if score is not None and record.verdict is not None and criteria.graded(item):
        told = Reward(name=criteria.SCORE, judge="generative", score=score)
        reason = f"{name}: {score:.3g} of the points of its criteria"
        verdict = msgspec.structs.replace(record.verdict, reason=reason, judge=name)
        return msgspec.structs.replace(record, verdict=verdict, rewards=(*own, told))
    if status is None or record.verdict is None:
        return msgspec.structs.replace(record, rewards=own)
    verdict = Verdict(status=status, extracted=record.verdict.extracted, reason=f"{name} says {status}", judge=name)
    return msgspec.structs.replace(record, verdict=verdict, rewards=own)
