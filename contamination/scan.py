"""Scan corpora for the items of benchmarks and write a scan directory: the scanner's public function.

``scan.json`` says what was scanned and what came of it; ``items.jsonl`` has one line per item. The directory appears
whole or not at all; meanwhile finished shards lie in a hidden folder beside it, from which ``resume`` goes on.
"""

import os
import shutil
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

import msgspec

from rarl_eval.contamination import compiling, corpus, kernel
from rarl_eval.contamination.corpus import Shard
from rarl_eval.contamination.index import Index, build
from rarl_eval.contamination.levels import FLAGGED, Finding, Frequencies, judge
from rarl_eval.contamination.settings import Settings
from rarl_eval.contamination.shards import Scanner, ShardResult, frequencies
from rarl_eval.errors import BadInput
from rarl_eval.files import write_atomically
from rarl_eval.scan import SCAN_SCHEMA
from rarl_eval.types import Benchmark

__all__ = ["ScanSummary", "Settings", "scan"]


@dataclass(frozen=True)
class ScanSummary:
    """What a scan came to."""

    out: Path
    documents: int
    bytes: int
    tasks: dict[str, dict[str, int]]
    """Counts by task: items in all, by level, and by status."""
    failed: tuple[tuple[str, str], ...]
    """(shard, why) of what could not be scanned."""


def scan(
    benchmarks: Sequence[Benchmark],
    corpora: Sequence[Path | str],
    out: Path,
    *,
    settings: Settings = Settings(),  # noqa: B008 - frozen
    fields: Sequence[str] = (),
    jobs: int = 1,
    resume: bool = False,
    say: Callable[[str], None],
    progress: Callable[[int, int | None], None],
) -> ScanSummary:
    """Scan ``corpora`` for the items of ``benchmarks`` and write the scan directory ``out``.

    Raises BadInput, with nothing written, for a corpus that does not exist or fields that no row has. A shard that
    cannot be read is said, listed as not scanned, and the rest is scanned.
    """
    shards = corpus.expand(corpora)
    _check_out(out)
    compiling.announce(say)
    index = build(benchmarks, settings)
    state = _State(out, _plan(index, shards, settings, fields), resume=resume)
    results = _scan_shards(Scanner(index, settings, tuple(fields), jobs), shards, state, say, progress)
    _check_fields(fields, results, state)
    report, lines = _outcome(benchmarks, index, results, settings, fields)
    _write(out, report, lines)
    state.clear()
    failed = tuple((r.name, r.status) for r in results if r.status != "scanned")
    return ScanSummary(out, sum(r.documents for r in results), sum(r.bytes for r in results), report["counts"], failed)


def _check_out(out: Path) -> None:
    if out.exists() and not (out.is_dir() and ((out / "scan.json").exists() or not any(out.iterdir()))):
        raise BadInput(f"{out} exists and is no scan directory; name a new one or remove it")


def _plan(index: Index, shards: Sequence[Shard], settings: Settings, fields: Sequence[str]) -> str:
    """Fingerprint of all that a shard's result depends on."""
    keys = [f"{task}:{key}" for (task, _), key in zip(index.items, index.keys, strict=True)]
    names = [[s.name, s.kind] for s in shards]
    told = msgspec.json.encode([SCAN_SCHEMA, keys, asdict(settings), list(fields), names, kernel.WORDS_PER_GRAM])
    return blake2b(told, digest_size=16).hexdigest()


class _State:
    """Results of finished shards, kept beside ``out`` until the scan directory is there."""

    def __init__(self, out: Path, plan: str, *, resume: bool) -> None:
        self.folder = out.parent / f".{out.name}.unfinished"
        self.plan = self.folder / "plan"
        if self.folder.exists() and not (resume and self.plan.is_file() and self.plan.read_text() == plan):
            self.clear()
        if not self.folder.exists():
            write_atomically(self.plan, plan)

    def get(self, shard: Shard) -> ShardResult | None:
        path = self._path(shard)
        try:
            return msgspec.msgpack.decode(path.read_bytes(), type=ShardResult)
        except (OSError, msgspec.MsgspecError):
            return None

    def put(self, shard: Shard, result: ShardResult) -> None:
        write_atomically(self._path(shard), msgspec.msgpack.encode(result))

    def clear(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    def _path(self, shard: Shard) -> Path:
        """Named after the shard and the size and time of its files, so that a changed file is scanned again."""
        stats = [(str(f), s.st_size, s.st_mtime_ns) for f in shard.files for s in [f.stat()]]
        return self.folder / blake2b(repr((shard.name, stats)).encode(), digest_size=16).hexdigest()


def _scan_shards(
    scanner: Scanner,
    shards: Sequence[Shard],
    state: _State,
    say: Callable[[str], None],
    progress: Callable[[int, int | None], None],
) -> list[ShardResult]:
    total = None if any(s.kind == "stdin" for s in shards) else sum(f.stat().st_size for s in shards for f in s.files)
    done, results, shown = [0], [], ""

    def read(n: int) -> None:
        done[0] += n
        progress(done[0], total)

    with ThreadPoolExecutor(scanner.jobs) if scanner.jobs > 1 else nullcontext() as pool:
        for shard in shards:
            result = state.get(shard)
            if result is None:
                result = scanner.shard(shard, pool, read)
                state.put(shard, result)
            else:
                read(result.bytes)
            shown = _tell(result, scanner.fields, shown, say)
            results.append(result)
    return results


def _tell(result: ShardResult, fields: Sequence[str], shown: str, say: Callable[[str], None]) -> str:
    """Say what was read of a shard where it differs from what was said last."""
    told = ", ".join(result.fields)
    if told and told != shown and not fields:  # fields that the user named need no telling
        say(f"{result.name}: reads the text of {told}")
    if result.unparsed:
        say(f"{result.name}: {result.unparsed} matching lines are no JSON and were compared as raw text")
    if result.status != "scanned":
        say(f"not scanned: {result.status}")
    return told or shown


def _check_fields(fields: Sequence[str], results: Sequence[ShardResult], state: _State) -> None:
    seen = {name for r in results for name in r.fields_seen}
    missing = [name for name in fields if name not in seen]
    if missing and not all(r.status != "scanned" for r in results):
        known = sorted({name for r in results for name in r.fields})
        state.clear()
        raise BadInput(
            f"no row of the corpus has the field {missing[0]!r}; it has {', '.join(known) or 'no fields'}; "
            "choose with --text-field"
        )


def _outcome(
    benchmarks: Sequence[Benchmark],
    index: Index,
    results: Sequence[ShardResult],
    settings: Settings,
    fields: Sequence[str],
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Put together the content of scan.json and the lines of items.jsonl."""
    documents, found, held = frequencies(index, results)
    sightings = [s for r in results for s in r.sightings]
    findings = judge(index, Frequencies(documents, found, held), sightings, settings)
    failed = any(r.status != "scanned" for r in results)
    tellable = _tellable(index, settings)
    lines = [
        _line(index, number, findings.get(number, []), tellable=number in tellable, failed=failed)
        for number in range(len(index.items))
    ]
    report = {
        "schema": SCAN_SCHEMA,
        "detector": "ngram",
        "documents": documents,
        "fields": list(fields) or sorted({name for r in results for name in r.fields}),
        "corpora": [
            {"name": r.name, "bytes": r.bytes, "documents": r.documents, "sha256": r.sha256, "status": r.status}
            for r in results
        ],
        "not_scanned": [r.name for r in results if r.status != "scanned"],
        "benchmarks": [
            {"task": b.task.name, "version": b.task.version, "fingerprint": b.fingerprint, "items": len(b.items)}
            for b in benchmarks
        ],
        "counts": _counts(benchmarks, lines),
        "sweep": _sweep(benchmarks, index, findings, settings),
        "settings": asdict(settings),
    }
    return report, lines


def _tellable(index: Index, settings: Settings) -> set[int]:
    """Items with enough words, or with options, to be told from common text."""
    enough = {p.item for p in index.parts if p.hashes.size >= settings.shortest_words}
    return enough | {n for n, (_, item) in enumerate(index.items) if item.choices}


def _line(index: Index, number: int, findings: list[Finding], *, tellable: bool, failed: bool) -> dict[str, Any]:
    task, item = index.items[number]
    best = findings[0] if findings else None
    if best is not None and best.level in FLAGGED:
        status = "flagged"
    else:
        status = "unscanned" if failed else "clean" if tellable else "too_short"
    line: dict[str, Any] = {"key": index.keys[number], "id": item.id, "task": task, "status": status}
    empty = dict.fromkeys(("level", "part", "score", "document", "offset", "excerpt"))
    return line | (_evidence(best) if best else empty) | {"others": [_evidence(f) for f in findings[1:8]]}


def _evidence(finding: Finding) -> dict[str, Any]:
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
    }


def _counts(benchmarks: Sequence[Benchmark], lines: list[dict[str, Any]]) -> dict[str, dict[str, int]]:
    names = ("exact", "near", "variant", "partial", "paraphrase", "clean", "flagged", "too_short", "unscanned")
    counts = {b.task.name: Counter({"n": len(b.items)}) for b in benchmarks}
    for line in lines:
        counts[line["task"]].update({line["status"]: 1} | ({line["level"]: 1} if line["level"] else {}))
    return {task: {name: c[name] for name in ("n", *names)} for task, c in counts.items()}


def _sweep(
    benchmarks: Sequence[Benchmark], index: Index, findings: dict[int, list[Finding]], settings: Settings
) -> list[dict[str, Any]]:
    """How many items of each task score at least each threshold: what another threshold would flag."""
    strengths = {n: max(f.strength for f in found) for n, found in findings.items()}
    rows = []
    for threshold in settings.sweep:
        above = Counter(index.items[n][0] for n, s in strengths.items() if s >= threshold)
        rows.append({"threshold": threshold, "flagged": {b.task.name: above[b.task.name] for b in benchmarks}})
    return rows


def _write(out: Path, report: dict[str, Any], lines: list[dict[str, Any]]) -> None:
    """Build the directory beside its place and move it there whole."""
    fresh = out.parent / f".{out.name}.new-{os.getpid()}"
    shutil.rmtree(fresh, ignore_errors=True)
    write_atomically(fresh / "items.jsonl", b"".join(msgspec.json.encode(line) + b"\n" for line in lines))
    write_atomically(fresh / "scan.json", msgspec.json.format(msgspec.json.encode(report), indent=2) + b"\n")
    old = out.parent / f".{out.name}.old-{os.getpid()}"
    if out.exists():
        out.replace(old)
    fresh.replace(out)
    shutil.rmtree(old, ignore_errors=True)
