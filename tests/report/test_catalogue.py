"""One catalogue of columns, and the types of report.json that it stands on."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import numpy as np
import pytest

from rarl_eval.agreement.build import Asked, build_agreement
from rarl_eval.errors import BadInput
from rarl_eval.files.text import csv_cell, csv_text
from rarl_eval.leaderboards.methods import load_methods
from rarl_eval.measures.agreement import agree_reward
from rarl_eval.measures.columns import comparable
from rarl_eval.measures.rewarded import Rewarded
from rarl_eval.measures.traces import collect
from rarl_eval.measures.wanted import Wanted
from rarl_eval.report import figures
from rarl_eval.report.build import build_report
from rarl_eval.report.catalogue import REWARDS, ROWS, in_text, on_page
from rarl_eval.report.column import Column, kind_of, owner, text_of, value, values_of
from rarl_eval.report.frames import rows
from rarl_eval.report.row_types import ReportRow, read_report
from rarl_eval.report.schema import report_schema
from rarl_eval.runs import store
from rarl_eval.runs.store import Run, TaskInfo
from rarl_eval.stats import Interval
from rarl_eval.types import Item, Record, Reward, Tokens, Trace, Verdict

ROOT = Path(__file__).parents[2]
EVERY = [*((c, ReportRow) for c in ROWS), *((c, Rewarded) for c in REWARDS)]


def run(right: str, *, model: str = "m", rewards: Any = lambda i: (), **trace: Any) -> Run:
    """One trace an item, right where the letter is 1."""
    items = {i.key: i for i in (Item(id=str(n), question=f"q{n}", gold="1") for n in range(len(right)))}
    records = [
        Record(
            trace=Trace(key=item.key, task="t", item_id=item.id, model=model, text="x" * (10 + n), **trace),
            verdict=Verdict(status="correct" if letter == "1" else "incorrect"),
            rewards=rewards(n),
        )
        for n, (item, letter) in enumerate(zip(items.values(), right, strict=True))
    ]
    info = TaskInfo(domain="math", version=1, fingerprint="f", items=items)
    return Run(path=Path(f"runs/{model}"), manifest={}, tasks={"t": info}, records=records)


@pytest.mark.parametrize(("column", "of"), EVERY, ids=lambda x: f"{x.page}-{x.key}" if isinstance(x, Column) else "")
def test_a_column_shows_a_field_that_rows_have(column: Column, of: type[msgspec.Struct]) -> None:
    """Every path of the catalogue ends in a field of the row's types."""
    for path in filter(None, (column.field, column.ends, column.of)):
        owner(path, of)
    assert (kind_of(column, of) == "nothing") == (not column.field)


def test_keys_are_used_once_in_each_table() -> None:
    """No two columns of a table of the site, or of report.csv, have one name."""
    for columns, tables in ((ROWS, ("results", "length", "declining", "stops")), (REWARDS, ("agreement",))):
        assert {column.page for column in columns} == {*tables, *(("",) if columns is ROWS else ())}
        for table in tables:
            keys = [column.key for column in on_page(table, columns)]
            assert len(keys) == len(set(keys)), table
    names = [c.csv.format(c.key) for c in ROWS if c.csv and c.field]
    assert len(names) == len(set(names))


def test_every_figure_that_is_shown_is_explained() -> None:
    """Each column of a table, in text or on a page, has an entry on the methods page; each entry has words."""
    chapters = load_methods()
    entries = {metric.key: metric for chapter in chapters for metric in chapter.metrics}
    anchors = entries.keys() | {chapter.key for chapter in chapters}
    shown = {c.method or c.key for c in (*ROWS, *REWARDS) if c.page or c.text}
    assert shown <= anchors
    assert all(entry.text and entry.name for entry in entries.values())
    assert entries["accuracy"].text == next(c.what for c in ROWS if c.key == "accuracy")


ROW = ReportRow(
    model="m", task="t", domain="d", n=3, asked=4, unjudged=0, accuracy=Interval(0.5, 0.25, 0.75),
    gain=Interval(-0.125, None, None), prompt_style="",
)  # fmt: skip


@pytest.mark.parametrize(
    ("key", "text", "values"),
    [
        ("n", "3 of 4", {"n": 3}),
        ("accuracy", "50.0 [25.0, 75.0]", {"accuracy": 0.5, "accuracy_low": 0.25, "accuracy_high": 0.75}),
        ("gain", "-12.5", {"gain": -0.125, "gain_low": None, "gain_high": None}),
        ("clean", "-", dict.fromkeys(("clean_n", "clean_accuracy", "clean_accuracy_low", "clean_accuracy_high"))),
        ("unjudged", "-", {"unjudged": 0}),
        ("prompt_style", "-", {"prompt_style": ""}),
    ],
)
def test_cells_follow_the_type_of_the_field(key: str, text: str, values: dict[str, Any]) -> None:
    """Intervals, parts, counts and texts are written by what they are; unknown parts keep their names."""
    column = next(c for c in in_text("accuracy") if c.key == key)
    assert text_of(column, ROW) == text
    assert values_of(column, key, ROW) == values


@pytest.mark.parametrize(("form", "text", "page"), [
    (figures.PERCENT, "-12.5", "−12.5"), (figures.WHOLE, "-12", "-12"), (figures.POINTS, "-12.5", "−12.5"),
    (figures.DECIMAL, "-0.125", "−0.12"), (figures.SIGNED, "-0.125", "−0.12"), (figures.DELTA, "-0.12", "−0.12"),
])  # fmt: skip
def test_forms_write_text_and_pages(form: figures.Form, text: str, page: str) -> None:
    """Text is plain and has the digits to compute with, a page has true signs."""
    assert (form.text(-0.125), form.page(-0.125)) == (text, page)


def test_values_above_an_unknown_are_unknown() -> None:
    """A path ends where something on it is None; a missing name of a mapping is unknown, of a struct a fault."""
    assert value(ROW, "length.pareto.chance") is None
    assert value(msgspec.structs.replace(ROW, stops={"end": 1}), "stops.loop") is None
    with pytest.raises(AttributeError):
        value(ROW, "lenght")


def test_the_schema_in_docs_is_the_types() -> None:
    """docs/report.schema.json is what `make schema` writes, and a report follows it."""
    written = json.loads((ROOT / "docs" / "report.schema.json").read_text("utf-8"))
    assert written == report_schema()
    jsonschema.Draft202012Validator.check_schema(written)
    rewards = lambda n: (Reward(name="r", judge="rule", score=n / 4),)  # noqa: E731
    report = build_report([run("1010", rewards=rewards), run("1100", model="n")], replicates=100)
    jsonschema.validate(report, written)
    named = written["$defs"]["ReportRow"]["properties"]["accuracy"]["description"]
    assert named == "Mean over items of the share of correct samples."


@pytest.mark.parametrize(("place", "wrong"), [("accuracy", "high"), ("length", []), ("n", "3"), ("agreement", [{}])])
def test_a_report_is_held_to_its_types(place: str, wrong: Any) -> None:
    """Whoever reads a report is told which field of which row does not fit."""
    report = {"schema": 1, "rows": [{"model": "m", "task": "t", "domain": "d", place: wrong}]}
    for reader in (read_report, rows):
        with pytest.raises(BadInput, match=rf"rows\[0\]\.{place}"):
            reader(report)


def test_older_and_newer_reports_are_read() -> None:
    """Fields that a file lacks are unknown, and fields that nobody knows are left alone."""
    (row,) = read_report({"schema": 1, "rows": [{"model": "m", "task": "t", "domain": "d", "new": 1}]}).rows
    assert (row.accuracy, row.length, row.agreement) == (None, None, None)


def test_a_shaping_reward_has_no_area_wherever_it_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    """Report and agree, over all items, parts and domains, give no risk against coverage and no calibration."""
    names = (("gold", "accuracy"), ("short", "shaping"))
    rewards = lambda n: tuple(Reward(name=a, judge="rule", meaning=b, score=n % 3 / 2) for a, b in names)  # noqa: E731
    made = [run("110100101101", rewards=rewards)]
    entries = build_report(made, replicates=100)["rows"][0]["agreement"]
    monkeypatch.setattr(store, "read_entries", lambda path, *, traps: [])
    told = msgspec.to_builtins(build_agreement(made, Asked(replicates=100)))
    parts = [entry["all"] for entry in told["rewards"]] + [entry["unscanned"] for entry in told["rewards"]]
    domains = [entry["agreement"] for entry in told["domains"]]
    for kind, found in (("report", entries), ("agree", parts), ("domains", domains)):
        assert [entry["aurc"] is None for entry in found[:2]] == [False, True], kind
        assert [(entry["aurc_best"], entry["risk"], entry["ece"]) for entry in found[1:2]] == [(None, [], None)], kind
        assert found[0]["aurc"]["value"] == entries[0]["aurc"]["value"]


def test_a_part_of_a_reward_keeps_the_threshold_of_the_whole() -> None:
    """Scores beyond 1 elsewhere take the threshold away from a part that has none of them."""
    scores, right = np.array([0.2, 0.9, 0.4, 0.7]), np.array([0.0, 1.0, 0.0, 1.0])
    items = np.arange(4)
    assert agree_reward(scores, right, items, items, meaning="value", replicates=10).threshold == 0.5
    whole = np.append(scores, 3.0)
    assert agree_reward(scores, right, items, items, meaning="value", whole=whole, replicates=10).threshold is None


def test_hidden_lengths_compare_with_nothing() -> None:
    """Characters of hidden reasoning have no place on a front, no equal accuracy, and no budget or area of their own."""
    hidden = run("1110", model="hidden", tokens=Tokens(reasoning=900))
    runs = [hidden, run("1100", model="a"), run("1000", model="b")]
    assert [comparable(columns) for one in runs for columns in collect(one)] == [False, True, True]
    report = build_report(runs, more=Wanted(cap=50, budget=12), replicates=100)
    lengths = {row["model"]: row["length"] for row in report["rows"]}
    assert (lengths["hidden"]["hidden"], lengths["hidden"]["unit"]) == (True, "characters")
    for name in ("pareto", "equal_accuracy", "auc_oaa", "adherence"):
        assert lengths["hidden"][name] is None, name
        assert lengths["a"][name] is not None, name
    assert lengths["a"]["pareto"]["models"] == 2
    counted = run("1110", model="counted", tokens=Tokens(reasoning=900, completion=950))
    assert [comparable(columns) for columns in collect(counted)] == [True]


@pytest.mark.parametrize(
    "name", ["=1+1", "+1", "-1", "@A", "|calc", "%2B1", " |x", "\u00a0=1", "＝1", "＋1", "－1", "＠A", "\t=1", "\n-1"]
)
def test_no_text_of_a_csv_is_a_formula(name: str) -> None:
    """Names and texts that a spreadsheet would run have an apostrophe in front, or begin with a backslash."""
    header, figure, cell = csv.reader(io.StringIO(csv_text([{name: -0.5}, {name: name}])))
    assert header == cell == [csv_cell(name)]
    assert cell[0].startswith(("'", "\\"))
    assert figure == ["-0.5"]
