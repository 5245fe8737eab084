"""Pairs of content words, compiled: text to stems, stems to pairs, pairs to items, and how much of an item is there.

A content word is no stop word, cut to its first letters so that inflection falls away; number words are the numbers
they name. Where two different pairs of an item stand within one window, the item is scored there: the share of its
different stems, by weight, that the best window holds. Memory does not grow with the document: it is read in runs of
ROOM words that overlap.
"""

from typing import Any

import numpy as np

from rarl_eval.contamination.matching.tables import PairMemory, PairRoom, PairTables, Replaced, TokenTable
from rarl_eval.contamination.words.compiling import compiled
from rarl_eval.contamination.words.lexer import FRESH, NUMBER, tokenise

STEM = 5
"""Letters of a word that count."""
NEAR = 6
"""Content words apart at which two words are a pair."""
LEAST_PAIRS = 2
"""Pairs of an item that must stand within its window before it is scored."""
ROOM = 1 << 16
"""Words read at once."""
OVERLAP = 1 << 11
"""Words that consecutive runs share."""
BITMAP_BITS = 23

_A, _B, _C = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F), np.uint64(0x100000001B3)
_SEED = np.uint64(0xCBF29CE484222325)
_SHIFT = np.uint64(64 - BITMAP_BITS)
_SIX, _LOW, _ONE, _R29, _ZERO = np.uint64(6), np.uint64(63), np.uint64(1), np.uint64(29), np.uint64(0)


@compiled
def slot(keys: Any, h: Any) -> int:
    """Where ``h`` stands in an open table, or the empty place where it would."""
    mask = keys.size - 1
    at = np.int64((h * _A) >> _R29) & mask
    while keys[at] != _ZERO and keys[at] != h:
        at = (at + 1) & mask
    return at


@compiled
def stem(buf: Any, begin: int, end: int, whole: int) -> int:
    """Hash of a word's first letters; ``whole``, the hash of all of it, where one of them is not plain ASCII."""
    h = _SEED
    for i in range(begin, min(end, begin + STEM)):
        c = buf[i] | np.uint8(32)
        if c < 97 or c > 122:
            return whole
        h = (h ^ np.uint64(c)) * _C
    return h


@compiled
def pair(a: int, b: int) -> int:
    """Hash of two stems in either order; never 0, which marks an empty place."""
    low, high = min(a, b), max(a, b)
    h = (low * _A ^ (high + (low >> _R29)) * _B) * _C
    return h ^ h >> _R29 | _ONE


@compiled
def stems_of(buf: Any, words: int, told: Replaced, tokens: TokenTable, stems: Any, at: Any) -> int:
    """Write the stem of each content word and which word it is; ``told`` replaces words, dropped ones by 0."""
    hashes, kinds, spans = tokens
    keys, values = told
    n = 0
    for word in range(words):
        h = hashes[word]
        place = slot(keys, h)
        if keys[place] != _ZERO:
            h = values[place]
            if h == _ZERO:
                continue
        elif kinds[word] & 7 != NUMBER:
            h = stem(buf, spans[word, 0], spans[word, 1], h)
        stems[n], at[n] = h, word
        n += 1
    return n


@compiled
def content(buf: Any, begin: int, end: int, json: bool, told: Replaced, room: PairRoom) -> tuple[int, int]:
    """Content words of a run of text: (how many, where to go on; -1 at its end)."""
    hashes, kinds, spans = room.tokens
    words, onward, _ = tokenise(buf, begin, end, json, False, FRESH, hashes, kinds, spans)
    n = stems_of(buf, words, told, room.tokens, room.stems, room.at)
    return n, spans[words - OVERLAP, 0] if onward < end else -1


@compiled
def window(stems: Any, low: int, high: int, wanted: Any, weights: Any, inside: Any) -> tuple[float, int, int]:
    """Best share of an item's weight in a window of ``3 n + 10`` of ``stems[low:high]``, and its first and last."""
    span = 3 * wanted.size + 10
    inside[: wanted.size] = 0
    held = best = total = 0.0
    first = last = low
    for weight in weights:
        total += weight
    for at in range(low, high):
        old = at - span
        if old >= low:
            k = np.searchsorted(wanted, stems[old])
            if k < wanted.size and wanted[k] == stems[old]:
                inside[k] -= 1
                held -= weights[k] if inside[k] == 0 else 0.0
        k = np.searchsorted(wanted, stems[at])
        if k < wanted.size and wanted[k] == stems[at]:
            inside[k] += 1
            held += weights[k] if inside[k] == 1 else 0.0
            if held > best + 1e-9:
                best, last = held, at
                first = max(low, old + 1)
    while first < last:
        k = np.searchsorted(wanted, stems[first])
        if k < wanted.size and wanted[k] == stems[first]:
            break
        first += 1
    return (best / total if total > 0 else 0.0), first, last


@compiled
def sight(room: PairRoom, n: int, index: PairTables, memory: PairMemory) -> int:
    """Items of which two different pairs stand near each other, and where the first of them stands."""
    stems, kinds, at, items, firsts = room.stems, room.tokens.kinds, room.at, room.items, room.firsts
    bitmap, keys, ranks, postings, spans = index.bitmap, index.keys, index.ranks, index.postings, index.spans
    offsets = index.offsets
    clock, begun, pairs, last = memory
    clock[0] += 1
    now, found = clock[0] << 32, 0
    for i in range(n):
        number = kinds[at[i]] & 7 == NUMBER
        for j in range(i + 1, min(n, i + NEAR)):
            if stems[i] == stems[j] or (number and kinds[at[j]] & 7 == NUMBER):
                continue
            h = pair(stems[i], stems[j])
            if bitmap[(h * _B) >> _SHIFT >> _SIX] >> ((h * _B) >> _SHIFT & _LOW) & _ONE == _ZERO:
                continue
            place = slot(keys, h)
            if keys[place] == _ZERO:
                continue
            for p in range(offsets[ranks[place]], offsets[ranks[place] + 1]):
                item = postings[p]
                if begun[item] < now or i - (begun[item] - now) > spans[item]:
                    begun[item], pairs[item], last[item] = now + i, 1, h
                elif last[item] != h:
                    pairs[item], last[item] = pairs[item] + 1, h
                    if pairs[item] == LEAST_PAIRS and found < items.size:
                        items[found], firsts[found] = item, begun[item] - now
                        found += 1
    return found


@compiled
def propose(
    buf: Any, begin: int, end: int, json: bool, told: Replaced, index: PairTables, memory: PairMemory,
    room: PairRoom, out: Any, scores: Any,
) -> int:  # fmt: skip
    """Items that score at least the threshold in ``buf[begin:end]``: (item, first byte, last byte) and score of each.

    At most as many as ``scores`` has room for are told.
    """
    stems, at, items, firsts, spans = room.stems, room.at, room.items, room.firsts, room.tokens.spans
    wanted, weights, bounds = index.wanted, index.weights, index.bounds
    count = 0
    while begin >= 0:
        n, after = content(buf, begin, end, json, told, room)
        for s in range(sight(room, n, index, memory)):
            item = items[s]
            a, b, span = bounds[item], bounds[item + 1], index.spans[item]
            low, high = max(0, firsts[s] - span), min(n, firsts[s] + 2 * span)
            score, first, last = window(stems, low, high, wanted[a:b], weights[a:b], room.inside)
            if score >= index.threshold and count < scores.size:
                out[count, 0] = item
                out[count, 1], out[count, 2] = spans[at[first], 0], spans[at[last], 1]
                scores[count] = score
                count += 1
        begin = after if after > begin else -1
    return count


@compiled
def lines(
    buf: Any, size: int, told: Replaced, index: PairTables, memory: PairMemory, room: PairRoom, out: Any, scores: Any,
    found: Any,
) -> int:  # fmt: skip
    """Bounds of the JSON lines of a block that hold a candidate."""
    begin = count = 0
    while begin < size:
        end = begin
        while end < size and buf[end] != 10:
            end += 1
        if propose(buf, begin, end, True, told, index, memory, room, out, scores) > 0:
            found[count, 0], found[count, 1] = begin, end
            count += 1
        begin = end + 1
    return count


@compiled
def fill(bitmap: Any, keys: Any, values: Any, every: Any) -> None:
    """Enter every pair in the bitmap and the table, under its position."""
    for n in range(every.size):
        h = every[n]
        bit = (h * _B) >> _SHIFT
        bitmap[bit >> _SIX] |= _ONE << (bit & _LOW)
        place = slot(keys, h)
        keys[place], values[place] = h, n
