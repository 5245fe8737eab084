"""The corpus stream, compiled: words become rolling 5-gram hashes, probed in a bitmap, then in an exact table.

Numbers all hash alike here and a run of them counts as one word, so that a problem with other numbers is seen too
(what was changed is looked at later). A document is worth a close look once enough different grams of one part of an
item stand near each other. The order of work per word: fold, mix, roll, one bit test; all else is rare.
"""

from typing import Any

import numpy as np

from rarl_eval.contamination.lexer import (
    BEGUN,
    BROKEN,
    CHARACTER,
    DOCUMENT_END,
    END,
    NUMBER,
    compiled,
    inlined,
    next_word,
)

WORDS_PER_GRAM = 5
BITMAP_BITS = 24
_REPEAT_WORDS = 64
"""The same gram again within so many words is the same sighting."""
LONGEST_SEGMENT = 12
"""Words; a longer line or quoted string is not looked up whole."""

R11, R13, R26, R39, R52, R1, R38, R51, R25, R12 = (np.uint64(n) for n in (11, 13, 26, 39, 52, 1, 38, 51, 25, 12))
R53 = np.uint64(53)
_NUMBER = np.uint64(0x2545F4914F6CDD1D)
_PROBE = np.uint64(0xFF51AFD7ED558CCD)
_SEGMENT = np.uint64(0xA0761D6478BD642F)
_SHIFT = np.uint64(64 - BITMAP_BITS)
_SIX, _SIXTY_THREE, _ONE, _ZERO = np.uint64(6), np.uint64(63), np.uint64(1), np.uint64(0)


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
def segment_hash(h: int, word: int) -> int:
    """Roll a word onto the hash of a whole line, quoted string or sentence."""
    return ((h << R11 | h >> R53) ^ word) * _SEGMENT


@inlined
def _set(bitmap: Any, h: int) -> bool:
    at = h * _SEGMENT >> _SHIFT
    return bitmap[at >> _SIX] >> (at & _SIXTY_THREE) & _ONE != _ZERO


@compiled
def fill_bitmap(bitmap: Any, hashes: Any) -> None:
    """Set the bit of each hash."""
    for h in hashes:
        at = h * _SEGMENT >> _SHIFT
        bitmap[at >> _SIX] |= _ONE << (at & _SIXTY_THREE)


@compiled
def fill_table(keys: Any, values: Any, hashes: Any) -> None:
    """Open addressing, a power of two long and at most half full; value is the hash's rank, -1 where empty."""
    mask = np.uint64(keys.size - 1)
    for rank in range(hashes.size):
        at = hashes[rank] & mask
        while values[at] >= 0:
            at = (at + _ONE) & mask
        keys[at], values[at] = hashes[rank], rank


@compiled
def find(keys: Any, values: Any, h: int) -> int:
    """Rank of a hash, -1 if it is not indexed."""
    mask = np.uint64(keys.size - 1)
    at = h & mask
    while values[at] >= 0:
        if keys[at] == h:
            return np.int64(values[at])
        at = (at + _ONE) & mask
    return -1


@compiled
def stream(buf: Any, begin: int, end: int, json: bool, index: Any, scratch: Any, found: Any, sighted: Any) -> Any:
    """Stream ``buf[begin:end]``: write the grams of each document and (start, end) of the documents to look at.

    Returns (documents, how many of them to look at, how many grams). In JSON mode each line is a document, else the
    whole range is one. ``scratch`` carries what is remembered between calls; ``found`` must have room for every
    document and ``sighted`` for every byte.
    """
    bitmap, keys, values, offsets, postings, needs, gaps = index
    clock, gram_seen, gram_document, part_seen, part_covered = scratch
    position, ordinal = clock[0] + _REPEAT_WORDS, clock[1]
    document_start, first_word, documents, written, grams = begin, position, 0, 0, 0
    a = b = c = d = e = np.uint64(0)
    words, hot, any_word = 0, False, False
    last_number = False
    segment, segment_words = np.uint64(0), 0
    line, line_words = np.uint64(0), 0
    i = begin
    while True:
        i, start, h, kind, broke = next_word(buf, i, end, json)
        if broke or kind == END:
            if 1 < segment_words <= LONGEST_SEGMENT and _set(bitmap, segment):
                rank = find(keys, values, segment)
                if rank >= 0:
                    hot = True
                    if gram_document[rank] != ordinal:
                        gram_document[rank] = ordinal
                        sighted[grams] = rank
                        grams += 1
            segment, segment_words = np.uint64(0), 0
        if kind == DOCUMENT_END or kind == END:
            if any_word:
                documents += 1
                if hot:
                    found[written, 0], found[written, 1] = document_start, i
                    written += 1
                ordinal += 1
            if kind == END:
                break
            document_start, words, hot, any_word, last_number = i, 0, False, False, False
            position += _REPEAT_WORDS
            first_word = position
            continue
        any_word = True
        segment = segment_hash(segment, h)
        segment_words += 1
        if broke & 2:
            line, line_words = np.uint64(0), 0
        if line_words < LONGEST_SEGMENT:
            line = segment_hash(line, h)
            line_words += 1
            if line_words > 1 and not hot and _set(bitmap, line) and find(keys, values, line) >= 0:
                hot = True
        if kind == NUMBER:
            if last_number:
                continue
            h, last_number = _NUMBER, True
        else:
            last_number = False
        a, b, c, d, e = b, c, d, e, h
        words += 1
        position += 1
        if words < WORDS_PER_GRAM:
            continue
        gram = gram_hash(a, b, c, d, e)
        if not _set(bitmap, gram):
            continue
        rank = find(keys, values, gram)
        if rank < 0:
            continue
        if gram_document[rank] != ordinal:
            gram_document[rank] = ordinal
            sighted[grams] = rank
            grams += 1
        if position - gram_seen[rank] > _REPEAT_WORDS and not hot:
            for at in range(offsets[rank], offsets[rank + 1]):
                part = postings[at]
                since = position - part_seen[part]
                if since > gaps[part] or part_seen[part] < first_word:
                    part_covered[part] = WORDS_PER_GRAM
                else:
                    part_covered[part] += min(WORDS_PER_GRAM, since)
                part_seen[part] = position
                if part_covered[part] >= needs[part]:
                    hot = True
        gram_seen[rank] = position
    clock[0], clock[1] = position, ordinal
    return documents, written, grams


@compiled
def grams_of(hashes: Any, kinds: Any, n: int, grams: Any, begins: Any, ends: Any) -> int:
    """Write each 5-gram of ``n`` words and the range of words it covers; returns how many there are."""
    a = b = c = d = e = np.uint64(0)
    masked, count = 0, 0
    where = np.empty(n + 1, np.int64)
    last_number = False
    for w in range(n):
        h = hashes[w]
        if kinds[w] & 7 == NUMBER:
            if last_number:
                continue
            h, last_number = _NUMBER, True
        else:
            last_number = False
        where[masked] = w
        masked += 1
        a, b, c, d, e = b, c, d, e, h
        if masked >= WORDS_PER_GRAM:
            grams[count] = gram_hash(a, b, c, d, e)
            begins[count] = where[masked - WORDS_PER_GRAM]
            ends[count] = w + 1
            count += 1
    return count


@compiled
def whole_hash(hashes: Any, n: int) -> int:
    """Segment hash of all words, as ``stream`` computes it between two breaks."""
    h = np.uint64(0)
    for w in range(n):
        h = segment_hash(h, hashes[w])
    return h


@compiled
def characters(kinds: Any, n: int) -> int:
    """How many of the words are single CJK or Thai characters, which say less than a word does."""
    count = 0
    for w in range(n):
        count += kinds[w] & 7 == CHARACTER
    return count


@compiled
def hits(grams: Any, count: int, index: Any, ranks: Any, where: Any) -> int:
    """Write rank and position of each indexed gram; returns how many."""
    bitmap, keys, values = index[0], index[1], index[2]
    n = 0
    for g in range(count):
        if _set(bitmap, grams[g]):
            rank = find(keys, values, grams[g])
            if rank >= 0:
                ranks[n], where[n] = rank, g
                n += 1
    return n


@compiled
def clusters(ranks: Any, where: Any, n: int, index: Any, memory: Any, out: Any) -> int:
    """Group hits by part and nearness; write (part, first hit, last hit) of groups that cover enough words.

    ``memory`` is (clock, seen, covered, first, row), the last four per part, kept between documents.
    """
    offsets, postings, needs, gaps = index[3], index[4], index[5], index[6]
    clock, seen, covered, first, rows = memory
    base, written = clock[0], 0
    for hit in range(n):
        position = base + where[hit]
        for at in range(offsets[ranks[hit]], offsets[ranks[hit] + 1]):
            part = postings[at]
            since = position - seen[part]
            if seen[part] < base or since > gaps[part]:
                covered[part], first[part], rows[part] = WORDS_PER_GRAM, hit, -1
            else:
                covered[part] += min(WORDS_PER_GRAM, since)
            seen[part] = position
            if rows[part] >= 0:
                out[rows[part], 2] = hit
            elif covered[part] >= needs[part] and written < out.shape[0]:
                rows[part] = written
                out[written, 0], out[written, 1], out[written, 2] = part, first[part], hit
                written += 1
    clock[0] = base + (where[n - 1] if n else 0) + 1
    return written


@compiled
def segments(hashes: Any, kinds: Any, n: int, index: Any, ranks: Any, begins: Any, ends: Any) -> int:
    """Write rank and word range of each indexed sentence, and of each indexed beginning of a line or string."""
    bitmap, keys, values = index[0], index[1], index[2]
    count, first, start = 0, 0, 0
    sentence, line = np.uint64(0), np.uint64(0)
    for w in range(n + 1):
        if w == n or (kinds[w] & BROKEN and w > first):
            if 1 < w - first <= LONGEST_SEGMENT and first != start:
                count = _note(sentence, first, w, bitmap, keys, values, count, ranks, begins, ends)
            first, sentence = w, np.uint64(0)
        if w == n:
            break
        if kinds[w] & BEGUN:
            start, line = w, np.uint64(0)
        sentence = segment_hash(sentence, hashes[w])
        if w - start < LONGEST_SEGMENT:
            line = segment_hash(line, hashes[w])
            if w > start:
                count = _note(line, start, w + 1, bitmap, keys, values, count, ranks, begins, ends)
    return count


@compiled
def _note(h: int, first: int, last: int, bitmap: Any, keys: Any, values: Any, count: int, ranks: Any, begins: Any, ends: Any) -> int:
    """Write one looked-up segment, if it is indexed and there is room."""
    if count == ranks.size or not _set(bitmap, h):
        return count
    rank = find(keys, values, h)
    if rank < 0:
        return count
    ranks[count], begins[count], ends[count] = rank, first, last
    return count + 1
