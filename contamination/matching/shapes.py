"""Code whose names were changed: what is compared is the shape, names and literals blanked, keywords and signs kept.

A document is looked at only where it holds ``return``, which nearly all code of some length does and little prose.
Shapes of short code recur everywhere, so a match is long (grams of 12 tokens, most of the solution) and is reported
as ``partial``, which flags nothing by itself.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from rarl_eval.contamination.matching import grouping, ngrams
from rarl_eval.contamination.matching.ngrams import find as rank_of
from rarl_eval.contamination.matching.tables import Clusters, ShapeChunk, Tables, clusters
from rarl_eval.contamination.words.bits import WIDTH
from rarl_eval.contamination.words.code import tokenise
from rarl_eval.contamination.words.compiling import compiled, inlined
from rarl_eval.contamination.words.lexer import padded
from rarl_eval.types import Item

TOKENS_PER_GRAM = 12
MOST_HITS = 1 << 14
LOOK_BACK = 80
"""Bytes before the end of the first gram at which an excerpt begins."""
LEAST_GRAMS = 12
"""Code with fewer shape grams is too common to tell."""
SHARE = 0.6
"""Share of the item's shape grams that must stand near each other."""
HINT = b"return"
CHUNK = 4096
"""Tokens that are passed over together."""
_FEWEST_HITS = LEAST_GRAMS // 2
_BITMAP_BITS = 20
_BASE = np.uint64(0x2545F4914F6CDD1D)
_BASE_2, _BASE_4 = (np.uint64(pow(int(_BASE), n, 1 << 64)) for n in (2, 4))
_MIX = np.uint64(0x9E3779B97F4A7C15)
_ONE, _SIX, _SIXTY_THREE, _U29, _U32 = (np.uint64(n) for n in (1, 6, 63, 29, 32))
_SHIFT = np.uint64(64 - _BITMAP_BITS + 6)


@dataclass(frozen=True)
class ShapeIndex:
    """Shapes of the code of items."""

    items: tuple[int, ...]
    """Item of each shape."""
    grams: tuple[frozenset[int], ...]
    """Ranks of each shape's grams."""
    tables: Tables


@dataclass(frozen=True)
class Shaped:
    """Code of an item's shape, found in a text."""

    item: int
    share: float
    begin: int
    """Byte where it begins."""
    end: int


def build(items: Sequence[tuple[int, Item]]) -> ShapeIndex | None:
    """Index the solutions of programming problems, and the code that questions are about; None if there are none."""
    owners, each = [], []
    for number, item in items:
        for text in (item.solution, item.context):
            data = (text or "").encode("utf-8", "replace")
            grams = _grams(padded(data), len(data), json=False)
            if grams.size >= LEAST_GRAMS:
                owners.append(number)
                each.append(grams)
    if not owners:
        return None
    every, counts = np.concatenate(each), np.array([g.size for g in each], np.int64)
    size = 1 << max(4, int(every.size * 2).bit_length())
    keys, values, ranks = np.zeros(size, np.uint64), np.full(size, -1, np.int32), np.empty(every.size, np.int64)
    different = ngrams.intern(keys, values, every, ranks)
    shared = np.zeros(different, np.int64)
    ngrams.share(ranks, counts, np.array(owners, np.int64), shared, np.full(different, -1, np.int64))
    offsets = np.zeros(different + 1, np.int64)
    postings = ngrams.post(ranks, counts, shared, 16, offsets)
    bitmap = np.zeros(1 << _BITMAP_BITS - 6, np.uint64)
    _fill(bitmap, every)
    needs = np.maximum(TOKENS_PER_GRAM, (SHARE * counts).astype(np.int64))
    none = np.zeros(0, np.uint64)
    tables = Tables(bitmap, keys, values, offsets, postings, needs, counts // 2 + 60, none)
    each_rank = np.split(ranks, np.cumsum(counts)[:-1])
    return ShapeIndex(tuple(owners), tuple(frozenset(r.tolist()) for r in each_rank), tables)


def memory(index: ShapeIndex) -> Clusters:
    """Fresh memory for ``find`` in one thread."""
    return clusters(len(index.items))


def find(index: ShapeIndex, remembered: Clusters, data: bytes, *, json: bool) -> list[Shaped]:
    """Shapes of items in a text (or in a raw JSON line), best place of each."""
    return _find(index, remembered, padded(data), 0, len(data), json=json)


def suspects(
    index: ShapeIndex, remembered: Clusters, buf: Any, ranges: npt.NDArray[np.int64], *, json: bool
) -> list[tuple[int, int]]:
    """Choose the ranges of a padded buffer in which ``find`` would find anything."""
    kept = np.zeros(len(ranges), np.bool_)
    _sieve(buf, ranges, json, index.tables, remembered, _room(), kept)
    return [(a, b) for a, b in ranges[kept].tolist() if _find(index, remembered, buf, a, b, json=json)]


def _find(index: ShapeIndex, remembered: Clusters, buf: Any, begin: int, end: int, *, json: bool) -> list[Shaped]:
    ranks, where, places = (np.empty(MOST_HITS, np.int64) for _ in range(3))
    n = _hits(buf, begin, end, json, index.tables, _room(), MOST_HITS, ranks, where, places)
    if n < _FEWEST_HITS:
        return []
    out = np.empty((256, 3), np.int64)
    found: dict[int, Shaped] = {}
    for number, first, last in out[: grouping.clusters(ranks, where, n, index.tables, remembered, out)].tolist():
        own = index.grams[number]
        share = len(own.intersection(ranks[first : last + 1].tolist())) / len(own)
        item = index.items[number]
        if share >= SHARE and (item not in found or share > found[item].share):
            found[item] = Shaped(item, share, max(begin, int(places[first]) - LOOK_BACK), int(places[last]))
    return [found[item] for item in sorted(found)]


def hinted(data: bytes, *, whole: bool) -> Iterator[tuple[int, int]]:
    """Lines that hold the hint, as (start, end), or the whole text if it does."""
    if whole:
        yield from [(0, len(data))] if HINT in data else []
        return
    at = data.find(HINT)
    while at >= 0:
        start, stop = data.rfind(b"\n", 0, at) + 1, data.find(b"\n", at)
        stop = len(data) if stop < 0 else stop + 1
        yield start, stop
        at = data.find(HINT, stop)


def _grams(buf: Any, size: int, *, json: bool) -> npt.NDArray[np.uint64]:
    """Hash of each run of 12 shape tokens."""
    room = size + WIDTH + 2
    tokens, places = np.zeros(room, np.uint64), np.empty(room, np.int64)
    n, _ = tokenise(buf, 0, size, json, 0, tokens, places)
    grams = np.empty((3, room), np.uint64)
    return grams[2, : _roll(tokens, n, grams)].copy()


def _room() -> ShapeChunk:
    """Room for the tokens of one chunk."""
    room = CHUNK + 2 * WIDTH
    ends, maybe = np.empty(room, np.int64), np.empty(room, np.int64)
    return ShapeChunk(np.zeros(room, np.uint64), ends, np.empty((3, room), np.uint64), maybe)


@compiled
def _roll(tokens: Any, n: int, grams: Any) -> int:
    """Hash each run of 12 tokens, by those of 2, 4 and 8, into ``grams[2]``; returns how many there are."""
    two, four, twelve = grams[0], grams[1], grams[2]
    count = max(0, n - TOKENS_PER_GRAM + 1)
    later = tokens[1:]
    for k in range(max(0, n - 1)):
        two[k] = tokens[k] * _BASE + later[k]
    second = two[2:]
    for k in range(max(0, n - 3)):
        four[k] = two[k] * _BASE_2 + second[k]
    fifth, ninth = four[4:], four[8:]
    for k in range(count):
        twelve[k] = _mixed((four[k] * _BASE_4 + fifth[k]) * _BASE_4 + ninth[k])
    return count


@compiled
def _hits(
    buf: Any, begin: int, end: int, json: bool, tables: Tables, room: ShapeChunk, most: int, ranks: Any, where: Any,
    places: Any,
) -> int:  # fmt: skip
    """Write rank, token number and end of each indexed gram, ``most`` of them; nothing is kept of the rest."""
    tokens, ends, grams, maybe = room
    i, n, before, base = begin, 0, 0, 0
    while i < end and n < most:
        count, i = tokenise(buf, i, end, json, before, tokens, ends)
        rolled = _roll(tokens, count, grams)
        twelve, asked = grams[2], 0
        for k in range(rolled):
            maybe[asked] = k
            asked += np.int64(_is_set(tables.bitmap, twelve[k]))
        for k in maybe[:asked]:
            rank = rank_of(tables.keys, tables.ranks, twelve[k])
            if rank >= 0 and n < most:
                ranks[n], where[n], places[n] = rank, base + k, ends[k + TOKENS_PER_GRAM - 1]
                n += 1
        before = min(count, TOKENS_PER_GRAM - 1)
        base += count - before
        for k in range(before):
            tokens[k] = tokens[count - before + k]
    return n


@compiled
def _sieve(
    buf: Any, ranges: Any, json: bool, tables: Tables, remembered: Clusters, room: ShapeChunk, kept: Any
) -> None:
    """Mark the ranges in which enough grams of one shape stand near each other."""
    ranks, where, places = np.empty(MOST_HITS, np.int64), np.empty(MOST_HITS, np.int64), np.empty(MOST_HITS, np.int64)
    out = np.empty((1, 3), np.int64)
    for k in range(ranges.shape[0]):
        n = _hits(buf, ranges[k, 0], ranges[k, 1], json, tables, room, MOST_HITS, ranks, where, places)
        kept[k] = n >= _FEWEST_HITS and grouping.clusters(ranks, where, n, tables, remembered, out) > 0


@compiled
def _fill(bitmap: Any, hashes: Any) -> None:
    for h in hashes:
        bitmap[h >> _SHIFT] |= _ONE << (h & _SIXTY_THREE) | _ONE << (h >> _SIX & _SIXTY_THREE)


@inlined
def _is_set(bitmap: Any, h: int) -> bool:
    bits = _ONE << (h & _SIXTY_THREE) | _ONE << (h >> _SIX & _SIXTY_THREE)
    return bitmap[h >> _SHIFT] & bits == bits


@inlined
def _mixed(h: Any) -> Any:
    mixed = (h ^ h >> _U32) * _MIX
    return mixed ^ mixed >> _U29
