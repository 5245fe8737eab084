"""One row of a report: a model on a task in a run."""

from typing import Any

import msgspec
import numpy as np

from rarl_eval.data import styles
from rarl_eval.measures.agreement import agree
from rarl_eval.measures.budgets import Budget, budget
from rarl_eval.measures.front import Front, equal_accuracy
from rarl_eval.measures.lengths import common_median, measure_lengths
from rarl_eval.measures.scores import ock_score
from rarl_eval.measures.splits import item_shares, part_accuracy
from rarl_eval.measures.traces import Columns, Signal, comparable, lengths_of
from rarl_eval.stats import Interval
from rarl_eval.stats.means import Codes, Floats, mean, proportion

SUPPORTED = "supported"
"""Name of the reward that looks for an answer's numbers in its context."""

PASSES = 0.5
"""Scores of at least this count as passing, where all scores of a reward lie in 0 to 1."""


def outcome(columns: Columns, label: str) -> dict[str, Any]:
    """Names, counts, accuracy and stops of a row."""
    shares, samples = item_shares(columns)
    every = np.arange(len(columns.keys))
    judged = int(columns.item.size)
    return {
        "model": columns.model,
        "task": columns.task,
        "run": label,
        "domain": columns.info.domain,
        "task_version": columns.info.version,
        "fingerprint": columns.info.fingerprint,
        "sandbox": columns.info.sandbox,
        "prompt_style": styles.label(columns.info.style),
        "asked": len(columns.info.items),
        "n": len(columns.keys),
        "traces": judged,
        "errors": columns.stops["error"],
        "unjudged": columns.stops["unjudged"],
        "scores": [_own(columns, name) for name in columns.own],
        "accuracy": part_accuracy(columns, shares, samples, every),
        "no_answer": columns.stops["no_answer"] / judged if judged else None,
        "stops": columns.stops,
    }


def length(
    columns: Columns, common: Codes | None, span: tuple[float, float] | None, seed: int, replicates: int
) -> dict[str, Any]:
    """Measure the row's ``length``: ``common`` items all compared rows got right, ``span`` the task's budget range."""
    if not columns.item.size and columns.unjudged.size:
        return _unjudged_length(columns, seed, replicates)
    unit, lengths = lengths_of(columns)
    found = measure_lengths(
        lengths, columns.correct, columns.unit_of_item[columns.item], seed=seed, replicates=replicates
    )
    known = columns.cut[~np.isnan(columns.cut)]
    curve: Budget | None = None
    if span is not None and lengths.size:
        curve = budget(lengths, columns.correct, columns.item, *span)
    return {
        "unit": unit,
        "counted_by": columns.counted_by,
        "measured": "completion" if unit == "tokens" else columns.measured,
        "hidden": columns.hidden,
        "n": found.n,
        "mean": found.mean,
        "median": _value(found.median),
        "p95": _value(found.p95),
        "median_correct": found.median_correct,
        "median_wrong": found.median_wrong,
        "median_common_correct": None
        if common is None
        else common_median(lengths, columns.correct, columns.item, common),
        "n_common_correct": None if common is None else common.size,
        "per_correct": _value(found.per_correct),
        "truncated": float(known.mean()) if known.size else None,
        "censored": bool(known.any()) if known.size else None,
        "delta": _value(found.delta),
        "intervals": {"median": found.median, "p95": found.p95, "per_correct": found.per_correct, "delta": found.delta},
        "budget": curve,
    }


def beside(columns: Columns, target: float | None, front: Front | None, seed: int, replicates: int) -> dict[str, Any]:
    """Say of a row's ``length`` what depends on the task's other rows of its unit, and the published single number."""
    unit, lengths = lengths_of(columns)
    units = columns.unit_of_item[columns.item]
    equal = None
    if target is not None and target > 0 and comparable(columns):
        found = equal_accuracy(lengths, columns.correct, units, target, seed=seed, replicates=replicates)
        equal = {"accuracy": target, "length": found}
    known = unit == "tokens" and lengths.size
    return {
        "pareto": front,
        "equal_accuracy": equal,
        "ock_score": ock_score(float(columns.correct.mean()), float(lengths.mean())) if known else None,
    }


def unsupported(columns: Columns) -> dict[str, Any] | None:
    """Share of answers with a number that the context does not support, from the reward ``supported``."""
    signal = columns.signals.get(SUPPORTED)
    if signal is None or signal.judge != "rule":
        return None
    known = ~np.isnan(signal.scores)
    units = np.unique(columns.unit_of_item[columns.item[known]], return_inverse=True)[1].astype(np.intp)
    missing = (signal.scores[known] < 1).astype(np.float64)
    return {"n": int(known.sum()), "share": proportion(missing, clusters=units)}


def _own(columns: Columns, name: str) -> dict[str, Any]:
    """Mean over items of another harness's own score, with Student's t interval."""
    scores = columns.own[name]
    found = mean([sum(values) / len(values) for values in scores.values()])
    return {"name": name, "n": len(scores), "mean": found}


def _unjudged_length(columns: Columns, seed: int, replicates: int) -> dict[str, Any]:
    """Measure a row without a judged trace: how long, but nothing that needs to know what is right."""
    lengths = columns.unjudged
    found = measure_lengths(lengths, np.zeros(lengths.size), np.arange(lengths.size), seed=seed, replicates=replicates)
    unknown = ("median_correct", "median_wrong", "median_common_correct", "n_common_correct", "per_correct", "delta")
    return {
        "unit": columns.unjudged_unit,
        "counted_by": None,
        "measured": "completion" if columns.unjudged_unit == "tokens" else "mixed",
        "hidden": False,
        "n": found.n,
        "mean": found.mean,
        "median": _value(found.median),
        "p95": _value(found.p95),
        **dict.fromkeys(unknown),
        "truncated": None,
        "censored": None,
        "intervals": {"median": found.median, "p95": found.p95, "per_correct": None, "delta": None},
        "budget": None,
    }


def agreement(columns: Columns, seed: int, replicates: int) -> list[dict[str, Any]]:
    """Measure the row's ``agreement``: one entry for each reward, by name."""
    return [_entry(columns, name, signal, seed, replicates) for name, signal in columns.signals.items()]


def _entry(columns: Columns, name: str, signal: Signal, seed: int, replicates: int) -> dict[str, Any]:
    known = signal.scores[~np.isnan(signal.scores)]
    bounded = bool(known.size and known.min() >= 0 and known.max() <= 1)
    found = agree(
        signal.scores,
        columns.correct,
        columns.item,
        columns.unit_of_item[columns.item],
        threshold=PASSES if bounded else None,
        # A shaping reward promises no probability: holding it to one would be a fault of ours.
        probability=bounded and signal.meaning != "shaping",
        selective=signal.meaning != "shaping",
        seed=seed,
        replicates=replicates,
    )
    entry = {
        "reward": name,
        "judge": signal.judge,
        "grain": signal.grain,
        "meaning": signal.meaning,
        **msgspec.structs.asdict(found),
    }
    return {**entry, "note": _note(known, columns.correct[~np.isnan(signal.scores)], signal, bounded, found.missing)}


def _note(known: Floats, correct: Floats, signal: Signal, bounded: bool, missing: int) -> str:
    """Say what a reader must know before believing the entry's numbers, in sentences."""
    notes = []
    if not known.size:
        notes.append("No judged trace has a score.")
    elif known.min() == known.max():
        notes.append(f"The score is {known[0]:g} on every trace: it tells nothing.")
    if known.size and not bounded:
        notes.append("Scores are not all between 0 and 1: ranking only, no threshold and no calibration.")
    if known.size and correct.min() == correct.max():
        notes.append(f"All scored traces are {'right' if correct[0] else 'wrong'}: ranking is undefined.")
    if missing:
        notes.append(f"{missing} judged traces have no score and are left out.")
    if signal.grain == "process":
        notes.append("Step scores without an outcome score are joined by their minimum.")
    return " ".join(notes)


def _value(interval: Interval | None) -> float | None:
    return None if interval is None else interval.value
