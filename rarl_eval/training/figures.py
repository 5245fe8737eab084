"""What one step of a training comes to. Shares are in 0 to 1, lengths in characters; over nothing a figure is None."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np

from rarl_eval.stats import Interval
from rarl_eval.stats.means import codes, proportion
from rarl_eval.training.noticed import Rewards
from rarl_eval.training.onset import Groups
from rarl_eval.training.seen import Seen

PAID = 0.5
"""A rollout is paid that gets this share of the reward's scale or more."""
PIECE = 8
"""Samples of one prompt alone are taken together by so many: one sample is a coarse value to bet on."""


class PromptSide(msgspec.Struct, frozen=True, kw_only=True):
    """Rollouts whose prompts stand in a benchmark, or the others."""

    rollouts: int
    judged: int
    reward: float | None
    truth: float | None


class KnownAgainstOthers(msgspec.Struct, frozen=True, kw_only=True):
    """Reward and truth on prompts that a scan found in benchmarks, against the others."""

    inside: PromptSide
    others: PromptSide


class StepFigures(msgspec.Struct, frozen=True, kw_only=True):
    """One step."""

    step: int | None
    rollouts: int
    judged: int
    """Those with a truth."""
    reward: float | None
    """Mean as it was paid."""
    rewards: dict[str, float]
    """Mean of each component."""
    truth: Interval | None
    false_pass: float | None
    """Share of the false answers that were paid."""
    false_fail: float | None
    """Share of the true answers that were not."""
    less_truth: float | None
    """Mean reward, on its scale of 0 to 1, less the share of true answers, over rollouts that have both."""
    length: float
    reasoning: float | None
    longer_pays: float | None
    """Slope at equal truth: change of the reward's share for twice the length."""
    cut: float | None
    """Share cut off, of those whose dump says how they ended."""
    no_answer: float | None
    abstained: float | None
    loops: float
    groups: int
    """Prompts with at least two samples."""
    equal: float | None
    """Share of these whose rewards are all equal: they teach nothing."""
    answers: float | None
    """Distinct answers a group, of those that hold one."""
    texts: float | None
    """Distinct texts a group."""
    standing: KnownAgainstOthers | None = None
    """Prompts that stand in benchmarks beside the others; None without a scan."""


def figures(step: int | None, rows: Sequence[Seen], scale: Rewards) -> StepFigures:
    """Measure a step's rollouts."""
    known = [row for row in rows if row.truth is not None]
    both = [(scale.share(row.reward), row) for row in known if row.reward is not None]
    paid = [row.reward for row in rows if row.reward is not None]
    ended = [row.stop for row in rows if row.stop is not None]
    thought = [row.reasoning for row in rows if row.reasoning is not None]
    several = [group for group in _groups(rows) if len(group) > 1]
    return StepFigures(
        step=step,
        rollouts=len(rows),
        judged=len(known),
        reward=_mean(paid),
        rewards=_components(rows),
        truth=proportion([row.truth or 0 for row in known], clusters=codes([row.group for row in known])[0]),
        false_pass=_mean([share >= PAID for share, row in both if not row.truth]),
        false_fail=_mean([share < PAID for share, row in both if row.truth]),
        less_truth=_mean([share - (row.truth or 0) for share, row in both]),
        length=_mean([row.length for row in rows]) or 0.0,
        reasoning=_mean(thought),
        longer_pays=_slope(both),
        cut=_mean([stop == "length" for stop in ended]),
        no_answer=_mean([row.status == "no_answer" for row in known]),
        abstained=_mean([row.status == "abstained" for row in known]),
        loops=_mean([row.loop for row in rows]) or 0.0,
        groups=len(several),
        equal=_mean([len({row.reward for row in group}) == 1 for group in several]),
        answers=_mean(
            [
                len({row.answer for row in group} - {None})
                for group in several
                if any(r.truth is not None for r in group)
            ]
        ),
        texts=_mean([len({row.text for row in group}) for group in several]),
        standing=_standing(rows),
    )


def _standing(rows: Sequence[Seen]) -> KnownAgainstOthers | None:
    told = [row for row in rows if row.known is not None]
    if not told:
        return None
    return KnownAgainstOthers(
        inside=_side([row for row in told if row.known]), others=_side([r for r in told if not r.known])
    )


def _side(rows: Sequence[Seen]) -> PromptSide:
    truths = [row.truth for row in rows if row.truth is not None]
    paid = [row.reward for row in rows if row.reward is not None]
    return PromptSide(rollouts=len(rows), judged=len(truths), reward=_mean(paid), truth=_mean(truths))


def over(steps: Sequence[KnownAgainstOthers]) -> KnownAgainstOthers | None:
    """Return what steps come to together; a step's mean reward counts by its rollouts. None without a step."""
    if not steps:
        return None
    return KnownAgainstOthers(
        inside=_together([one.inside for one in steps]), others=_together([one.others for one in steps])
    )


def _together(sides: Sequence[PromptSide]) -> PromptSide:
    return PromptSide(
        rollouts=sum(one.rollouts for one in sides),
        judged=sum(one.judged for one in sides),
        reward=_weighed([(one.reward, one.rollouts) for one in sides]),
        truth=_weighed([(one.truth, one.judged) for one in sides]),
    )


def _weighed(means: Sequence[tuple[float | None, int]]) -> float | None:
    known = [(mean, weight) for mean, weight in means if mean is not None]
    total = sum(weight for _, weight in known)
    return sum(mean * weight for mean, weight in known) / total if total else None


def groups_of(step: int, rows: Sequence[Seen], scale: Rewards) -> Groups:
    """Return the means of a step's groups for the watches, over rollouts with reward and truth."""
    both = [row for row in rows if row.truth is not None and row.reward is not None]
    found = _groups(both)
    if found and max(map(len, found)) == 1:
        flat = [row for group in found for row in group]
        found = [flat[i : i + PIECE] for i in range(0, len(flat), PIECE)]
    means = [
        (
            sum(scale.share(row.reward or 0.0) for row in group) / len(group),
            sum(row.truth or 0 for row in group) / len(group),
            sum(row.length for row in group) / len(group),
        )
        for group in found
    ]
    table = np.array(means, dtype=np.float64).reshape(len(means), 3)
    return Groups(step, table[:, 0], table[:, 1], table[:, 2])


def _groups(rows: Sequence[Seen]) -> list[list[Seen]]:
    found: dict[int, list[Seen]] = defaultdict(list)
    for row in rows:
        found[row.group].append(row)
    return list(found.values())


def _components(rows: Sequence[Seen]) -> dict[str, float]:
    sums: dict[str, list[float]] = defaultdict(list)
    for row in rows:
        if row.parts != "{}":
            parts: dict[str, Any] = msgspec.json.decode(row.parts)
            for name, value in parts.items():
                if value is not None:
                    sums[name].append(value)
    return {name: sum(values) / len(values) for name, values in sorted(sums.items())}


def _slope(both: Sequence[tuple[float, Seen]]) -> float | None:
    """Least squares of the reward's share on the logarithm of the length, within true and within false answers."""
    across = np.array([(share, np.log2(1 + row.length), row.truth) for share, row in both], dtype=np.float64)
    if len(across) < 10:
        return None
    x, y = across[:, 1].copy(), across[:, 0].copy()
    for truth in (0.0, 1.0):
        same = across[:, 2] == truth
        if same.any():
            x[same] -= x[same].mean()
            y[same] -= y[same].mean()
    spread = float((x * x).sum())
    return float((x * y).sum()) / spread if spread > 1e-9 else None


def _mean(values: Sequence[float | bool]) -> float | None:
    return float(sum(values)) / len(values) if values else None
