"""A decontaminated copy of a corpus: documents that hold a flagged item are left out, or it is cut out of them.

Two passes: the first finds every flagged document (judged by the frequencies of the whole corpus, as a scan does), the
second copies, each format as it was (copies.py), and cuts (cutting.py). What cannot be copied is refused before
anything is written.
"""

import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import msgspec

from rarl_eval.contamination import crew
from rarl_eval.contamination.copies import Edits, copier
from rarl_eval.contamination.corpus.documents import texts
from rarl_eval.contamination.corpus.readers import Intake, blocks
from rarl_eval.contamination.corpus.shards import Shard, expand
from rarl_eval.contamination.cutting import Changes, Cut, Cutter
from rarl_eval.contamination.matching.index import Index, build
from rarl_eval.contamination.matching.kernel import stream
from rarl_eval.contamination.matching.levels import FLAGGED, Frequencies, Match, judge
from rarl_eval.contamination.matching.minhash import Repeat, repeats
from rarl_eval.contamination.matching.settings import Thresholds
from rarl_eval.contamination.streaming import Scanner, ShardResult, frequencies
from rarl_eval.contamination.words import compiling
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
    repeats: int = 0
    """Of those dropped, how many nearly repeat a document that was kept."""
    tasks: dict[str, int] = field(default_factory=dict)
    """Documents that hold flagged items of each benchmark, left out or cut."""


def clean(
    benchmarks: Sequence[Benchmark],
    corpora: Sequence[Path | str],
    out: Path,
    *,
    settings: Thresholds = Thresholds(),  # noqa: B008 - frozen
    fields: Sequence[str] = (),
    jobs: int = 1,
    cut: bool = False,
    near_duplicates: float | None = None,
    levels: Sequence[str] = FLAGGED,
    max_share: float | None = None,
    say: Callable[[str], None],
    progress: Callable[[int, int | None], None] = lambda *_: None,
) -> CleanSummary:
    """Write a copy of ``corpora`` without the documents that hold flagged items, and a manifest of what left and why.

    With ``cut`` a document stays and only the item leaves it, unless nothing else is in it, or it cannot be parsed.
    With ``near_duplicates`` documents leave, too, whose word 5-grams resemble those of an earlier one by so much
    (Jaccard, estimated: minhash.py); flagged ones, which leave for their own reason, are held against none. ``out``
    must not exist; ``progress`` is told the bytes scanned of those there are. ``levels`` are those that a document
    leaves for. Raises BadInput, with nothing written, for a shard that cannot be read or copied, for fields that no row
    has, and where more than ``max_share`` of all documents would be left out or cut.
    """
    if out.exists():
        raise BadInput(f"{out} exists; name a new folder for the cleaned copy")
    shards = expand(corpora)
    for shard in shards:
        copier(shard)
    compiling.announce(stream, say)
    index = build(benchmarks, replace(settings, evidence_kept=1 << 40))
    scanner = Scanner(index, replace(settings, evidence_kept=1 << 40), tuple(fields), jobs)
    results = _scanned(scanner, shards, progress)
    seen = Frequencies(*frequencies(index, results))
    flagged = _flagged(scanner, seen, results, levels)
    cutter = Cutter(index, seen, scanner.settings, scanner.fields, tuple(levels)) if cut else None
    repeated = _repeated(shards, flagged, scanner.fields, near_duplicates)
    _check_share(sum(map(len, flagged)) + sum(map(len, repeated)), sum(r.documents for r in results), max_share)
    fresh = out.parent / f".{out.name}.new"
    shutil.rmtree(fresh, ignore_errors=True)
    try:
        each = [_copied(*one, fresh, cutter) for one in zip(shards, flagged, repeated, strict=True)]
        lines = [line for shard, found, (_, cuts) in zip(shards, flagged, each, strict=True)
                 for line in _reasons(index, shard, found, cuts)]  # fmt: skip
        lines += [_repeat_line(shard, repeat) for shard, here in zip(shards, repeated, strict=True)
                  for repeat in here.values()]  # fmt: skip
        fresh.mkdir(parents=True, exist_ok=True)
        write_atomically(fresh / "left_out.jsonl", b"".join(msgspec.json.encode(line) + b"\n" for line in lines))
        fresh.replace(out)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    counts = [count for count, _ in each]
    kept, dropped = sum(k for k, _ in counts), sum(d for _, d in counts)
    cuts = sum(len(c) for _, c in each)
    return CleanSummary(out, kept, dropped, cuts, sum(map(len, repeated)), _by_task(index, benchmarks, flagged))


Found = dict[str, list[tuple[int, Match]]]
"""Names of flagged documents, with (item, finding)."""


def _check_share(leaving: int, documents: int, most: float | None) -> None:
    if most is not None and leaving > most * documents:
        raise BadInput(
            f"{leaving:,} of {documents:,} documents hold flagged items or repeat others, more than the share of "
            f"{most:g} that --max-share allows; look at them with rarl-eval scan and audit, or allow more"
        )


def _by_task(index: Index, benchmarks: Sequence[Benchmark], flagged: Sequence[Found]) -> dict[str, int]:
    held = Counter(
        task for found in flagged for reasons in found.values() for task in {index.items[n][0] for n, _ in reasons}
    )
    return {b.task.name: held[b.task.name] for b in benchmarks}


def _copied(
    shard: Shard, found: Found, repeated: Mapping[str, Repeat], out: Path, cutter: Cutter | None
) -> tuple[tuple[int, int], dict[str, list[Cut]]]:
    """Copy a shard: how many documents were kept and left out, and what was cut out of which."""
    cuts: dict[str, list[Cut]] = {}

    def cut(name: str, row: Any) -> Changes | None:
        done = cutter.row(row) if cutter and name not in repeated else None
        if done is None or not done[1]:
            return None
        cuts[name] = done[1]
        return done[0]

    def give_up(name: str) -> None:
        del cuts[name]

    return copier(shard)(shard, out, Edits(found.keys() | repeated.keys(), cut, give_up)), cuts


def _repeated(
    shards: Sequence[Shard], flagged: Sequence[Found], fields: Sequence[str], threshold: float | None
) -> list[dict[str, Repeat]]:
    """Per shard, the documents that nearly repeat an earlier one, by name; none of either is flagged."""
    found: list[dict[str, Repeat]] = [{} for _ in shards]
    at = [0]

    def unflagged() -> Iterator[tuple[str, str]]:
        for at[0], shard in enumerate(shards):
            whole = (block for block in blocks(shard, Intake()) if not block.piece)
            yield from ((n, text) for block in whole for _, n, text in texts(block, fields) if n not in flagged[at[0]])

    for repeat in repeats(unflagged(), threshold) if threshold else ():  # a repeat is told before the next text is read
        found[at[0]][repeat.document] = repeat
    return found


def _repeat_line(shard: Shard, repeat: Repeat) -> dict[str, Any]:
    told = {"shard": shard.name, "document": repeat.document, "key": None, "level": "repeat", "part": None}
    return told | {"score": round(repeat.similarity, 4), "of": repeat.of}


def _scanned(
    scanner: Scanner, shards: Sequence[Shard], progress: Callable[[int, int | None], None]
) -> list[ShardResult]:
    """Scan every shard; BadInput for the first that cannot be read."""
    total, done = sum(s.size for s in shards), [0]
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


def _flagged(scanner: Scanner, seen: Frequencies, results: Sequence[ShardResult], levels: Sequence[str]) -> list[Found]:
    """Per shard, the documents that hold flagged items."""
    index, found = scanner.index, []
    for result in results:
        documents: Found = {}
        for item, findings in sorted(judge(index, seen, result.sightings, scanner.settings).items()):
            for finding in findings:
                if finding.level in levels:
                    documents.setdefault(finding.sighting.document, []).append((item, finding))
        found.append(documents)
    return found


def _reasons(index: Index, shard: Shard, found: Found, cuts: dict[str, list[Cut]]) -> Iterator[dict[str, Any]]:
    """Lines of the manifest: one for each flagged item of a document that left, one for each span that was cut."""
    for document, reasons in found.items():
        left: list[tuple[int, Match, str | None]]
        left = [(c.item, c.finding, c.text) for c in cuts.get(document, ())]
        for item, finding, text in left or [(*reason, None) for reason in reasons]:
            yield {
                "shard": shard.name, "document": document, "key": index.keys[item], "level": finding.level,
                "part": finding.part, "score": finding.score, "excerpt": finding.sighting.excerpt, "cut": text,
            }  # fmt: skip
