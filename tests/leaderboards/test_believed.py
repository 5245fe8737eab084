"""The site orders and ranks models by what to believe, and says so first."""

from typing import Any

from rarl_eval.leaderboards.frame import _ranks
from rarl_eval.leaderboards.report import merge
from rarl_eval.leaderboards.tables import overview


def row(
    model: str, accuracy: float, verdict: str = "holds", value: float | None = None, n: int = 100
) -> dict[str, Any]:
    """A row as report.json has it; without a value the accuracy is believed."""
    believed = accuracy if value is None else value
    belief = {"verdict": verdict, "value": {"value": believed, "low": None, "high": None}, "from": "all items"}
    figure = {"value": accuracy, "low": None, "high": None}
    return {"model": model, "task": "t", "domain": "math", "n": n, "accuracy": figure, "belief": belief}


def test_models_stand_by_what_to_believe() -> None:
    """One whose headline is inflated stands below those that it does not beat on clean items."""
    rows = [row("leak", 0.9, "inflated", 0.5), row("a", 0.7), row("b", 0.6)]
    found = merge({"r": {"schema": 2, "rows": rows}}).of_task("t")
    assert [r.model for r in found] == ["a", "b", "leak"]
    assert _ranks(found) == {("a", ""): 1, ("b", ""): 2, ("leak", ""): 3}


def test_the_overview_ranks_by_what_to_believe_and_strikes_what_is_inflated() -> None:
    """Over all tasks, too, a leaked headline neither lifts a model's mean nor stands there unmarked."""
    report = merge({"r": {"schema": 2, "rows": [row("leak", 0.9, "inflated", 0.5), row("a", 0.7)]}})
    table = overview(report, ["t"], lambda model: model)
    assert [(line[0].text, line[1].text, line[2].text, line[2].kind) for line in table.rows] == [
        ("a", "70.0", "70.0", ""), ("leak", "50.0", "90.0", "struck"),
    ]  # fmt: skip


def test_a_part_of_the_items_has_no_rank() -> None:
    """Ten of a hundred items, all right: below the others, and no rank among them."""
    found = merge({"r": {"schema": 2, "rows": [row("part", 1.0, n=10), row("a", 0.7), row("b", 0.6, n=99)]}}).of_task(
        "t"
    )
    assert [r.model for r in found] == ["a", "b", "part"]
    assert _ranks(found) == {("a", ""): 1, ("b", ""): 2}


def test_reports_without_beliefs_are_ranked_by_accuracy() -> None:
    """A file of schema 1 has none."""
    rows = [{k: v for k, v in row(m, a).items() if k != "belief"} for m, a in (("a", 0.5), ("b", 0.6))]
    found = merge({"r": {"schema": 1, "rows": rows}}).of_task("t")
    assert [r.model for r in found] == ["b", "a"]
