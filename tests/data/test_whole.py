"""A benchmark is held to the number of its items at a revision that was counted."""

import json
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from rarl_eval import data, registry
from rarl_eval.data import whole
from rarl_eval.errors import BadInput
from rarl_eval.report.build import build_report
from rarl_eval.report.tables import captions
from rarl_eval.runs import store
from rarl_eval.types import Known

GSM8K = registry.tasks("gsm8k")[0]


def rows(path: Path, count: int) -> dict[str, str]:
    text = (json.dumps({"question": f"What is {n} plus {n}?", "answer": f"So.\n#### {2 * n}"}) for n in range(count))
    path.write_text("".join(f"{line}\n" for line in text))
    return {"gsm8k": str(path)}


@pytest.mark.parametrize("count", [132, 660, 1318, 1320])
def test_another_number_is_refused_unless_it_is_meant(count: int, tmp_path: Path) -> None:
    """Both numbers are told; with ``partial`` the benchmark is marked."""
    source = rows(tmp_path / "b.jsonl", count)
    with pytest.raises(BadInput, match=rf"b.jsonl gives {count:,} items, the benchmark has 1,319 .*--partial"):
        data.load(GSM8K, source)
    marked = data.load(GSM8K, source, partial=True)
    assert (marked.part, len(marked.items)) == (True, count)


@pytest.mark.parametrize(("count", "same"), [(1319, False), (131, None), (3, None)])
def test_the_right_number_and_a_handful_are_let_pass(count: int, same: bool | None, tmp_path: Path) -> None:
    """What was loaded of how many is written down; other items of the right number are told."""
    loaded = data.load(GSM8K, rows(tmp_path / "b.jsonl", count))
    assert not loaded.part
    told = whole.described(loaded)
    assert told is not None
    assert (told["loaded"], told["items"], told["part"], told["same"]) == (count, 1319, False, same)


def test_any_of_several_revisions_will_do(tmp_path: Path) -> None:
    """Copies of a benchmark differ by an item; each is whole, and nothing is asked where nothing is known."""
    known = (Known(items=7, of="one"), Known(items=8, of="another"))
    for count, task in ((8, replace(GSM8K, source=replace(GSM8K.source, known=known))),
                        (9, replace(GSM8K, source=replace(GSM8K.source, known=())))):  # fmt: skip
        assert not data.load(task, rows(tmp_path / "b.jsonl", count)).part
    few = replace(GSM8K, source=replace(GSM8K.source, known=known))
    with pytest.raises(BadInput, match=r"the benchmark has 7 \(one\) or 8 \(another\)"):
        data.load(few, rows(tmp_path / "b.jsonl", 6))
    assert not data.load(few, rows(tmp_path / "b.jsonl", 4)).part


def test_a_part_is_marked_wherever_it_is_shown(
    cli: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    """Refused without the option; with it manifest, verify and report tell of it, and --limit changes nothing."""
    source = f"gsm8k={rows(tmp_path / 'b.jsonl', 200)['gsm8k']}"
    asked = ("run", "-t", "gsm8k", "--source", source, "-m", "echo:4", "--limit", "2", "-o", tmp_path / "run")
    refused = cli(*asked)
    assert (refused.returncode, "gives 200 items, the benchmark has 1,319" in refused.stderr) == (2, True)
    done = cli(*asked, "--partial")
    assert done.returncode == 0, done.stderr
    assert "gsm8k: 200 of 1,319 items: a part of the benchmark, and marked as one" in done.stderr
    assert store.read_manifest(tmp_path / "run")["tasks"]["gsm8k"]["known"]["part"] is True
    assert "200 of the benchmark's 1319 items" in cli("verify", tmp_path / "run").stdout
    report = build_report([store.read_run(tmp_path / "run")])
    (row,) = report["rows"]
    assert (row["origin"]["marked"], row["origin"]["loaded"], row["origin"]["known"]) == (True, 200, 1319)
    assert "200 items, where the benchmark has 1,319 (--partial)" in captions(report)[0]


HERE = [
    "aime24",
    "amc23",
    "aqua",
    "gsm8k",
    "hendrycks_math",
    "math500",
    "minerva",
    "olympiadbench",
    "svamp",
    "cruxeval_input",
    "cruxeval_output",
    "humaneval",
    "mbpp",
    "convfinqa",
    "tatqa",
    "medmcqa",
    "medqa",
    "mmlu_medical",
    "pubmedqa",
]


@pytest.mark.parametrize("name", HERE)
def test_known_figures_are_those_of_the_rows(name: str, shared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Number and fingerprint that a task knows follow from the rows of the revision that it names."""
    monkeypatch.setenv("RARL_EVAL_DATA", str(shared))
    told = whole.described(data.load(registry.tasks(name)[0]))
    assert told is not None
    assert (told["loaded"], told["same"]) == (told["items"], True)
