"""What the scans say of a report's items."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol


class Scan(Protocol):
    """A scan directory, read, as scan.ScanResult holds it."""

    path: Path
    tasks: Mapping[str, Mapping[str, int]]
    corpora: Sequence[Mapping[str, Any]]


def scan_entry(scan: Scan) -> dict[str, Any]:
    """Summarise a scan: counts of items by task and level, and the corpora with sizes and hashes."""
    corpora = [{name: corpus.get(name) for name in ("name", "bytes", "documents", "sha256")} for corpus in scan.corpora]
    tasks = {task: dict(counts) for task, counts in sorted(scan.tasks.items())}
    return {"path": str(scan.path), "tasks": tasks, "corpora": corpora}


def statuses_of(scans: Sequence[Scan], task: str, keys: Sequence[str]) -> dict[str, str]:
    """Status of each item over all scans: flagged if any found it, clean if any covered it, else unscanned."""
    if not scans:
        return dict.fromkeys(keys, "unscanned")
    from rarl_eval.scan import merge_status

    return {key: merge_status(scans, task, key) for key in keys}
