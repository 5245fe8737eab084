"""What a scan concludes in sentences."""

from pathlib import Path
from typing import Any

import pytest

from rarl_eval.evidence.scans import ItemStatus, ScanResult
from rarl_eval.evidence.told import parts_told, sentences


def item(n: int, **told: Any) -> ItemStatus:
    """Make an item that was flagged, exact and whole where nothing else is told."""
    base = {"level": "exact", "part": "question", "score": 1.0, "document": "a.jsonl:1", "excerpt": f"text {n}"}
    return ItemStatus(**{"key": str(n), "id": str(n), "task": "made", "status": "flagged"} | base | told)


def test_each_corpus_has_its_counts_by_level_and_three_items_are_shown() -> None:
    """The worst corpus comes first; of its items the best copies are shown, with the parts that stand there."""
    items = [
        item(1),
        item(2, level="near", score=0.97, document="b.jsonl:2", parts={"statement": 1.0, "examples": 0.1, "stub": 0.9}),
        item(3, level="near", score=0.8, document="b.jsonl:3"),
        item(4, level="near", score=0.7, document="b.jsonl:4"),
    ]
    report = {"counts": {"made": {"n": 9, "flagged": 4, "exact": 1, "near": 3}}, "documents": 10}
    scan = ScanResult(path=Path("scan"), report=report, items={(i.task, i.key): i for i in items})
    assert list(sentences(scan))[1:7] == [
        "The worst corpus is b.jsonl, with 3 of them.",
        "  b.jsonl: 3 near",
        "  a.jsonl: 1 exact",
        "  item 1 in a.jsonl:1 (exact): text 1",
        "  item 2 in b.jsonl:2 (near: statement and stub there, examples not): text 2",
        "  item 3 in b.jsonl:3 (near): text 3",
    ]


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        ({}, ""),
        ({"table": 1.0}, ""),
        ({"table": 1.0, "passage": 0.0}, ": table there, passage not"),
        ({"statement": 1.0, "examples": 0.9, "stub": 0.8}, ": statement, examples and stub there"),
        ({"statement": 0.5, "examples": 0.0}, ": statement and examples not"),
    ],
)
def test_parts_are_told_in_words(parts: dict[str, float], told: str) -> None:
    """What stands there, and what does not."""
    assert parts_told(parts) == told
