"""A shard is scanned block by block, each a pure function of its bytes and the index; threads share nothing else.

Results of blocks are put together in order, so the number of threads changes no byte of them. What a shard gave is
one record on disk, so that a killed scan goes on with the next.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from rarl_eval.contamination import detectors
from rarl_eval.contamination.corpus.documents import has_field, parse, text_fields, text_of
from rarl_eval.contamination.corpus.readers import Block, Intake, blocks
from rarl_eval.contamination.corpus.shards import Shard
from rarl_eval.contamination.detectors import Detectors, Told, opened
from rarl_eval.contamination.matching import kernel, shapes
from rarl_eval.contamination.matching.index import Index, Ints
from rarl_eval.contamination.matching.look import Eye, Sighting, look_again, strong_grams
from rarl_eval.contamination.matching.settings import Thresholds
from rarl_eval.contamination.matching.tables import Chunk, Stream
from rarl_eval.contamination.paraphrase.propose import Finder, Proposal, best
from rarl_eval.contamination.words import lexer
from rarl_eval.errors import BadInput


class ShardResult(msgspec.Struct, kw_only=True):
    """Everything one shard gave."""

    name: str
    bytes: int
    documents: int
    sha256: str
    identity: dict[str, str] = {}
    """Entity tag and revision of a remote file."""
    status: str
    """``scanned``, or why it was not."""
    fields: list[str]
    """Fields that hold text, as far as the first rows show."""
    fields_seen: list[str]
    """Fields that were asked for and that some row has."""
    unparsed: int
    """Lines that are no JSON and were scanned as raw text."""
    grams: list[int]
    """Grams found, sorted, and in how many documents; and the same of those in strongly matching documents."""
    found: list[int]
    held_grams: list[int]
    held: list[int]
    sightings: list[Sighting]
    proposals: list[Proposal] = []
    """Places that may hold a paraphrase, where those are looked for."""
    told: list[Told] = []
    """What detectors of the user's told."""
    notes: list[str] = []
    """What was seen and not read, short of the shard."""


@dataclass
class BlockResult:
    """What one block gave."""

    documents: int
    grams: npt.NDArray[np.int32]
    found: Ints
    held: list[int]
    sightings: list[Sighting]
    fields_seen: set[str]
    unparsed: int
    proposals: list[Proposal] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    failed: str | None = None
    """Why it was not scanned to its end."""


@dataclass
class Scanner:
    """An index and the threads that look for it; each thread has its own memory."""

    index: Index
    settings: Thresholds
    fields: tuple[str, ...] = ()
    jobs: int = 1
    finder: Finder | None = None
    detectors: tuple[str, ...] = ()
    """Names of those of the user's."""
    _own: threading.local = field(default_factory=threading.local)

    def shards(self, shards: Sequence[Shard], read: Callable[[int], None]) -> Iterator[ShardResult]:
        """Scan shards in turn and yield what each gave; ``read`` is told of bytes that were read.

        A file that cannot be read ends its shard, with what was found so far and the reason. ``jobs`` threads share the
        blocks, of which two per thread are under way; the next shard is begun while the last is being finished.
        """
        if self.jobs == 1:
            yield from (self._alone(shard, read) for shard in shards)
            return
        with ThreadPoolExecutor(self.jobs) as pool:
            yield from self._together(shards, pool, read)

    def _alone(self, shard: Shard, read: Callable[[int], None]) -> ShardResult:
        gather = _Gather(self, shard, read)
        for number, block in gather.blocks():
            gather.add(self.block(block, number))
        return gather.result()

    def _together(
        self, shards: Sequence[Shard], pool: ThreadPoolExecutor, read: Callable[[int], None]
    ) -> Iterator[ShardResult]:
        under_way: deque[tuple[_Gather, Future[BlockResult] | None]] = deque()
        """Blocks in order, and None where a shard ends."""

        def finished(most: int) -> Iterator[ShardResult]:
            while len(under_way) > most:
                gather, future = under_way.popleft()
                if future is None:
                    yield gather.result()
                else:
                    gather.add(future.result())

        for shard in shards:
            gather = _Gather(self, shard, read)
            for number, block in gather.blocks():
                under_way.append((gather, pool.submit(self.block, block, number)))
                yield from finished(2 * self.jobs)
            under_way.append((gather, None))
            yield from finished(2 * self.jobs)
        yield from finished(0)

    def block(self, block: Block, number: int) -> BlockResult:
        """Scan one block."""
        eye, memory, chunk, shown = self._memory()
        buffer = lexer.padded(block.data)
        room = (block.lines or lexer.line_ends(buffer, 0, len(block.data))) + 1 if block.json else 1
        found, sighted = np.empty((room, 2), np.int64), np.empty(len(block.data) + 1, np.int32)
        documents, hot, n = kernel.stream(
            buffer, 0, len(block.data), block.json, self.index.tables, memory, chunk, found, sighted
        )
        if block.piece and block.characters:
            documents = 0  # it was counted with its first piece
        grams, counts = np.unique(sighted[:n], return_counts=True)
        result = BlockResult(documents, grams, counts, [], [], set(), 0)
        self._check_fields(block, result)
        line, passed = block.line or 0, 0
        for begin, end in self._documents(eye, block, buffer, found[:hot]):
            sightings = self._look(eye, block, begin, end, number, result)
            if sightings:  # lines are counted only where there is something to tell of them
                line += lexer.line_ends(buffer, passed, begin) if block.json else 0
                passed = begin
                name = f"{block.name}:{line}" if block.line is not None else block.name
                result.sightings += [msgspec.structs.replace(s, document=name) for s in sightings]
                result.held += strong_grams(self.index, sightings)
        if self.finder is not None:
            result.proposals = self.finder.block(block, number)
        try:
            result.told = shown.block(block, number, self.fields, self.settings.excerpt_characters)
        except BadInput as error:
            result.failed = str(error)
        return result

    def _documents(self, eye: Eye, block: Block, buffer: Any, found: Ints) -> list[tuple[int, int]]:
        """Documents to look at: those the words gave, and those that hold code of an item's shape."""
        documents = dict(found.tolist())
        index = self.index.shapes
        if index is not None:
            hinted = [r for r in shapes.hinted(block.data, whole=not block.json) if r[0] not in documents]
            ranges = np.array(hinted, np.int64).reshape(-1, 2)
            documents |= dict(shapes.suspects(index, eye.shape_memory, buffer, ranges, json=block.json))
        return sorted(documents.items())

    def _memory(self) -> tuple[Eye, Stream, Chunk, Detectors]:
        if not hasattr(self._own, "held"):
            eye, shown = Eye(self.index, self.settings), opened(self.detectors, self.index)
            self._own.held = eye, self.index.memory(), kernel.chunk(), shown
        held: tuple[Eye, Stream, Chunk, Detectors] = self._own.held
        return held

    def _look(self, eye: Eye, block: Block, begin: int, end: int, number: int, result: BlockResult) -> list[Sighting]:
        """Tell what is seen in one document, which has yet to be named."""
        text, raw = self._text(block, block.data[begin:end], result)
        if not text:
            return []
        sightings = look_again(eye, text, (number, begin), json=raw)
        if block.characters:
            sightings = [msgspec.structs.replace(s, offset=s.offset + block.characters) for s in sightings]
        return sightings

    def _text(self, block: Block, data: bytes, result: BlockResult) -> tuple[str | bytes | None, bool]:
        """Text of a document, and whether it is still escaped because it could not be parsed."""
        if not block.json:
            return (data if not self.fields else None), False
        value = None if block.piece else parse(data)
        text = text_of(value, self.fields) if value is not None else None
        if text is None:
            result.unparsed += 1
            return (data if not self.fields else None), True
        return text, False

    def _check_fields(self, block: Block, result: BlockResult) -> None:
        """Note which of the fields asked for some row of the block has, reading rows only until all are seen."""
        missing = set(self.fields) if block.json and not block.piece else set()
        for line in block.data.split(b"\n") if missing else ():
            value = parse(line) if line.strip() else None
            seen = {f for f in missing if value is not None and has_field(value, f)}
            result.fields_seen |= seen
            missing -= seen
            if not missing:
                break


class _Gather:
    """Puts the results of a shard's blocks together."""

    def __init__(self, scanner: Scanner, shard: Shard, read: Callable[[int], None]) -> None:
        self.scanner, self.shard, self.intake = scanner, shard, Intake(read=read)
        self.status = "scanned"
        self.documents = self.unparsed = 0
        self.fields: list[str] = []
        self.fields_seen: set[str] = set()
        self.found = np.zeros(scanner.index.grams, np.int64)
        self.held = np.zeros(scanner.index.grams, np.int64)
        self.best: dict[int, list[Sighting]] = {}
        self.proposals: list[Proposal] = []
        self.told: list[Told] = []

    def blocks(self) -> Iterator[tuple[int, Block]]:
        """Blocks of the shard with their numbers, up to what cannot be read."""
        try:
            for number, block in enumerate(blocks(self.shard, self.intake)):
                if number == 0 and block.json and not block.piece:
                    self.fields = text_fields(block)
                yield number, block
        except BadInput as error:
            self.status = str(error)

    def add(self, result: BlockResult) -> None:
        self.documents += result.documents
        self.unparsed += result.unparsed
        self.fields_seen |= result.fields_seen
        self.found[result.grams] += result.found
        np.add.at(self.held, result.held, 1)
        if result.proposals:
            self.proposals = best(self.proposals + result.proposals, self.scanner.settings.paraphrases_proposed)
        if result.told:
            self.told = detectors.best(self.told + result.told, self.scanner.settings)
        if result.failed and self.status == "scanned":
            self.status = result.failed
        for sighting in result.sightings:
            self.best.setdefault(sighting.part, []).append(sighting)
            if len(self.best[sighting.part]) >= 8 * self.scanner.settings.evidence_kept:
                self._prune(sighting.part)

    def _prune(self, part: int) -> None:
        self.best[part] = likeliest(self.best[part], self.scanner.settings)

    def result(self) -> ShardResult:
        for part in self.best:
            self._prune(part)
        grams, held = np.flatnonzero(self.found), np.flatnonzero(self.held)
        return ShardResult(
            name=self.shard.name,
            bytes=self.intake.size,
            documents=self.documents,
            sha256=self.intake.digest.hexdigest(),
            identity=self.shard.remote.identity if self.shard.remote else {},
            status=self.status,
            fields=self.fields,
            fields_seen=sorted(self.fields_seen),
            unparsed=self.unparsed,
            grams=grams.tolist(),
            found=self.found[grams].tolist(),
            held_grams=held.tolist(),
            held=self.held[held].tolist(),
            sightings=[s for part in sorted(self.best) for s in self.best[part]],
            proposals=self.proposals,
            told=self.told,
            notes=sorted(self.intake.notes),
        )


def likeliest(sightings: Sequence[Sighting], settings: Thresholds) -> list[Sighting]:
    """Choose the sightings of one part that are kept, by what is known before the frequencies are."""
    best = sorted(sightings, key=lambda s: (not s.whole, s.changed > 0, not s.answer, -s.size, s.order))
    return best[: settings.evidence_kept]


def frequencies(index: Index, results: Sequence[ShardResult]) -> tuple[int, Ints, Ints]:
    """Documents in all, and per gram how many hold it and how many of those hold its item."""
    found, held = np.zeros(index.grams, np.int64), np.zeros(index.grams, np.int64)
    for result in results:
        found[np.array(result.grams, np.int64)] += np.array(result.found, np.int64)
        held[np.array(result.held_grams, np.int64)] += np.array(result.held, np.int64)
    return sum(r.documents for r in results), found, held
