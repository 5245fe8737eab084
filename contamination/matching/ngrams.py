"""Runs of five words, hashed, and the tables in which they are found: a bitmap first, then an exact table.

Numbers all hash alike here and a run of them counts as one word, so that a problem with other numbers is seen too
(what was changed is looked at later); only in grams of hardly anything but numbers and single letters, which would
stand in any formula, do numbers count as they are.
"""

from typing import Any

import numpy as np

from rarl_eval.contamination.words.compiling import compiled, inlined
from rarl_eval.contamination.words.lexer import NUMBER, SINGLE

WORDS_PER_GRAM = 5
BITMAP_BITS = 24
"""Of each of the two maps of grams, which lie one after the other."""
SEGMENT_BITS = 18
"""The map of whole short parts is small enough to stay in the first-level cache: it is asked at every line."""
LONGEST_SEGMENT = 10
"""Words; a longer line or quoted string is not looked up whole."""

R11, R13, R26, R39, R52, R1, R38, R51, R25, R12 = (np.uint64(n) for n in (11, 13, 26, 39, 52, 1, 38, 51, 25, 12))
R53 = np.uint64(53)
ANY_NUMBER = np.uint64(0x2545F4914F6CDD1D)
_PROBE = np.uint64(0xFF51AFD7ED558CCD)
_SEGMENT = np.uint64(0xA0761D6478BD642F)
_SHIFT = np.uint64(64 - BITMAP_BITS + 6)
_SEGMENT_SHIFT = np.uint64(64 - SEGMENT_BITS + 6)
LIGHT = np.uint64(sum(1 << bits for bits in range(32) if bits.bit_count() >= 4))
_THIRTYONE = np.uint64(31)
_SIX, _SIXTY_THREE, ONE, _ZERO = np.uint64(6), np.uint64(63), np.uint64(1), np.uint64(0)
_TWELVE, _EIGHTEEN, _SECOND = np.uint64(12), np.uint64(18), np.uint64(1 << BITMAP_BITS - 6)


@inlined
def gram_hash(a: int, b: int, c: int, d: int, e: int) -> int:
    """Order-dependent hash of five word hashes (cyclic polynomial, then mixed)."""
    h = (
        (a << R52 | a >> R12)
        ^ (b << R39 | b >> R25)
        ^ (c << R26 | c >> R38)
        ^ (d << R13 | d >> R51)
        ^ e
    ) * _PROBE  # fmt: skip
    return h ^ h >> R26


@inlined
def is_light(lights: int) -> bool:
    """Whether at least four of the last five words, one bit each, are numbers or single letters."""
    return LIGHT >> lights & ONE != _ZERO


@inlined
def segment_hash(h: int, word: int) -> int:
    """Roll a word onto the hash of a whole line, quoted string or sentence."""
    return ((h << R11 | h >> R53) ^ word) * _SEGMENT


@inlined
def is_set(bitmap: Any, h: int) -> bool:
    """Whether both bits of a hash are set; they lie in one word, so that a miss costs one read."""
    bits = ONE << (h & _SIXTY_THREE) | ONE << (h >> _SIX & _SIXTY_THREE)
    return bitmap[h * _SEGMENT >> _SHIFT] & bits == bits


@inlined
def is_set_again(bitmap: Any, h: int) -> bool:
    """Ask the second map, which errs on other hashes than the first: one miss in some ten thousand passes both."""
    bits = ONE << (h >> _TWELVE & _SIXTY_THREE) | ONE << (h >> _EIGHTEEN & _SIXTY_THREE)
    return bitmap[(h * _PROBE >> _SHIFT) + _SECOND] & bits == bits


@inlined
def is_segment_set(bitmap: Any, h: int) -> bool:
    """Whether both bits of a hash are set in the map of whole short parts."""
    bits = ONE << (h & _SIXTY_THREE) | ONE << (h >> _SIX & _SIXTY_THREE)
    return bitmap[h * _PROBE >> _SEGMENT_SHIFT] & bits == bits


@compiled
def fill_segments(bitmap: Any, hashes: Any) -> None:
    """Set the two bits of each segment hash."""
    for h in hashes:
        bitmap[h * _PROBE >> _SEGMENT_SHIFT] |= ONE << (h & _SIXTY_THREE) | ONE << (h >> _SIX & _SIXTY_THREE)


def bitmaps() -> Any:
    """Two empty maps of grams; in one array of 4 MiB, which numpy asks huge pages for."""
    maps = np.empty(2 << BITMAP_BITS - 6, np.uint64)
    maps[:] = 0
    return maps


@compiled
def fill_bitmap(bitmap: Any, hashes: Any) -> None:
    """Set the two bits of each hash in either map."""
    for h in hashes:
        bitmap[h * _SEGMENT >> _SHIFT] |= ONE << (h & _SIXTY_THREE) | ONE << (h >> _SIX & _SIXTY_THREE)
        again = ONE << (h >> _TWELVE & _SIXTY_THREE) | ONE << (h >> _EIGHTEEN & _SIXTY_THREE)
        bitmap[(h * _PROBE >> _SHIFT) + _SECOND] |= again


@compiled
def intern(keys: Any, values: Any, hashes: Any, ranks: Any) -> int:
    """Give each different hash a rank in order of appearance; returns how many there are.

    Open addressing: ``keys`` and ``values`` are a power of two long, at most half full, ``values`` -1 where empty.
    """
    mask, count = np.uint64(keys.size - 1), 0
    for n in range(hashes.size):
        at = hashes[n] & mask
        while values[at] >= 0 and keys[at] != hashes[n]:
            at = (at + ONE) & mask
        if values[at] < 0:
            keys[at], values[at] = hashes[n], count
            count += 1
        ranks[n] = values[at]
    return count


@compiled
def find(keys: Any, values: Any, h: int) -> int:
    """Rank of a hash, -1 if it is not indexed."""
    mask = np.uint64(keys.size - 1)
    at = h & mask
    while values[at] >= 0:
        if keys[at] == h:
            return np.int64(values[at])
        at = (at + ONE) & mask
    return -1


@compiled
def grams_of(hashes: Any, kinds: Any, n: int, grams: Any, begins: Any, ends: Any) -> int:
    """Write each 5-gram of ``n`` words and the range of words it covers; returns how many there are."""
    a = b = c = d = e = np.uint64(0)
    ra = rb = rc = rd = re = lights = np.uint64(0)
    masked, count = 0, 0
    where = np.empty(n + 1, np.int64)
    last_number = False
    for w in range(n):
        h = raw = hashes[w]
        if kinds[w] & 7 == NUMBER:
            if last_number:
                continue
            h, last_number = ANY_NUMBER, True
        else:
            last_number = False
        where[masked] = w
        masked += 1
        a, b, c, d, e = b, c, d, e, h
        ra, rb, rc, rd, re = rb, rc, rd, re, raw
        lights = (lights << ONE | np.uint64(last_number or kinds[w] & SINGLE != 0)) & _THIRTYONE
        if masked >= WORDS_PER_GRAM:
            grams[count] = gram_hash(ra, rb, rc, rd, re) if is_light(lights) else gram_hash(a, b, c, d, e)
            begins[count] = where[masked - WORDS_PER_GRAM]
            ends[count] = w + 1
            count += 1
    return count


@compiled
def grams_of_each(
    hashes: Any, kinds: Any, counts: Any, grams: Any, begins: Any, ends: Any, found: Any, wholes: Any
) -> int:
    """``grams_of`` for texts whose words stand one after another, and the segment hash of each."""
    word, gram = 0, 0
    for text in range(counts.size):
        n = counts[text]
        own = slice(word, word + n)
        found[text] = grams_of(hashes[own], kinds[own], n, grams[gram:], begins[gram:], ends[gram:])
        h = np.uint64(0)
        for w in range(word, word + n):
            h = segment_hash(h, hashes[w])
        wholes[text] = h
        word, gram = word + n, gram + found[text]
    return gram


@compiled
def share(ranks: Any, counts: Any, items: Any, shared: Any, last: Any) -> None:
    """Count the different items of each gram; texts of one item stand together."""
    at = 0
    for text in range(counts.size):
        for rank in ranks[at : at + counts[text]]:
            if last[rank] != items[text]:
                last[rank] = items[text]
                shared[rank] += 1
        at += counts[text]


@compiled
def post(ranks: Any, counts: Any, shared: Any, most: int, offsets: Any) -> Any:
    """Texts of each gram that at most ``most`` items share, each once: rows ``offsets[rank]`` on of the result."""
    last = np.full(shared.size, -1, np.int64)
    at = 0
    for text in range(counts.size):
        for rank in ranks[at : at + counts[text]]:
            if last[rank] != text and shared[rank] <= most:
                last[rank] = text
                offsets[rank + 1] += 1
        at += counts[text]
    for rank in range(shared.size):
        offsets[rank + 1] += offsets[rank]
    texts, free = np.empty(offsets[-1], np.int32), offsets[:-1].copy()
    last[:] = -1
    at = 0
    for text in range(counts.size):
        for rank in ranks[at : at + counts[text]]:
            if last[rank] != text and shared[rank] <= most:
                last[rank] = text
                texts[free[rank]] = text
                free[rank] += 1
        at += counts[text]
    return texts
