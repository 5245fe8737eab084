"""Scan corpora for the items of benchmarks and write a scan directory: the scanner's public function.

``scan.json`` says what was scanned and what came of it; ``items.jsonl`` has one line per item. The directory appears
whole or not at all; meanwhile finished shards lie in a hidden folder beside it, from which ``resume`` goes on.
"""

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from rarl_eval.contamination import crew
from rarl_eval.contamination.corpus.shards import Shard, expand
from rarl_eval.contamination.detectors import best, called, evidence, opened
from rarl_eval.contamination.matching.index import Index, build
from rarl_eval.contamination.matching.kernel import stream
from rarl_eval.contamination.matching.settings import Thresholds
from rarl_eval.contamination.outcome import findings, outcome
from rarl_eval.contamination.streaming import Scanner, ShardResult
from rarl_eval.contamination.words import compiling
from rarl_eval.errors import BadInput
from rarl_eval.evidence.scans import SCAN_SCHEMA
from rarl_eval.files.atomic import write_atomically
from rarl_eval.types import Benchmark

if TYPE_CHECKING:
    from rarl_eval.contamination.paraphrase.choose import Paraphrasing

Engine = Literal["local", "ray"]

__all__ = ["ScanSummary", "Thresholds", "scan"]


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
    failed_calls: int = 0
    """Calls of the judge of paraphrases that failed; their candidates stay candidates."""


def scan(
    benchmarks: Sequence[Benchmark],
    corpora: Sequence[Path | str],
    out: Path,
    *,
    settings: Thresholds = Thresholds(),  # noqa: B008 - frozen
    fields: Sequence[str] = (),
    jobs: int = 1,
    resume: bool = False,
    paraphrasing: "Paraphrasing | None" = None,
    detectors: Sequence[str] = (),
    models: Sequence[str] = (),
    engine: Engine = "local",
    ray_address: str | None = None,
    say: Callable[[str], None],
    progress: Callable[[int, int | None], None],
) -> ScanSummary:
    """Scan ``corpora`` for the items of ``benchmarks`` and write the scan directory ``out``.

    ``jobs`` shards are scanned at once (crew.py), here or, with the engine ``ray``, by Ray, or by all of the cluster at
    ``ray_address``: the result is the same. ``paraphrasing`` says how candidates for paraphrases are looked for;
    None: they are not. ``detectors`` names those of the user's that look, too (detectors.py); ``models`` those that
    learnt from the corpora, of whom alone the scan is evidence. Raises BadInput, with nothing written, for a corpus
    that does not exist or fields that no row has. A shard that cannot be read is said, listed as not scanned, and the
    rest is scanned.
    """
    shards = expand(corpora)
    _check_out(out)
    compiling.announce(stream, say)
    index = build(benchmarks, settings)
    finder = paraphrasing.finder(benchmarks, settings, fields) if paraphrasing else None
    proposing = None if paraphrasing is None else paraphrasing.embedder is not None
    opened(detectors, index)  # what fails to open fails before anything is read
    state = _State(out, _plan(index, shards, settings, (fields, detectors), proposing), resume=resume)
    scanner = Scanner(index, settings, tuple(fields), jobs, finder, tuple(detectors))
    run = crew.scan_shards if engine == "local" else _by_ray(ray_address)
    results = _scan_shards(scanner, shards, state, say, progress, run)
    _check_fields(fields, results, state)
    found = findings(index, results, settings)
    proposals = [p for r in results for p in r.proposals]
    told = paraphrasing.tell(index, proposals, found, settings) if paraphrasing else None
    more = evidence(best((t for r in results for t in r.told), settings))
    for item, reworded in (told[0] if told else {}).items():
        more[item] += reworded
    report, lines = outcome(benchmarks, index, results, found, more, settings, fields)
    report |= {"paraphrases": told[1] if told else None, "models": list(models)}
    if detectors:
        report["detector"] = ", ".join((report["detector"], *map(called, detectors)))
    _write(out, report, lines)
    state.clear()
    failed = tuple((r.name, r.status) for r in results if r.status != "scanned")
    documents, size = sum(r.documents for r in results), sum(r.bytes for r in results)
    return ScanSummary(out, documents, size, report["counts"], failed, told[1]["failed"] if told else 0)


def _check_out(out: Path) -> None:
    if out.exists() and not (out.is_dir() and ((out / "scan.json").exists() or not any(out.iterdir()))):
        raise BadInput(f"{out} exists and is no scan directory; name a new one or remove it")


def _plan(
    index: Index, shards: Sequence[Shard], settings: Thresholds, asked: Sequence[Any], proposing: bool | None
) -> str:
    """Fingerprint of all that a shard's result depends on; ``proposing``: of paraphrases, for embeddings or not."""
    keys = [f"{task}:{key}" for (task, _), key in zip(index.items, index.keys, strict=True)]
    names = [[s.name, s.kind] for s in shards]
    told = msgspec.json.encode([SCAN_SCHEMA, keys, asdict(settings), asked, names, compiling.stamp(), proposing])
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
        """Named after the shard and what changes with its files, so that a changed file is scanned again."""
        return self.folder / blake2b(repr((shard.name, shard.stamp)).encode(), digest_size=16).hexdigest()


Finished = Iterator[tuple[int, ShardResult]]
"""Positions and results of shards, in any order."""
Run = Callable[[Scanner, Sequence[Shard], Callable[[int], None]], Finished]


def _by_ray(address: str | None) -> Run:
    from rarl_eval.contamination import ray_engine

    def run(scanner: Scanner, shards: Sequence[Shard], read: Callable[[int], None]) -> Finished:
        for number, result in ray_engine.scan_shards(scanner, shards, address) if shards else ():
            read(result.bytes)
            yield number, result

    return run


def _scan_shards(
    scanner: Scanner,
    shards: Sequence[Shard],
    state: _State,
    say: Callable[[str], None],
    progress: Callable[[int, int | None], None],
    run: Run,
) -> list[ShardResult]:
    """Results of all shards in their order; those that an earlier scan finished are not scanned again."""
    total = None if any(s.kind == "stdin" for s in shards) else sum(s.size for s in shards)
    done, shown = [0], [""]

    def read(n: int) -> None:
        done[0] += n
        progress(done[0], total)

    def tell(result: ShardResult) -> None:
        shown[0] = _tell(result, scanner.fields, shown[0], say)

    found = {shard.name: result for shard in shards if (result := state.get(shard)) is not None}
    for result in found.values():
        read(result.bytes)
        tell(result)
    missing = [shard for shard in shards if shard.name not in found]
    for number, result in run(scanner, missing, read):
        state.put(missing[number], result)
        found[result.name] = result
        tell(result)
    return [found[shard.name] for shard in shards]


def _tell(result: ShardResult, fields: Sequence[str], shown: str, say: Callable[[str], None]) -> str:
    """Say what was read of a shard where it differs from what was said last."""
    told = ", ".join(result.fields)
    if told and told != shown and not fields:  # fields that the user named need no telling
        say(f"{result.name}: reads the text of {told}")
    if result.unparsed:
        say(f"{result.name}: {result.unparsed} matching lines are no JSON and were compared as raw text")
    for note in result.notes:
        say(f"{result.name}: {note}")
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
