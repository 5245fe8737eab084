"""A text that stands in a corpus again is told of as the first time, with its own place."""

import json
from pathlib import Path

import msgspec
import pytest

from rarl_eval import data, registry
from rarl_eval.contamination.matching import look as looking
from rarl_eval.evidence.scans import read_scan
from rarl_eval.tasks.laboratory import corpora


def scanned(corpus: Path, out: Path) -> list[bytes]:
    """Scan a corpus for the first 40 items of the laboratory's test set; return each item's evidence."""
    benchmark = data.load(registry.tasks("fresh:lab@0:40")[0])
    registry.load("contamination", "scan")([benchmark], [corpus], out, fields=["text"], say=print, progress=quiet)
    return [msgspec.json.encode(item) for _, item in sorted(read_scan(out).items.items())]


def quiet(*_: object) -> None: ...


def test_what_is_remembered_changes_no_evidence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Forty rows three times over: the same evidence, byte for byte, with a memory and with none, and 40 looks of 120."""
    rows = [json.dumps({"text": lesson.text}) for lesson in list(corpora.leaked("solutions"))[:40]] * 3
    corpus = tmp_path / "rows.jsonl"
    corpus.write_text("\n".join(rows) + "\n")
    looks = []
    look = looking.look

    def counted(*args: object, **more: object) -> list[looking.Sighting]:
        looks.append(args)
        return look(*args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(looking, "look", counted)
    first = scanned(corpus, tmp_path / "with")
    distinct = len(set(rows))
    assert len(looks) == distinct
    monkeypatch.setattr(looking, "MOST_KNOWN", 0)
    assert scanned(corpus, tmp_path / "without") == first
    assert len(looks) == distinct + 120
