"""LLMBar's recorded judges: every accuracy and agreement that its authors published, exactly; their kappa is faulty."""

import json
import re
from pathlib import Path

import pytest
from sklearn.metrics import cohen_kappa_score

from rarl_eval.preference.evaluate import recorded
from rarl_eval.preference.layouts import read_examples
from rarl_eval.preference.metrics import figures

PUBLISHED = {
    "correct_False": "accuracy, as given",
    "correct_True": "accuracy, swapped",
    "correct_average": "accuracy, average",
    "correct_both": "both right",
    "equal": "agreement",
}


def folders(shared: Path) -> list[Path]:
    return sorted(
        p.parent for p in (shared / "reward" / "llmbar" / "Natural" / "evaluators").glob("*/*/result.json.gz")
    )


def measured(folder: Path) -> dict[str, float]:
    layout, examples = read_examples(folder / "result.json.gz")
    assert layout == "llmbar"
    found = figures(layout, examples, recorded(examples))
    return {f.metric: f.value.value for f in found if f.subset == "micro"}


def test_every_judge_and_prompt_equals_the_published_statistics(shared: Path) -> None:
    """All judges x prompts x five figures are those of `statistics.json` to the last digit it gives."""
    compared = 0
    for folder in folders(shared):
        published = json.loads((folder / "statistics.json").read_text())
        found = measured(folder)
        for theirs, ours in PUBLISHED.items():
            percent = float(re.search(r"([\d.]+)%$", published[theirs])[1])
            assert 100 * found[ours] == pytest.approx(percent, abs=1e-9), (folder, ours)
            compared += 1
    assert compared == 5 * 65


def test_kappa_is_scikit_learns_and_not_the_published_one(shared: Path) -> None:
    """Their kappa of winner and label maps "2" to 0 on one side only; ours is scikit-learn's on the same winners."""
    rows = []
    for folder in folders(shared):
        _, examples = read_examples(folder / "result.json.gz")
        published = json.loads((folder / "statistics.json").read_text())
        votes = [(e.votes[0], 1 if e.good[0] else -1) for e in examples]
        known = [(v, label) for v, label in votes if v is not None]
        expected = cohen_kappa_score(*zip(*known, strict=True))
        assert measured(folder)["kappa, as given"] == pytest.approx(expected, abs=1e-12)
        rows.append((expected, published["kappa_False"]))
    assert all(abs(ours - theirs) > 0.05 for ours, theirs in rows if ours > 0.2)
    assert max(ours for ours, _ in rows) > 0.9
    assert max(theirs for _, theirs in rows) < 0.3
