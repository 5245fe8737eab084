"""Benchmarks to an index: each item's parts as words and 5-grams, and the tables the kernel probes.

Built once per scan, in memory, from all benchmarks together, so that text which many items share (prompt headers,
shared passages, standard options) is known to be common before the corpus is read.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from rarl_eval.contamination import kernel, lexer
from rarl_eval.contamination.settings import Settings
from rarl_eval.types import Benchmark, Item, Part

Ints = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]

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
    segment: int
    """Rank of the hash of all its words, -1 for a part too long or too short to be looked up whole."""


@dataclass(frozen=True)
class Index:
    """What is looked for, and the arrays the kernel reads."""

    items: tuple[tuple[str, Item], ...]
    """(task name, item)."""
    parts: tuple[PartText, ...]
    hashes: Hashes
    items_per_gram: Ints
    probe: tuple[Any, ...]
    """bitmap, keys, values, offsets, postings, needs, gaps: as ``kernel.stream`` takes them."""

    def scratch(self) -> tuple[Any, ...]:
        """Fresh memory for one streaming thread, as ``kernel.stream`` takes it."""
        grams, parts = self.hashes.size, len(self.parts)
        clock = np.array([0, 1], np.int64)
        return clock, _long_ago(grams), np.zeros(grams, np.int64), _long_ago(parts), np.zeros(parts, np.int64)


def build(benchmarks: Sequence[Benchmark], settings: Settings) -> Index:
    """Index every item of every benchmark."""
    items = tuple((b.task.name, item) for b in benchmarks for item in b.items)
    domains = {b.task.name: b.task.domain for b in benchmarks}
    texts = [
        (number, part, text)
        for number, (task, item) in enumerate(items)
        for part, text in _parts(item, domains[task] == "code")
    ]
    words = list(_words([text for _, _, text in texts]))
    kept = [n for n, (part, w) in enumerate(zip((t[1] for t in texts), words, strict=True)) if _worth(part, w, settings)]
    return _assemble(items, [texts[n][:2] for n in kept], [words[n] for n in kept])


def _parts(item: Item, code: bool) -> Iterator[tuple[Part, str]]:
    """What of an item is looked for. Code to be completed or read is the question itself, not its background."""
    if code and item.context:
        yield "question", f"{item.question}\n{item.context}" if item.question != item.context else item.context
    else:
        yield "question", item.question
        if item.context:
            yield "context", item.context
    if item.choices:
        yield "choices", "\n".join(item.choices)
    for text in (item.solution, item.tests, item.gold):
        if text:
            yield "answer", text


def _words(texts: list[str]) -> Iterator[tuple[Hashes, npt.NDArray[np.uint8]]]:
    for text in texts:
        yield words_of(text)[:2]


def words_of(text: str | bytes, *, json: bool = False) -> tuple[Hashes, npt.NDArray[np.uint8], Ints, bytes]:
    """Hash, kind and byte span of each word of a text, and its UTF-8 bytes."""
    data = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    room = len(data) + 1
    hashes, kinds, spans = np.empty(room, np.uint64), np.empty(room, np.uint8), np.empty((room, 2), np.int64)
    n = lexer.tokenise(lexer.padded(data), 0, len(data), json, hashes, kinds, spans)
    return hashes[:n].copy(), kinds[:n].copy(), spans[:n].copy(), data


def _worth(part: Part, words: tuple[Hashes, npt.NDArray[np.uint8]], settings: Settings) -> bool:
    n = words[0].size
    return n >= settings.answer_words if part in {"answer", "context", "choices"} else n >= 2


def _assemble(items: Any, owners: list[tuple[int, Part]], words: list[Any]) -> Index:
    raw, begins, ends, segments = [], [], [], []
    for hashes, kinds in words:
        n = hashes.size
        grams, first, last = np.empty(n, np.uint64), np.empty(n, np.int64), np.empty(n, np.int64)
        count = kernel.grams_of(hashes, kinds, n, grams, first, last)
        raw.append(grams[:count])
        begins.append(first[:count])
        ends.append(last[:count])
        whole = 2 <= n <= kernel.LONGEST_SEGMENT
        segments.append(np.array([kernel.whole_hash(hashes, n)] if whole else [], np.uint64))
    unique = np.unique(np.concatenate([*raw, *segments])) if raw else np.zeros(0, np.uint64)
    ranks = [np.searchsorted(unique, g) for g in raw]
    ranked = [int(np.searchsorted(unique, s)[0]) if s.size else -1 for s in segments]
    parts = tuple(
        PartText(item, part, h, k, r, b, e, s)
        for (item, part), (h, k), r, b, e, s in zip(owners, words, ranks, begins, ends, ranked, strict=True)
    )
    shared = _items_per_gram(parts, unique.size)
    return Index(items, parts, unique, shared, _probe(parts, unique, shared))


def _items_per_gram(parts: tuple[PartText, ...], grams: int) -> Ints:
    """In how many items each gram stands."""
    if not parts:
        return np.zeros(0, np.int64)
    ranks = np.concatenate([p.grams for p in parts])
    owners = np.repeat([p.item for p in parts], [p.grams.size for p in parts])
    pairs = np.unique(np.stack([ranks, owners]), axis=1)[0] if ranks.size else ranks
    return np.bincount(pairs, minlength=grams)


def _probe(parts: tuple[PartText, ...], unique: Hashes, shared: Ints) -> tuple[Any, ...]:
    bitmap = np.zeros(1 << kernel.BITMAP_BITS - 6, np.uint64)
    kernel.fill_bitmap(bitmap, unique)
    size = 1 << max(4, int(unique.size * 2).bit_length())
    keys, values = np.zeros(size, np.uint64), np.full(size, -1, np.int32)
    kernel.fill_table(keys, values, unique)
    offsets, postings = _postings(parts, shared)
    needs = np.array([need(p) for p in parts], np.int64)
    gaps = np.array([p.hashes.size + 30 for p in parts], np.int64)
    return bitmap, keys, values, offsets, postings, needs, gaps


def _postings(parts: tuple[PartText, ...], shared: Ints) -> tuple[Ints, npt.NDArray[np.int32]]:
    """Parts of each gram, grams of too many items left out; each part once per gram."""
    ranks = np.concatenate([p.grams for p in parts]) if parts else np.zeros(0, np.int64)
    owners = np.repeat(np.arange(len(parts)), [p.grams.size for p in parts])
    keep = shared[ranks] <= COMMON_ITEMS
    pairs = np.unique(np.stack([ranks[keep], owners[keep]]), axis=1) if ranks.size else np.zeros((2, 0), np.int64)
    offsets = np.zeros(shared.size + 1, np.int64)
    np.cumsum(np.bincount(pairs[0], minlength=shared.size), out=offsets[1:])
    return offsets, pairs[1].astype(np.int32)


def need(part: PartText) -> int:
    """Words that grams must cover before a document is worth a close look: few, for copies are edited."""
    grams = part.grams.size
    words = grams + kernel.WORDS_PER_GRAM - 1 if grams else 0
    if words < 14:
        return max(5, -(-3 * words // 4))
    return min(40, max(7, words // 5))


def _long_ago(n: int) -> Ints:
    return np.full(n, -(1 << 40), np.int64)
