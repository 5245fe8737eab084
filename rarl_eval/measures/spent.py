"""A row's ``length``: how long the answers are, what a right one costs, and the row's place beside others."""

import msgspec
import numpy as np

from rarl_eval.measures.budgets import BudgetCurve, budget
from rarl_eval.measures.columns import Columns, comparable, lengths_of
from rarl_eval.measures.front import Front, equal_accuracy
from rarl_eval.measures.lengths import common_median, measure_lengths
from rarl_eval.measures.scores import ock_score
from rarl_eval.measures.wanted import Adherence, Area, Efficiency, ReferenceLengths
from rarl_eval.stats import Interval
from rarl_eval.stats.means import Codes

MEASURED = ("median", "p95", "per_correct", "delta")
"""Figures whose intervals stand in ``intervals``."""


class EqualAccuracy(msgspec.Struct, frozen=True, kw_only=True):
    """The shortest budget with which the row is as accurate as the task's least accurate row of its unit."""

    accuracy: float
    length: Interval | None = None


class Spent(msgspec.Struct, frozen=True, kw_only=True):
    """How long the answers are, in one unit."""

    unit: str | None = None
    """``tokens`` only where every judged trace of the row has a count of all it generated, else ``characters``."""
    counted_by: str | None = None
    """Who counted the tokens (server, recorded, a tokenizer's name; joined by commas); null for characters."""
    measured: str | None = None
    """``completion`` (tokens: reasoning and answer), ``reasoning`` (characters of the marked reasoning), ``text``
    (characters of all that was written), ``mixed`` (reasoning where it is marked, else text)."""
    hidden: bool | None = None
    """Some trace has reasoning tokens but no reasoning text: in characters the row does not compare."""
    n: int | None = None
    """Judged traces."""
    mean: Interval | None = None
    median: float | None = None
    p95: float | None = None
    median_correct: float | None = None
    """Over right traces."""
    median_wrong: float | None = None
    median_common_correct: float | None = None
    """Over the items that every row of the task got right at least once, of each item's mean length of right traces;
    null unless the report has two models of the task."""
    n_common_correct: int | None = None
    """How many such items; null likewise."""
    per_correct: float | None = None
    """All lengths over the number of right traces."""
    truncated: float | None = None
    """Share cut off at their cap, of the traces that say how they ended."""
    censored: bool | None = None
    """Whether any was: lengths are then lower bounds."""
    delta: float | None = None
    """Cliff's delta of wrong against right: above 0, wrong answers are longer."""
    intervals: dict[str, Interval | None] | None = None
    """Intervals of ``median``, ``p95``, ``per_correct`` and ``delta``."""
    budget: BudgetCurve | None = None
    pareto: Front | None = None
    """Place among the task's rows of one unit, on the items that all of them answered; null for a row alone."""
    equal_accuracy: EqualAccuracy | None = None
    """Null for a row alone."""
    ock_score: float | None = None
    """Accuracy in percent less 10 ln(mean tokens / 10,000 + 1); null for characters."""
    reference: ReferenceLengths | None = None
    auc_oaa: Area | None = None
    adherence: Adherence | None = None
    aes: Efficiency | None = None
    order_flips: tuple[str, ...] | None = None
    """Models that are longer than this one by one of ``median_correct`` and ``median_common_correct`` and shorter by
    the other; null without common items, and for hidden reasoning."""


def spent(
    columns: Columns, common: Codes | None, span: tuple[float, float] | None, seed: int, replicates: int
) -> Spent:
    """Measure a row's own lengths: ``common`` items all compared rows got right, ``span`` the task's budget range."""
    if not columns.item.size and columns.unjudged.size:
        return _unjudged(columns, seed, replicates)
    unit, lengths = lengths_of(columns)
    found = measure_lengths(
        lengths, columns.correct, columns.unit_of_item[columns.item], seed=seed, replicates=replicates
    )
    known = columns.cut[~np.isnan(columns.cut)]
    shared = None if common is None else common_median(lengths, columns.correct, columns.item, common)
    curve = budget(lengths, columns.correct, columns.item, *span) if span is not None and lengths.size else None
    return Spent(
        unit=unit,
        counted_by=columns.counted_by,
        measured="completion" if unit == "tokens" else columns.measured,
        hidden=columns.hidden,
        n=found.n,
        mean=found.mean,
        median=_value(found.median),
        p95=_value(found.p95),
        median_correct=found.median_correct,
        median_wrong=found.median_wrong,
        median_common_correct=shared,
        n_common_correct=None if common is None else common.size,
        per_correct=_value(found.per_correct),
        truncated=float(known.mean()) if known.size else None,
        censored=bool(known.any()) if known.size else None,
        delta=_value(found.delta),
        intervals={name: getattr(found, name) for name in MEASURED},
        budget=curve,
    )


def _unjudged(columns: Columns, seed: int, replicates: int) -> Spent:
    """Measure a row without a judged trace: how long, but nothing that needs to know what is right."""
    lengths = columns.unjudged
    found = measure_lengths(lengths, np.zeros(lengths.size), np.arange(lengths.size), seed=seed, replicates=replicates)
    return Spent(
        unit=columns.unjudged_unit,
        measured="completion" if columns.unjudged_unit == "tokens" else "mixed",
        hidden=False,
        n=found.n,
        mean=found.mean,
        median=_value(found.median),
        p95=_value(found.p95),
        intervals={**dict.fromkeys(MEASURED), "median": found.median, "p95": found.p95},
    )


def beside(
    own: Spent, columns: Columns, target: float | None, front: Front | None, seed: int, replicates: int
) -> Spent:
    """Add what depends on the task's other rows of the unit, and the published single number."""
    unit, lengths = lengths_of(columns)
    units = columns.unit_of_item[columns.item]
    equal = None
    if target is not None and target > 0 and comparable(columns):
        found = equal_accuracy(lengths, columns.correct, units, target, seed=seed, replicates=replicates)
        equal = EqualAccuracy(accuracy=target, length=found)
    known = unit == "tokens" and lengths.size
    score = ock_score(float(columns.correct.mean()), float(lengths.mean())) if known else None
    return msgspec.structs.replace(own, pareto=front, equal_accuracy=equal, ock_score=score)


def _value(interval: Interval | None) -> float | None:
    return None if interval is None else interval.value
