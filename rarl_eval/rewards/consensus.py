"""Self rewards without a model: how many samples of the item come to the same answer.

``majority`` compares extracted answers as text (self-consistency, arXiv 2203.11171; the reward of TTRL, 2504.16084).
``clusters`` lets the benchmark's own rule say which answers are equal, so that 1/2 and 0.5 are one: semantic clusters
as in semantic entropy (Farquhar et al., Nature 630, 2024), with equality for entailment.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence

import msgspec

from rarl_eval import registry
from rarl_eval.data.calling import verdict_of
from rarl_eval.rewards import Case, Group, Kind, Reach, RewardSource, no_argument
from rarl_eval.runs.added import Entry
from rarl_eval.types import Task

Labels = list[int | None]
"""For each sample the number of its answer's class; None where it has no answer."""


def open_majority(argument: str, reach: Reach, registered: str) -> RewardSource:
    """Open ``majority``: the share of the item's samples with the same extracted answer; 0 without an answer."""
    no_argument(argument, registered)
    return _source(reach.name or "majority", registered, by_text)


def open_clusters(argument: str, reach: Reach, registered: str) -> RewardSource:
    """Open ``clusters`` (or ``clusters:./my_task.py``): the share in the same class by the task's own verifier."""
    given = {task.name: task for task in registry.tasks(argument)} if argument else {}
    return _source(reach.name or "clusters", registered, lambda group: by_verifier(group, given))


def by_text(group: Group) -> Labels:
    """Give a number to extracted answers that are the same text, case and spacing aside."""
    return number(answer_text(case) for case in group)


def by_verifier(group: Group, tasks: dict[str, Task]) -> Labels:
    """Give a number to answers that the task's verifier takes for each other, in both directions."""
    name = group[0].record.trace.task
    task = tasks.get(name) or registry.task(name)
    firsts: list[Case] = []
    labels: Labels = []
    for case in group:
        if answer_text(case) is None:
            labels.append(None)
            continue
        same = (i for i, first in enumerate(firsts) if _equal(task, first, case) and _equal(task, case, first))
        label = next(same, len(firsts))
        if label == len(firsts):
            firsts.append(case)
        labels.append(label)
    return labels


def answer_text(case: Case) -> str | None:
    """Return the extracted answer in a form in which spelling alone does not differ; None where there is none."""
    return None if case.record.verdict is None else case.record.verdict.answer


def number(answers: Iterable[str | None]) -> Labels:
    """Give numbers to texts by first appearance."""
    seen: dict[str, int] = {}
    return [None if text is None else seen.setdefault(text, len(seen)) for text in answers]


def shares(labels: Sequence[int | None]) -> list[float]:
    """Share of all samples in the same class as each; 0 for those without an answer."""
    counts = Counter(label for label in labels if label is not None)
    return [0.0 if label is None else counts[label] / len(labels) for label in labels]


def _source(name: str, registered: str, label: Callable[[Group], Labels]) -> RewardSource:
    kind = Kind(name=name, judge="self")

    def score(groups: Iterable[Group]) -> Iterator[Entry]:
        for group in groups:
            for case, share in zip(group, shares(label(group)), strict=True):
                yield kind.entry(case, share)

    return RewardSource(kind=kind, score=score, identity={"self": registered}, whole=True)


def _equal(task: Task, gold: Case, other: Case) -> bool:
    held = gold.record.verdict.extracted if gold.record.verdict else None
    if held is None:
        return False
    if held == (other.record.verdict.extracted if other.record.verdict else None):
        return True
    item = msgspec.structs.replace(gold.item, gold=held)
    return verdict_of(task, item, other.record.trace.answer).status == "correct"
