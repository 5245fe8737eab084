"""Beliefs about 22 recorded systems on GSM8K, beside a corpus that holds 1,055 of its 1,319 questions."""

import gzip
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from rarl_eval.evidence.scans import ItemStatus, ScanResult
from rarl_eval.report.build import build_report
from rarl_eval.runs.store import Run, TaskInfo
from rarl_eval.types import Item, Record, Trace, Verdict

NUMBER = re.compile(r"-?\d[\d,]*(?:\.\d+)?")
HELD = 1055
"""Questions that the corpus holds word for word (its README, and tests/contamination/test_known_truth.py)."""


def plain(text: str) -> str:
    return re.sub(r"\W+", " ", text.lower()).strip()


def right(row: dict[str, Any]) -> bool:
    """Whether the last number is the gold: near enough to the verifier here, and quick over 29,000 answers."""
    found = NUMBER.findall(row["output"][0])
    return bool(found) and float(found[-1].replace(",", "")) == float(row["answer"].strip("# ").replace(",", ""))


@cache
def recorded(data: Path) -> list[Run]:
    """A run of each system."""
    made = []
    for path in sorted((data / "reward/zeroeval_gsm").glob("*.jsonl.gz")):
        rows = [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]
        asked = [Item(id=row["id"], question=row["question"], gold=row["answer"].strip("# ")) for row in rows]
        name = path.name.removesuffix(".jsonl.gz")
        records = [
            Record(
                trace=Trace(key=item.key, task="gsm8k", item_id=item.id, model=name, text="x", answer="x"),
                verdict=Verdict(status="correct" if right(row) else "incorrect"),
            )
            for item, row in zip(asked, rows, strict=True)
        ]
        items = {item.key: item for item in asked}
        info = TaskInfo(domain="math", version=1, fingerprint="f", items=items, style={"name": "cot", "version": 1})
        said = {"kind": "score", "tasks": {"gsm8k": {"revision": "r", "released": "2021-10-27"}}}
        made.append(Run(path=Path(f"runs/{name}"), manifest=said, tasks={"gsm8k": info}, records=records))
    return made


def scan(data: Path, *models: str) -> ScanResult:
    """What a scan of the corpus says: exact where it holds the question, else clean."""
    corpus = json.loads(gzip.decompress((data / "math/llm_adapters/ft-training_set_math_data.json.gz").read_bytes()))
    held = {plain(row["instruction"]) for row in corpus}
    lines = {}
    for key, item in recorded(data)[0].tasks["gsm8k"].items.items():
        found = plain(item.question) in held
        lines["gsm8k", key] = ItemStatus(
            key=key, id=item.id, task="gsm8k", status="flagged" if found else "clean", level="exact" if found else None
        )
    counts = {"gsm8k": {"n": len(lines)}}
    report = {"schema": 1, "corpora": [{"name": "llm_adapters"}], "counts": counts, "not_scanned": []}
    return ScanResult(path=Path("scans/adapters"), report=report, items=lines, models=models)


def beliefs(data: Path, *models: str) -> dict[str, dict[str, Any]]:
    rows = build_report(recorded(data), [scan(data, *models)], replicates=100)["rows"]
    return {row["model"]: row["belief"] for row in rows}


def test_a_corpus_that_is_nobodys_inflates_nobody(shared: Path) -> None:
    """22 systems, four fifths of the benchmark in the corpus, and no test that could accuse."""
    held = [line for line in scan(shared).items.values() if line.status == "flagged"]
    assert len(held) == HELD
    found = beliefs(shared)
    assert len(found) == 22
    assert {belief["verdict"] for belief in found.values()} <= {"unchecked", "doubtful"}
    assert all(belief["tests"] == [] for belief in found.values())


@pytest.mark.parametrize("place", [0, 10, 21])
def test_a_corpus_that_is_ones_can_accuse_that_one_alone(shared: Path, place: int) -> None:
    """One test on the whole board, the value of that system is of its clean items, and the others' are as they were."""
    model = recorded(shared)[place].path.name
    found = beliefs(shared, model)
    assert [name for name, belief in found.items() if belief["tests"]] == [model]
    assert found[model]["from"] == "clean items"
    assert not [name for name, belief in found.items() if belief["verdict"] == "inflated" and name != model]
