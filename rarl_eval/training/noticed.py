"""What a dump holds besides a training's own rollouts: evaluations, rows written twice, columns left over from before.

Decided step by step while rollouts pass, on what trainers are known to write; each is counted and said, and only the
training's own rows go into the figures.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from math import gcd

import msgspec

from rarl_eval.training.store import Seen


@dataclass
class Noticed:
    """Counts of what was left out, and the steps it was found in."""

    held_out: int = 0
    only_held_out: bool = False
    again: int = 0
    again_steps: list[int | None] = field(default_factory=list)
    overwritten: int = 0
    overwritten_steps: list[int | None] = field(default_factory=list)
    twice: int = 0
    stale: int = 0
    stale_steps: list[int | None] = field(default_factory=list)
    without_step: int = 0

    def told(self) -> list[str]:
        """Say it, a sentence each."""
        lines = []
        if self.only_held_out:
            lines.append("all rollouts were sampled to evaluate, none to train: read them as an evaluation by step")
        elif self.held_out:
            lines.append(f"{self.held_out} rollouts of evaluations are left out")
        if self.overwritten:
            lines.append(
                f"steps {_some(self.overwritten_steps)}: an evaluation's rows overwrote the training's; left out"
            )
        if self.again:
            lines.append(f"steps {_some(self.again_steps)}: the rows of the step before, written again; left out")
        if self.twice:
            lines.append(f"{self.twice} rollouts stand twice under one name; each is counted once")
        if self.stale:
            lines.append(
                f"steps {_some(self.stale_steps)}: logged columns are the step before's; their golds are not used"
            )
        if self.without_step:
            lines.append(f"{self.without_step} rollouts name no step: they are told as one, and no onset is looked for")
        return lines


def _some(steps: list[int | None]) -> str:
    shown = ", ".join(str(step) for step in steps[:5])
    return f"{shown} and {len(steps) - 5} more" if len(steps) > 5 else shown


def own(steps: Iterable[tuple[int | None, list[Seen]]], noticed: Noticed, evaluated: set[int]) -> Iterator[
    tuple[int | None, list[Seen]]
]:  # fmt: skip
    """Yield each step's own rollouts; ``noticed`` counts the others. ``evaluated`` are steps that hold evaluations."""
    before: list[Seen] = []
    for step, rows in steps:
        once = _once(rows, noticed)
        training = once if noticed.only_held_out else [row for row in once if not row.held_out]
        noticed.held_out += len(once) - len(training)
        if step is None:
            noticed.without_step += len(training)
        if step in evaluated:
            noticed.overwritten += len(training)
            noticed.overwritten_steps.append(step)
        elif training and before and _content(training) == _content(before):
            noticed.again += len(training)
            noticed.again_steps.append(step)
        elif training:
            if _left_over(before, training):
                noticed.stale += len(training)
                noticed.stale_steps.append(step)
                yield step, [row._replace(truth=None, status="stale gold", gold=None) for row in training]
            else:
                yield step, training
            before = training


def _once(rows: list[Seen], noticed: Noticed) -> list[Seen]:
    """Return rows without those that name a sample of a group a second time, with the same text."""
    seen: set[tuple[int, int, str, int]] = set()
    found = []
    for row in rows:
        name = None if row.sample is None else (row.held_out, row.group, row.sample, row.text)
        if name is not None and name in seen:
            noticed.twice += 1
            continue
        if name is not None:
            seen.add(name)
        found.append(row)
    return found


def _content(rows: list[Seen]) -> Counter[tuple[int, int]]:
    return Counter((row.prompt, row.text) for row in rows)


def _left_over(before: list[Seen], rows: list[Seen]) -> bool:
    """Whether the logged columns are the step before's, row by row, beside other prompts."""
    extras = [row.extras for row in rows]
    if not before or None in extras or extras != [row.extras for row in before]:
        return False
    return all(a.prompt != b.prompt for a, b in zip(before, rows, strict=True))


def evaluated(steps: Iterable[tuple[int, frozenset[int]]]) -> set[int]:
    """Return the steps whose prompts are an evaluation's: the same at every k-th step, and at no other rhythm.

    TRL writes an evaluation over the training file of its step. A training that goes through its prompts in a fixed
    order repeats at every step of a rhythm, not at one alone, and is none.
    """
    by_step = dict(steps)
    places: dict[frozenset[int], list[int]] = {}
    for step, prompts in by_step.items():
        places.setdefault(prompts, []).append(step)
    for at in sorted(places.values(), key=len, reverse=True):
        for rhythm in range(2, max(by_step, default=0) // 2 + 1):
            held = [step for step in by_step if step % rhythm == 0]
            if len(held) >= 2 and set(held) <= set(at) and gcd(*held) == rhythm:
                rest = [{by_step[s] for s in by_step if s % rhythm == r} for r in range(1, rhythm)]
                if any(len(found) > 1 for found in rest) and len(set().union(*rest)) > 1:
                    return set(held)
    return set()


class Rewards(msgspec.Struct, frozen=True):
    """What counts as nothing and as all of a reward."""

    low: float
    high: float

    def share(self, reward: float) -> float:
        """Return a reward in 0 to 1."""
        return min(1.0, max(0.0, (reward - self.low) / (self.high - self.low)))


def scale(rewards: list[float]) -> Rewards:
    """Return the scale of these rewards: 0 to 1 or -1 to 1 where they lie in it, else from the least to the most."""
    if not rewards or (min(rewards) >= 0 and max(rewards) <= 1):
        return Rewards(0.0, 1.0)
    if min(rewards) >= -1 and max(rewards) <= 1:
        return Rewards(-1.0, 1.0)
    low, high = min(0.0, *rewards), max(rewards)
    return Rewards(low, high if high > low else low + 1.0)
