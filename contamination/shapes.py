"""Code whose names were changed: what is compared is the shape, names and literals blanked, keywords and signs kept.

A document is looked at only where it holds ``return``, which nearly all code of some length does and little prose.
Shapes of short code recur everywhere, so a match is long (grams of 12 tokens, most of the solution) and is reported
as ``partial``, which flags nothing by itself.
"""

import keyword
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from rarl_eval.contamination import kernel
from rarl_eval.contamination.lexer import compiled, inlined, padded
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
_OTHER_WORDS = (
    "function var let const new this null true false void int float double char bool string static public private "
    "switch case default do struct typedef long unsigned len range append max min sum abs sorted list dict set str "
    "enumerate zip map filter print isinstance join split push length"
)
_BITS = 16
_U5, _U59, _U64 = np.uint64(5), np.uint64(59), np.uint64(64 - _BITS)
_MIX = np.uint64(0x9E3779B97F4A7C15)
_NAME, _NUMBER, _STRING = np.uint64(0xD1B54A32D192ED03), np.uint64(0x8CB92BA72F3D8DD7), np.uint64(0xABC98388FB8FAC03)
_BASE = np.uint64(0x2545F4914F6CDD1D)
_NOTHING = np.uint64(0)
_U29, _U32 = np.uint64(29), np.uint64(32)


def _kept_words() -> npt.NDArray[np.bool_]:
    """Table over the top bits of a name's hash: whether it is kept."""
    table = np.zeros(1 << _BITS, np.bool_)
    for word in (*keyword.kwlist, *_OTHER_WORDS.split()):
        h = 0
        for char in word.encode():
            h = ((h << 5 | h >> 59) & (1 << 64) - 1) ^ char
        table[(h * int(_MIX) & (1 << 64) - 1) >> 64 - _BITS] = True
    return table


_KEPT = _kept_words()
_NAMED = np.array([chr(c).isalnum() or c == 95 for c in range(128)] + [False] * 128)
"""Bytes that a name is made of."""


@dataclass(frozen=True)
class ShapeIndex:
    """Shapes of the code of items."""

    items: tuple[int, ...]
    """Item of each shape."""
    grams: tuple[npt.NDArray[np.int64], ...]
    """Ranks of each shape's grams."""
    probe: tuple[Any, ...]


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
    different = kernel.intern(keys, values, every, ranks)
    shared = np.zeros(different, np.int64)
    kernel.share(ranks, counts, np.array(owners, np.int64), shared, np.full(different, -1, np.int64))
    offsets = np.zeros(different + 1, np.int64)
    postings = kernel.post(ranks, counts, shared, 16, offsets)
    bitmap = np.zeros(1 << kernel.BITMAP_BITS - 6, np.uint64)
    kernel.fill_bitmap(bitmap, every)
    needs = np.maximum(TOKENS_PER_GRAM, (SHARE * counts).astype(np.int64))
    probe = (bitmap, keys, values, offsets, postings, needs, counts // 2 + 60)
    return ShapeIndex(tuple(owners), tuple(np.split(ranks, np.cumsum(counts)[:-1])), probe)


def memory(index: ShapeIndex) -> tuple[Any, ...]:
    """Fresh memory for ``find`` in one thread."""
    n = len(index.items)
    return np.zeros(1, np.int64), np.full(n, -1, np.int64), *(np.zeros(n, np.int64) for _ in range(3))


def find(index: ShapeIndex, remembered: tuple[Any, ...], data: bytes, *, json: bool) -> list[Shaped]:
    """Shapes of items in a text (or in a raw JSON line), best place of each."""
    return _find(index, remembered, padded(data), 0, len(data), json=json)


def suspected(index: ShapeIndex, remembered: tuple[Any, ...], buf: Any, begin: int, end: int, *, json: bool) -> bool:
    """Whether ``find`` would find anything in ``buf[begin:end]``, a padded buffer."""
    return bool(_find(index, remembered, buf, begin, end, json=json))


def _find(
    index: ShapeIndex, remembered: tuple[Any, ...], buf: Any, begin: int, end: int, *, json: bool
) -> list[Shaped]:
    ranks, where, places = (np.empty(MOST_HITS, np.int64) for _ in range(3))
    n = _hits(buf, begin, end, json, index.probe, ranks, where, places)
    if n < LEAST_GRAMS // 2:
        return []
    out = np.empty((256, 3), np.int64)
    found: dict[int, Shaped] = {}
    for number, first, last in out[: kernel.clusters(ranks, where, n, index.probe, remembered, out)].tolist():
        own = np.unique(index.grams[number])
        share = float(np.isin(own, ranks[first : last + 1]).mean())
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
    tokens = np.empty(size + 1, np.uint64)
    n = _tokens(buf, size, json, tokens)
    grams = np.empty(max(0, n - TOKENS_PER_GRAM + 1), np.uint64)
    _roll(tokens, n, grams)
    return grams


@compiled
def _roll(tokens: Any, n: int, grams: Any) -> None:
    h, power = np.uint64(0), _power()
    for at in range(n):
        h = h * _BASE + tokens[at]
        if at >= TOKENS_PER_GRAM:
            h -= tokens[at - TOKENS_PER_GRAM] * power
        if at >= TOKENS_PER_GRAM - 1:
            grams[at - TOKENS_PER_GRAM + 1] = _mixed(h)


@compiled
def _hits(buf: Any, begin: int, end: int, json: bool, probe: Any, ranks: Any, where: Any, places: Any) -> int:
    """Write rank, token number and end of each indexed gram, at most ``ranks.size``; nothing is kept of the rest."""
    bitmap, keys, values = probe[0], probe[1], probe[2]
    ring = np.zeros(16, np.uint64)
    h, power = np.uint64(0), _power()
    i, n, at = begin, 0, 0
    while n < ranks.size:
        i, _, token = _token(buf, i, end, json)
        if token == _NOTHING:
            break
        h = h * _BASE + token - ring[at - TOKENS_PER_GRAM & 15] * power
        ring[at & 15] = token
        at += 1
        if at >= TOKENS_PER_GRAM:
            gram = _mixed(h)
            if kernel._set(bitmap, gram):  # noqa: SLF001 - compiled into this loop
                rank = kernel.find(keys, values, gram)
                if rank >= 0:
                    ranks[n], where[n], places[n] = rank, at, i
                    n += 1
    return n


@compiled
def _power() -> Any:
    power = np.uint64(1)
    for _ in range(TOKENS_PER_GRAM):
        power *= _BASE
    return power


@inlined
def _mixed(h: Any) -> Any:
    mixed = (h ^ h >> _U32) * _MIX
    return mixed ^ mixed >> _U29


@compiled
def _tokens(buf: Any, end: int, json: bool, tokens: Any) -> int:
    i, n = 0, 0
    while True:
        i, _, token = _token(buf, i, end, json)
        if token == _NOTHING:
            return n
        tokens[n] = token
        n += 1


@inlined
def _token(buf: Any, i: int, end: int, json: bool) -> Any:
    """Next kept word, name, number, string or sign from ``i``: (position after it, where it starts, hash)."""
    start, token = i, _NOTHING
    while i < end and token == _NOTHING:
        c = buf[i]
        start = i
        if json and c == 92:
            c = buf[i + 1]
            i += 1
            if c in (110, 116, 114):  # an escaped blank
                i += 1
                continue
        if c == 35 or (c == 47 and buf[i + 1] == 47):  # to the end of the line
            while i < end and buf[i] != 10 and not (json and buf[i] == 92 and buf[i + 1] == 110):
                i += 1
            continue
        if 97 <= (c | 32) <= 122 or c == 95:
            h = np.uint64(0)
            while _NAMED[buf[i]]:
                h = (h << _U5 | h >> _U59) ^ np.uint64(buf[i])
                i += 1
            h = h * _MIX | np.uint64(1)
            token = h if _KEPT[h >> _U64] else _NAME
        elif 48 <= c <= 57:
            while i < end and (48 <= buf[i] <= 57 or buf[i] == 46):
                i += 1
            token = _NUMBER
        elif c in (34, 39):
            i = _past_string(buf, i, end, json, c, json and buf[start] != 92)
            token = _STRING
        elif c <= 32 or c >= 128:
            i += 1
            continue
        else:
            token = np.uint64(c + 1) * _MIX
            i += 1
    return i, start, token


@compiled
def _past_string(buf: Any, i: int, end: int, json: bool, quote: int, bare: bool) -> int:
    """Position after a string literal whose quote is at ``i``; a bare quote in JSON is the row's own, no literal."""
    if bare and quote == 34:
        return i + 1
    step = 2 if json and quote == 34 else 1
    triple = buf[i + step] == quote and buf[i + 2 * step] == quote
    j = i + (2 * step + 1 if triple else 1)
    limit = min(end, j + (20_000 if triple else 2000))
    while j < limit:
        if buf[j] == quote and (not triple or (buf[j + step] == quote and buf[j + 2 * step] == quote)):
            return j + (2 * step + 1 if triple else 1)
        if buf[j] == 10 or (json and buf[j] == 92 and buf[j + 1] == 110):
            if not triple:
                return j  # the line ended: an apostrophe in a comment
            if _code_follows(buf, j + (1 if buf[j] == 10 else 2)):
                return i + 2 * step + 1  # a text cut inside a literal: this quote closed one
        if json and quote == 39 and buf[j] == 34 and buf[j - 1] != 92:
            return j  # the JSON string ended
        j += 2 if buf[j] == 92 and buf[j + 1] == 92 and json else 1
    return i + 1


@compiled
def _code_follows(buf: Any, j: int) -> Any:
    """Whether a line begins with ``def`` or ``return``, as none in a docstring does."""
    limit = j + 40
    while buf[j] == 32 and j < limit:
        j += 1
    defines = buf[j] == 100 and buf[j + 1] == 101 and buf[j + 2] == 102 and buf[j + 3] == 32
    returns = buf[j] == 114 and buf[j + 1] == 101 and buf[j + 2] == 116 and buf[j + 3] == 117 and buf[j + 4] == 114
    return defines or (returns and buf[j + 5] == 110 and buf[j + 6] == 32)
