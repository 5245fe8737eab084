"""Accuracy on items that a training corpus holds and on those it does not, and what the difference is worth."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from rarl_eval.report.columns import Columns
from rarl_eval.stats import Interval, newcombe
from rarl_eval.stats.means import Codes, Floats, accuracy
from rarl_eval.stats.resample import Measure, bootstrap, divide

Statuses = Mapping[str, str]
"""Item key to ``clean``, ``flagged`` or ``unscanned``."""

LEAST_OTHERS = 2
"""Other models needed to tell "these items are easy" from "this model has seen them"."""


def item_shares(columns: Columns) -> tuple[Floats, Floats]:
    """Share of right traces of each item, and how many judged traces it has; shapes (items,)."""
    samples = np.bincount(columns.item, minlength=len(columns.keys)).astype(np.float64)
    return np.bincount(columns.item, weights=columns.correct, minlength=len(columns.keys)) / samples, samples


def splits(columns: Columns, statuses: Statuses) -> dict[str, Any]:
    """``clean``, ``flagged`` and ``unscanned`` of a row: how many items, and accuracy with its interval."""
    shares, samples = item_shares(columns)
    found = {}
    for name in ("clean", "flagged", "unscanned"):
        part = _where(columns, statuses, name)
        found[name] = {"n": part.size, "accuracy": part_accuracy(columns, shares, samples, part)}
    return found


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
    found = _bootstrapped(columns, {"gain": shares}, clean, flagged, seed, replicates)["gain"]
    if found is None or found.low is None or found.low != found.high:
        return found
    sides = [part_accuracy(columns, shares, samples, part) for part in (flagged, clean)]
    return None if sides[0] is None or sides[1] is None else _scaled(newcombe(sides[0], sides[1]), clean, flagged)


def relative_gain(
    columns: Columns, rows: Sequence[Columns], statuses: Statuses, seed: int, replicates: int
) -> dict[str, Any]:
    """``gain_relative`` of a row: its gain less the other models' mean gain, which easiness cannot explain.

    ``control`` holds the others' mean accuracies on the same clean and flagged items; items that no other model
    answered are left out. Both None with fewer than two other models of the task. The others may have seen the
    flagged items too, so 0 does not clear a model.
    """
    unknown: dict[str, Any] = {"gain_relative": None, "control": None}
    others = _mean_of_others(columns, rows)
    if others is None:
        return unknown
    models, mean = others
    known = ~np.isnan(mean)
    clean, flagged = (part[known[part]] for part in (_where(columns, statuses, s) for s in ("clean", "flagged")))
    if not (clean.size and flagged.size):
        return unknown
    shares, _ = item_shares(columns)
    difference = shares - np.where(known, mean, 0.0)
    found = _bootstrapped(columns, {"relative": difference}, clean, flagged, seed, replicates)["relative"]
    return {
        "gain_relative": found,
        "control": {
            "models": models,
            "n": int(clean.size + flagged.size),
            "clean": float(mean[clean].mean()),
            "flagged": float(mean[flagged].mean()),
        },
    }


def _where(columns: Columns, statuses: Statuses, name: str) -> Codes:
    return np.array([i for i, key in enumerate(columns.keys) if statuses.get(key, "unscanned") == name], dtype=np.intp)


def _bootstrapped(
    columns: Columns, values: Mapping[str, Floats], clean: Codes, flagged: Codes, seed: int, replicates: int
) -> dict[str, Interval | None]:
    """Mean over clean and flagged less mean over clean, of each of ``values`` (items,), resampled together."""
    units, unit = np.unique(columns.unit_of_item[np.concatenate([clean, flagged])], return_inverse=True)
    of_clean, of_flagged = unit[: clean.size], unit[clean.size :]
    sides = [
        np.bincount(part_units, weights=weight, minlength=units.size)
        for part_units, part in ((of_clean, clean), (of_flagged, flagged))
        for weight in (np.ones(part.size), *(v[part] for v in values.values()))
    ]
    table = np.stack(sides, axis=1)
    width = len(values) + 1

    def measure(drawn: Floats) -> Floats:
        sums = drawn @ table
        on_clean, on_all = sums[:, :width], sums[:, :width] + sums[:, width:]
        return divide(on_all[:, 1:], on_all[:, :1]) - divide(on_clean[:, 1:], on_clean[:, :1])

    return bootstrap([Measure(tuple(values), measure)], units.size, seed=seed, replicates=replicates)


def _scaled(difference: Interval, clean: Codes, flagged: Codes) -> Interval:
    share = flagged.size / (clean.size + flagged.size)
    low, high = (None if bound is None else bound * share for bound in (difference.low, difference.high))
    return Interval(difference.value * share, low, high)


def _mean_of_others(columns: Columns, rows: Sequence[Columns]) -> tuple[int, Floats] | None:
    """Count other models, and give their mean share of right traces by item (nan where none answered)."""
    place = {key: i for i, key in enumerate(columns.keys)}
    by_model: dict[str, list[Floats]] = {}
    for row in rows:
        if row.model != columns.model and row.task == columns.task and row.keys:
            aligned = np.full(len(columns.keys), np.nan)
            at = np.array([place.get(key, -1) for key in row.keys], dtype=np.intp)
            aligned[at[at >= 0]] = item_shares(row)[0][at >= 0]
            by_model.setdefault(row.model, []).append(aligned)
    if len(by_model) < LEAST_OTHERS:
        return None
    return len(by_model), _nan_mean([_nan_mean(runs) for _, runs in sorted(by_model.items())])


def _nan_mean(vectors: Sequence[Floats]) -> Floats:
    stacked = np.stack(vectors)
    known = ~np.isnan(stacked)
    return divide(np.where(known, stacked, 0.0).sum(axis=0), known.sum(axis=0).astype(np.float64))
