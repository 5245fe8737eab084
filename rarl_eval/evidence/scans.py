"""Scan directories read back, and several scans of one benchmark put together; detectors do the scanning."""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import msgspec

from rarl_eval.errors import BadInput, SchemaMismatch
from rarl_eval.types import Item, Level, Part

SCAN_SCHEMA = 1

ScanStatus = Literal["clean", "flagged", "too_short", "unscanned"]
Merged = Literal["clean", "flagged", "unscanned"]
Judgement = Literal["true", "false", "passage"]

LEVELS = ("exact", "near", "sibling", "variant", "partial", "paraphrase")
"""From the strongest evidence to the weakest; the first two flag an item."""


class PersonVerdict(msgspec.Struct, frozen=True):
    """What a person says of one item's best evidence, a line of verdicts.jsonl."""

    task: str
    key: str
    judgement: Judgement


class ItemStatus(msgspec.Struct, frozen=True, kw_only=True):
    """One line of items.jsonl: what a scan says of one item, with its best evidence where there is any."""

    key: str
    id: str
    task: str
    status: ScanStatus
    level: Level | None = None
    part: Part | None = None
    score: float | None = None
    """Share of the part's words or 5-grams, weighted by rarity, that stand in the document."""
    document: str | None = None
    offset: int | None = None
    """Where in the document's text the match begins, in characters."""
    excerpt: str | None = None
    text: str | None = None
    """The part of the item that the evidence is about, bounded in length; None where there is no evidence."""
    numbers_changed: int | None = None
    """Numbers of the item that are other numbers in the document."""
    answer_beside: bool | None = None
    """Whether the right answer, or most options, stand near the match."""
    parts: dict[str, float] = {}
    """Share of each section of a question of programming, or of the tables and the prose of a passage, around it."""
    similarity: float | None = None
    """Cosine of item and place, of a paraphrase that embeddings let pass."""
    confirmed: bool | None = None
    """What was ruled of a paraphrase: True flags it; None where nobody ruled."""
    judge: str | None = None
    """Who ruled: a model, or ``person``."""
    detector: str | None = None
    """Which detector of the user's found it; None: the scanner itself."""
    others: list[dict[str, Any]] = []
    """Further evidence, weaker or elsewhere."""


@dataclass(frozen=True, kw_only=True)
class ScanResult:
    """A scan directory."""

    path: Path
    report: dict[str, Any]
    """scan.json as written; docs/contamination.md names its fields."""
    items: Mapping[tuple[str, str], ItemStatus]
    """By (task, item key)."""
    models: tuple[str, ...] = ()
    """Models that learnt from these corpora, as ``scan --model`` or ``report --corpus-of`` said; empty: nobody's."""

    def covers(self, task: str) -> bool:
        """Whether the task's items were looked for."""
        return task in self.report.get("counts", {})


def read_scan(path: Path | str) -> ScanResult:
    """Read a scan directory.

    Raises SchemaMismatch for one of another schema version and BadInput for what is no scan directory.
    """
    path = Path(path)
    report = _report(path)
    found = report.get("schema") if isinstance(report, dict) else None
    if found != SCAN_SCHEMA:
        raise SchemaMismatch(f"{path} has scan schema {found}, this version reads {SCAN_SCHEMA}; scan again")
    told = {(v.task, v.key): v.judgement for v in read_verdicts(path)}
    unfound: ScanStatus = "unscanned" if report.get("not_scanned") else "clean"
    items = (_ruled(i, told.get((i.task, i.key)), unfound) for i in _items(path / "items.jsonl"))
    models = tuple(str(name) for name in report.get("models") or ())
    return ScanResult(path=path, report=report, items={(i.task, i.key): i for i in items}, models=models)


def tied(scans: Sequence[ScanResult], corpus_of: Sequence[str]) -> list[ScanResult]:
    """Give scans the models that ``--corpus-of MODEL=SCAN`` names, reading scans that are not among them.

    Raises BadInput for what is not of that form. A model may have several scans, and a scan several models.
    """
    found = {scan.path.resolve(): scan for scan in scans}
    for option in corpus_of:
        model, equals, folder = option.partition("=")
        if not (model and equals and folder):
            raise BadInput(
                f"--corpus-of {option!r} is not MODEL=SCAN, a model's name and a scan of what it learnt from"
            )
        place = Path(folder).resolve()
        scan = found.get(place) or read_scan(Path(folder))
        found[place] = replace(scan, models=tuple(dict.fromkeys([*scan.models, model])))
    return list(found.values())


def read_verdicts(scan: Path) -> list[PersonVerdict]:
    """Judgements of a scan directory in the order they were made; a line cut off by a kill is passed over."""
    path = scan / "verdicts.jsonl"
    lines = path.read_bytes().split(b"\n")[:-1] if path.exists() else []
    try:
        return [msgspec.json.decode(line, type=PersonVerdict) for line in lines]
    except msgspec.MsgspecError as error:
        raise BadInput(f"{path} holds a line that is no judgement ({error}); remove it") from error


def part_text(item: Item, part: str | None) -> str:
    """Text of the part of an item that evidence is about; of a question with its answer, the question."""
    if part == "answer":
        return item.solution or item.tests or item.gold
    return {"context": item.context, "choices": "\n".join(item.choices)}.get(part or "", item.question)


def _ruled(item: ItemStatus, judgement: Judgement | None, unfound: ScanStatus) -> ItemStatus:
    """Let a person's word on a paraphrase stand: only what is confirmed is flagged."""
    if item.level != "paraphrase" or judgement is None:
        return item
    same = judgement == "true"
    return msgspec.structs.replace(item, status="flagged" if same else unfound, confirmed=same, judge="person")


def merge_status(scans: Iterable[ScanResult], task: str, key: str) -> Merged:
    """Put together what several scans say of one item: flagged if any flags it, else clean if any found it clean.

    An item that no scan covers, or that every scan covering it left unscanned or too short to tell, is unscanned.
    Clean means: not found in what was scanned; a scan whose shards partly failed calls no item clean.
    """
    told = {scan.items[task, key].status for scan in scans if (task, key) in scan.items}
    if "flagged" in told:
        return "flagged"
    if "unscanned" in told or "clean" not in told:
        return "unscanned"
    return "clean"


def _report(path: Path) -> Any:
    try:
        return msgspec.json.decode((path / "scan.json").read_bytes())
    except OSError as error:
        raise BadInput(f"{path} is no scan directory ({error}); write one with: rarl-eval scan --out {path}") from error
    except msgspec.DecodeError as error:
        raise BadInput(f"{path}/scan.json is not JSON ({error}); scan again") from error


def _items(path: Path) -> Iterable[ItemStatus]:
    decoder = msgspec.json.Decoder(ItemStatus)
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError as error:
        raise BadInput(f"{path} cannot be read ({error}); scan again") from error
    for number, line in enumerate(lines, start=1):
        if line:
            try:
                yield decoder.decode(line)
            except msgspec.MsgspecError as error:
                raise BadInput(f"{path} line {number} is no item of a scan ({error}); scan again") from error


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
    told = {"models": list(scan.models)}
    return {"path": str(scan.path), "tasks": tasks, "corpora": corpora, "not_scanned": not_scanned, **told}


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
