"""Put a reward to the examples of a benchmark."""

from collections.abc import Iterator, Sequence

from rarl_eval.errors import BadInput
from rarl_eval.preference import Answer, Example
from rarl_eval.rewards import Case, Group, RewardSource
from rarl_eval.rewards.judges import vote
from rarl_eval.runs.added import UNMATCHED, Entry
from rarl_eval.types import Item, Record, Trace

TASK = "rewardbench"


def recorded(examples: Sequence[Example]) -> list[Answer]:
    """Return the answers that the rows themselves hold; raises BadInput where they hold none.

    A reply in which a benchmark's authors read no verdict is one that names neither, as their metrics count it; it is
    told as ``unread``.
    """
    if all(e.scores is None and e.votes is None and e.named is None and e.worth is None for e in examples):
        raise BadInput("the rows hold neither scores nor votes of a judge; name a reward with --reward")
    return [_recorded(e) for e in examples]


def _recorded(example: Example) -> Answer:
    votes = None if example.votes is None else (example.votes[0] or 0, example.votes[1] or 0)
    steps = example.scores if example.steps is not None else None
    whole = None if steps is None or None in steps else tuple(s for s in steps if s is not None)
    return Answer(
        scores=(None,) if example.steps is not None else example.scores or (None,) * len(example.responses),
        steps=whole,
        votes=votes,
        named=example.named,
        worth=example.worth,
        calls=2 if votes is not None else int(example.named is not None),
        unread=example.unread,
    )


def evaluate(examples: Sequence[Example], source: RewardSource) -> list[Answer]:
    """Ask ``source`` about every example; answers come back in the examples' order."""
    found: dict[str, dict[int, Entry]] = {}
    for entry in source.score(_groups(examples)):
        _, key, sample = entry.slot
        found.setdefault(key, {})[sample] = entry
    return [_answer(example, found.get(_key(place), {})) for place, example in enumerate(examples)]


def _groups(examples: Sequence[Example]) -> Iterator[Group]:
    for place, example in enumerate(examples):
        item = Item(id=example.id or str(place), question=example.prompt, gold="")
        yield tuple(
            Case(
                item=item,
                record=Record(
                    trace=Trace(
                        key=_key(place),
                        task=TASK,
                        item_id=item.id,
                        model="",
                        sample=sample,
                        text=text,
                        answer=text,
                        stop="end",
                    ),
                    verdict=None,
                ),
                steps=example.steps,
            )
            for sample, text in enumerate(example.responses)
        )


def _key(place: int) -> str:
    """Name a place so that no id of a file of scores can be taken for it."""
    return f"example {place}"


def _answer(example: Example, entries: dict[int, Entry]) -> Answer:
    asked = [judgement for entry in entries.values() for judgement in entry.judgements]
    votes = None
    if len(example.responses) == 2 and 0 in entries and entries[0].judgements:
        orders = {j.first: vote(j) for j in entries[0].judgements if j.against == 1}
        if orders:
            votes = (orders.get(True), orders.get(False))
    return Answer(
        scores=tuple(_score(entries.get(i)) for i in range(len(example.responses))),
        steps=_steps(example, entries.get(0)),
        votes=votes,
        calls=len(asked),
        failed=sum(j.error is not None for j in asked),
        unread=sum(j.error is None and j.verdict is None for j in asked),
        unmatched=sum(bool(entry.detail.get(UNMATCHED)) for entry in entries.values()),
        why=next(filter(None, (*(j.error for j in asked), *(e.detail.get("error") for e in entries.values()))), ""),
    )


def _score(entry: Entry | None) -> float | None:
    """Return a response's score; one that rests on fewer comparisons than its rivals' is none."""
    return None if entry is None or entry.failed else entry.reward.score


def _steps(example: Example, entry: Entry | None) -> tuple[float, ...] | None:
    """Return the scores of the steps, where there is one for each."""
    steps = None if entry is None else entry.reward.steps
    return None if steps is None or len(steps) != len(example.steps or steps) else steps
