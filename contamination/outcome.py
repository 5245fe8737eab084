"""What a scan came to: results of shards to the content of scan.json and the lines of items.jsonl."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from rarl_eval.contamination.matching.index import Index
from rarl_eval.contamination.matching.item_parts import asked
from rarl_eval.contamination.matching.levels import FLAGGED, Frequencies, Match, judge
from rarl_eval.contamination.matching.look import Sighting
from rarl_eval.contamination.matching.sections import statement
from rarl_eval.contamination.matching.settings import Thresholds
from rarl_eval.contamination.streaming import ShardResult, frequencies, likeliest
from rarl_eval.evidence.scans import SCAN_SCHEMA, part_text
from rarl_eval.types import Benchmark, Item

Evidence = dict[str, Any]
ORDER = {"exact": 0, "near": 1, "confirmed": 2, "sibling": 3, "variant": 4, "partial": 5, "paraphrase": 6}
"""From what an item's first evidence is chosen; a paraphrase counts from ``confirmed`` on, before that last."""
TEXT_CHARACTERS = 4000
"""Kept of an item's text, for whoever audits."""
OTHERS = 7
"""Further places told of an item."""


def findings(index: Index, results: Sequence[ShardResult], settings: Thresholds) -> dict[int, list[Match]]:
    """Judge what was sighted, by the frequencies of the whole corpus: findings per item, best first."""
    seen = Frequencies(*frequencies(index, results))
    by_part: dict[int, list[Sighting]] = defaultdict(list)
    for sighting in (s for r in results for s in r.sightings):
        by_part[sighting.part].append(sighting)
    kept = [s for sightings in by_part.values() for s in likeliest(sightings, settings)]
    return judge(index, seen, kept, settings)


def outcome(
    benchmarks: Sequence[Benchmark],
    index: Index,
    results: Sequence[ShardResult],
    found: Mapping[int, list[Match]],
    more: Mapping[int, list[Evidence]],
    settings: Thresholds,
    fields: Sequence[str],
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Put together the content of scan.json and the lines of items.jsonl; ``more`` is evidence of other kinds."""
    failed = any(r.status != "scanned" for r in results)
    tellable = _tellable(index, settings)
    lines = [
        _line(
            index,
            number,
            [*(_evidence(f) for f in found.get(number, [])), *more.get(number, [])],
            tellable=number in tellable,
            failed=failed,
        )
        for number in range(len(index.items))
    ]
    report = {
        "schema": SCAN_SCHEMA,
        "detector": "ngram",
        "documents": sum(r.documents for r in results),
        "fields": list(fields) or sorted({name for r in results for name in r.fields}),
        "corpora": [
            {"name": r.name, "bytes": r.bytes, "documents": r.documents, "sha256": r.sha256, "status": r.status}
            | r.identity
            for r in results
        ],
        "not_scanned": [r.name for r in results if r.status != "scanned"],
        "benchmarks": [
            {"task": b.task.name, "version": b.task.version, "fingerprint": b.fingerprint, "items": len(b.items)}
            for b in benchmarks
        ],
        "counts": _counts(benchmarks, lines),
        "sweep": _sweep(benchmarks, index, found, settings),
        "settings": asdict(settings),
    }
    return report, lines


def _tellable(index: Index, settings: Thresholds) -> set[int]:
    """Items with enough words, or with options, to be told from common text."""
    enough = set(index.parts.items[index.parts.sizes >= settings.shortest_words].tolist())
    return enough | {n for n, (_, item) in enumerate(index.items) if item.choices}


def _line(index: Index, number: int, evidence: list[Evidence], *, tellable: bool, failed: bool) -> dict[str, Any]:
    task, item = index.items[number]
    evidence = sorted(evidence, key=lambda e: ORDER[_rank(e)])
    if evidence and (evidence[0]["level"] in FLAGGED or evidence[0].get("confirmed")):
        status = "flagged"
    else:
        status = "unscanned" if failed else "clean" if tellable else "too_short"
    line: dict[str, Any] = {"key": index.keys[number], "id": item.id, "task": task, "status": status}
    empty = dict.fromkeys(("level", "part", "score", "document", "offset", "excerpt"))
    text = _text(item, evidence[0]["part"])[:TEXT_CHARACTERS] if evidence else None
    return line | (evidence[0] if evidence else empty) | {"text": text, "others": evidence[1 : 1 + OTHERS]}


def _text(item: Item, part: str) -> str:
    return statement(asked(item, code=True)) if part == "statement" else part_text(item, part)


def _rank(evidence: Evidence) -> str:
    return "confirmed" if evidence.get("confirmed") else str(evidence["level"])


def _evidence(finding: Match) -> Evidence:
    s = finding.sighting
    return {
        "level": finding.level,
        "part": finding.part,
        "score": finding.score,
        "document": s.document,
        "offset": s.offset,
        "excerpt": s.excerpt,
        "numbers_changed": s.changed,
        "answer_beside": s.answer,
        "parts": dict(s.parts),
    }


def _counts(benchmarks: Sequence[Benchmark], lines: list[dict[str, Any]]) -> dict[str, dict[str, int]]:
    names = (
        "exact",
        "near",
        "sibling",
        "variant",
        "partial",
        "paraphrase",
        "confirmed",
        "clean",
        "flagged",
        "too_short",
        "unscanned",
    )
    by_status = Counter((line["task"], line["status"]) for line in lines)
    by_level = Counter((line["task"], line["level"]) for line in lines)
    confirmed = Counter((line["task"], "confirmed") for line in lines if line.get("confirmed"))
    every = by_status + by_level + confirmed
    return {b.task.name: {"n": len(b.items)} | {name: every[b.task.name, name] for name in names} for b in benchmarks}


def _sweep(
    benchmarks: Sequence[Benchmark], index: Index, found: Mapping[int, list[Match]], settings: Thresholds
) -> list[dict[str, Any]]:
    """How many items of each task score at least each threshold: what another threshold would flag."""
    strengths = {n: max(f.strength for f in here) for n, here in found.items()}
    rows = []
    for threshold in settings.sweep:
        above = Counter(index.items[n][0] for n, s in strengths.items() if s >= threshold)
        rows.append({"threshold": threshold, "flagged": {b.task.name: above[b.task.name] for b in benchmarks}})
    return rows
