"""Benchmarks of rewards: preference pairs, best-of-n sets and labelled steps, each scored by its own metric.

``layouts`` reads a benchmark's rows, ``evaluate`` puts a reward to them, ``metrics`` computes what the benchmark
publishes. Not here: rewards on a model's own runs (agreement).
"""

from typing import Any, Literal

import msgspec

from rarl_eval.stats import Interval

Layout = Literal[
    "rewardbench", "rewardbench2", "rm-bench", "judgebench", "llmbar", "ppe", "ppe-human", "processbench", "prmbench",
    "mr-ben",
]  # fmt: skip


class Example(msgspec.Struct, frozen=True, kw_only=True):
    """One row of a benchmark of rewards."""

    id: str
    subset: str
    prompt: str
    responses: tuple[str, ...]
    good: tuple[bool, ...] = ()
    """Which responses are right or chosen; empty where ``pairs`` say it all."""
    pairs: tuple[tuple[int, int], ...] = ()
    """(better, worse) by place in ``responses``."""
    steps: tuple[str, ...] | None = None
    """Steps of the one response, for step labels."""
    faults: tuple[int, ...] | None = None
    """Places of its faulty steps; () for a sound one. ProcessBench and MR-Ben know the first only."""
    correct: bool | None = None
    """Whether its final answer is right, where the benchmark says so."""
    scores: tuple[float | None, ...] | None = None
    """Recorded scores of the responses, where the rows hold them."""
    votes: tuple[int | None, int | None] | None = None
    """Recorded votes of a pairwise judge for response 0 (+1) or 1 (-1), shown first and shown second."""
    meta: dict[str, Any] = {}


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What a reward said of an example."""

    scores: tuple[float | None, ...]
    steps: tuple[float, ...] | None = None
    votes: tuple[int | None, int | None] | None = None
    """Of a pairwise judge: for response 0 (+1), 1 (-1) or neither (0), in both orders; None where none was read."""


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One published figure."""

    metric: str
    subset: str
    """A subset, a section, ``micro`` (all examples alike) or ``macro`` (all subsets alike)."""
    n: int
    value: Interval | None
    chance: float | None = None
    """What a coin or the best constant answer gets, where that is known."""
