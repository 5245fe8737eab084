"""Detectors of the user's."""

import json
import re
import subprocess
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from rarl_eval import registry
from rarl_eval.errors import BadInput, UnknownName
from rarl_eval.evidence.scans import read_scan
from rarl_eval.types import Item, Overlap
from tests.contamination.made import ROOT, benchmark, files_of, problems, run, write_jsonl

ITEMS = problems(4, seed=71)
OWN = re.findall(
    r"```python\n(from rarl_eval.types import Overlap.*?)```", (ROOT / "CONTRIBUTING.md").read_text(), re.DOTALL
)[0]
"""The detector that CONTRIBUTING.md shows: item 7 is where #7! stands."""


def named(items: Mapping[tuple[str, str], Item]) -> Callable[[str], Iterable[Overlap]]:
    scope: dict[str, Any] = {}
    exec(OWN, scope)
    look: Callable[[str], Iterable[Overlap]] = scope["by_number"](items)
    return look


def wrong(told: Any) -> Any:
    return lambda _: lambda _: [told]


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch) -> Callable[[Any], None]:
    """Have one detector, called ``own``."""

    def installed(detector: Any) -> None:
        load = registry.load
        monkeypatch.setattr(registry, "load", lambda g, n: detector if (g, n) == ("detectors", "own") else load(g, n))

    return installed


def test_what_a_detector_tells_is_evidence(tmp_path: Path, install: Callable[[Any], None]) -> None:
    """It flags the item, with where and how, for any number of jobs, and stands beside what the scanner found."""
    install(named)
    rows = [{"text": f"filler text with no problem in it {n}"} for n in range(40)]
    rows[11]["text"] += " see #2!"
    rows[30]["text"] += f" {ITEMS[0].question} and #0!"
    corpora = [write_jsonl(tmp_path / "a.jsonl", rows), write_jsonl(tmp_path / "b.jsonl", rows[:12])]
    result, _, _ = run([benchmark(ITEMS)], corpora, tmp_path / "scan", detectors=["own"])
    run([benchmark(ITEMS)], corpora, tmp_path / "again", detectors=["own"], jobs=3)
    assert files_of(tmp_path / "scan") == files_of(tmp_path / "again")
    assert result.report["detector"] == "ngram, own"
    by_id = {i.id: i for i in result.items.values()}
    told = by_id["2"]
    assert (told.status, told.level, told.part, told.score) == ("flagged", "near", "question", 0.9)
    assert (told.document, told.offset, told.excerpt, told.detector) == ("a.jsonl:12", 41, "#2!", "own")
    assert [o["document"] for o in told.others] == ["b.jsonl:12"]
    assert (by_id["0"].level, by_id["0"].detector) == ("exact", None)
    assert [o["detector"] for o in by_id["0"].others] == ["own"]
    assert {by_id[n].status for n in "13"} == {"clean"}


@pytest.mark.parametrize(
    ("detector", "why"),
    [
        (lambda _: lambda _: 1 / 0, "ZeroDivisionError: division by zero"),
        (wrong(Overlap(task="made", key="nobody", level="near", score=1.0)), "no item of 'made' has the key 'nobody'"),
        (
            wrong(Overlap(task="made", key=ITEMS[0].key, level="near", score=7)),
            "a score lies between 0 and 1, not at 7",
        ),
        (wrong("found"), "Expected `object`, got `str`"),
    ],
)
def test_a_detector_that_fails_leaves_nothing_clean(
    tmp_path: Path, install: Callable[[Any], None], detector: Any, why: str
) -> None:
    """Its shard counts as not scanned, with the document and the reason; what the scanner found there still flags."""
    install(detector)
    corpus = write_jsonl(tmp_path / "a.jsonl", [{"text": ITEMS[1].question}, {"text": "and something else"}])
    result, summary, _ = run([benchmark(ITEMS)], [corpus], tmp_path / "scan", detectors=["own"])
    assert [i.status for i in result.items.values()] == ["unscanned", "flagged", "unscanned", "unscanned"]
    ((_, status),) = summary.failed
    assert status.startswith("a.jsonl:1: the detector own failed: ")
    assert why in status


def test_a_detector_that_cannot_be_opened_ends_the_scan_before_it_begins(
    tmp_path: Path, install: Callable[[Any], None]
) -> None:
    """So does one that nobody installed; nothing is written."""
    install(lambda items: items["missing"])
    corpus = write_jsonl(tmp_path / "a.jsonl", [{"text": "anything"}])
    with pytest.raises(BadInput, match="the detector own cannot be opened: KeyError"):
        run([benchmark(ITEMS)], [corpus], tmp_path / "scan", detectors=["own"])
    with pytest.raises(UnknownName, match="nobody"):
        run([benchmark(ITEMS)], [corpus], tmp_path / "scan", detectors=["nobody"])
    assert not (tmp_path / "scan").exists()


@pytest.mark.parametrize("engine", ["local", pytest.param("ray", marks=pytest.mark.heavy)])
def test_an_installed_detector_reaches_the_command(
    tmp_path: Path, cli: Callable[..., subprocess.CompletedProcess[str]], engine: str
) -> None:
    """An entry point is all it takes: ``scan --detector own`` flags what it tells, here and with Ray."""
    if engine == "ray":
        pytest.importorskip("ray")
    info = tmp_path / "plug" / "own-1.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: own\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[rarl_eval.detectors]\nown = own_detector:by_number\n")
    (tmp_path / "plug" / "own_detector.py").write_text(OWN)
    (tmp_path / "gsm8k.jsonl").write_text(
        "".join(json.dumps({"question": i.question, "answer": f"Some.\n#### {i.gold}"}) + "\n" for i in ITEMS)
    )
    corpus = write_jsonl(tmp_path / "c.jsonl", [{"text": "nothing"}, {"text": "see #gsm8k-2! and #2!"}])
    done = cli(
        "scan", "-t", "gsm8k", "--source", f"gsm8k={tmp_path / 'gsm8k.jsonl'}", "-c", corpus, "-o", tmp_path / "scan",
        "--detector", "own", "--engine", engine, "-q",
        env={"PYTHONPATH": f"{tmp_path / 'plug'}:{ROOT}"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    flagged = [i for i in read_scan(tmp_path / "scan").items.values() if i.status == "flagged"]
    assert [(i.document, i.detector) for i in flagged] == [("c.jsonl:2", "own")]
