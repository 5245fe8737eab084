"""Pages of what scans found: item beside document, differences marked, judgements of people and what they come to.

Task and level are chosen by page, so that the choice needs no script; part and judgement within a page (audit.js). A
site cannot write to a scan directory: what is judged on a page is told as the command that records it.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape
from rapidfuzz.distance import Levenshtein

from rarl_eval import registry
from rarl_eval.evidence.scans import ItemStatus, Judgement, ScanResult, read_verdicts
from rarl_eval.leaderboards import tables
from rarl_eval.leaderboards.columns import SiteColumn, name_column, plain, with_interval, words
from rarl_eval.leaderboards.evidence import MOST_CHARACTERS
from rarl_eval.leaderboards.frame import Files, Site, downloads, page
from rarl_eval.leaderboards.names import shortened, shown_block, slugs
from rarl_eval.leaderboards.report import Scan
from rarl_eval.report.figures import count, percent
from rarl_eval.stats import Interval

LEVELS = ("exact", "near", "sibling", "variant", "partial", "paraphrase")
ENTRIES = 100
"""Items on one page."""
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class AuditLine:
    """One item's best evidence, for a page."""

    key: str
    name: str
    task: str
    part: str
    status: str
    judgement: Judgement | None
    document: str
    facts: str
    mine: Markup
    theirs: Markup
    others: list[str]


@dataclass(frozen=True)
class Shelf:
    """What one scan found of one task at one level."""

    task: str
    level: str
    path: str
    entries: list[ItemStatus]
    judged: int
    true: int
    precision: Interval | None
    """Share of the judged that are true; None where nothing was judged."""


def audit_pages(site: Site, scans: Sequence[ScanResult]) -> Files:
    """Yield the overview of all scans with evidence, and a page for each task, level and hundred items of each."""
    names = _names(scans)
    shelves = {name: list(_shelves(scan, slug)) for (name, slug), scan in zip(names.items(), scans, strict=True)}
    made = [_overview(name, slug, shelves[name], scan) for (name, slug), scan in zip(names.items(), scans, strict=True)]
    yield page(site, "audit.html", "audit.html", scans=made)
    for overview in made:
        yield from downloads(overview["table"])
        yield from downloads(overview["levels"])
    for (name, _), scan in zip(names.items(), scans, strict=True):
        judged = {(v.task, v.key): v.judgement for v in read_verdicts(scan.path)}
        for shelf in shelves[name]:
            yield from _shelf_pages(site, name, scan, shelf, shelves[name], judged)


def _names(scans: Sequence[ScanResult]) -> dict[str, str]:
    """Name each scan after its folder, and by its place where several folders are called alike; with a file name."""
    labels = [Scan(path=str(scan.path)).label or "scan" for scan in scans]
    names = [label if labels.count(label) == 1 else f"{label} ({n + 1})" for n, label in enumerate(labels)]
    found = slugs(names)
    return {name: found[name] for name in names}


def _shelves(scan: ScanResult, slug: str) -> Iterator[Shelf]:
    by_place: dict[tuple[str, str], list[ItemStatus]] = defaultdict(list)
    for (task, _), found in scan.items.items():
        if found.level is not None:
            by_place[task, found.level].append(found)
    task_slugs = slugs(task for task, _ in by_place)
    for task, level in sorted(by_place, key=lambda p: (p[0], LEVELS.index(p[1]))):
        (told,) = (p for p in registry.load("contamination", "precision")(scan, [task]) if p.level == level)
        precision = Interval(told.value, told.low, told.high) if told.judged else None
        path = f"audit/{slug}/{task_slugs[task]}-{level}"
        yield Shelf(task, level, path, by_place[task, level], told.judged, told.true, precision)


def _overview(name: str, slug: str, shelves: Sequence[Shelf], scan: ScanResult) -> dict[str, Any]:
    """Tables of a scan: what it found by task and level, and the precision of each level over all tasks."""
    columns: list[SiteColumn[Shelf]] = [
        name_column("task", "Task", lambda s: s.task, lambda s: f"{s.path}.html"),
        words("level", "Level", lambda s: s.level),
        plain("items", "Items", lambda s: len(s.entries), count),
        plain("judged", "Judged", lambda s: s.judged, count),
        plain("true", "True", lambda s: s.true, count),
        with_interval("precision", "Precision,\u00a0%", lambda s: s.precision, percent),
    ]
    found = [p for p in registry.load("contamination", "precision")(scan) if p.judged]
    levels: list[SiteColumn[Any]] = [
        name_column("level", "Level", lambda p: p.level, lambda _: "audit.html"),
        plain("judged", "Judged", lambda p: p.judged, count),
        plain("true", "True", lambda p: p.true, count),
        with_interval("precision", "Precision,\u00a0%", lambda p: Interval(p.value, p.low, p.high), percent),
    ]
    return {
        "name": name,
        "documents": scan.report.get("documents"),
        "unscanned": len(scan.report.get("not_scanned", [])),
        "table": _table(f"a-{slug}", f"What {shortened(name)} found", columns, shelves, f"data/audit/{slug}"),
        "levels": _table(f"p-{slug}", "Precision of each level", levels, found, f"data/audit/{slug}-precision"),
    }


def _table(
    id_: str, caption: str, columns: Sequence[SiteColumn[Any]], rows: Sequence[Any], data: str
) -> tables.SiteTable | None:
    return tables.table(id_, caption, columns, rows, data) if rows else None


def _shelf_pages(
    site: Site,
    name: str,
    scan: ScanResult,
    shelf: Shelf,
    shelves: Sequence[Shelf],
    judged: Mapping[tuple[str, str], Judgement],
) -> Files:
    starts = range(0, len(shelf.entries), ENTRIES)
    paths = [f"{shelf.path}.html" if not n else f"{shelf.path}~{n + 1}.html" for n in range(len(starts))]
    for n, start in enumerate(starts):
        entries = [_entry(found, judged) for found in shelf.entries[start : start + ENTRIES]]
        yield page(
            site,
            paths[n],
            "audited.html",
            root="../../",
            scripts=("audit.js",),
            scan=name,
            folder=scan.path.name,
            shelf=shelf,
            tasks=[s for s in _firsts(shelves) if s.task != shelf.task],
            levels=[s for s in shelves if s.task == shelf.task],
            entries=entries,
            found_parts=sorted({e.part for e in entries}),
            pages=[p.rsplit("/", 1)[1] for p in paths],
            number=n + 1,
        )


def _firsts(shelves: Sequence[Shelf]) -> list[Shelf]:
    """Return the first shelf of each task."""
    return list({s.task: s for s in reversed(shelves)}.values())[::-1]


def _entry(found: ItemStatus, judged: Mapping[tuple[str, str], Judgement]) -> AuditLine:
    mine, theirs = differences(found.text or "", found.excerpt or "")
    return AuditLine(
        key=found.key,
        name=found.id,
        task=found.task,
        part=found.part or "question",
        status=found.status,
        judgement=judged.get((found.task, found.key)),
        document=found.document or "",
        facts=", ".join(_facts(found)),
        mine=mine,
        theirs=theirs,
        others=[_other(o) for o in found.others],
    )


def _facts(found: ItemStatus) -> Iterator[str]:
    if found.score is not None:
        yield f"score {found.score:.2f}"
    if found.similarity is not None:
        yield f"similarity {found.similarity:.2f}"
    if found.numbers_changed:
        yield f"{found.numbers_changed} other {'number' if found.numbers_changed == 1 else 'numbers'}"
    if found.answer_beside is not None:
        yield "answer beside it" if found.answer_beside else "no answer beside it"
    if found.confirmed is not None:
        yield f"{'confirmed' if found.confirmed else 'refused'} by {shortened(found.judge or 'nobody', 40)}"
    if found.offset is not None:
        yield f"from character {found.offset:,} on"


def _other(other: Mapping[str, Any]) -> str:
    return f"{other.get('level')} {other.get('part')} {other.get('score')}: {other.get('document')}"


def differences(mine: str, theirs: str) -> tuple[Markup, Markup]:
    """Mark the words that only one of two texts has, as deleted in the first and inserted in the second."""
    mine, theirs = mine[:MOST_CHARACTERS], theirs[:MOST_CHARACTERS]
    own, other = list(_WORD.finditer(mine)), list(_WORD.finditer(theirs))
    ops = Levenshtein.opcodes([m[0].casefold() for m in own], [m[0].casefold() for m in other])
    changed = [op for op in ops if op.tag != "equal"]
    left = _joined((op.src_start, op.src_end) for op in changed)
    right = _joined((op.dest_start, op.dest_end) for op in changed)
    return _marked(mine, own, left, "del"), _marked(theirs, other, right, "ins")


def _joined(runs: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Put runs together that follow on one another; empty ones are left out."""
    found: list[tuple[int, int]] = []
    for first, last in runs:
        if found and found[-1][1] == first:
            found[-1] = (found[-1][0], last)
        elif first < last:
            found.append((first, last))
    return found


def _marked(text: str, found: Sequence[re.Match[str]], runs: Sequence[tuple[int, int]], tag: str) -> Markup:
    pieces: list[Markup] = []
    at = 0
    for first, last in runs:
        begin, end = found[first].start(), found[last - 1].end()
        marked = Markup("<{0}>{1}</{0}>").format(Markup(tag), shown_block(text[begin:end]))  # noqa: S704 - del or ins
        pieces += [escape(shown_block(text[at:begin])), marked]
        at = end
    return Markup("").join([*pieces, escape(shown_block(text[at:]))])
