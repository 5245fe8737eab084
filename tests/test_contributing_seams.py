"""A reward, a reader and a detector are added as CONTRIBUTING says: one file each, saved as it stands."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import contributing
import pytest

from rarl_eval.runs import store

Cli = Callable[..., subprocess.CompletedProcess[str]]


def lines(path: Path, rows: list[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the benchmark of the first page, its rows, and what is read and scanned."""
    title = "Adding a benchmark takes one file"
    (tmp_path / contributing.file(title)).write_text(contributing.code(title), "utf-8")
    lines(tmp_path / "rows.jsonl", contributing.ROWS)
    answers = [("Peru", "Lima lies on the coast.\n\nThe answer is (A)."), ("France", "The answer is (B).")]
    asked = [(f"What is the capital of {name}?", text) for name, text in answers]
    lines(tmp_path / "answers.jsonl", [{"question": question, "text": text} for question, text in asked])
    lines(tmp_path / "log.jsonl", [{"asked": question, "said": text, "ms": 1500} for question, text in asked])
    lines(tmp_path / "corpus.jsonl", [{"text": "Quiz night: who knows #Peru! and who does not?"}, {"text": "x"}])
    return tmp_path


@pytest.fixture
def follow(cli: Cli, folder: Path) -> Callable[[str], list[subprocess.CompletedProcess[str]]]:
    """Save a page's file, give its commands in turn, and return what they said."""

    def followed(title: str) -> list[subprocess.CompletedProcess[str]]:
        (folder / contributing.file(title)).write_text(contributing.code(title), "utf-8")
        done = [cli(*words, cwd=folder) for words in contributing.commands(title)]
        assert [one.returncode for one in done] == [0] * len(done), [one.stderr for one in done]
        return done

    return followed


def scored(follow: Callable[[str], Any]) -> None:
    follow("Adding a benchmark takes one file")


def test_a_reward(follow: Callable[[str], Any], folder: Path) -> None:
    """The function scores each trace of a run, and its agreement with the verdicts is told."""
    scored(follow)
    follow("Adding a reward takes one file")
    rewards = {r.name: r.score for record in store.read_run(folder / "scored").records for r in record.rewards}
    assert "brief" in rewards
    told = json.loads((folder / "agreement" / "agreement.json").read_text())
    assert "brief" in {row["reward"] for row in told["rewards"]}


def test_a_reader(follow: Callable[[str], Any], folder: Path) -> None:
    """Rows of another program become outputs with what they carry."""
    follow("Adding a reader takes one file")
    records = store.read_run(folder / "read").records
    assert [(r.trace.item_id, r.trace.seconds, r.verdict and r.verdict.status) for r in records] == [
        ("Peru", 1.5, "correct"),
        ("France", 1.5, "incorrect"),
    ]


def test_a_detector(follow: Callable[[str], Any], folder: Path) -> None:
    """A file is enough: what it finds flags the item, is told under its name, and reaches the report."""
    scored(follow)
    follow("Adding a detector takes a package of your own")
    items = [json.loads(line) for line in (folder / "scans/own/items.jsonl").read_text().splitlines()]
    found = {item["id"]: (item["status"], item.get("detector")) for item in items}
    assert (found["Peru"], found["France"][0]) == (("flagged", "own_detector.py:by_number"), "clean")
    (row,) = json.loads((folder / "report" / "report.json").read_text())["rows"]
    assert row["flagged"]["n"] == 1
