"""What the scans say of a report's items."""

from collections.abc import Sequence
from typing import Any

from rarl_eval.scan import ScanResult, merge_status

LEVELS = ("exact", "near", "variant", "partial", "paraphrase")
"""From the strongest evidence to the weakest; the first two flag an item."""


def scan_entry(scan: ScanResult) -> dict[str, Any]:
    """Summarise a scan: counts of items by task and level, and the corpora with sizes and hashes."""
    written = scan.report
    corpora = [{name: c.get(name) for name in ("name", "bytes", "documents", "sha256")} for c in written["corpora"]]
    tasks = {task: dict(counts) for task, counts in sorted(written["counts"].items())}
    not_scanned = list(written.get("not_scanned", []))
    return {"path": str(scan.path), "tasks": tasks, "corpora": corpora, "not_scanned": not_scanned}


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
