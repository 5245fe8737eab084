"""What the scans say of a report's items."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rarl_eval.evidence.scans import LEVELS, ScanResult, merge_status


def scan_entry(scan: ScanResult) -> dict[str, Any]:
    """Summarise a scan: counts of items by task and level, and the corpora with sizes and hashes."""
    written = scan.report
    names = _short([str(c["name"]) for c in written["corpora"]])
    corpora = [
        {"name": name} | {field: c.get(field) for field in ("bytes", "documents", "sha256")}
        for name, c in zip(names, written["corpora"], strict=True)
    ]
    tasks = {task: dict(counts) for task, counts in sorted(written["counts"].items())}
    not_scanned = list(written.get("not_scanned", []))
    return {"path": str(scan.path), "tasks": tasks, "corpora": corpora, "not_scanned": not_scanned}


def _short(names: Sequence[str]) -> list[str]:
    """Names without the folders they share: a reader needs to tell corpora apart, not where they lay."""
    parents = {Path(name).parent for name in names}
    if len({parent.is_absolute() for parent in parents}) != 1:
        return list(names)
    shared = os.path.commonpath(parents)
    return [os.path.relpath(name, shared) for name in names]


def statuses_of(scans: Sequence[ScanResult], task: str, keys: Sequence[str]) -> dict[str, str]:
    """Status of each item over all scans: flagged if any found it, clean if any covered it, else unscanned."""
    if not scans:
        return dict.fromkeys(keys, "unscanned")
    return {key: merge_status(scans, task, key) for key in keys}


def levels_of(scans: Sequence[ScanResult], task: str, keys: Sequence[str]) -> dict[str, str]:
    """Strongest level of evidence for each item over all scans; items without any are left out."""
    found: dict[str, str] = {}
    for key in keys:
        levels: set[str] = {item.level for scan in scans if (item := scan.items.get((task, key))) and item.level}
        if levels:
            found[key] = min(levels, key=LEVELS.index)
    return found
