"""The gate: tonight's cells against a pinned baseline and the last nights, with one false-alarm rate for the night.

For each cell and each reference, tonight's share of right answers on each item (or passage) is exchanged with the
reference nights' (stats.randomise): one-sided tests of a drop, the weaker of two of them, so that it counts neither on
nights being independent draws nor on differences being symmetric. Holm's adjustment over all tests of the night
holds the chance of any false alarm to the stated rate. That chance is over the draw of all nights, the baseline's
too: a single pinned night that happened to be lucky raises it for every night that is held against it, so pin several.
"""

from collections.abc import Callable, Mapping, Sequence
from statistics import NormalDist

import msgspec
import numpy as np
from numpy.typing import NDArray

from rarl_eval.measures.pairs import adjusted
from rarl_eval.nightly.history import Cell, ItemRow
from rarl_eval.stats import Interval
from rarl_eval.stats.means import Codes, clustered_error, codes, mean
from rarl_eval.stats.randomise import against_mean, randomisation

Counts = NDArray[np.int64]

Night = Mapping[str, ItemRow]
"""One cell's items of one night, by key."""

LEAST_SHARED = 0.5
"""A reference night that shares a smaller part of tonight's items does not stand for them."""


class Test(msgspec.Struct, frozen=True, kw_only=True):
    """One cell against one reference."""

    cell: Cell
    reference: str
    """``baseline`` or ``last nights``."""
    nights: list[str]
    n: int
    difference: Interval
    """Tonight less the mean of the reference nights."""
    p_value: float
    """One-sided: chance of a drop this large where nothing changed."""
    p_holm: float
    minimum_detectable: float | None
    """True drop that the first and hardest of Holm's steps finds 4 times in 5."""
    alarm: bool


def judge_night(
    tonight: Mapping[Cell, Night],
    references: Sequence[tuple[str, Cell, Sequence[tuple[str, Night]]]],
    *,
    false_alarm_rate: float,
    smallest_drop: float = 0.0,
) -> list[Test]:
    """Test each (name, cell, [(night, items), ...]) of ``references`` against ``tonight``'s items of that cell.

    ``smallest_drop`` is a fraction. Returns the tests in the order given; those without enough shared items are left
    out, as ``unusable`` says.
    """
    drafts = [
        draft
        for name, cell, nights in references
        if (usable := [(night, items) for night, items in nights if not unusable(tonight[cell], items)])
        and (draft := _test(name, cell, tonight[cell], usable))
    ]
    hardest = NormalDist().inv_cdf(1 - false_alarm_rate / len(drafts)) if drafts else 0.0
    return [
        msgspec.structs.replace(
            test,
            alarm=test.p_holm <= false_alarm_rate and -test.difference.value >= max(smallest_drop, 1e-12),
            minimum_detectable=_detectable(test.minimum_detectable, hardest),
        )
        for test in adjusted(drafts)
    ]


def unusable(tonight: Night, before: Night) -> str:
    """Why a night cannot stand beside tonight; "" if it can."""
    if not (tonight and before):
        return "one of them has no judged items"
    versions = (next(iter(before.values())).task_version, next(iter(tonight.values())).task_version)
    if versions[0] != versions[1]:
        return f"the task's version went from {versions[0]} to {versions[1]}"
    shared = len(tonight.keys() & before.keys())
    if shared < LEAST_SHARED * len(tonight):
        return f"only {shared} of {len(tonight)} items are the same"
    return ""


def _test(name: str, cell: Cell, tonight: Night, nights: Sequence[tuple[str, Night]]) -> Test | None:
    keys = sorted(set(tonight).intersection(*(items for _, items in nights)))
    if not keys:
        return None
    sessions = [tonight, *(items for _, items in nights)]
    right, samples = _table(sessions, keys, lambda row: row.right), _table(sessions, keys, lambda row: row.samples)
    units, groups = codes([tonight[key].unit for key in keys])
    clusters = None if groups == len(keys) else units
    shares = right / samples
    fell = shares[:, 0] - shares[:, 1:].mean(axis=1)
    difference = mean(fell, clusters)
    if difference is None:
        return None
    return Test(
        cell=cell,
        reference=name,
        nights=[night for night, _ in nights],
        n=len(keys),
        difference=difference,
        p_value=_p_value(right, samples, clusters),
        p_holm=1.0,
        minimum_detectable=clustered_error(fell, units),
        alarm=False,
    )


def _p_value(right: Counts, samples: Counts, clusters: Codes | None) -> float:
    found = against_mean(right, samples, clusters).less
    return found if right.shape[1] == 2 else max(found, randomisation(right, samples, clusters).less)


def _table(sessions: Sequence[Night], keys: Sequence[str], count: Callable[[ItemRow], int]) -> Counts:
    return np.array([[count(session[key]) for session in sessions] for key in keys], dtype=np.int64)


def _detectable(error: float | None, hardest: float) -> float | None:
    return None if not error else (hardest + NormalDist().inv_cdf(0.8)) * error
