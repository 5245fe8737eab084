"""The judged traces of a row as columns, which every measure works on. Not here: how they are made (traces.py)."""

from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from rarl_eval.runs.store import TaskInfo
from rarl_eval.stats.means import Codes, Floats

SCORE = "score:"
"""Names of rewards that are a benchmark's own score of the answer begin so (data/lm_eval.py, sandbox/grade.py)."""
CHECKER = "checker:"
"""And of such scores those that say whether an answer is right by one of a benchmark's checkers."""


CASES = 5
"""Answers read in two ways that a row names of each kind."""


@dataclass(frozen=True, kw_only=True)
class Signal:
    """One reward over the judged traces."""

    judge: str
    grain: str
    meaning: str
    scores: Floats
    """(n,), nan where the signal failed or abstained."""


class TwoReadings(msgspec.Struct, frozen=True, kw_only=True):
    """An answer that one reading calls right and the other does not."""

    item: str
    """The item's id."""
    sample: int
    kind: str
    """What each reading says, e.g. ``no_answer, second correct``."""
    first: str | None
    """What the task's rule read."""
    second: str | None
    """What the lenient reading took."""


@dataclass(frozen=True, kw_only=True)
class Columns:
    """The judged traces of one model on one task in one run, and counts of all."""

    run: Path
    model: str
    task: str
    info: TaskInfo
    keys: list[str]
    """Item keys, sorted; ``item`` numbers them."""
    item: Codes
    correct: Floats
    second: Floats
    """1 or 0 as the second reading says, nan where there is none."""
    two_ways: dict[str, int]
    """Answers that the readings judge differently, by kind."""
    cases: tuple[TwoReadings, ...]
    """The first few of each kind."""
    tokens: Floats | None
    """Everything generated, None unless every judged trace has a count."""
    counted_by: str | None
    characters: Floats
    """Of the reasoning where it is marked, else of the whole text."""
    measured: str
    """What ``characters`` counts: ``reasoning``, ``text`` or ``mixed``."""
    abstained: Floats
    """1 where the reply declines to answer, which is right of a question that has no answer."""
    answered: Floats
    """1 where the reply commits itself to an answer, right or wrong."""
    lacking: NDArray[np.bool_]
    """(items,): the question lacks a premise and has no answer."""
    cut: Floats
    """1 where the trace ended by its cap, 0 where by itself, nan where nobody says."""
    hidden: bool
    """Some trace has reasoning tokens but no reasoning text: the visible length is not what was spent."""
    stops: dict[str, int]
    failures: dict[str, int]
    """Why calls failed, the commonest reasons first."""
    signals: dict[str, Signal]
    own: dict[str, dict[str, list[float]]]
    """Scores of another harness's own rule: name to item key to the traces' scores, judged or not."""
    reference: Floats | None
    """Tokens of the whole text by the reference tokenizer; None without one."""
    unjudged: Floats
    """Lengths of the unjudged traces: tokens if each has a count, else characters."""
    unjudged_unit: str
    unit_of_item: Codes
    """What is resampled as a whole: the item's group, else the item."""
    judges: tuple[str, ...] = ()
    """Models, or other harnesses' scores, that decided what is right, where the task's rule did not."""


def lengths_of(columns: Columns) -> tuple[str, Floats]:
    """Return unit and lengths (traces,) of a row: tokens where every trace has a count, else characters."""
    return ("characters", columns.characters) if columns.tokens is None else ("tokens", columns.tokens)


def comparable(columns: Columns) -> bool:
    """Whether the row's lengths are what was spent: characters of hidden reasoning are not."""
    return columns.tokens is not None or not columns.hidden


def item_lengths(columns: Columns) -> Floats:
    """Mean length of each item's traces (items,), in the row's unit."""
    found: Floats = np.bincount(columns.item, weights=lengths_of(columns)[1]) / np.bincount(columns.item)
    return found
