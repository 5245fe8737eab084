"""The demo: models whose leaks are known answer, their corpora are scanned, and the report says what is true of them."""

import json
import pickle
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner

from rarl_eval import demo as laboratory
from rarl_eval.commands.demo import command
from rarl_eval.demo import TEST, TWIN, Shown, demo
from rarl_eval.errors import BadInput, NotInstalled, RarlEvalError, UnknownName
from rarl_eval.evidence.scans import read_scan
from rarl_eval.tasks.laboratory import fixtures

BASE, SOLUTIONS, ANSWERS = fixtures.NAMES


def report(replayed: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((replayed / "demo" / "report" / "report.json").read_text())
    return found


def rows(replayed: Path) -> dict[tuple[str, str], dict[str, Any]]:
    return {(row["model"], row["task"]): row for row in report(replayed)["rows"]}


def test_the_scans_flag_exactly_what_leaked(replayed: Path) -> None:
    """Both leaked corpora flag the 100 listed items and no other; the base corpus flags none."""
    leaked = set(fixtures.record()["leaked"])  # type: ignore[call-overload]
    for corpus, expected in (("leaked-solutions", leaked), ("leaked-answers", leaked)):
        items = read_scan(replayed / "demo" / "scans" / corpus).items
        assert len(items) == 200
        assert {key for (_, key), item in items.items() if item.status == "flagged"} == expected, corpus
    base = read_scan(replayed / "demo" / "scans" / "base").items.values()
    assert not [item for item in base if item.status == "flagged"]


def test_the_gain_tells_who_has_seen_the_test_set(replayed: Path) -> None:
    """Gain is above zero for the two that leaked; the base model's interval holds zero."""
    found = {model: row["gain"] for (model, task), row in rows(replayed).items() if task == TEST}
    assert found[SOLUTIONS]["low"] > 0
    assert found[ANSWERS]["low"] > 0
    assert found[BASE]["low"] <= 0 <= found[BASE]["high"]


def test_the_holed_training_is_watched(replayed: Path) -> None:
    """The demo's alarm is the one that the laboratory's page tells, and its first finding what the hole pays for."""
    found = json.loads((replayed / "demo" / "training" / "training.json").read_text())
    told = json.loads((Path(__file__).parents[1] / "benchmarks" / "laboratory_training.json").read_text())["naive"]
    assert {onset["watch"]: onset["alarm"] for onset in found["onsets"]} == told["alarms"]
    assert found["exploits"][0]["feature"] == told["findings"][0] == "several boxes with different contents"


def test_the_headline_flatters_the_leak_and_the_twin_does_not(replayed: Path) -> None:
    """The model that learnt worked solutions beats base on the test set; on clean items and the twin it loses to it."""
    found = rows(replayed)
    accuracy = {key: row["accuracy"]["value"] for key, row in found.items()}
    assert accuracy[SOLUTIONS, TEST] > accuracy[BASE, TEST]
    assert accuracy[SOLUTIONS, TWIN] < accuracy[BASE, TWIN]
    clean = {model: found[model, TEST]["clean"]["accuracy"]["value"] for model in (BASE, SOLUTIONS)}
    assert clean[SOLUTIONS] < clean[BASE]


def test_the_bare_leak_looks_efficient_and_is_not(replayed: Path) -> None:
    """The model that learnt bare answers spends a fourth of base's tokens on a right answer; on the twin it fails."""
    found = rows(replayed)
    cost = {model: found[model, TEST]["length"]["per_correct"] for model in (BASE, ANSWERS)}
    assert 4 * cost[ANSWERS] < cost[BASE]
    assert 4 * found[ANSWERS, TWIN]["accuracy"]["value"] < found[BASE, TWIN]["accuracy"]["value"]


def test_three_rewards_are_held_against_the_truth(replayed: Path) -> None:
    """Length, majority and the verifier stand in the report beside each other; the verifier agrees with itself."""
    for (_, task), row in rows(replayed).items():
        rewards = {entry["reward"]: entry for entry in row["agreement"]}
        expected = {"format", "brevity", "majority", "verifier"} if task == TEST else {"format", "brevity"}
        assert rewards.keys() == expected
        if task == TEST:
            assert rewards["verifier"]["auroc"]["value"] == 1.0


def test_everything_is_labelled_as_a_fixture(replayed: Path) -> None:
    """The report is marked synthetic, and the site says that the models are fixtures."""
    assert report(replayed)["synthetic"] is True
    assert "fixtures" in (replayed / "demo" / "site" / "index.html").read_text()


def test_the_demo_overwrites_nothing(replayed: Path) -> None:
    """A folder that holds something is refused."""
    with pytest.raises(BadInput, match="no empty folder"):
        demo(replayed / "demo", replayed / "site", lambda _: None)


def test_the_command_says_that_it_replays(replayed: Path) -> None:
    """The output says whose answers they are and whether they were made now."""
    printed = (replayed / "printed").read_text()
    assert "fixtures of the laboratory" in printed
    assert "2400 answers to 400 generated items were replayed as recorded" in printed


@pytest.mark.parametrize(
    ("given", "site", "live"), [((), "d/site", None), (("--replay",), "d/site", False), (("--site", "s"), "s", None)]
)
def test_the_site_stands_where_it_is_wanted(
    given: tuple[str, ...], site: str, live: bool | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the folder of the demo, or in one of its own; only --replay keeps the models from being asked."""
    asked: list[tuple[Path, Path, bool | None]] = []

    def shown(out: Path, site: Path, _: Any, *, live: bool | None) -> Any:
        asked.append((out, site, live))
        watched: Any = SimpleNamespace(onsets=())
        index = site / "index.html"
        return Shown(report={}, index=index, items=0, traces=0, live=bool(live), training=watched)

    monkeypatch.setattr("rarl_eval.commands.demo.demo", shown)
    done = CliRunner().invoke(command, ["--out", "d", "--json", *given])
    assert done.exit_code == 0, done.output
    assert asked == [(Path("d"), Path(site), live)]
    assert json.loads(done.output)["site"] == f"{site}/index.html"


def test_the_models_answer_live(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """With xllamacpp the models are asked, and the report holds what they said now."""
    pytest.importorskip("xllamacpp", reason="the extra [local] (xllamacpp) is not installed")
    monkeypatch.setattr(laboratory, "TEST", "fresh:lab@0:8")
    monkeypatch.setattr(laboratory, "TWIN", "fresh:lab@1:8")
    shown = demo(tmp_path / "demo", tmp_path / "site", lambda _: None)
    assert (shown.live, shown.items, shown.traces) == (True, 16, 3 * (3 * 8 + 8))


@pytest.mark.parametrize(
    "error", [BadInput("no such file"), NotInstalled("xllamacpp", "local"), UnknownName("task", "gsm", ["gsm8k"])]
)
def test_an_error_of_a_model_process_arrives_as_its_sentence(error: RarlEvalError) -> None:
    """Models are asked in processes of their own; what one says is what the user reads."""
    arrived = pickle.loads(pickle.dumps(error))
    assert (type(arrived), str(arrived)) == (type(error), str(error))
