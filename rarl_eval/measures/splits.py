"""Accuracy on items that a training corpus holds and on those it does not, and what the difference is worth."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec
import numpy as np

from rarl_eval.evidence.scans import LEVELS
from rarl_eval.measures.columns import Columns
from rarl_eval.stats import Interval, newcombe
from rarl_eval.stats.means import Codes, Floats, accuracy
from rarl_eval.stats.resample import Measure, bootstrap, columnar, divide


class Split(msgspec.Struct, frozen=True, kw_only=True):
    """Accuracy over a part of the items."""

    n: int | None = None
    """Items."""
    accuracy: Interval | None = None


class Control(msgspec.Struct, frozen=True, kw_only=True):
    """The other models on the items of ``gain_relative``."""

    models: int
    """How many."""
    n: int
    """On how many items."""
    clean: float
    """Their mean accuracy on the clean ones."""
    flagged: float


class Relative(NamedTuple):
    """A gain less that of others, and who they are."""

    gain: Interval | None
    control: Control | None


Statuses = Mapping[str, str]
"""Item key to ``clean``, ``flagged`` or ``unscanned``."""

LEAST_OTHERS = 2
"""Other models needed to tell "these items are easy" from "this model has seen them"."""


def item_shares(columns: Columns) -> tuple[Floats, Floats]:
    """Share of right traces of each item, and how many judged traces it has; shapes (items,)."""
    samples = np.bincount(columns.item, minlength=len(columns.keys)).astype(np.float64)
    return np.bincount(columns.item, weights=columns.correct, minlength=len(columns.keys)) / samples, samples


def splits(columns: Columns, statuses: Statuses) -> dict[str, Split]:
    """``clean``, ``flagged`` and ``unscanned`` of a row: how many items, and accuracy with its interval."""
    shares, samples = item_shares(columns)
    found = {}
    for name in ("clean", "flagged", "unscanned"):
        part = _where(columns, statuses, name)
        found[name] = Split(n=part.size, accuracy=part_accuracy(columns, shares, samples, part))
    return found


def by_level(columns: Columns, levels: Mapping[str, str]) -> dict[str, Split]:
    """``levels`` of a row: items and accuracy by the strongest evidence that scans found, strongest first."""
    shares, samples = item_shares(columns)
    parts = ((level, _where(columns, levels, level)) for level in LEVELS)
    return {
        level: Split(n=part.size, accuracy=part_accuracy(columns, shares, samples, part))
        for level, part in parts
        if part.size
    }


def part_accuracy(columns: Columns, shares: Floats, samples: Floats, part: Codes) -> Interval | None:
    """Accuracy over the items ``part`` (k,), clustered where items share a passage."""
    grouped = int(columns.unit_of_item.max(initial=-1)) + 1 < len(columns.keys)
    return accuracy(shares[part], samples[part], columns.unit_of_item[part] if grouped else None)


def gain(columns: Columns, statuses: Statuses, seed: int, replicates: int) -> Interval | None:
    """Accuracy on all scanned items less accuracy on the clean ones (EPG, ConTAM, arXiv 2411.03923).

    Paired bootstrap over items (groups where they share a passage); None unless both sides have items. Where every
    resample gives the same value, Newcombe's interval of flagged less clean, times the flagged share.
    """
    shares, samples = item_shares(columns)
    clean, flagged = (_where(columns, statuses, name) for name in ("clean", "flagged"))
    if not (clean.size and flagged.size):
        return None
    found = _bootstrapped(columns, shares, clean, flagged, seed, replicates)
    if found is None or found.low is None or found.low != found.high:
        return found
    sides = [part_accuracy(columns, shares, samples, part) for part in (flagged, clean)]
    return None if sides[0] is None or sides[1] is None else _scaled(newcombe(sides[0], sides[1]), clean, flagged)


def share_matrix(rows: Sequence[Columns], keys: Sequence[str]) -> Floats:
    """Shares of right traces (rows, keys), nan where a row has no judged trace of an item."""
    place = {key: i for i, key in enumerate(keys)}
    matrix = np.full((len(rows), len(keys)), np.nan)
    for line, columns in zip(matrix, rows, strict=True):
        line[[place[key] for key in columns.keys]] = item_shares(columns)[0]
    return matrix


def relative_gain(
    columns: Columns, others: Mapping[str, Floats], statuses: Statuses, seed: int, replicates: int
) -> Relative:
    """``gain_relative`` of a row: its gain less the other models' mean gain, which easiness cannot explain.

    ``others`` holds each other model's shares on the row's items (items,), nan where it has none. ``control`` holds
    their mean accuracies on the same clean and flagged items; items that no other model answered are left out.
    Both None with fewer than two other models of the task. The others may have seen the flagged items too, so 0
    does not clear a model.
    """
    unknown = Relative(None, None)
    if len(others) < LEAST_OTHERS:
        return unknown
    mean = nan_mean([shares for _, shares in sorted(others.items())])
    known = ~np.isnan(mean)
    clean, flagged = (part[known[part]] for part in (_where(columns, statuses, s) for s in ("clean", "flagged")))
    if not (clean.size and flagged.size):
        return unknown
    difference = item_shares(columns)[0] - np.where(known, mean, 0.0)
    control = Control(
        models=len(others),
        n=int(clean.size + flagged.size),
        clean=float(mean[clean].mean()),
        flagged=float(mean[flagged].mean()),
    )
    return Relative(_bootstrapped(columns, difference, clean, flagged, seed, replicates), control)


def nan_mean(vectors: Sequence[Floats]) -> Floats:
    """Mean of vectors (n,) where they are known, nan where none is."""
    stacked = np.stack(vectors)
    known = ~np.isnan(stacked)
    return divide(np.where(known, stacked, 0.0).sum(axis=0), known.sum(axis=0).astype(np.float64))


def _where(columns: Columns, statuses: Statuses, name: str) -> Codes:
    return np.array([i for i, key in enumerate(columns.keys) if statuses.get(key, "unscanned") == name], dtype=np.intp)


def _bootstrapped(
    columns: Columns, values: Floats, clean: Codes, flagged: Codes, seed: int, replicates: int
) -> Interval | None:
    """Mean of ``values`` (items,) over clean and flagged items less their mean over the clean, items resampled."""
    units, unit = np.unique(columns.unit_of_item[np.concatenate([clean, flagged])], return_inverse=True)
    parts = ((unit[: clean.size], clean), (unit[clean.size :], flagged))
    table = columnar(
        [
            np.bincount(part_units, weights=weight, minlength=units.size)
            for part_units, part in parts
            for weight in (np.ones(part.size), values[part])
        ]
    )

    def measure(drawn: Floats) -> Floats:
        n_clean, clean_sum, n_flagged, flagged_sum = (drawn @ table).T
        return (divide(clean_sum + flagged_sum, n_clean + n_flagged) - divide(clean_sum, n_clean))[:, None]

    return bootstrap([Measure(("gain",), measure)], units.size, seed=seed, replicates=replicates)["gain"]


def _scaled(difference: Interval, clean: Codes, flagged: Codes) -> Interval:
    share = flagged.size / (clean.size + flagged.size)
    low, high = (None if bound is None else bound * share for bound in (difference.low, difference.high))
    return Interval(difference.value * share, low, high)
