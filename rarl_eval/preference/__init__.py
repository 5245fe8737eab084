"""Benchmarks of rewards: preference pairs, best-of-n sets and labelled steps, each scored by its own metric.

``layouts`` reads a benchmark's rows, ``evaluate`` puts a reward to them, ``metrics`` computes what the benchmark
publishes. Not here: rewards on a model's own runs (agreement).
"""

from typing import Any, Literal

import msgspec

from rarl_eval.stats import Interval

Layout = Literal[
    "rewardbench", "rewardbench2", "rm-bench", "judgebench", "llmbar", "ppe", "ppe-human", "processbench", "prmbench",
    "mr-ben", "alpacaeval",
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
    named: tuple[int, ...] | None = None
    """Recorded prediction of the first faulty step: (2,), () for none, (-1,) where none could be read; None where none
    is recorded."""
    worth: float | None = None
    """Worth of the recorded answer by the benchmark's own code, where it holds no scores: 1, 0, or 1/2 for a tie."""
    note: str = ""
    """What of the row was not taken as it stands, in a sentence."""
    unread: int = 0
    """Recorded replies in which its authors read no verdict."""
    meta: dict[str, Any] = {}


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What a reward said of an example."""

    scores: tuple[float | None, ...]
    steps: tuple[float, ...] | None = None
    votes: tuple[int | None, int | None] | None = None
    """Of a pairwise judge: for response 0 (+1), 1 (-1) or neither (0), in both orders; None where none was read."""
    named: tuple[int, ...] | None = None
    """The first faulty step, named without scores: (2,), () for none, (-1,) for nothing that could be read."""
    worth: float | None = None
    """What the benchmark's own code recorded, where there are no scores."""
    calls: int = 0
    """Calls of a judge for this example; recorded replies count too."""
    failed: int = 0
    """Of those, the ones without a reply."""
    unread: int = 0
    """Of those, replies in which no verdict stands."""
    unmatched: int = 0
    """Responses for which a file of scores has no row."""
    why: str = ""
    """What is wrong with the first of them."""


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One published figure."""

    metric: str
    subset: str
    """A subset, a section, ``micro`` (all examples alike) or ``macro`` (all subsets alike)."""
    n: int
    """Examples (of step metrics: steps) that ``value`` is over: those with an answer."""
    value: Interval | None
    """None over nothing."""
    chance: float | None = None
    """What a coin or the best constant answer gets, where that is known."""
    left_out: int = 0
    """Examples (steps) without an answer: failed, unread or unmatched, and neither right nor wrong."""
