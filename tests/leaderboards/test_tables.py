"""What the tables hold, and their downloads."""

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rarl_eval.leaderboards import details, tables
from rarl_eval.leaderboards.columns import Cell, SiteColumn, name_column
from rarl_eval.leaderboards.methods import load_methods
from rarl_eval.leaderboards.report import merge
from rarl_eval.leaderboards.results import COLUMNS, results
from rarl_eval.leaderboards.view import View
from tests.leaderboards import reports

HEADER = [name_column("model", "Model", lambda r: r.model, lambda r: "x.html")]


def table_of(report, names):
    """The leaderboard table of the report's only task."""
    rows = merge({"a": report}).of_task("gsm8k")
    columns = results(names, View(rows=tuple(rows)), HEADER)
    return tables.table("t", "T", columns, rows, "data/t")


def test_a_row_shows_its_report():
    """Every figure of a known row, as text and as values."""
    report = reports.report(1, 1)
    row = report["rows"][0]
    row |= {
        "n": 1319, "traces": 1319, "accuracy": {"value": 0.9514, "low": 0.938, "high": 0.962},
        "clean": {"n": 260, "accuracy": {"value": 0.94, "low": 0.905, "high": 0.963}},
        "flagged": {"n": 1055, "accuracy": {"value": 0.953, "low": 0.939, "high": 0.964}},
        "unscanned": {"n": 4, "accuracy": None},
        "gain": {"value": 0.011, "low": 0.002, "high": 0.02},
        "gain_relative": {"value": -0.001, "low": -0.01, "high": 0.01},
        "stops": {"end": 1000, "length": 10, "error": 0, "unknown": 309, "no_answer": 13, "ambiguous": 0, "loop": 0},
    }  # fmt: skip
    row["length"] |= {"median": 301.4, "per_correct": 352.0, "truncated": None, "mean": {"value": 335.0}}
    table = table_of(report, list(COLUMNS))
    cells = {c.key: (c.label, c.sub, cell.text, cell.sub) for c, cell in zip(table.columns, table.rows[0], strict=True)}
    assert cells["rank"] == ("Rank", "", "1", "1–1")
    assert cells["accuracy"] == ("Accuracy,\u00a0%", "n 1,319", "95.1", "93.8–96.2")
    assert cells["clean"] == ("Clean,\u00a0%", "n 260", "94.0", "90.5–96.3")
    assert cells["flagged"] == ("Flagged,\u00a0%", "n 1,055", "95.3", "93.9–96.4")
    assert cells["gain"] == ("Gain,\u00a0pts", "", "+1.1", "+0.2 to +2.0")
    assert cells["gain_relative"][2:] == ("−0.1", "−1.0 to +1.0")
    assert cells["length"][2:] == ("301", "mean 335")
    assert cells["per_correct"][2] == "352"
    assert cells["no_answer"][2] == "1.0"
    assert cells["cut_off"][2] == "1.0"  # 10 of the 1,010 that say how they ended
    assert "Contamination (4 unscanned)" in [label for label, _ in table.groups]
    assert "n" not in cells
    assert "unscanned" not in cells
    values = table.records[0]
    assert (values["n"], values["unscanned_n"], values["clean_n"]) == (1319, 4, 260)
    assert (values["gain"], values["gain_low"], values["gain_high"]) == (0.011, 0.002, 0.02)


def test_a_gain_above_zero_is_set_off():
    """Only a gain whose whole interval lies above zero is marked."""
    report = reports.report(2, 1)
    report["rows"][0]["gain"] = {"value": 0.01, "low": 0.001, "high": 0.02}
    report["rows"][1]["gain"] = {"value": 0.01, "low": 0.0, "high": 0.02}
    table = table_of(report, ["gain"])
    gains = [column.key for column in table.columns].index("gain")
    assert sorted(row[gains].kind for row in table.rows) == ["", "hot"]


def test_counts_that_differ_stand_in_their_rows():
    """Where models were run on different numbers of items the table says so in each row."""
    report = reports.report(2, 1)
    report["rows"][1]["n"] = 700
    report["rows"][1]["clean"]["n"] = 100
    report["rows"][1]["unscanned"]["n"] = 9
    table = table_of(report, ["n", "accuracy", "clean", "unscanned"])
    keys = [column.key for column in table.columns]
    assert {row[keys.index("n")].text for row in table.rows} == {"1,319", "700"}
    assert any("n 100" in row[keys.index("clean")].sub for row in table.rows)
    assert {row[keys.index("unscanned")].text for row in table.rows} == {"0", "9"}


def test_what_nobody_knows_is_left_out_and_kept_in_the_downloads():
    """Without scans, rewards or lengths there are no such columns, and no made-up numbers."""
    report = reports.report(2, 1)
    for row in report["rows"]:
        row.update(dict.fromkeys(("clean", "flagged", "unscanned", "gain", "gain_relative", "length", "stops")))
        row["agreement"] = []
    table = table_of(report, list(COLUMNS))
    assert [c.key for c in table.columns] == ["rank", "model", "accuracy", "", "errors"]
    assert table.records[0]["gain"] is None
    assert details.lengths("x", HEADER, merge({"a": report}).rows, "d") is None
    assert details.agreements("x", HEADER, merge({"a": report}).rows, "d") is None
    assert details.stops("x", HEADER, merge({"a": report}).rows, "d") is None
    assert details.scans("x", [], str, "d") is None


def test_mixed_units_are_named_in_each_row():
    """Tokens and characters in one task are never shown as if they were one unit."""
    report = reports.report(2, 1)
    report["rows"][0]["length"]["unit"] = "characters"
    table = table_of(report, ["length"])
    assert {row[1].sub.split(" · ")[1] for row in table.rows} == {"tokens", "characters"}
    assert [label for label, _ in table.groups] == ["", "Length"]


def test_overview_gives_a_mean_only_over_all_tasks():
    """A model that was not run on every task has no mean and stands behind those that were."""
    report = reports.report(2, 2)
    report["rows"] = [row for row in report["rows"] if (row["model"], row["task"]) != (reports.MODELS[0], "svamp")]
    table = tables.overview(merge({"a": report}), ["gsm8k", "svamp"], lambda m: "x")
    values = {r["model"]: r for r in report["rows"] if r["task"] == "gsm8k"}
    assert [row[0].text for row in table.rows] == [reports.MODELS[1], reports.MODELS[0]]
    assert table.rows[1][1].text == "–"
    expected = sum(r["accuracy"]["value"] for r in report["rows"] if r["model"] == reports.MODELS[1]) / 2
    assert table.records[0]["mean"] == pytest.approx(expected, abs=1e-12)
    assert table.records[1]["gsm8k"] == values[reports.MODELS[0]]["accuracy"]["value"]


@pytest.mark.parametrize("name", reports.HOSTILE)
def test_no_cell_of_a_csv_is_a_formula(name: str):
    """A spreadsheet finds text in every cell, whatever the name begins with."""
    text = tables.as_csv([{"model": name, f"{name}_low": -0.5}]).decode()
    rows = list(csv.reader(io.StringIO(text)))
    for cell in [*rows[0], rows[1][0]]:
        assert cell[:1] not in {"=", "+", "-", "@", "\t", "\r"}
    assert rows[1][-1] == "-0.5"


@given(st.lists(st.dictionaries(st.text(), st.none() | st.floats(allow_nan=False) | st.text() | st.integers())))
def test_json_is_exact(rows):
    """The JSON beside a table holds what the report held."""
    data = tables.as_json(rows)
    assert data.isascii()
    assert json.loads(data) == rows


def test_columns_are_explained():
    """Each column that a board may name has an entry on the methods page, and no anchor is used twice."""
    chapters = load_methods()
    keys = [metric.key for chapter in chapters for metric in chapter.metrics] + [c.key for c in chapters]
    assert len(keys) == len(set(keys))
    explained = {"agreement": "auroc"}
    assert {explained.get(name, name) for name in COLUMNS} <= set(keys)


def test_ends_and_lengths_of_newer_reports_are_shown():
    """An end without a label goes by its own name; areas and common items stand with their ranges and numbers."""
    rows = merge({"a": reports.report(1, 1)}).rows
    ends = details.stops("s", HEADER, rows, "d")
    assert [(c.label, cell.text) for c, cell in zip(ends.columns, ends.rows[0], strict=True)][-1] == ("new_end", "3")
    lengths = details.lengths("l", HEADER, rows, "d")
    cells = {c.key: cell for c, cell in zip(lengths.columns, lengths.rows[0], strict=True)}
    assert (cells["budget_area"].text, cells["budget_area"].sub) == ("50.0", "16–4,096")
    assert lengths.records[0]["n_common_correct"] == 200


def test_notes_stand_below_the_table_once():
    """A note that holds for every row of a reward names the reward alone, another names its models too."""
    report = reports.report(2, 1)
    for row in report["rows"]:
        row["agreement"][0]["note"] = "Ranking only."
    report["rows"][0]["agreement"][1]["note"] = "The score is 1 on every trace."
    made = details.agreements("a", HEADER, merge({"a": report}).rows, "d")
    assert made.notes == ["majority: Ranking only.", f"prm-7b ({reports.MODELS[0]}): The score is 1 on every trace."]
    assert {record["note"] for record in made.records} == {"Ranking only.", "", "The score is 1 on every trace."}
    assert "note" not in [column.key for column in made.columns]


@pytest.mark.parametrize(("columns", "text", "wide"), [(10, "70.0", False), (10, "70.0" * 5, True), (40, "70.0", True)])
def test_what_does_not_fit_scrolls_inside_its_frame(columns: int, text: str, *, wide: bool) -> None:
    """Many columns, or fewer with long figures: the width counts and not the number alone."""
    made = [SiteColumn(f"c{i}", "Accuracy", lambda _: Cell(text), lambda _: {}) for i in range(columns)]
    assert tables.table("t", "T", made, [1, 2], "data/t").wide == wide


def test_columns_that_say_the_same_of_everybody_are_folded() -> None:
    """They stand in a note below, and in the downloads; what the table is about stays, and so do short tables."""
    values = {"accuracy": ["70.0"] * 3, "format": ["0.50"] * 3, "judge": ["0.50", "0.50", "0.60"]}
    columns = [
        SiteColumn(key, key, lambda i, key=key: Cell(values[key][i], "κ 0.00"), lambda i, key=key: {key: i}, "Group")
        for key in values
    ]
    made = tables.folded(tables.table("t", "T", columns, [0, 1, 2], "data/t"))
    assert [column.key for column in made.columns] == ["accuracy", "judge"]
    assert made.groups == [("Group", 2)]
    assert [len(row) for row in made.rows] == [2, 2, 2]
    assert made.notes == ("The same for everybody: format 0.50 κ 0.00.",)
    assert [record["format"] for record in made.records] == [0, 1, 2]
    assert len(tables.folded(tables.table("t", "T", columns, [0, 1], "data/t")).columns) == 3
