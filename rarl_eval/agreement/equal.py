"""Models at equal compute: as many samples of each as the costliest model's single answer pays for.

From the scaling entries of an agreement report. A model that writes a third of another's tokens is asked three times;
its pass@3, majority of 3 and best of 3 stand beside the other's single answer. Lengths of one unit alone compare.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any


def equal_compute(scaling: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Compare the models of each task and unit; entries without points, and tasks with one model, are left out."""
    groups = defaultdict(list)
    for entry in scaling:
        if entry["points"] and entry["points"][0].lengths:
            groups[entry["task"], entry["unit"]].append(entry)
    return [_compared(task, unit, rows) for (task, unit), rows in sorted(groups.items()) if len(rows) > 1]


def _compared(task: str, unit: str, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    budget = max(row["points"][0].lengths for row in rows)
    return {"task": task, "unit": unit, "budget": budget, "rows": [_at(row, budget) for row in rows]}


def _at(row: Mapping[str, Any], budget: float) -> dict[str, Any]:
    """Take the most samples that the budget pays for, of those that are stored."""
    point = max((p for p in row["points"] if p.lengths <= budget * (1 + 1e-9)), key=lambda p: p.k)
    return {
        "model": row["model"],
        "run": row["run"],
        "k": point.k,
        "affordable": budget / row["points"][0].lengths,
        "spent": point.lengths,
        "pass_at_k": point.pass_at_k,
        "majority": point.majority,
        "best_of": point.best_of,
    }
