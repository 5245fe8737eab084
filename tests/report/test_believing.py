"""Beliefs in a report: whose training data a scan is of decides whom it can accuse."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from rarl_eval.belief import Training
from rarl_eval.errors import BadInput
from rarl_eval.evidence.scans import ItemStatus, ScanResult, read_scan, tied
from rarl_eval.report.believing import RewardedBy
from rarl_eval.report.build import build_report
from rarl_eval.runs.store import Run, TaskInfo
from rarl_eval.types import Item, Record, Trace, Verdict

N, FOUND = 400, 100


def questions(n: int = N) -> dict[str, Item]:
    return {item.key: item for item in (Item(id=str(i), question=f"q{i}", gold="1") for i in range(n))}


def run(model: str, right: Callable[[int], bool], *, asked: int = N, answered: int = N, **manifest: Any) -> Run:
    """One sample an item."""
    items = questions(asked)
    records = [
        Record(
            trace=Trace(key=item.key, task="t", item_id=item.id, model=model, text="x", answer="x"),
            verdict=Verdict(status="correct" if right(i) else "incorrect"),
        )
        for i, item in enumerate(list(items.values())[:answered])
    ]
    info = TaskInfo(domain="math", version=1, fingerprint="f", items=items, style={"name": "cot", "version": 1})
    said = {"tasks": {"t": {"revision": "abc"}}}
    return Run(path=Path(f"runs/{model}"), manifest=said | manifest, tasks={"t": info}, records=records)


def scan(*models: str, found: int = FOUND, path: str = "scans/x") -> ScanResult:
    """The first items stand in the corpus."""
    lines = {
        ("t", item.key): ItemStatus(
            key=item.key,
            id=item.id,
            task="t",
            status="flagged" if i < found else "clean",
            level="exact" if i < found else None,
        )
        for i, item in enumerate(questions().values())
    }
    report = {"schema": 1, "corpora": [{"name": "c"}], "counts": {"t": {"n": N}}, "not_scanned": []}
    return ScanResult(path=Path(path), report=report, items=lines, models=models)


def half(i: int) -> bool:
    """Right on every second item."""
    return i % 2 == 0


def leaked(i: int) -> bool:
    """Right on every found item, and on every second of the others."""
    return i < FOUND or i % 2 == 0


def verdicts(runs: Sequence[Run], *scans: ScanResult, **more: Any) -> dict[str, tuple[str, str, float]]:
    rows = build_report(runs, scans, replicates=100, **more)["rows"]
    return {r["model"]: (r["belief"]["verdict"], r["belief"]["from"], r["belief"]["value"]["value"]) for r in rows}


BOARD = [run("a", half), run("b", half), run("leak", leaked)]


def test_a_scan_tied_to_nobody_accuses_nobody() -> None:
    """The same scan, tied to nobody, to the model that learnt from it, and to another that did not."""
    unchecked = ("unchecked", "all items", 0.5)
    assert verdicts(BOARD, scan()) == {"a": unchecked, "b": unchecked, "leak": ("unchecked", "all items", 0.625)}
    told = verdicts(BOARD, scan("leak"))
    assert told == {"a": unchecked, "b": unchecked, "leak": ("inflated", "clean items", 0.5)}
    assert verdicts(BOARD, scan("a"))["leak"] == ("unchecked", "all items", 0.625)


def test_items_that_are_easy_for_everybody_accuse_nobody() -> None:
    """Where models that never read the corpus do as well on the found items, reading it explains nothing."""
    easy = [run(name, leaked) for name in ("a", "b", "c")]
    (row,) = [r for r in build_report(easy, [scan("c")], replicates=100)["rows"] if r["model"] == "c"]
    assert (row["belief"]["verdict"], row["belief"]["tests"]) == ("doubtful", [])
    nearly = [
        run("a", leaked),
        run("b", lambda i: leaked(i) and i % 10 != 0),
        run("c", lambda i: leaked(i) and i % 7 != 0),
    ]
    (row,) = [r for r in build_report(nearly, [scan("c")], replicates=100)["rows"] if r["model"] == "c"]
    assert row["belief"]["verdict"] == "doubtful"
    assert row["belief"]["tests"][0]["p"] > 0.05


def test_a_model_that_read_the_items_is_no_control() -> None:
    """Two models that learnt from one corpus are both held against the third alone."""
    both = [run("a", half), run("leak", leaked), run("leak2", leaked)]
    told = verdicts(both, scan("leak", "leak2"))
    assert {model: verdict for model, (verdict, _, _) in told.items()} == {
        "a": "unchecked", "leak": "inflated", "leak2": "inflated",
    }  # fmt: skip


def test_whose_training_data_holds_nothing_holds() -> None:
    """The model's own corpus, scanned whole, without any of the items."""
    assert verdicts(BOARD, scan("a", found=0))["a"] == ("holds", "all items", 0.5)


def test_a_model_on_a_part_of_the_items_is_doubtful() -> None:
    """40 of 400 items answered, all right: the first thing that a reader has to know."""
    rows = build_report([run("part", lambda _: True, answered=40)], [scan("part", found=0)], replicates=100)["rows"]
    assert rows[0]["belief"]["verdict"] == "doubtful"
    assert rows[0]["belief"]["told"] == "40 of 400 items were answered."


def test_a_benchmark_younger_than_the_model_was_not_seen() -> None:
    """Released after the stated cut-off."""
    young = run("a", half)
    young = replace(young, manifest={"tasks": {"t": {"revision": "abc", "released": "2025-06-01"}}})
    assert verdicts([young], cutoffs={"a": "2025-01-01"})["a"][0] == "holds"
    assert verdicts([young], cutoffs={"*": "2025-07-01"})["a"][0] == "unchecked"


def test_corpora_are_tied_by_their_scan_and_by_hand(tmp_path: Path) -> None:
    """scan.json names models, --corpus-of adds some and reads scans that were not given."""
    for name, models in (("one", ["a"]), ("two", None)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "scan.json").write_text(json.dumps({"schema": 1, "models": models}))
        (tmp_path / name / "items.jsonl").write_text("")
    given = [read_scan(tmp_path / "one")]
    assert [s.models for s in given] == [("a",)]
    found = tied(given, [f"b={tmp_path / 'one'}", f"b={tmp_path / 'two'}", f"a={tmp_path / 'one'}"])
    assert [(s.path.name, s.models) for s in found] == [("one", ("a", "b")), ("two", ("b",))]
    with pytest.raises(BadInput, match="'b' is not MODEL=SCAN"):
        tied(given, ["b"])


def test_how_beliefs_were_come_by_stands_in_the_settings() -> None:
    """Level, correction and number of tests; the scans say whose they are."""
    report = build_report(BOARD, [scan("leak")], replicates=100)
    assert report["settings"]["belief"] == {"level": 0.05, "correction": "holm", "tests": 1}
    assert report["scans"][0]["models"] == ["leak"]
    assert report["schema"] == 2


def test_a_training_bears_on_its_own_model_alone() -> None:
    """The model whose training parted from truth is doubtful; the others are as they were."""
    training = Training(path="w", steps=60, judged=600, watched=True, parted="Reward less truth rose.")
    said = {"a": RewardedBy(trainings=(training,))}
    found = verdicts(BOARD, rewarded_by=said)
    assert {model: verdict for model, (verdict, _, _) in found.items()} == {
        "a": "doubtful", "b": "unchecked", "leak": "unchecked",
    }  # fmt: skip


def standings(runs: Sequence[Run], *scans: ScanResult) -> dict[str, tuple[int | None, int | None, str | None]]:
    rows = build_report(runs, scans, replicates=100)["rows"]
    return {r["model"]: (r["standing"]["rank"], r["standing"]["n"], r["standing"]["why"]) for r in rows}


def test_ranks_are_on_items_that_nobody_has_seen() -> None:
    """A model that memorised the found items stands with those that it does not beat on the others."""
    assert standings(BOARD) == {"a": (2, 400, None), "b": (2, 400, None), "leak": (1, 400, None)}
    tied_to_it = standings(BOARD, scan("leak"))
    assert tied_to_it == {"a": (1, 300, None), "b": (1, 300, None), "leak": (1, 300, None)}


def test_a_part_of_the_items_has_no_rank_and_takes_nobodys_items_away() -> None:
    """The others are ranked on all items, and the row says why it is not."""
    part = run("part", lambda _: True, answered=20)
    assert standings([*BOARD[:2], part]) == {
        "a": (1, 400, None), "b": (1, 400, None), "part": (None, None, "answered 20 of 400 items"),
    }  # fmt: skip
    rows = build_report([*BOARD[:2], part], replicates=100)["rows"]
    assert {r["model"]: r["length"]["pareto"] and r["length"]["pareto"]["items"] for r in rows} == {
        "a": 400, "b": 400, "part": None,
    }  # fmt: skip


def test_a_model_that_has_seen_all_items_has_no_rank() -> None:
    """Nothing of it is to be believed, and the others keep their items."""
    assert standings(BOARD, scan("leak", found=N)) == {
        "a": (1, 400, None), "b": (1, 400, None), "leak": (None, None, "there is no value to believe"),
    }  # fmt: skip
