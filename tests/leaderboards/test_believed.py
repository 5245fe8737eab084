"""The site orders and ranks models by what to believe, and says so first."""

from typing import Any

from rarl_eval.leaderboards.boards import Board, select
from rarl_eval.leaderboards.fronts import plots
from rarl_eval.leaderboards.report import SiteRow, merge
from rarl_eval.leaderboards.tables import overview


def row(
    model: str, accuracy: float, verdict: str = "holds", value: float | None = None, n: int = 100
) -> dict[str, Any]:
    """A row as report.json has it; without a value the accuracy is believed."""
    believed = accuracy if value is None else value
    belief = {"verdict": verdict, "value": {"value": believed, "low": None, "high": None}, "from": "all items"}
    figure = {"value": accuracy, "low": None, "high": None}
    return {"model": model, "task": "t", "domain": "math", "n": n, "accuracy": figure, "belief": belief}


def ranks(rows: list[SiteRow]) -> list[tuple[str, int | None, int | None, int | None, str | None]]:
    """Model, rank, the ranks left open, and why there is none."""
    return [(r.model, s.rank, s.low, s.high, s.why) for r in rows if (s := r.standing)]


def test_models_stand_by_what_to_believe() -> None:
    """One whose headline is inflated stands below those that it does not beat on clean items."""
    rows = [row("leak", 0.9, "inflated", 0.5), row("a", 0.7), row("b", 0.6)]
    found = merge({"r": {"schema": 2, "rows": rows}}).of_task("t")
    assert [r.model for r in found] == ["a", "b", "leak"]
    assert ranks(found) == [("a", 1, 1, 3, None), ("b", 2, 1, 3, None), ("leak", 3, 1, 3, None)]


def test_the_overview_ranks_by_what_to_believe_and_strikes_what_is_inflated() -> None:
    """Over all tasks, too, a leaked headline neither lifts a model's mean nor stands there unmarked."""
    report = merge({"r": {"schema": 2, "rows": [row("leak", 0.9, "inflated", 0.5), row("a", 0.7)]}})
    table = overview(report, ["t"], lambda model: model)
    assert [(line[0].text, line[1].text, line[2].text, line[2].kind) for line in table.rows] == [
        ("a", "70.0", "70.0", ""), ("leak", "50.0", "90.0", "struck"),
    ]  # fmt: skip


def test_a_part_of_the_items_has_no_rank() -> None:
    """Ten of a hundred items, all right: below the others, no rank among them, and said why."""
    found = merge({"r": {"schema": 2, "rows": [row("part", 1.0, n=10), row("a", 0.7), row("b", 0.6, n=99)]}}).of_task(
        "t"
    )
    assert [r.model for r in found] == ["a", "b", "part"]
    assert ranks(found) == [
        ("a", 1, 1, 2, None), ("b", 2, 1, 2, None), ("part", None, None, None, "answered 10 of 100 items"),
    ]  # fmt: skip


def stood(model: str, rank: int, value: float, n: int = 80, models: int = 3) -> dict[str, Any]:
    """A row that its report ranked on shared items."""
    accuracy = {"value": value, "low": value - 0.01, "high": value + 0.01}
    standing = {"rank": rank, "low": rank, "high": rank, "models": models, "n": n, "accuracy": accuracy}
    return {**row(model, 0.9), "standing": standing}


def test_a_reports_own_ranks_stand_and_those_of_a_part_of_its_models_are_made_anew() -> None:
    """A board that leaves the best out ranks the others among themselves, by the same shared items."""
    report = merge({"r": {"schema": 2, "rows": [stood("a", 1, 0.8), stood("b", 2, 0.7), stood("c", 3, 0.6)]}})
    assert ranks(report.of_task("t")) == [("a", 1, 1, 1, None), ("b", 2, 2, 2, None), ("c", 3, 3, 3, None)]
    board = Board(title="T", columns=("rank",), models=("b", "c"))
    assert ranks(select(report, board).of_task("t")) == [("b", 1, 1, 1, None), ("c", 2, 2, 2, None)]


def test_rows_of_two_reports_are_ranked_by_their_values() -> None:
    """Each report held its rows to other items: only the values to believe compare."""
    files = {
        "r": {"schema": 2, "rows": [stood("a", 1, 0.8, models=1)]},
        "s": {"schema": 2, "rows": [{**stood("b", 1, 0.9, n=20, models=1), "belief": row("b", 0.95)["belief"]}]},
    }
    assert ranks(merge(files).of_task("t")) == [("b", 1, 1, 2, None), ("a", 2, 1, 2, None)]


def test_the_front_is_of_what_to_believe() -> None:
    """An inflated headline is a cross beside its dot and on no front; a part of the items is not drawn, and named."""
    length = {"unit": "tokens", "hidden": False}
    rows = [
        {**row("leak", 0.9, "inflated", 0.5), "length": {**length, "mean": {"value": 200}}},
        {**row("a", 0.7), "length": {**length, "mean": {"value": 100}}},
        {**row("part", 1.0, n=10), "length": {**length, "mean": {"value": 50}}},
    ]
    report = merge({"r": {"schema": 2, "rows": rows}})
    (plot,) = plots(_Addresses(), report.of_task("t"), root="", detail=True)  # type: ignore[arg-type]
    drawn = str(plot.drawing)
    assert "Pareto front: a 70.0 % at 100." in drawn
    assert "leak: 50.0 %, not 90.0 %, at 200" in drawn
    assert drawn.count('class="struck"') == 1
    assert plot.notes == [
        "A cross is an inflated headline; its dot is what to believe.",
        "part is not drawn: answered 10 of 100 items.",
    ]


class _Addresses:
    """Addresses of models, all that a plot asks of a site."""

    def model_href(self, model: str, root: str) -> str:
        return f"{root}models/{model}.html"


def test_reports_without_beliefs_are_ranked_by_accuracy() -> None:
    """A file of schema 1 has none."""
    rows = [{k: v for k, v in row(m, a).items() if k != "belief"} for m, a in (("a", 0.5), ("b", 0.6))]
    found = merge({"r": {"schema": 1, "rows": rows}}).of_task("t")
    assert [r.model for r in found] == ["b", "a"]
