"""What a step came to, kept beside its rollouts, so that a look costs what has changed since the last one.

A step is summed up anew when a row of it changed, when the step that it is held against did, or when what it is
measured by is another: the reward's scale, which the first window says, or which steps hold evaluations. Nothing else
of a step is needed to tell a training, but for the texts of its last false answers.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import msgspec
import numpy as np

from rarl_eval.training.exploits import LATEST
from rarl_eval.training.figures import StepFigures, figures, groups_of
from rarl_eval.training.noticed import Left, Rewards, evaluated, scale, sifted, training
from rarl_eval.training.onset import Groups
from rarl_eval.training.seen import Seen, Step
from rarl_eval.training.store import Store


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """One step."""

    of: str
    """Its version, that of the step before, and how it was sifted."""
    scale: Rewards | None
    """What its figures are measured by; None where it has none."""
    left: Left
    counts: bool
    """Whether the next step is held against it."""
    rewards: tuple[float, float] | None = None
    """The least and the most that was paid."""
    unjudged: dict[str, int] = {}
    figures: StepFigures | None = None
    groups: tuple[list[float], list[float], list[float]] = ([], [], [])
    """Means of its groups: reward, truth, length."""
    false: list[int] = []
    """The store's names of false answers whose text was kept."""

    def watched(self, step: int) -> Groups:
        """Return what the watches take of it."""
        return Groups(step, *(np.array(part, dtype=np.float64) for part in self.groups))


Told = tuple[Step, Summary]


@dataclass(frozen=True)
class _Sieve:
    """What decides which rows of a step are the training's own."""

    store: Store
    evaluations: set[int]
    held_out_too: bool

    def of(self, step: Step, before: Step | None) -> str:
        """Return what a summary must have been made of to hold."""
        last = None if before is None else (before.step, before.version)
        return repr((step.version, last, step.step in self.evaluations, self.held_out_too))

    def kept(self, step: Step, before: Step | None) -> Summary | None:
        """Return what an earlier look made of a step, if it still holds."""
        told = None if step.summary is None else msgspec.msgpack.decode(step.summary, type=Summary)
        return told if told is not None and told.of == self.of(step, before) else None

    def sifted(self, step: Step, before: Step | None) -> tuple[list[Seen], Left, bool]:
        """Read a step's rows, and those of the step that it is held against."""
        too = self.held_out_too
        last = [] if before is None else training(self.store.rollouts(before.step), held_out_too=too)
        rows = self.store.rollouts(step.step)
        return sifted(rows, last, evaluation=step.step in self.evaluations, held_out_too=too)


def summaries(store: Store, window: int, stated: Rewards | None, *, held_out_too: bool) -> tuple[list[Told], Rewards]:
    """Return each step with what it came to, and the reward's scale; only what has changed is read."""
    steps = store.steps()
    sieve = _Sieve(store, _evaluations(store, steps), held_out_too)
    rewards = stated or scale([paid for ends in islice(_paid(steps, sieve), window) for paid in ends])
    found: list[Told] = []
    before: Step | None = None
    for step in steps:
        told = sieve.kept(step, before)
        if told is None or (told.figures is not None and told.scale != rewards):
            told = _summed(step, before, sieve, rewards)
            store.keep(step.step, msgspec.msgpack.encode(told))
        found.append((step, told))
        before = step if told.counts else before
    return found, rewards


def latest_false(store: Store, told: Sequence[Told], most: int = LATEST) -> list[Seen]:
    """Return the last false answers whose texts were kept, in their order."""
    names: list[list[int]] = []
    for _, one in reversed(told):
        if sum(map(len, names)) >= most:
            break
        names.append(one.false)
    return store.named([name for part in reversed(names) for name in part][-most:])


def _evaluations(store: Store, steps: Sequence[Step]) -> set[int]:
    if "trl" not in store.told()["layouts"]:
        return set()
    return evaluated((one.step, one.prompts) for one in steps if one.step is not None)


def _paid(steps: Sequence[Step], sieve: _Sieve) -> Iterator[tuple[float, ...]]:
    """Yield the least and the most that was paid in each step that has rows of its own."""
    before: Step | None = None
    for step in steps:
        told = sieve.kept(step, before)
        if told is None:
            own, _, counts = sieve.sifted(step, before)
            if own:
                yield _ends(own) or ()
        else:
            counts = told.counts
            if told.figures is not None:
                yield told.rewards or ()
        before = step if counts else before


def _summed(step: Step, before: Step | None, sieve: _Sieve, rewards: Rewards) -> Summary:
    own, left, counts = sieve.sifted(step, before)
    of = sieve.of(step, before)
    if not own:
        return Summary(of=of, scale=None, left=left, counts=counts)
    groups = groups_of(step.step or 0, own, rewards)
    return Summary(
        of=of,
        scale=rewards,
        left=left,
        counts=counts,
        rewards=_ends(own),
        unjudged=dict(Counter(row.status for row in own if row.truth is None)),
        figures=figures(step.step, own, rewards),
        groups=(groups.reward.tolist(), groups.truth.tolist(), groups.length.tolist()),
        false=[row.row for row in own if row.truth == 0 and row.shown is not None and row.row is not None],
    )


def _ends(own: Sequence[Seen]) -> tuple[float, float] | None:
    paid = [row.reward for row in own if row.reward is not None]
    return (min(paid), max(paid)) if paid else None
