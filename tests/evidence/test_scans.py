"""Scan directories are read back and put together."""

import json
from pathlib import Path
from typing import Any

import pytest

from rarl_eval.errors import BadInput, SchemaMismatch
from rarl_eval.evidence.scans import ScanResult, merge_status, read_scan


def write(folder: Path, statuses: dict[str, str], schema: Any = 1) -> Path:
    folder.mkdir(parents=True)
    (folder / "scan.json").write_text(json.dumps({"schema": schema}))
    lines = [
        {"key": k, "id": k, "task": "t", "status": s, "level": "exact" if s == "flagged" else None}
        for k, s in statuses.items()
    ]
    (folder / "items.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return folder


def test_a_scan_is_read_back(tmp_path: Path) -> None:
    """scan.json as it stands, items by task and key."""
    result = read_scan(write(tmp_path / "s", {"a": "flagged", "b": "clean"}))
    assert result.report == {"schema": 1}
    assert {k: i.status for k, i in result.items.items()} == {("t", "a"): "flagged", ("t", "b"): "clean"}
    assert result.items["t", "a"].level == "exact"


@pytest.mark.parametrize(
    ("statuses", "merged"),
    [
        (["clean"], "clean"),
        (["flagged"], "flagged"),
        (["clean", "flagged"], "flagged"),
        (["unscanned", "flagged"], "flagged"),
        (["clean", "clean"], "clean"),
        (["clean", "unscanned"], "unscanned"),
        (["too_short"], "unscanned"),
        ([], "unscanned"),
        ([None], "unscanned"),
        ([None, "clean"], "clean"),
    ],
)
def test_scans_are_put_together(tmp_path: Path, statuses: list[str | None], merged: str) -> None:
    """Flagged by any wins; clean needs a scan that says so and none that could not finish."""
    scans: list[ScanResult] = [
        read_scan(write(tmp_path / str(n), {"a": s} if s else {})) for n, s in enumerate(statuses)
    ]
    assert merge_status(scans, "t", "a") == merged


@pytest.mark.parametrize("schema", [0, 2, "1", None])
def test_another_schema_is_refused(tmp_path: Path, schema: Any) -> None:
    """A directory of another schema version says so, and which one is read."""
    with pytest.raises(SchemaMismatch, match="this version reads 1"):
        read_scan(write(tmp_path / "s", {}, schema))


def test_what_is_no_scan_directory_is_said(tmp_path: Path) -> None:
    """A missing folder, broken JSON and a broken line are one sentence each."""
    with pytest.raises(BadInput, match="no scan directory"):
        read_scan(tmp_path / "missing")
    folder = write(tmp_path / "s", {"a": "clean"})
    (folder / "items.jsonl").write_text('{"key": 1}\n')
    with pytest.raises(BadInput, match=r"items.jsonl line 1 is no item"):
        read_scan(folder)
    (folder / "scan.json").write_text("{")
    with pytest.raises(BadInput, match="not JSON"):
        read_scan(folder)
