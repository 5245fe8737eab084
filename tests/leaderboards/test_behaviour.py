"""Who declines, what is risky, what models told of what they have seen: tables and drawings of a task's page."""

from rarl_eval.leaderboards import behaviour, details
from rarl_eval.leaderboards.columns import name_column
from rarl_eval.leaderboards.report import merge
from rarl_eval.leaderboards.results import results
from rarl_eval.leaderboards.risks import risks
from rarl_eval.leaderboards.view import View
from tests.leaderboards import reports

HEADER = [name_column("model", "Model", lambda r: r.model, lambda r: "x.html")]


def cells(table):
    """Text and second line of the first row, by column."""
    return {c.key: (cell.text, cell.sub) for c, cell in zip(table.columns, table.rows[0], strict=True)}


def rows_of(report):
    return merge({"a": report}).of_task("gsm8k")


def test_who_declines_has_a_table_where_somebody_does():
    """Share of declined, right of the rest, and what lacks a premise; without any of it there is no table."""
    report = reports.report(1, 1)
    report["rows"][0]["abstention"] = {"n": 0, "share": {"value": 0.0}, "missing_premise": None}
    assert behaviour.declining("d", HEADER, rows_of(report), "d") is None
    report["rows"][0]["abstention"] = {
        "n": 3, "share": {"value": 0.05, "low": 0.01, "high": 0.1}, "accuracy_attempted": {"value": 0.9},
        "missing_premise": {
            "items": 40, "answered": {"value": 0.25}, "length": {"value": 900.0}, "per_abstention": {"value": 1200.0},
            "twins": {"ratio": {"value": 3.5}},
        },
    }  # fmt: skip
    found = cells(behaviour.declining("d", HEADER, rows_of(report), "d"))
    assert found["abstained"] == ("5.0", "1.0–10.0")
    assert [found[name][0] for name in ("attempted", "lacking", "lacking_answered", "lacking_length")] == [
        "90.0", "40", "25.0", "900"
    ]  # fmt: skip
    assert (found["lacking_ratio"][0], found["lacking_cost"][0]) == ("3.50", "1,200")


def test_columns_of_the_front_and_of_declining():
    """The chance of being on the front stands with who is on it; nobody declining leaves that column out."""
    report = reports.report(2, 1)
    for row, on, n in zip(report["rows"], (True, False), (0, 2), strict=True):
        row["length"]["pareto"] = {"on": on, "chance": 0.876, "items": 9, "models": 2}
        row["abstention"] = {"n": n, "share": {"value": n / 100}}
    view = View(rows=tuple(rows_of(report)))
    shown = {c.key: [c.cell(row) for row in view.rows] for c in results(["front", "declined"], view, HEADER)}
    assert sorted((cell.text, cell.sub) for cell in shown["front"]) == [("88", ""), ("88", "on it")]
    assert sorted(cell.text for cell in shown["declined"]) == ["0.0", "2.0"]
    for row in report["rows"]:
        row["abstention"] = {"n": 0, "share": {"value": 0.0}}
    view = View(rows=tuple(rows_of(report)))
    columns = {c.key: c for c in results(["declined"], view, HEADER)}
    assert not any(columns["declined"].cell(row).told for row in view.rows)
    assert columns["declined"].values(view.rows[0]) == {"declined": 0.0}


def test_models_whose_order_turns_are_named():
    """The table counts them, a note names the pairs once, and the downloads hold the names."""
    report = reports.report(2, 1)
    one, other = (row["model"] for row in report["rows"])
    for row, turned in zip(report["rows"], (other, one), strict=True):
        row["length"] |= {"order_flips": [turned], "median_common_correct": 5.0, "n_common_correct": 7}
    table = details.lengths("length", HEADER, rows_of(report), "d")
    assert cells(table)["median_common_correct"] == ("5.0", "n 7 · turns with 1")
    assert sum(f"{min(one, other)} and {max(one, other)}" in note for note in table.notes) == 1
    assert {record["order_flips"] for record in table.records} == {one, other}


def test_what_was_asked_for_stands_with_how_it_was_asked():
    """Columns of the reference tokenizer and of the scores, and notes with cap, budget, base and tokenizer."""
    report = reports.report(1, 1)
    report["rows"][0]["length"] |= {
        "reference": {"tokenizer": "t/tokenizer.json abc", "mean": {"value": 12.0}},
        "auc_oaa": {"cap": 1000.0, "unit": "tokens", "area": {"value": 0.5}},
        "adherence": {"budget": 500.0, "unit": "tokens", "within": {"value": 0.75}, "beyond": 1.5},
        "aes": {"base": "b", "score": {"value": -0.25, "low": -0.5, "high": 0.1}},
    }
    table = details.lengths("length", HEADER, rows_of(report), "d")
    found = cells(table)
    assert (found["reference_mean"][0], found["auc_oaa"][0], found["within_budget"][0]) == ("12.0", "0.50", "75.0")
    assert found["aes"] == ("−0.25", "−0.50 to 0.10")
    told = " ".join(table.notes)
    assert all(part in told for part in ("t/tokenizer.json abc", "0 to 1,000", "Budget: 500", "against b"))


def test_risk_is_drawn_for_each_reward_that_orders():
    """A curve for each model and reward with one; shaping rewards, which have none, are not drawn."""
    report = reports.report(2, 1)
    for row in report["rows"]:
        row["agreement"] = [
            {"reward": "rm<b>", "aurc": {"value": 0.1}, "risk": [[0.5, 0.05], [1.0, 0.2]]},
            {"reward": "brevity", "risk": []},
        ]
    (drawn,) = risks(rows_of(report))
    assert drawn.reward == "rm<b>"
    assert drawn.drawing.count('class="line l') == 2
    assert "<b>" not in drawn.drawing
    assert "rm&lt;b&gt;" in drawn.drawing


def test_probes_of_a_task_have_a_table():
    """What was asked of a model stands with fresh items, adjusted p and a verdict; other tasks and models do not."""
    report = reports.report(1, 1)
    model = report["rows"][0]["model"]
    finding = {"task": "gsm8k", "probe": "min_k", "measure": "score", "n": 50, "value": 0.4, "value_null": 0.1,
               "p_adjusted": 0.0004, "suspicious": True, "against_scan": {"auroc": {"value": 0.9}}}  # fmt: skip
    report["probes"] = [
        {"path": "p", "model": model, "findings": [finding, finding | {"task": "other"}]},
        {"path": "q", "model": "stranger", "findings": [finding]},
    ]
    table = behaviour.probed("p", merge({"a": report}), "gsm8k", lambda m: f"{m}.html", "d")
    assert len(table.rows) == 1
    found = cells(table)
    assert (found["probe"][0], found["value"][0], found["p_adjusted"][0]) == ("min k", "0.40", "<0.001")
    assert (found["suspicious"][0], found["against_scan"][0]) == ("suspicious", "0.90")
    assert behaviour.probed("p", merge({"a": reports.report(1, 1)}), "gsm8k", str, "d") is None
