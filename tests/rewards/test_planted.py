"""Planted truth: rewards whose faults are known, over traces whose faulty steps are known, for 200 seeds each.

Each seed makes fresh twins of all families with their worked steps (rarl_eval.tasks.fresh) and four traces of each; a
wrong trace is the twin's solution with one planted error. The truth of a planted effect is its value over a hundred
times as many traces, or closed form where there is one.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import islice

import numpy as np
import pytest

from rarl_eval.agreement.bias import position, pull
from rarl_eval.agreement.credit import credit
from rarl_eval.agreement.trapped import trapped
from rarl_eval.measures.agreement import agree
from rarl_eval.runs.added import Entry, Judgement
from rarl_eval.stats import Interval
from rarl_eval.tasks.fresh import FAMILIES
from rarl_eval.tasks.fresh.make import instances
from rarl_eval.types import Reward

SEEDS = 200
LEAST = 0.90
NOISE = 1
"""Keeps the draws of a planted reward apart from those of the bootstrap, which a shared seed would tie together."""
SAMPLES = 4
TWINS = 4
"""Twins of each family and seed."""


@dataclass(frozen=True)
class Planted:
    """Traces (n,) of one seed."""

    item: np.ndarray
    correct: np.ndarray
    length: np.ndarray
    steps: list[int]
    fault: list[int | None]


@cache
def planted(seed: int) -> Planted:
    """Four traces of each of 136 fresh twins: 60 % right, and as long as their steps and a random number of asides."""
    rng = random.Random(seed)
    rows: list[tuple[int, bool, int, int, int | None]] = []
    twins = (twin for family in FAMILIES.values() for twin in islice(instances(family, seed), TWINS))
    for number, twin in enumerate(twins):
        for _ in range(SAMPLES):
            right = rng.random() < 0.6
            asides = ["Let me check this once more."] * rng.randint(0, 12)
            steps = [*(twin.steps if right else twin.faulty.steps), *asides]
            fault = None if right else twin.faulty.first_error
            rows.append((number, right, len("\n".join(steps)), len(steps), fault))
    item, correct, length, steps_, faults = zip(*rows, strict=True)
    return Planted(np.array(item), np.array(correct, float), np.array(length, float), list(steps_), list(faults))


@cache
def population() -> Planted:
    """A hundred seeds that no test uses, as one data set."""
    parts = [planted(10_000 + seed) for seed in range(100)]
    offsets = np.cumsum([0, *(int(p.item.max()) + 1 for p in parts[:-1])])
    return Planted(
        np.concatenate([p.item + o for p, o in zip(parts, offsets, strict=True)]),
        np.concatenate([p.correct for p in parts]),
        np.concatenate([p.length for p in parts]),
        [s for p in parts for s in p.steps],
        [f for p in parts for f in p.fault],
    )


def covered(measure: Callable[[int], Interval | None], truth: float) -> float:
    """Share of seeds whose interval holds the truth."""
    inside = 0
    for seed in range(SEEDS):
        found = measure(seed)
        inside += found is not None and found.low - 1e-9 <= truth <= found.high + 1e-9
    return inside / SEEDS


def long_winded(data: Planted, rng: np.random.Generator, weight: float) -> np.ndarray:
    """A noisy reward that pays ``weight`` for each standard deviation of length."""
    z = (data.length - data.length.mean()) / data.length.std()
    return data.correct + weight * z + rng.standard_normal(data.length.size)


@pytest.mark.parametrize("weight", [0.0, 0.15, 0.5, -0.3])
def test_length_bias_is_recovered_and_its_absence_too(weight: float) -> None:
    """Partial correlation and P(longer wins) hold their true values, 0 and 1/2 where nothing was planted."""
    every, rng = population(), np.random.default_rng(1)
    units = np.arange(int(every.item.max()) + 1)[every.item]
    whole = pull(long_winded(every, rng, weight), every.correct, every.length, every.item, units, seed=0, replicates=2)
    truth = (whole.partial.value, whole.wins.value) if weight else (0.0, 0.5)

    def found(seed: int):
        data = planted(seed)
        scores = long_winded(data, np.random.default_rng([seed, NOISE]), weight)
        return pull(scores, data.correct, data.length, data.item, data.item, seed=seed, replicates=200)

    measured = [found(seed) for seed in range(SEEDS)]
    assert covered(lambda s: measured[s].partial, truth[0]) >= LEAST
    assert covered(lambda s: measured[s].wins, truth[1]) >= LEAST
    seen = np.mean([not m.partial.low <= 0 <= m.partial.high for m in measured])
    assert seen <= 0.10 if weight == 0 else seen >= LEAST or abs(weight) < 0.3


@pytest.mark.parametrize("bias", [0.0, 0.2, 0.6])
def test_position_bias_is_recovered(bias: float) -> None:
    """A judge that takes the first response with chance b, else the right one, prefers the first 1/2 + b/2 of the time."""

    def found(seed: int) -> Interval | None:
        rng = np.random.default_rng([seed, NOISE])
        entries = []
        for n in range(100):
            judgements = []
            for first in (True, False):
                says_first = rng.random() < bias or first  # the scored trace is the right one
                judgements.append(
                    Judgement(part="pairwise", prompt=(), verdict="A" if says_first else "B", against=1, first=first)
                )
            entries.append(
                Entry(slot=("t", str(n), 0), reward=Reward(name="j", judge="generative"), judgements=tuple(judgements))
            )
        return position(entries).first

    assert covered(found, 0.5 + bias / 2) >= LEAST


@pytest.mark.parametrize(("false_pass", "false_fail"), [(0.0, 0.0), (0.25, 0.1)])
def test_noise_is_recovered(false_pass: float, false_fail: float) -> None:
    """Planted rates of wrong traces passed and right ones failed."""

    def found(seed: int):
        data = planted(seed)
        rng = np.random.default_rng([seed, NOISE])
        flip = rng.random(data.correct.size) < np.where(data.correct == 1, false_fail, false_pass)
        return agree(np.where(flip, 1 - data.correct, data.correct), data.correct, data.item, replicates=10)

    measured = [found(seed) for seed in range(SEEDS)]
    assert covered(lambda s: measured[s].false_pass, false_pass) >= LEAST
    assert covered(lambda s: measured[s].false_fail, false_fail) >= LEAST


@pytest.mark.parametrize("rate", [0.0, 0.05, 0.38])
def test_a_hackable_pattern_is_recovered(rate: float) -> None:
    """A judge that passes an empty answer with a planted chance, asked about 40 items."""

    def found(seed: int) -> Interval | None:
        rng = np.random.default_rng([seed, NOISE])
        entries = [
            Entry(
                slot=("t", str(n), 1),
                trap="key-empty/wrong",
                reward=Reward(name="j", judge="generative", score=float(rng.random() < rate)),
                detail={"expected": "fail"},
            )
            for n in range(40)
        ]
        return trapped(entries, {}, 0.5)[0].passed

    assert covered(found, rate) >= LEAST


@pytest.mark.parametrize("gap", [0.1, 0.2])
def test_miscalibration_is_recovered(gap: float) -> None:
    """Scores of .5 + gap/2 + .2 on right-looking and its mirror on wrong-looking traces overstate by the gap."""

    def found(seed: int) -> Interval | None:
        rng = np.random.default_rng([seed, NOISE])
        sure = rng.random(480) < 0.5
        correct = rng.random(480) < np.where(sure, 0.7, 0.3)
        scores = np.where(sure, 0.7 + gap, 0.3 - gap)
        return agree(scores, correct, np.arange(480), seed=seed, replicates=200).ece

    assert covered(found, gap) >= LEAST


@pytest.mark.parametrize("sharp", [1.0, 0.7, 0.3])
def test_credit_is_recovered(sharp: float) -> None:
    """A process reward that fails the faulty step itself with a planted chance, else the last one or nothing."""

    def found(seed: int):
        data = planted(seed)
        rng = np.random.default_rng([seed, NOISE])
        scores = []
        for steps, fault in zip(data.steps, data.fault, strict=True):
            line = np.ones(steps)
            if fault is not None and rng.random() < sharp:
                line[fault:] = 0.0
            elif fault is not None and fault < steps - 1:
                line[steps - 1] = 0.0
            scores.append(line.tolist())
        return credit(scores, data.fault, 0.5)

    assert covered(lambda s: found(s).exact, sharp) >= LEAST
    assert covered(lambda s: found(s).early, 0.0) >= LEAST
