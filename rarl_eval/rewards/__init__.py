"""Where rewards come from: one protocol for every kind of signal, and the verb that adds them to a run.

A source is data: a name, a kind (judge x grain x meaning) and a function from the samples of items to scored entries.
The registry knows the shipped ones (group ``rewards``), entry points of ``rarl_eval.rewards`` add more, and a Python
function is named by its file (``./mine.py:function``). Not here: whether a reward agrees with the truth (agreement).
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from math import isfinite
from typing import Any

import msgspec

from rarl_eval.errors import BadInput
from rarl_eval.judge import as_shown
from rarl_eval.models import Options, Sampling
from rarl_eval.models.budget import Budget
from rarl_eval.runs.added import Entry, Judgement
from rarl_eval.types import Grain, Item, Judge, Meaning, Record, Reward

__all__ = ["Budget", "Case", "Group", "Kind", "Reach", "RewardSource", "case_source", "cases", "no_argument"]


@dataclass(frozen=True, kw_only=True)
class Case:
    """A trace with its item and verdict: all that a signal may look at."""

    item: Item
    record: Record
    trap: str = ""
    """Which trap this is, made from a stored trace; "" for the trace itself."""
    foil: bool = False
    """The stored trace that a trap is compared with: asked about, and not scored."""
    detail: dict[str, Any] = field(default_factory=dict)
    steps: tuple[str, ...] | None = None
    """Steps, where they are given and need not be found in the text."""

    @property
    def shown(self) -> Item:
        """The item with its options in the order in which the model was shown them, by whose letters it answers."""
        return as_shown(self.item, self.record.trace)


Group = tuple[Case, ...]
"""Samples of one item."""


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A reward's name and its place in the taxonomy."""

    name: str
    judge: Judge
    grain: Grain = "outcome"
    meaning: Meaning = "accuracy"

    def entry(
        self,
        case: Case,
        score: float | None,
        steps: Iterable[float] | None = None,
        judgements: Iterable[Judgement] = (),
        *,
        failed: bool = False,
    ) -> Entry:
        """Make the entry of a case; a score that is no finite number is unknown."""
        trace = case.record.trace
        listed = None if steps is None else tuple(float(s) for s in steps)
        reward = Reward(
            name=self.name,
            judge=self.judge,
            grain=self.grain,
            meaning=self.meaning,
            score=float(score) if score is not None and isfinite(score) else None,
            steps=listed if listed is not None and all(map(isfinite, listed)) else None,
        )
        return Entry(
            slot=(trace.task, trace.key, trace.sample),
            reward=reward,
            trap=case.trap,
            failed=failed,
            judgements=tuple(judgements),
            detail=case.detail,
        )

    def missing(self, case: Case, why: str) -> Entry:
        """Make the entry of a case that the signal's own code failed on."""
        return msgspec.structs.replace(self.entry(case, None), detail={**case.detail, "error": why})


def _nothing() -> None:
    """Let go of nothing."""


@dataclass(frozen=True, kw_only=True)
class RewardSource:
    """A reward signal, opened."""

    kind: Kind
    score: Callable[[Iterable[Group]], Iterator[Entry]]
    """Samples of items to one entry for each case, in any order."""
    identity: dict[str, Any]
    """What the run's manifest says of it: a second session must name the same."""
    whole: bool = False
    """A score depends on the item's other samples, so that an item is scored whole or not at all."""
    pairs: bool = False
    """Of those: it compares samples two by two, so that a trap can be put beside a stored trace."""
    close: Callable[[], None] = _nothing
    foreign: bool = False
    """Another package's code: what it raises is the missing score of a trace."""


def cases(groups: Iterable[Group]) -> Iterator[Case]:
    """Yield the samples of all items."""
    return (case for group in groups for case in group)


def case_source(kind: Kind, entry: Callable[[Case], Entry], identity: dict[str, Any]) -> RewardSource:
    """Make the source of a signal that looks at one trace at a time."""
    return RewardSource(kind=kind, score=lambda groups: map(entry, cases(groups)), identity=identity)


def no_argument(argument: str, registered: str) -> None:
    """Raise BadInput where a source was given an argument that it does not take."""
    if argument:
        raise BadInput(f"--reward {registered}:{argument}: {registered} takes no argument")


@dataclass(frozen=True, kw_only=True)
class Reach:
    """What the command line knows about reaching judges and models."""

    options: Options = field(default_factory=Options)
    sampling: Sampling = field(default_factory=lambda: Sampling(temperature=0.0, max_tokens=2048))
    seed: int = 0
    budget: Budget = field(default_factory=Budget)
    """Its tokens are those of prompts and replies together."""
    cached: bool = True
    steps: str = "newline"
    """How a text is split into steps: ``newline``, ``paragraph``, ``token:TEXT`` or ``marker:REGEX``."""
    aggregate: str = "min"
    """How step scores become one: ``min``, ``product``, ``last`` or ``mean``."""
    name: str | None = None
    """Name of the reward, where the user gave one."""
