"""Put a reward to the examples of a benchmark."""

from collections.abc import Iterator, Sequence

from rarl_eval.errors import BadInput
from rarl_eval.preference import Answer, Example
from rarl_eval.rewards import Case, Group, RewardSource
from rarl_eval.rewards.judges import vote
from rarl_eval.runs.added import Entry
from rarl_eval.types import Item, Record, Trace

TASK = "rewardbench"


def recorded(examples: Sequence[Example]) -> list[Answer]:
    """Return the answers that the rows themselves hold; raises BadInput where they hold none."""
    if all(e.scores is None and e.votes is None for e in examples):
        raise BadInput("the rows hold neither scores nor votes of a judge; name a reward with --reward")
    return [Answer(scores=e.scores or (None,) * len(e.responses), votes=e.votes) for e in examples]


def evaluate(examples: Sequence[Example], source: RewardSource) -> list[Answer]:
    """Ask ``source`` about every example; answers come back in the examples' order."""
    found: dict[str, dict[int, Entry]] = {}
    for entry in source.score(_groups(examples)):
        _, key, sample = entry.slot
        found.setdefault(key, {})[sample] = entry
    return [_answer(example, found.get(str(place), {})) for place, example in enumerate(examples)]


def _groups(examples: Sequence[Example]) -> Iterator[Group]:
    for place, example in enumerate(examples):
        item = Item(id=example.id or str(place), question=example.prompt, gold="")
        yield tuple(
            Case(
                item=item,
                record=Record(
                    trace=Trace(
                        key=str(place),
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


def _answer(example: Example, entries: dict[int, Entry]) -> Answer:
    scores = [entries[i].reward.score if i in entries else None for i in range(len(example.responses))]
    steps = entries[0].reward.steps if 0 in entries else None
    votes = None
    if len(example.responses) == 2 and 0 in entries and entries[0].judgements:
        orders = {j.first: vote(j) for j in entries[0].judgements if j.against == 1}
        if orders:
            votes = (orders.get(True), orders.get(False))
    return Answer(scores=tuple(scores), steps=steps, votes=votes)
