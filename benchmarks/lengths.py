"""Reasoning lengths of recorded models beside the published ones, and who is shorter on what both got right.

    python benchmarks/lengths.py [--data ../shared/data]

Writes benchmarks/lengths.md. ZeroEval (commit 8c1485e) publishes mean characters of the ``reasoning`` field of each
reply; its rule, rewritten here, is held against its table. Then pairs of models: the shorter by the median over each
one's own right answers, and over the items that both got right. Where the two disagree, the first compares hard items
of the better model with easy ones of the other.
"""

import argparse
import importlib.util
import re
import sys
from itertools import combinations
from pathlib import Path
from statistics import fmean
from types import ModuleType
from typing import Any

import numpy as np

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from rarl_eval.measures.lengths import common_median  # noqa: E402  the checkout is measured

Lengths = dict[str, tuple[np.ndarray[Any, np.dtype[np.float64]], np.ndarray[Any, np.dtype[np.float64]], list[str]]]


def recorded() -> ModuleType:
    """Load benchmarks/recorded.py, which reads and judges the same replies."""
    if "recorded" not in sys.modules:
        spec = importlib.util.spec_from_file_location("recorded", ROOT / "benchmarks/recorded.py")
        assert spec is not None
        assert spec.loader is not None
        sys.modules["recorded"] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules["recorded"])
    return sys.modules["recorded"]


def reasoning(text: str) -> str | None:
    """Read the reasoning by the authors' rule; None for a reply without an answer, which their mean leaves out.

    Both fields stand in the first balanced object, line breaks taken out; where that is none or has no answer, each is
    the first ``"name": "..."`` of the reply, else what follows ``"name":`` or ``name:`` up to a comma or white space. A
    reply with an answer and no reasoning counts as 0 characters.
    """
    found = recorded().first_object(text)
    if found is None or "answer" not in found:
        found = {name: told for name in ("reasoning", "answer") if (told := _field(text, name)) is not None}
    return None if found.get("answer") is None else found.get("reasoning") or ""


def _field(text: str, name: str) -> str | None:
    for pattern in (rf'"{name}"\s*:\s*"([^"]*)"', rf'"{name}"\s*:\s*([^,\s]*)', rf"{name}\s*:\s*([^,\s]*)"):
        if told := re.search(pattern, text):
            return told[1]
    return None


def published(data: Path) -> list[tuple[str, float, float, float, float]]:
    """Model, mean characters of reasoning as published and as found here, no-answer rate in percent likewise."""
    found = []
    for entry in recorded().published(data):
        rows = recorded().replies(data, entry["Model"])
        told = [reasoning(row["output"][0]) for row in rows]
        mean = fmean(len(t) for t in told if t is not None)
        none = 100 * told.count(None) / len(told)
        found.append((entry["Model"], float(entry["Reason Lens"]), mean, float(entry["No answer"]), none))
    return found


def lengths(data: Path) -> Lengths:
    """By model of all 1,319 items: characters of each reply, right or not, and ids."""
    found: Lengths = {}
    for model in recorded().models(data):
        rows, verdicts = recorded().judged(data, model)
        if len(rows) == 1319:
            characters = np.array([len(row["output"][0]) for row in rows], dtype=np.float64)
            right = np.array([v.status == "correct" for v in verdicts], dtype=np.float64)
            found[model] = (characters, right, [row["id"] for row in rows])
    return found


def flips(found: Lengths) -> list[tuple[str, str, float, float, float, float]]:
    """Pairs whose order turns: names, median of own right answers of each, median of the common ones of each."""
    turned = []
    for one, other in combinations(sorted(found), 2):
        (a, right_a, ids), (b, right_b, ids_b) = found[one], found[other]
        assert ids == ids_b
        common = np.flatnonzero((right_a == 1) & (right_b == 1))
        items = np.arange(len(ids))
        own = [float(np.median(x[right == 1])) for x, right in ((a, right_a), (b, right_b))]
        shared = [common_median(x, right, items, common) or 0.0 for x, right in ((a, right_a), (b, right_b))]
        if (own[0] - own[1]) * (shared[0] - shared[1]) < 0:
            turned.append((one, other, *own, *shared))
    return turned


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared/data")
    data = parser.parse_args().data
    lines = [
        "# Lengths of reasoning\n\n`python benchmarks/lengths.py`\n",
        "Mean characters, and percent of replies without an answer, which the mean leaves out; published and here.\n",
        "| model | characters: published | here | no answer: published | here |",
        "|---|---:|---:|---:|---:|",
    ]
    table = published(data)
    lines += [f"| {model} | {' | '.join(f'{value:.2f}' for value in values)} |" for model, *values in table]
    same = sum(f"{ours:.2f}" == f"{theirs:.2f}" for _, theirs, ours, *_ in table)
    lines += [f"\nThe mean of {same} of {len(table)} models equals the published one to the last digit."]
    found = lengths(data)
    turned = flips(found)
    pairs = len(found) * (len(found) - 1) // 2
    lines += [
        (
            f"\nOf {pairs} pairs of {len(found)} models {len(turned)} change who is shorter: by the median length of "
            "each one's own right answers in characters, and of the items that both got right.\n"
        ),
        "| one | other | own right: one | other | both right: one | other |",
        "|---|---|---:|---:|---:|---:|",
        *(f"| {one} | {other} | {' | '.join(f'{v:.1f}' for v in values)} |" for one, other, *values in turned),
    ]
    text = "\n".join(lines) + "\n"
    (ROOT / "benchmarks/lengths.md").write_text(text)
    print(text)


if __name__ == "__main__":
    main()
