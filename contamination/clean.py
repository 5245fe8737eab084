"""A decontaminated copy of a corpus: documents that hold a flagged item are left out, all else is passed on as it was.

Two passes: the first finds every flagged document (judged by the frequencies of the whole corpus, as a scan does), the
second copies, each format as it was (copies.py); what cannot be copied is refused before anything is written.
"""

import shutil
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec

from rarl_eval.contamination import compiling, corpus
from rarl_eval.contamination.copies import copier
from rarl_eval.contamination.corpus import Shard
from rarl_eval.contamination.index import build
from rarl_eval.contamination.levels import FLAGGED, Finding, Frequencies, judge
from rarl_eval.contamination.settings import Settings
from rarl_eval.contamination.shards import Scanner, ShardResult, frequencies
from rarl_eval.errors import BadInput
from rarl_eval.files import write_atomically
from rarl_eval.types import Benchmark


@dataclass(frozen=True)
class CleanSummary:
    """What a cleaned copy left out."""

    out: Path
    kept: int
    dropped: int


def clean(
    benchmarks: Sequence[Benchmark],
    corpora: Sequence[Path | str],
    out: Path,
    *,
    settings: Settings = Settings(),  # noqa: B008 - frozen
    fields: Sequence[str] = (),
    jobs: int = 1,
    say: Callable[[str], None],
    progress: Callable[[int, int | None], None] = lambda *_: None,
) -> CleanSummary:
    """Write a copy of ``corpora`` without the documents that hold flagged items, and a manifest of what left and why.

    ``out`` must not exist; ``progress`` is told the bytes scanned of those there are. Raises BadInput, with nothing
    written, for a shard that cannot be read or copied and for fields that no row has.
    """
    if out.exists():
        raise BadInput(f"{out} exists; name a new folder for the cleaned copy")
    shards = corpus.expand(corpora)
    for shard in shards:
        copier(shard)
    compiling.announce(say)
    index = build(benchmarks, replace(settings, evidence_kept=1 << 40))
    scanner = Scanner(index, replace(settings, evidence_kept=1 << 40), tuple(fields), jobs)
    dropped = _flagged(scanner, _scanned(scanner, shards, progress))
    fresh = out.parent / f".{out.name}.new"
    shutil.rmtree(fresh, ignore_errors=True)
    try:
        counts = [copier(shard)(shard, fresh, set(found)) for shard, found in zip(shards, dropped, strict=True)]
        _write_manifest(fresh, shards, dropped)
        fresh.replace(out)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return CleanSummary(out, sum(k for k, _ in counts), sum(d for _, d in counts))


def _scanned(
    scanner: Scanner, shards: Sequence[Shard], progress: Callable[[int, int | None], None]
) -> list[ShardResult]:
    """Scan every shard; BadInput for the first that cannot be read."""
    total, done, results = sum(f.stat().st_size for s in shards for f in s.files), [0], []

    def read(n: int) -> None:
        done[0] += n
        progress(done[0], total)

    with ThreadPoolExecutor(scanner.jobs) if scanner.jobs > 1 else nullcontext() as pool:
        for shard in shards:
            results.append(scanner.shard(shard, pool, read))
            if results[-1].status != "scanned":
                raise BadInput(f"{results[-1].status}; a copy of what was not scanned would not be clean")
    seen = {name for result in results for name in result.fields_seen}
    for name in scanner.fields:
        if name not in seen:
            known = ", ".join(sorted({f for r in results for f in r.fields})) or "no fields"
            raise BadInput(f"no row of the corpus has the field {name!r}; it has {known}; choose with --text-field")
    return results


def _flagged(scanner: Scanner, results: Sequence[ShardResult]) -> list[dict[str, list[tuple[str, Finding]]]]:
    """Per shard, the documents that hold flagged items, with (item key, finding)."""
    index, seen = scanner.index, Frequencies(*frequencies(scanner.index, results))
    found: list[dict[str, list[tuple[str, Finding]]]] = []
    for result in results:
        documents: dict[str, list[tuple[str, Finding]]] = {}
        for item, findings in sorted(judge(index, seen, result.sightings, scanner.settings).items()):
            for finding in findings:
                if finding.level in FLAGGED:
                    documents.setdefault(finding.sighting.document, []).append((index.keys[item], finding))
        found.append(documents)
    return found


def _write_manifest(out: Path, shards: Sequence[Shard], dropped: list[dict[str, list[tuple[str, Finding]]]]) -> None:
    out.mkdir(parents=True, exist_ok=True)
    lines = [line for shard, found in zip(shards, dropped, strict=True) for line in _reasons(shard, found)]
    write_atomically(out / "left_out.jsonl", b"".join(msgspec.json.encode(line) + b"\n" for line in lines))


def _reasons(shard: Shard, found: dict[str, list[tuple[str, Finding]]]) -> Iterator[dict[str, Any]]:
    for document, reasons in found.items():
        for key, finding in reasons:
            yield {
                "shard": shard.name, "document": document, "key": key, "level": finding.level, "part": finding.part,
                "score": finding.score, "excerpt": finding.sighting.excerpt,
            }  # fmt: skip
