"""A decontaminated copy of a corpus: documents that hold a flagged item are left out, or it is cut out of them.

Two passes: the first finds every flagged document (judged by the frequencies of the whole corpus, as a scan does), the
second copies, each format as it was (copies.py), and cuts (cutting.py). What cannot be copied is refused before
anything is written.
"""

import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec

from rarl_eval.contamination import compiling, crew
from rarl_eval.contamination.corpus.copies import Edits, copier
from rarl_eval.contamination.corpus.cutting import Changes, Cut, Cutter
from rarl_eval.contamination.corpus.shards import Shard, expand
from rarl_eval.contamination.index import Index, build
from rarl_eval.contamination.levels import FLAGGED, Finding, Frequencies, judge
from rarl_eval.contamination.settings import Settings
from rarl_eval.contamination.shards import Scanner, ShardResult, frequencies
from rarl_eval.errors import BadInput
from rarl_eval.files.atomic import write_atomically
from rarl_eval.types import Benchmark


@dataclass(frozen=True)
class CleanSummary:
    """What a cleaned copy left out."""

    out: Path
    kept: int
    """Documents in it, those that were cut included."""
    dropped: int
    cut: int = 0


def clean(
    benchmarks: Sequence[Benchmark],
    corpora: Sequence[Path | str],
    out: Path,
    *,
    settings: Settings = Settings(),  # noqa: B008 - frozen
    fields: Sequence[str] = (),
    jobs: int = 1,
    cut: bool = False,
    say: Callable[[str], None],
    progress: Callable[[int, int | None], None] = lambda *_: None,
) -> CleanSummary:
    """Write a copy of ``corpora`` without the documents that hold flagged items, and a manifest of what left and why.

    With ``cut`` a document stays and only the item leaves it, unless nothing else is in it, or it cannot be parsed.
    ``out`` must not exist; ``progress`` is told the bytes scanned of those there are. Raises BadInput, with nothing
    written, for a shard that cannot be read or copied and for fields that no row has.
    """
    if out.exists():
        raise BadInput(f"{out} exists; name a new folder for the cleaned copy")
    shards = expand(corpora)
    for shard in shards:
        copier(shard)
    compiling.announce(say)
    index = build(benchmarks, replace(settings, evidence_kept=1 << 40))
    scanner = Scanner(index, replace(settings, evidence_kept=1 << 40), tuple(fields), jobs)
    results = _scanned(scanner, shards, progress)
    seen = Frequencies(*frequencies(index, results))
    flagged = _flagged(scanner, seen, results)
    cutter = Cutter(index, seen, scanner.settings, scanner.fields) if cut else None
    fresh = out.parent / f".{out.name}.new"
    shutil.rmtree(fresh, ignore_errors=True)
    try:
        each = [_copied(shard, fresh, found, cutter) for shard, found in zip(shards, flagged, strict=True)]
        lines = [line for shard, found, (_, cuts) in zip(shards, flagged, each, strict=True)
                 for line in _reasons(index, shard, found, cuts)]  # fmt: skip
        fresh.mkdir(parents=True, exist_ok=True)
        write_atomically(fresh / "left_out.jsonl", b"".join(msgspec.json.encode(line) + b"\n" for line in lines))
        fresh.replace(out)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    counts = [count for count, _ in each]
    return CleanSummary(out, sum(k for k, _ in counts), sum(d for _, d in counts), sum(len(c) for _, c in each))


Found = dict[str, list[tuple[str, Finding]]]
"""Names of flagged documents, with (item key, finding)."""


def _copied(
    shard: Shard, out: Path, found: Found, cutter: Cutter | None
) -> tuple[tuple[int, int], dict[str, list[Cut]]]:
    """Copy a shard: how many documents were kept and left out, and what was cut out of which."""
    cuts: dict[str, list[Cut]] = {}

    def cut(name: str, row: Any) -> Changes | None:
        done = cutter.row(row) if cutter else None
        if done is None or not done[1]:
            return None
        cuts[name] = done[1]
        return done[0]

    def give_up(name: str) -> None:
        del cuts[name]

    return copier(shard)(shard, out, Edits(found.keys(), cut, give_up)), cuts


def _scanned(
    scanner: Scanner, shards: Sequence[Shard], progress: Callable[[int, int | None], None]
) -> list[ShardResult]:
    """Scan every shard; BadInput for the first that cannot be read."""
    total, done = sum(f.stat().st_size for s in shards for f in s.files), [0]
    results: dict[int, ShardResult] = {}

    def read(n: int) -> None:
        done[0] += n
        progress(done[0], total)

    for number, result in crew.scan_shards(scanner, shards, read):
        if result.status != "scanned":
            raise BadInput(f"{result.status}; a copy of what was not scanned would not be clean")
        results[number] = result
    seen = {name for result in results.values() for name in result.fields_seen}
    for name in scanner.fields:
        if name not in seen:
            known = ", ".join(sorted({f for r in results.values() for f in r.fields})) or "no fields"
            raise BadInput(f"no row of the corpus has the field {name!r}; it has {known}; choose with --text-field")
    return [results[n] for n in range(len(shards))]


def _flagged(scanner: Scanner, seen: Frequencies, results: Sequence[ShardResult]) -> list[Found]:
    """Per shard, the documents that hold flagged items."""
    index, found = scanner.index, []
    for result in results:
        documents: Found = {}
        for item, findings in sorted(judge(index, seen, result.sightings, scanner.settings).items()):
            for finding in findings:
                if finding.level in FLAGGED:
                    documents.setdefault(finding.sighting.document, []).append((index.keys[item], finding))
        found.append(documents)
    return found


def _reasons(index: Index, shard: Shard, found: Found, cuts: dict[str, list[Cut]]) -> Iterator[dict[str, Any]]:
    """Lines of the manifest: one for each flagged item of a document that left, one for each span that was cut."""
    for document, reasons in found.items():
        left: list[tuple[str, Finding, str | None]]
        left = [(index.keys[c.item], c.finding, c.text) for c in cuts.get(document, ())]
        for key, finding, text in left or [(*reason, None) for reason in reasons]:
            yield {
                "shard": shard.name, "document": document, "key": key, "level": finding.level, "part": finding.part,
                "score": finding.score, "excerpt": finding.sighting.excerpt, "cut": text,
            }  # fmt: skip
