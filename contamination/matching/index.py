"""Benchmarks to an index: each item's parts as words and 5-grams, and the tables the kernel probes.

Built once per scan, in memory, from all benchmarks together, so that text which many items share (prompt headers,
shared passages, standard options) is known to be common before the corpus is read.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, overload

import numpy as np
import numpy.typing as npt

from rarl_eval.contamination.matching import ngrams, shapes
from rarl_eval.contamination.matching.item_parts import parts_of
from rarl_eval.contamination.matching.settings import Thresholds
from rarl_eval.contamination.matching.tables import Hashes, Ints, Stream, Tables
from rarl_eval.contamination.words import lexer
from rarl_eval.types import Benchmark, Item, Part

__all__ = ["Hashes", "Index", "Ints", "PartText", "Parts", "WordRoom", "build", "needs", "words_of"]

COMMON_ITEMS = 64
"""A gram of more items than this points to none of them; it is still counted."""


@dataclass(frozen=True)
class PartText:
    """One part of one item, as words."""

    item: int
    """Position of its item in ``Index.items``."""
    part: Part
    hashes: Hashes
    kinds: npt.NDArray[np.uint8]
    grams: Ints
    """Rank of each of its 5-grams in the index, in order."""
    begins: Ints
    ends: Ints
    """Range of words that each gram covers."""
    same: int
    """First part with the same words, itself if there is none before it."""
    segment: int
    """Rank of the hash of all its words, -1 for a part too long or too short to be looked up whole."""

    @cached_property
    def plain(self) -> npt.NDArray[np.bool_]:
        """Which words are neither numbers nor single letters."""
        return _is_plain(self.kinds)

    @cached_property
    def light(self) -> npt.NDArray[np.bool_]:
        """Which grams have at most one word in five that is plain."""
        before = np.concatenate([[0], np.cumsum(self.plain)])
        few: npt.NDArray[np.bool_] = 5 * (before[self.ends] - before[self.begins]) <= self.ends - self.begins
        return few

    @cached_property
    def spread(self) -> tuple[Ints, Ints]:
        """Pairs of a gram and a word it covers."""
        lengths = self.ends - self.begins
        gram = np.repeat(np.arange(lengths.size), lengths)
        first = np.cumsum(lengths) - lengths
        return gram, self.begins[gram] + np.arange(gram.size) - first[gram]


@dataclass(frozen=True)
class Parts(Sequence[PartText]):
    """The parts of all items; each is made when it is asked for, since most are in no document."""

    items: Ints
    """Item of each part."""
    names: tuple[Part, ...]
    words: tuple[Hashes, npt.NDArray[np.uint8]]
    """Hashes and kinds of the words of all parts in one run."""
    grams: tuple[Ints, Ints, Ints]
    """Ranks, first words and ends of the 5-grams of all parts."""
    word_ends: Ints
    gram_ends: Ints
    """Where each part ends in those, after a zero."""
    same: Ints
    segments: Ints
    _made: dict[int, PartText] = field(default_factory=dict)

    @property
    def sizes(self) -> Ints:
        """Words of each part."""
        return np.diff(self.word_ends)

    def __len__(self) -> int:
        return len(self.names)

    @overload
    def __getitem__(self, number: int) -> PartText: ...
    @overload
    def __getitem__(self, number: slice) -> Sequence[PartText]: ...
    def __getitem__(self, number: Any) -> Any:
        """Give one part, as views of the arrays."""
        if isinstance(number, slice):
            return [self[n] for n in range(*number.indices(len(self)))]
        if number not in self._made:
            self._made[number] = self._part(range(len(self))[number])
        return self._made[number]

    def _part(self, number: int) -> PartText:
        words = slice(*self.word_ends[number : number + 2].tolist())
        grams = slice(*self.gram_ends[number : number + 2].tolist())
        hashes, kinds = self.words
        ranks, begins, ends = self.grams
        return PartText(
            item=int(self.items[number]),
            part=self.names[number],
            hashes=hashes[words],
            kinds=kinds[words],
            grams=ranks[grams],
            begins=begins[grams],
            ends=ends[grams],
            same=int(self.same[number]),
            segment=int(self.segments[number]),
        )


@dataclass(frozen=True)
class Index:
    """What is looked for, and the arrays the kernel reads."""

    items: tuple[tuple[str, Item], ...]
    """(task name, item)."""
    keys: tuple[str, ...]
    """Key of each item."""
    parts: Parts
    grams: int
    """How many different 5-grams and whole short parts are indexed."""
    items_per_gram: Ints
    tables: Tables
    shapes: shapes.ShapeIndex | None
    """Shapes of the code in them; None where there is none."""
    code: frozenset[str] = frozenset()
    """Tasks whose items are programs."""
    maths: frozenset[str] = frozenset()
    """Tasks whose items are problems of mathematics."""

    def memory(self) -> Stream:
        """Fresh memory for one streaming thread, as ``kernel.stream`` takes it."""
        seen, covered = _long_ago(len(self.parts)), np.zeros(len(self.parts), np.int64)
        counted = np.zeros(self.grams, np.int64)
        return Stream(np.zeros(1, np.int64), np.ones(1, np.int64), _long_ago(self.grams), counted, seen, covered)


def build(benchmarks: Sequence[Benchmark], settings: Thresholds) -> Index:
    """Index every item of every benchmark."""
    items = tuple((b.task.name, item) for b in benchmarks for item in b.items)
    domains = {b.task.name: b.task.domain for b in benchmarks}
    texts = [
        (number, part, text)
        for number, (task, item) in enumerate(items)
        for part, text in parts_of(item, code=domains[task] == "code")
    ]
    code = shapes.build([(n, item) for n, (task, item) in enumerate(items) if domains[task] == "code"])
    hashes, kinds, counts = _words([text for *_, text in texts])
    shortest = {"question": 2, "statement": settings.statement_words}
    least = np.array([shortest.get(part, settings.answer_words) for _, part, _ in texts], np.int64)
    telling = np.array([0 if part == "question" else settings.telling_words for _, part, _ in texts], np.int64)
    worth = (counts >= least) & (_telling(kinds, counts) >= telling)
    of_worth = np.repeat(worth, counts)
    kept = [text[:2] for text, wanted in zip(texts, worth.tolist(), strict=True) if wanted]
    keys = tuple(
        key for b in benchmarks for key in (b.by_key if len(b.by_key) == len(b.items) else (i.key for i in b.items))
    )
    index = _assemble(items, keys, kept, hashes[of_worth], kinds[of_worth], counts[worth], code)
    of = {name: frozenset(t for t, domain in domains.items() if domain == name) for name in ("code", "math")}
    return replace(index, code=of["code"], maths=of["math"])


def _words(texts: list[str]) -> tuple[Hashes, npt.NDArray[np.uint8], Ints]:
    """Words of all texts in one run, and how many each has."""
    data = [text.encode("utf-8", "surrogatepass") for text in texts]
    sizes = np.array([len(d) for d in data], np.int64)
    buffer = np.frombuffer((b"\n" * lexer.PADDING).join([*data, b""]), np.uint8)
    room = buffer.size + lexer.WIDTH + 2
    hashes, kinds = np.empty(room, np.uint64), np.empty(room, np.uint8)
    counts = np.zeros(sizes.size, np.int64)
    ends = np.cumsum(sizes + lexer.PADDING) - lexer.PADDING
    lexer.tokenise_each(buffer, ends, hashes, kinds, counts)
    total = int(counts.sum())
    return hashes[:total].copy(), kinds[:total].copy(), counts


def words_of(text: str | bytes, *, json: bool = False) -> tuple[Hashes, npt.NDArray[np.uint8], Ints, bytes]:
    """Hash, kind and byte span of each word of a text, and its UTF-8 bytes."""
    hashes, kinds, spans, data = WordRoom().words_of(text, json=json)
    return hashes.copy(), kinds.copy(), spans.copy(), data


@dataclass
class WordRoom:
    """Memory for the words of one text after another: fresh memory would cost more than to fill it."""

    hashes: Hashes = field(default_factory=lambda: np.empty(0, np.uint64))
    kinds: npt.NDArray[np.uint8] = field(default_factory=lambda: np.empty(0, np.uint8))
    spans: Ints = field(default_factory=lambda: np.empty((0, 2), np.int64))

    def words_of(self, text: str | bytes, *, json: bool = False) -> tuple[Hashes, npt.NDArray[np.uint8], Ints, bytes]:
        """Give the same as ``words_of``, right until the next call."""
        data = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
        room = len(data) + lexer.WIDTH + 2
        if room > self.hashes.size:
            self.hashes, self.kinds = np.empty(room, np.uint64), np.empty(room, np.uint8)
            self.spans = np.empty((room, 2), np.int64)
        words = self.hashes, self.kinds, self.spans
        n = lexer.tokenise(lexer.padded(data), 0, len(data), json, False, lexer.FRESH, *words)[0]
        return self.hashes[:n], self.kinds[:n], self.spans[:n], data


def _is_plain(kinds: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    told: npt.NDArray[np.bool_] = (kinds & 7 != lexer.NUMBER) & (kinds & lexer.SINGLE == 0)
    return told


def _telling(kinds: Any, counts: Ints) -> Ints:
    """Words of each text that are neither numbers nor single letters."""
    before = np.concatenate([[0], np.cumsum(_is_plain(kinds))])
    ends = np.cumsum(counts)
    told: Ints = before[ends] - before[ends - counts]
    return told


def _assemble(
    items: Any,
    keys_of: tuple[str, ...],
    owners: list[tuple[int, Part]],
    hashes: Hashes,
    kinds: Any,
    counts: Ints,
    code: Any,
) -> Index:
    n, texts = hashes.size, counts.size
    grams, begins, ends = np.empty(n, np.uint64), np.empty(n, np.int64), np.empty(n, np.int64)
    found, wholes = np.zeros(texts, np.int64), np.zeros(texts, np.uint64)
    total = ngrams.grams_of_each(hashes, kinds, counts, grams, begins, ends, found, wholes)
    short = np.flatnonzero((counts >= 2) & (counts <= ngrams.LONGEST_SEGMENT))
    every = np.concatenate([grams[:total], wholes[short]])
    ranks = np.empty(every.size, np.int64)
    size = 1 << max(4, int(every.size * 2).bit_length())
    keys, values = np.zeros(size, np.uint64), np.full(size, -1, np.int32)
    different = ngrams.intern(keys, values, every, ranks)
    segments = np.full(texts, -1, np.int64)
    segments[short] = ranks[total:]
    _, first, which = np.unique(wholes, return_index=True, return_inverse=True)
    item_of = np.array([item for item, _ in owners], np.int64)
    parts = Parts(
        item_of, tuple(part for _, part in owners), (hashes, kinds), (ranks[:total], begins[:total], ends[:total]),
        _ends(counts), _ends(found), first[which], segments,
    )  # fmt: skip
    shared = np.zeros(different, np.int64)
    ngrams.share(ranks[:total], found, item_of, shared, np.full(different, -1, np.int64))
    offsets = np.zeros(different + 1, np.int64)
    postings = ngrams.post(ranks[:total], found, shared, COMMON_ITEMS, offsets)
    bitmap = ngrams.bitmaps()
    ngrams.fill_bitmap(bitmap, grams[:total])
    short_map = np.zeros(1 << ngrams.SEGMENT_BITS - 6, np.uint64)
    ngrams.fill_segments(short_map, wholes[short])
    tables = Tables(bitmap, keys, values, offsets, postings, needs(found), counts + 30, short_map)
    return Index(items, keys_of, parts, different, shared, tables, code)


def _ends(counts: Ints) -> Ints:
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)])


def needs(grams: Ints) -> Ints:
    """Words that grams must cover before a document is worth a close look, by grams of a part: few, copies are edited.

    Three quarters of a part of fewer than 14 words, a fifth of a longer one, between 5 or 7 and 40.
    """
    words = np.where(grams > 0, grams + ngrams.WORDS_PER_GRAM - 1, 0)
    short, long = np.maximum(5, -(-3 * words // 4)), np.clip(words // 5, 7, 40)
    needed: Ints = np.where(words < 14, short, long)
    return needed


def _long_ago(n: int) -> Ints:
    return np.full(n, -(1 << 40), np.int64)
