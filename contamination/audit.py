"""A scan's evidence for a person to judge: item beside document, differences marked, and what the judgements come to.

Judgements (``true``: the item was there; ``false``; ``passage``: only the passage it is about) lie in verdicts.jsonl
of the scan directory, last one wins, and give the precision of each level with a Wilson interval.
"""

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import msgspec
from rapidfuzz.distance import Levenshtein

from rarl_eval.errors import BadInput
from rarl_eval.evidence.scans import (
    ItemStatus,
    Judgement,
    PersonVerdict,
    ScanResult,
    part_text,
    read_scan,
    read_verdicts,
)
from rarl_eval.types import Benchmark


@dataclass(frozen=True)
class SideBySide:
    """One item with evidence, for showing."""

    found: ItemStatus
    item_text: str
    """The item with ``[-words-]`` that the document lacks."""
    document_text: str
    """The document's excerpt with ``{+words+}`` that the item lacks."""
    judgement: Judgement | None


@dataclass(frozen=True)
class Precision:
    """How much of what a level found was judged true."""

    level: str
    judged: int
    true: int
    value: float | None
    low: float | None
    high: float | None


def audit(
    scan: ScanResult,
    benchmarks: Sequence[Benchmark],
    *,
    tasks: Sequence[str] = (),
    levels: Sequence[str] = (),
    parts: Sequence[str] = (),
) -> Iterator[SideBySide]:
    """Entries of a scan in its own order; empty filters keep all. Items that no given benchmark has are left out."""
    items = {(b.task.name, key): item for b in benchmarks for key, item in b.by_key.items()}
    told = {(v.task, v.key): v.judgement for v in read_verdicts(scan.path)}
    for (task, key), found in scan.items.items():
        wanted = (not tasks or task in tasks) and (not levels or found.level in levels)
        if found.level is None or not wanted or (parts and found.part not in parts) or (task, key) not in items:
            continue
        left, right = marked(part_text(items[task, key], found.part), found.excerpt or "")
        yield SideBySide(found, left, right, told.get((task, key)))


def marked(item: str, document: str) -> tuple[str, str]:
    """Both texts with the words that only one of them has marked: ``[-so-]`` and ``{+so+}``."""
    own, other = item.split(), document.split()
    left: list[str] = []
    right: list[str] = []
    for op in Levenshtein.opcodes([_bare(w) for w in own], [_bare(w) for w in other]):
        a, b = own[op.src_start : op.src_end], other[op.dest_start : op.dest_end]
        left += a if op.tag == "equal" or not a else [f"[-{' '.join(a)}-]"]
        right += b if op.tag == "equal" or not b else [f"{{+{' '.join(b)}+}}"]
    return " ".join(left), " ".join(right)


def record(scan: Path, task: str, key: str, judgement: str) -> None:
    """Add a judgement of an item's best evidence to a scan directory; it is on disk when this returns."""
    found = read_scan(scan).items.get((task, key))
    if found is None:
        raise BadInput(f"{scan} has no item {key} of {task}")
    if found.level is None:
        raise BadInput(f"item {key} of {task} has no evidence to judge: it is {found.status}")
    try:
        verdict = msgspec.convert({"task": task, "key": key, "judgement": judgement}, PersonVerdict)
    except msgspec.ValidationError as error:
        known = ", ".join(get_args(Judgement))
        raise BadInput(f"{judgement!r} is no judgement of {key}; give one of {known}") from error
    with (scan / "verdicts.jsonl").open("ab") as stream:
        stream.write(msgspec.json.encode(verdict) + b"\n")
        stream.flush()
        os.fsync(stream.fileno())


def precision(scan: ScanResult, tasks: Sequence[str] = ()) -> list[Precision]:
    """Precision per level over the judged items (of ``tasks``), in the order of levels; 95 % Wilson intervals."""
    told = [v for v in read_verdicts(scan.path) if not tasks or v.task in tasks]
    last = {(v.task, v.key): v.judgement for v in told}
    judged, true = Counter[str](), Counter[str]()
    for name, judgement in last.items():
        level = scan.items[name].level if name in scan.items else None
        if level is not None:
            judged[level] += 1
            true[level] += judgement == "true"
    return [
        _precision(level, judged[level], true[level])
        for level in ("exact", "near", "sibling", "variant", "partial", "paraphrase")
    ]


def _precision(level: str, n: int, true: int) -> Precision:
    if not n:
        return Precision(level, 0, 0, None, None, None)
    z = 1.959963984540054
    share = true / n
    middle, spread = share + z * z / (2 * n), z * (share * (1 - share) / n + z * z / (4 * n * n)) ** 0.5
    scale = 1 + z * z / n
    return Precision(level, n, true, share, max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale))


def _bare(word: str) -> str:
    return "".join(c for c in word.lower() if c.isalnum())
