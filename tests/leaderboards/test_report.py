"""Reading and joining reports."""

import copy

import pytest

from rarl_eval.errors import BadInput
from rarl_eval.leaderboards.report import Counts, Scan, merge
from tests.leaderboards import reports


def test_rows_of_several_reports_are_joined_once():
    """Two reports that share rows give each row once, in one order whatever the order of the reports."""
    first, second = reports.report(3, 2), reports.report(3, 3)
    second["rows"][:6] = copy.deepcopy(first["rows"])
    joined = merge({"a": first, "b": second})
    assert len(joined.rows) == 9
    assert joined == merge({"b": second, "a": first})


def test_two_figures_for_one_row_are_refused():
    """The message names both reports, the model and the task."""
    first, second = reports.report(1, 1), reports.report(1, 1)
    second["rows"][0]["n"] = 7
    with pytest.raises(
        BadInput, match=r"^a and b both hold a row of model 'claude-3-5-sonnet-20240620' on task 'gsm8k'"
    ):
        merge({"a": first, "b": second})


def test_runs_of_one_model_are_told_apart():
    """A model that ran twice on a task competes as two entrants; a model that ran once has no run beside its name."""
    report = reports.report(2, 1)
    again = {**copy.deepcopy(report["rows"][0]), "run": "second"}
    report["rows"].append(again)
    model, other = reports.MODELS[:2]
    assert merge({"a": report}).entrants == sorted([(model, f"run-{model}"), (model, "second"), (other, "")])


def test_unknown_accuracy_ranks_last_and_zero_does_not():
    """A model with accuracy 0 stands before one whose accuracy nobody knows."""
    report = reports.report(3, 1)
    report["rows"][0]["accuracy"] = None
    report["rows"][1]["accuracy"] = {"value": 0.0, "low": 0.0, "high": 0.1}
    assert [row.model for row in merge({"a": report}).of_task("gsm8k")] == [reports.MODELS[i] for i in (2, 1, 0)]


def test_fields_nobody_knows_are_left_alone():
    """A newer report with more fields is read as it is."""
    report = reports.report(1, 1)
    report["new"] = report["rows"][0]["new"] = report["scans"][0]["new"] = {"x": 1}
    assert merge({"a": report}) == merge({"a": reports.report(1, 1)})


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("rows", 0, "model"), 3, "Expected `str`, got `int` - at `$.rows[0].model`"),
        (("rows", 0, "accuracy"), "high", "at `$.rows[0].accuracy`"),
        (("rows", 0, "length"), [], "at `$.rows[0].length`"),
        (("rows",), {}, "at `$.rows`"),
        (("scans",), {"a": 1}, "at `$.scans`"),
        (("rows",), [], "no rows"),
    ],
)
def test_a_field_of_the_wrong_type_is_named(path, value, message):
    """One sentence with the report and the place in it."""
    report = reports.report(1, 1)
    inner = report
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    with pytest.raises(BadInput) as error:
        merge({"some/report": report})
    assert str(error.value).startswith("some/report:")
    assert message in str(error.value)


def test_one_task_in_two_domains_is_refused():
    """A task is in one domain, or somebody mixed up two benchmarks."""
    report = reports.report(2, 1)
    report["rows"][1]["domain"] = "code"
    with pytest.raises(BadInput, match="task 'gsm8k' is in domain"):
        merge({"a": report})


@pytest.mark.parametrize(
    ("counts", "share"),
    [
        (Counts(n=1319, exact=1050, near=5), 1055 / 1319),
        (Counts(n=10, exact=0, near=0), 0.0),
        (Counts(n=10, exact=1), 0.1),
        (Counts(n=10), None),
        (Counts(n=0, exact=0), None),
        (Counts(exact=1), None),
    ],
)
def test_flagged_share_is_exact_and_near(counts, share):
    """Variants and pieces do not flag an item; without the number of items there is no share."""
    assert counts.flagged_share == share


def test_a_scan_is_called_by_its_corpora():
    """Three names at most, else the folder's name without its path."""
    corpora = [{"name": name} for name in "abcde"]
    report = {**reports.report(1, 1), "scans": [{"path": "/home/x/s", "tasks": {}, "corpora": corpora}]}
    assert merge({"a": report}).scans[0].label == "a, b, c and 2 more"
    assert Scan(path="/home/somebody/scans/math").label == "math"
    assert Scan().label == "unnamed corpus"
