"""What a dump holds besides a training's own rollouts: evaluations, rows written twice, columns left over from before.

Decided step by step while rollouts pass, on what trainers are known to write; each is counted and said, and only the
training's own rows go into the figures.
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import gcd

import msgspec

from rarl_eval.training.seen import Seen


class Left(msgspec.Struct, frozen=True, kw_only=True):
    """How many of one step's rows are not counted as the training's own, or not as they stand, by why."""

    held_out: int = 0
    again: int = 0
    overwritten: int = 0
    twice: int = 0
    stale: int = 0
    without_step: int = 0


@dataclass
class Noticed:
    """What was left out of all steps, and the steps it was found in."""

    only_held_out: bool = False
    held_out: int = 0
    twice: int = 0
    without_step: int = 0
    again: list[int | None] = field(default_factory=list)
    overwritten: list[int | None] = field(default_factory=list)
    stale: list[int | None] = field(default_factory=list)

    def add(self, step: int | None, left: Left) -> None:
        """Take in what was left out of a step."""
        self.held_out += left.held_out
        self.twice += left.twice
        self.without_step += left.without_step
        for name in ("again", "overwritten", "stale"):
            if getattr(left, name):
                getattr(self, name).append(step)

    def told(self) -> list[str]:
        """Say it, a sentence each."""
        lines = []
        if self.only_held_out:
            lines.append("all rollouts were sampled to evaluate, none to train: read them as an evaluation by step")
        elif self.held_out:
            lines.append(f"{self.held_out} rollouts of evaluations are left out")
        if self.overwritten:
            lines.append(f"steps {_some(self.overwritten)}: an evaluation's rows overwrote the training's; left out")
        if self.again:
            lines.append(f"steps {_some(self.again)}: the rows of the step before, written again; left out")
        if self.twice:
            lines.append(f"{self.twice} rollouts stand twice under one name; each is counted once")
        if self.stale:
            lines.append(f"steps {_some(self.stale)}: logged columns are the step before's; their golds are not used")
        if self.without_step:
            lines.append(f"{self.without_step} rollouts name no step: they are told as one, and no onset is looked for")
        return lines


def _some(steps: list[int | None]) -> str:
    shown = ", ".join(str(step) for step in steps[:5])
    return f"{shown} and {len(steps) - 5} more" if len(steps) > 5 else shown


def training(rows: Sequence[Seen], *, held_out_too: bool) -> list[Seen]:
    """Return a step's rows without second copies, and without evaluations unless all of the dump is one."""
    return [row for row in _once(rows) if held_out_too or not row.held_out]


def sifted(
    rows: Sequence[Seen], before: Sequence[Seen], *, evaluation: bool, held_out_too: bool
) -> tuple[list[Seen], Left, bool]:
    """Return a step's own rows, what was left out of it, and whether the next step is held against this one.

    ``before``: the ``training`` rows of the last step that was; ``evaluation``: the step holds one's rows.
    """
    once = _once(rows)
    own = [row for row in once if held_out_too or not row.held_out]
    named = bool(rows) and rows[0].step is not None
    left = Left(
        held_out=len(once) - len(own), twice=len(rows) - len(once), without_step=0 if named else len(own),
    )  # fmt: skip
    if evaluation:
        return [], msgspec.structs.replace(left, overwritten=len(own)), False
    if not own:
        return [], left, False
    if before and _content(own) == _content(before):
        return [], msgspec.structs.replace(left, again=len(own)), False
    if _left_over(before, own):
        stale = [row._replace(truth=None, status="stale gold", gold=None) for row in own]
        return stale, msgspec.structs.replace(left, stale=len(own)), True
    return own, left, True


def _once(rows: Sequence[Seen]) -> list[Seen]:
    """Return rows without those that name a sample of a group a second time, with the same text."""
    seen: set[tuple[int, int, str, int]] = set()
    found = []
    for row in rows:
        name = None if row.sample is None else (row.held_out, row.group, row.sample, row.text)
        if name is not None and name in seen:
            continue
        if name is not None:
            seen.add(name)
        found.append(row)
    return found


def _content(rows: Sequence[Seen]) -> Counter[tuple[int, int]]:
    return Counter((row.prompt, row.text) for row in rows)


def _left_over(before: Sequence[Seen], rows: Sequence[Seen]) -> bool:
    """Whether the logged columns are the step before's, row by row, beside other prompts."""
    extras = [row.extras for row in rows]
    if not before or None in extras or extras != [row.extras for row in before]:
        return False
    return all(a.prompt != b.prompt for a, b in zip(before, rows, strict=True))


def evaluated(steps: Iterable[tuple[int, Hashable]]) -> set[int]:
    """Return the steps whose prompts are an evaluation's: the same at every k-th step, and at no other rhythm.

    TRL writes an evaluation over the training file of its step. A training that goes through its prompts in a fixed
    order repeats at every step of a rhythm, not at one alone, and is none.
    """
    by_step = dict(steps)
    places: dict[Hashable, list[int]] = {}
    for step in sorted(by_step):
        places.setdefault(by_step[step], []).append(step)
    for at in sorted((at for at in places.values() if len(at) > 1), key=len, reverse=True):
        # An evaluation stands at its rhythm's multiples alone, give or take a batch that the training met as well.
        for rhythm in sorted({b - a for a, b in pairwise(at)} | {at[0]}):
            held = [step for step in by_step if step % rhythm == 0] if rhythm > 1 else []
            if len(held) >= 2 and set(held) <= set(at) and gcd(*held) == rhythm:
                rest = _others(by_step, rhythm)
                if any(len(found) > 1 for found in rest.values()) and len(set().union(*rest.values())) > 1:
                    return set(held)
    return set()


def _others(by_step: Mapping[int, Hashable], rhythm: int) -> dict[int, set[Hashable]]:
    """Prompts of the steps beside a rhythm, by their place in it."""
    found: dict[int, set[Hashable]] = {}
    for step, prompts in by_step.items():
        if step % rhythm:
            found.setdefault(step % rhythm, set()).add(prompts)
    return found


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
