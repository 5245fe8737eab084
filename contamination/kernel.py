"""The corpus stream, compiled: words become rolling 5-gram hashes, probed in a bitmap, then in an exact table.

Numbers all hash alike here and a run of them counts as one word, so that a problem with other numbers is seen too
(what was changed is looked at later); only in grams of hardly anything but numbers and single letters, which would
stand in any formula, do numbers count as they are. A document is worth a close look once enough different grams of
one part of an item stand near each other. The order of work per word: fold, mix, roll, one bit test; all else is rare.
"""

from typing import Any

import numpy as np

from rarl_eval.contamination.lexer import (
    BEGUN,
    BROKEN,
    DOCUMENT_END,
    END,
    NUMBER,
    SINGLE,
    compiled,
    inlined,
    next_word,
)

WORDS_PER_GRAM = 5
BITMAP_BITS = 24
SEGMENT_BITS = 18
"""The map of whole short parts is small enough to stay in the first-level cache: it is asked at every line."""
_REPEAT_WORDS = 64
"""The same gram again within so many words is the same sighting."""
LONGEST_SEGMENT = 10
"""Words; a longer line or quoted string is not looked up whole."""

R11, R13, R26, R39, R52, R1, R38, R51, R25, R12 = (np.uint64(n) for n in (11, 13, 26, 39, 52, 1, 38, 51, 25, 12))
R53 = np.uint64(53)
_NUMBER = np.uint64(0x2545F4914F6CDD1D)
_PROBE = np.uint64(0xFF51AFD7ED558CCD)
_SEGMENT = np.uint64(0xA0761D6478BD642F)
_SHIFT = np.uint64(64 - BITMAP_BITS + 6)
_SEGMENT_SHIFT = np.uint64(64 - SEGMENT_BITS + 6)
_LIGHT = np.uint64(sum(1 << bits for bits in range(32) if bits.bit_count() >= 4))
_THIRTY_ONE = np.uint64(31)
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
def is_light(lights: int) -> bool:
    """Whether at least four of the last five words, one bit each, are numbers or single letters."""
    return _LIGHT >> lights & _ONE != _ZERO


@inlined
def segment_hash(h: int, word: int) -> int:
    """Roll a word onto the hash of a whole line, quoted string or sentence."""
    return ((h << R11 | h >> R53) ^ word) * _SEGMENT


@inlined
def _set(bitmap: Any, h: int) -> bool:
    """Whether both bits of a hash are set; they lie in one word, so that a miss costs one read."""
    bits = _ONE << (h & _SIXTY_THREE) | _ONE << (h >> _SIX & _SIXTY_THREE)
    return bitmap[h * _SEGMENT >> _SHIFT] & bits == bits


@inlined
def _segment_set(bitmap: Any, h: int) -> bool:
    bits = _ONE << (h & _SIXTY_THREE) | _ONE << (h >> _SIX & _SIXTY_THREE)
    return bitmap[h * _PROBE >> _SEGMENT_SHIFT] & bits == bits


@compiled
def fill_segments(bitmap: Any, hashes: Any) -> None:
    """Set the two bits of each segment hash."""
    for h in hashes:
        bitmap[h * _PROBE >> _SEGMENT_SHIFT] |= _ONE << (h & _SIXTY_THREE) | _ONE << (h >> _SIX & _SIXTY_THREE)


@compiled
def fill_bitmap(bitmap: Any, hashes: Any) -> None:
    """Set the two bits of each hash."""
    for h in hashes:
        bitmap[h * _SEGMENT >> _SHIFT] |= _ONE << (h & _SIXTY_THREE) | _ONE << (h >> _SIX & _SIXTY_THREE)


@compiled
def intern(keys: Any, values: Any, hashes: Any, ranks: Any) -> int:
    """Give each different hash a rank in order of appearance; returns how many there are.

    Open addressing: ``keys`` and ``values`` are a power of two long, at most half full, ``values`` -1 where empty.
    """
    mask, count = np.uint64(keys.size - 1), 0
    for n in range(hashes.size):
        at = hashes[n] & mask
        while values[at] >= 0 and keys[at] != hashes[n]:
            at = (at + _ONE) & mask
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
        at = (at + _ONE) & mask
    return -1


@compiled
def stream(  # noqa: PLR0912, PLR0915 - one loop per word: calls would cost more than the work
    buf: Any, begin: int, end: int, json: bool, index: Any, scratch: Any, found: Any, sighted: Any
) -> Any:
    """Stream ``buf[begin:end]``: write the grams of each document and (start, end) of the documents to look at.

    Returns (documents, how many of them to look at, how many grams). In JSON mode each line is a document, else the
    whole range is one. ``scratch`` carries what is remembered between calls; ``found`` must have room for every
    document and ``sighted`` for every byte.
    """
    bitmap, keys, values, offsets, postings, needs, gaps, short = index
    clock, gram_seen, gram_document, part_seen, part_covered = scratch
    position, ordinal = clock[0] + _REPEAT_WORDS, clock[1]
    document_start, first_word, documents, written, grams = begin, position, 0, 0, 0
    a = b = c = d = e = np.uint64(0)
    ra = rb = rc = rd = re = lights = np.uint64(0)
    words, hot, any_word = 0, False, False
    last_number = False
    segment, segment_words = np.uint64(0), 0
    line, line_words = np.uint64(0), 0
    i = begin
    while True:
        i, start, h, kind, broke = next_word(buf, i, end, json)
        if broke or kind == END:
            if 1 < segment_words <= LONGEST_SEGMENT and _segment_set(short, segment):
                rank = find(keys, values, segment)
                if rank >= 0:
                    hot = True
                    if gram_document[rank] != ordinal:
                        gram_document[rank] = ordinal
                        sighted[grams] = rank
                        grams += 1
            segment, segment_words = np.uint64(0), 0
        if kind in (DOCUMENT_END, END):
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
        segment_words += 1
        if segment_words <= LONGEST_SEGMENT:
            segment = segment_hash(segment, h)
        if broke & 2:
            line, line_words = np.uint64(0), 0
        if line_words < LONGEST_SEGMENT:
            line = segment_hash(line, h)
            line_words += 1
            if line_words > 1 and not hot and _segment_set(short, line) and find(keys, values, line) >= 0:
                hot = True
        raw = h
        if kind == NUMBER:
            if last_number:
                continue
            h, last_number = _NUMBER, True
        else:
            last_number = False
        a, b, c, d, e = b, c, d, e, h
        ra, rb, rc, rd, re = rb, rc, rd, re, raw
        lights = (lights << _ONE | np.uint64(last_number or i - start == 1)) & _THIRTY_ONE
        words += 1
        position += 1
        if words < WORDS_PER_GRAM:
            continue
        gram = gram_hash(ra, rb, rc, rd, re) if is_light(lights) else gram_hash(a, b, c, d, e)
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
    ra = rb = rc = rd = re = lights = np.uint64(0)
    masked, count = 0, 0
    where = np.empty(n + 1, np.int64)
    last_number = False
    for w in range(n):
        h = raw = hashes[w]
        if kinds[w] & 7 == NUMBER:
            if last_number:
                continue
            h, last_number = _NUMBER, True
        else:
            last_number = False
        where[masked] = w
        masked += 1
        a, b, c, d, e = b, c, d, e, h
        ra, rb, rc, rd, re = rb, rc, rd, re, raw
        lights = (lights << _ONE | np.uint64(last_number or kinds[w] & SINGLE != 0)) & _THIRTY_ONE
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
    """``grams_of`` for texts whose words stand one after another, and the segment hash of each short one."""
    word, gram = 0, 0
    for text in range(counts.size):
        n = counts[text]
        own = slice(word, word + n)
        found[text] = grams_of(hashes[own], kinds[own], n, grams[gram:], begins[gram:], ends[gram:])
        h = np.uint64(0)
        if 2 <= n <= LONGEST_SEGMENT:
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
    bitmap, keys, values = index[7], index[1], index[2]
    count, first, start = 0, 0, 0
    sentence, line = np.uint64(0), np.uint64(0)
    for w in range(n + 1):
        if w == n or (kinds[w] & BROKEN and w > first):
            if 1 < w - first <= LONGEST_SEGMENT and first != start and _segment_set(bitmap, sentence):
                count = _note(sentence, first, w, keys, values, count, ranks, begins, ends)
            first, sentence = w, np.uint64(0)
        if w == n:
            break
        if kinds[w] & BEGUN:
            start, line = w, np.uint64(0)
        sentence = segment_hash(sentence, hashes[w])
        if w - start < LONGEST_SEGMENT:
            line = segment_hash(line, hashes[w])
            if w > start and _segment_set(bitmap, line):
                count = _note(line, start, w + 1, keys, values, count, ranks, begins, ends)
    return count


@compiled
def _note(h: int, first: int, last: int, keys: Any, values: Any, count: int, ranks: Any, begins: Any, ends: Any) -> int:
    """Write one looked-up segment, if it is indexed and there is room."""
    if count == ranks.size:
        return count
    rank = find(keys, values, h)
    if rank < 0:
        return count
    ranks[count], begins[count], ends[count] = rank, first, last
    return count + 1
