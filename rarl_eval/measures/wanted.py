"""What a report holds only where it is asked for: a reference tokenizer's lengths, and scores that others publish.

Formulas are in scores.py; here are their intervals.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np

from rarl_eval.errors import BadInput
from rarl_eval.measures.columns import Columns, comparable, item_lengths, lengths_of
from rarl_eval.measures.lengths import common_median, measure_lengths
from rarl_eval.measures.reference import ReferenceTokenizer
from rarl_eval.measures.scores import adherence, aes_of, oaa
from rarl_eval.measures.splits import item_shares
from rarl_eval.stats import Interval
from rarl_eval.stats.means import Codes, Floats, mean, proportion
from rarl_eval.stats.resample import Measure, bootstrap, columnar


class ReferenceLengths(msgspec.Struct, frozen=True, kw_only=True):
    """With ``--tokenizer``: tokens of the whole visible text by one tokenizer for all models."""

    tokenizer: str | None = None
    """The file's name and the start of its SHA-256."""
    mean: Interval | None = None
    median: Interval | None = None
    p95: Interval | None = None
    per_correct: Interval | None = None
    median_common_correct: float | None = None


class Area(msgspec.Struct, frozen=True, kw_only=True):
    """With ``--oaa-cap``: mean over budgets from 0 to the cap of the share right within them."""

    cap: float | None = None
    unit: str | None = None
    area: Interval | None = None


class Adherence(msgspec.Struct, frozen=True, kw_only=True):
    """With ``--budget``: answers against a budget."""

    budget: float | None = None
    unit: str | None = None
    within: Interval | None = None
    """Share of answers no longer than the budget."""
    beyond: float | None = None
    """Mean of length over budget of the longer ones; 1 where there are none."""


class Efficiency(msgspec.Struct, frozen=True, kw_only=True):
    """With ``--aes-base``: share of length saved plus 3 times the relative gain in accuracy, or less 5 times the loss.

    On the items that both models answered; null for the base itself.
    """

    base: str | None = None
    score: Interval | None = None
    """Null where units differ."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What to add to the lengths of each row; None is not asked for."""

    tokenizer: ReferenceTokenizer | None = None
    base: str | None = None
    """Model that the accuracy-efficiency score is taken against."""
    cap: float | None = None
    """Longest budget of AUC_OAA, in the row's unit."""
    budget: float | None = None
    """Budget whose adherence is measured, in the row's unit."""

    def settings(self) -> dict[str, Any]:
        """Return what was asked for, as the report's settings hold it."""
        named = {"tokenizer": self.tokenizer and self.tokenizer.name, "aes_base": self.base}
        return {**named, "oaa_cap": self.cap, "budget": self.budget}


def check_base(wanted: Wanted, rows: Sequence[Columns]) -> None:
    """Raise BadInput unless the base model has exactly one row of some task, and of none several."""
    if wanted.base is None:
        return
    tasks = [columns.task for columns in rows if columns.model == wanted.base]
    if not tasks:
        models = ", ".join(sorted({columns.model for columns in rows}))
        raise BadInput(f"no run is of the base model {wanted.base!r}; the models are: {models}")
    if len(tasks) > len(set(tasks)):
        raise BadInput(f"base model {wanted.base!r} has several runs of one task; give one of them")


def measure(
    columns: Columns,
    rows: Sequence[Columns],
    common: Codes | None,
    wanted: Wanted,
    seed: int,
    replicates: int,
) -> dict[str, Any]:
    """Return ``reference``, ``auc_oaa``, ``adherence`` and ``aes`` of a row's ``length``; ``rows`` are its task's."""
    unit, lengths = lengths_of(columns)
    units = columns.unit_of_item[columns.item]
    base = next((other for other in rows if other.model == wanted.base), None)
    found: dict[str, Any] = dict.fromkeys(("reference", "auc_oaa", "adherence", "aes"))
    if not lengths.size:
        return found
    if columns.reference is not None and wanted.tokenizer is not None:
        found["reference"] = _reference(columns, columns.reference, wanted.tokenizer.name, common, seed, replicates)
    if wanted.cap is not None and comparable(columns):
        area = mean(oaa(lengths, columns.correct, wanted.cap), units)
        found["auc_oaa"] = Area(cap=wanted.cap, unit=unit, area=area)
    if wanted.budget is not None and comparable(columns):
        share = proportion((lengths <= wanted.budget).astype(np.float64), clusters=_numbered(units))
        beyond = adherence(lengths, wanted.budget)[1]
        found["adherence"] = Adherence(budget=wanted.budget, unit=unit, within=share, beyond=beyond)
    if base is not None and base is not columns:
        found["aes"] = Efficiency(base=base.model, score=_aes(columns, base, seed, replicates))
    return found


def _reference(
    columns: Columns, counts: Floats, name: str, common: Codes | None, seed: int, replicates: int
) -> ReferenceLengths:
    units = columns.unit_of_item[columns.item]
    found = measure_lengths(counts, columns.correct, units, seed=seed, replicates=replicates)
    shared = None if common is None else common_median(counts, columns.correct, columns.item, common)
    return ReferenceLengths(
        tokenizer=name,
        mean=found.mean,
        median=found.median,
        p95=found.p95,
        per_correct=found.per_correct,
        median_common_correct=shared,
    )


def _aes(columns: Columns, base: Columns, seed: int, replicates: int) -> Interval | None:
    """Accuracy-efficiency score on the items that both answered, resampled together; None where units differ."""
    same = lengths_of(columns)[0] == lengths_of(base)[0]
    keys = sorted(set(columns.keys) & set(base.keys))
    if not same or not keys or not (comparable(columns) and comparable(base)):
        return None
    places = [np.flatnonzero(np.isin(side.keys, keys)) for side in (columns, base)]
    sides = [
        values[place]
        for side, place in zip((columns, base), places, strict=True)
        for values in (item_shares(side)[0], item_lengths(side))
    ]
    units = _numbered(columns.unit_of_item[places[0]])
    table = columnar([np.bincount(units, weights=side) for side in sides])

    def values(drawn: Floats) -> Floats:
        right, length, base_right, base_length = (drawn @ table).T
        return aes_of(right, length, base_right, base_length)[:, None]

    n_units = int(units.max()) + 1
    return bootstrap([Measure(("aes",), values)], n_units, seed=seed, replicates=replicates)["aes"]


def _numbered(units: Codes) -> Codes:
    return np.unique(units, return_inverse=True)[1].astype(np.intp)
