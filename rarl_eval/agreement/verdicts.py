"""How good is the verdict itself? Two verifiers of the same answers, and accuracy with the verifier's error in it."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from rarl_eval.errors import BadInput, MissingField
from rarl_eval.files.rows import read_rows
from rarl_eval.measures.binary import rogan_gladen
from rarl_eval.runs.added import Slot
from rarl_eval.stats import Interval
from rarl_eval.stats.means import Codes, Floats, proportion

SHOWN = 50
"""Disagreements listed; all are counted."""


class Disagreement(msgspec.Struct, frozen=True, kw_only=True):
    """A trace on which verdict and second verifier differ."""

    item: str
    sample: int
    verdict: bool
    passed: bool
    extracted: str | None
    gold: str


class Verifiers(msgspec.Struct, frozen=True, kw_only=True):
    """Verdict and second verifier on the same traces."""

    n: int
    agreed: Interval | None
    passed_alone: int
    """Traces that the second passes and the verdict calls wrong."""
    failed_alone: int
    accuracy: tuple[float, float] | None
    """From the low bound of "both say right" to the high bound of "either says right": accuracy whoever errs."""
    disagreements: list[Disagreement]


class Label(msgspec.Struct, frozen=True, kw_only=True):
    """What a person said of a trace."""

    correct: bool | None = None
    first_error: int | None = None
    """Index of the first faulty step, -1 for none; None where nobody said."""


def verifiers(
    scores: Floats,
    correct: Floats,
    items: Codes,
    units: Codes,
    named: Sequence[tuple[str, int, str | None, str]],
    line: float,
) -> Verifiers:
    """Hold a second verifier's scores (n,) against verdicts (n,).

    ``named`` gives item id, sample, extracted answer and gold of each trace, for the list; items that share a passage
    (``units``) are kept together.
    """
    known = np.flatnonzero(~np.isnan(scores))
    passed, right = scores[known] >= line, correct[known] == 1
    unit = np.unique(units[known], return_inverse=True)[1].astype(np.intp)
    grouped = (
        unit if int(np.unique(items[known]).size) != known.size or unit.max(initial=-1) + 1 != known.size else None
    )
    both, either = (proportion((a).astype(np.float64), clusters=grouped) for a in (passed & right, passed | right))
    bounds = None
    if both is not None and either is not None and both.low is not None and either.high is not None:
        bounds = (both.low, either.high)
    differing = [i for i in range(known.size) if passed[i] != right[i]]
    return Verifiers(
        n=known.size,
        agreed=proportion((passed == right).astype(np.float64), clusters=grouped),
        passed_alone=int((passed & ~right).sum()),
        failed_alone=int((right & ~passed).sum()),
        accuracy=bounds,
        disagreements=[
            Disagreement(
                item=named[known[i]][0],
                sample=named[known[i]][1],
                verdict=bool(right[i]),
                passed=bool(passed[i]),
                extracted=named[known[i]][2],
                gold=named[known[i]][3],
            )
            for i in differing[:SHOWN]
        ],
    )


def corrected(correct: Floats, slots: Sequence[Slot], labels: Mapping[Slot, Label]) -> Interval | None:
    """Accuracy of traces (n,) corrected for the verdict's own error, measured on the labelled ones (Rogan & Gladen).

    None without labelled right and wrong traces, or where the verdict is no better than chance on them.
    """
    marked = [(bool(correct[i] == 1), labels[s].correct) for i, s in enumerate(slots) if s in labels]
    known = [(said, true) for said, true in marked if true is not None]
    right = [said for said, true in known if true]
    wrong = [said for said, true in known if not true]
    return rogan_gladen(int(correct.sum()), correct.size, sum(right), len(right), len(wrong) - sum(wrong), len(wrong))


def read_labels(path: Path, keys: Mapping[tuple[str, str], str]) -> dict[Slot, Label]:
    """Read people's labels: rows with ``id`` or ``key``, optionally ``task``, ``sample``, ``correct``, ``first_error``.

    ``keys`` maps (task, id) and (task, key) to the item's key.
    """
    tasks = sorted({task for task, _ in keys})
    found: dict[Slot, Label] = {}
    for number, row in read_rows(path):
        item, task = row.get("key", row.get("id")), row.get("task", tasks[0] if len(tasks) == 1 else None)
        if item is None or task is None:
            raise MissingField(f"{path} row {number} needs 'id' or 'key', and 'task' where the runs hold several")
        key = keys.get((str(task), str(item)))
        if key is None:
            raise BadInput(f"{path} row {number} labels {task} item {item}, which no run holds; remove the row")
        found[str(task), key, _whole(path, number, row.get("sample", 0), "sample") or 0] = _label(path, number, row)
    return found


def _label(path: Path, number: int, row: Mapping[str, Any]) -> Label:
    correct = row.get("correct")
    if correct is not None and not isinstance(correct, bool):
        raise BadInput(f"{path} row {number} has correct={str(correct)[:40]!r}; expected true or false")
    return Label(correct=correct, first_error=_whole(path, number, row.get("first_error"), "first_error"))


def _whole(path: Path, number: int, value: Any, name: str) -> int | None:
    if value is None or (isinstance(value, int) and not isinstance(value, bool) and value >= -1):
        return value
    raise BadInput(f"{path} row {number} has {name}={str(value)[:40]!r}; expected a whole number from -1 on")
