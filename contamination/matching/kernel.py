"""The corpus stream, compiled: words become rolling 5-gram hashes, probed in a bitmap, then in an exact table.

A document is worth a close look once enough different grams of one part of an item stand near each other. Words come in
chunks that stay in the second-level cache, and each chunk is passed over by small loops, the hot ones without a branch
that depends on the text: cut into words, drop repeated numbers, hash every five, ask the bitmap. All else is rare.
"""

from typing import Any

import numpy as np

from rarl_eval.contamination.matching.ngrams import (
    ANY_NUMBER,
    LIGHT,
    LONGEST_SEGMENT,
    WORDS_PER_GRAM,
    find,
    gram_hash,
    is_segment_set,
    is_set,
    is_set_again,
    segment_hash,
)
from rarl_eval.contamination.matching.tables import Carried, Chunk, Reading, Stream, Tables, nothing_carried
from rarl_eval.contamination.words.compiling import compiled
from rarl_eval.contamination.words.lexer import (
    BEGUN,
    BROKEN,
    DOCUMENT_END,
    FRESH,
    NUMBER,
    SINGLE,
    WIDTH,
    tokenise,
)

CHUNK = 4096
"""Words that are passed over together."""
_BEFORE = WORDS_PER_GRAM - 1
"""Words of the last chunk that stand before those of this one."""
_REPEAT_WORDS = 64
"""The same gram again within so many words is the same sighting."""
_ONE, _THIRTY_ONE = np.uint64(1), np.uint64(31)


def chunk() -> Chunk:
    """Room for the words of one chunk, as ``stream`` uses it."""
    room = CHUNK + WIDTH + 1
    hashes, kinds, spans = np.empty(room, np.uint64), np.empty(room, np.uint8), np.empty((room, 2), np.int64)
    masked, raw, grams = (np.zeros(room + _BEFORE, np.uint64) for _ in range(3))
    light, hits = np.zeros(room + _BEFORE, np.uint8), np.empty(room + _BEFORE, np.int64)
    ends, lines, whole = np.empty((room, 2), np.int64), np.empty((2 * room, 2), np.int64), np.empty(2 * room, np.uint64)
    return Chunk(hashes, kinds, spans, masked, raw, light, grams, hits, ends, lines, whole, nothing_carried())


@compiled
def stream(
    buf: Any, begin: int, end: int, json: bool, index: Tables, memory: Stream, room: Chunk, found: Any, sighted: Any
) -> tuple[int, int, int]:
    """Stream ``buf[begin:end]``: write the grams of each document and (start, end) of the documents to look at.

    Returns (documents, how many of them to look at, how many grams). In JSON mode each line is a document, else the
    whole range is one. ``found`` must have room for every document and ``sighted`` for every byte.
    """
    hashes, kinds, spans, ends = room.hashes, room.kinds, room.spans, room.ends
    masked, raw = room.masked, room.raw
    at = _beginning(begin)
    _forget(room.carried)
    i, flags = begin, FRESH
    while i < end:
        n, i, flags = tokenise(buf, i, end, json, True, flags, hashes, kinds, spans)
        if i >= end and (n == 0 or kinds[n - 1] & 7 != DOCUMENT_END):
            hashes[n], kinds[n], spans[n, 1] = 0, DOCUMENT_END, i
            n += 1
        count, documents = _condense(room, n)
        hit_count = _ask(masked, raw, room.light, count, index.bitmap, room.grams, room.hits)
        line_count = _whole_lines(room, n, index.short)
        ends[documents, 0], ends[documents, 1] = count, -1
        _note(room, hit_count, line_count, documents, index, memory, at, found, sighted)
        memory.clock[0] += count - _BEFORE
        at.word[0] -= count - _BEFORE
        for k in range(_BEFORE):
            masked[k], raw[k] = masked[count - _BEFORE + k], raw[count - _BEFORE + k]
    memory.clock[0] += _REPEAT_WORDS
    return at.documents[0], at.looks[0], at.sightings[0]


@compiled
def _beginning(byte: int) -> Reading:
    """Begin a block at a byte."""
    zeros = np.zeros((6, 1), np.int64)
    zeros[0, 0], zeros[1, 0] = byte, _BEFORE
    return Reading(zeros[0], zeros[1], zeros[2], zeros[3], zeros[4], zeros[5])


@compiled
def _forget(carried: Carried) -> None:
    """Carry nothing of another block."""
    carried.lights[0] = carried.number[0] = carried.sentence[0] = carried.line[0] = 0
    carried.sentence_words[0] = carried.line_words[0] = 0


@compiled
def _condense(room: Chunk, n: int) -> tuple[int, int]:
    """Write the words that grams are made of: all numbers alike, only the first of a run of them.

    ``light`` says at which of them a gram ends that has hardly anything but numbers and single letters. Returns how
    many words there are now, those before the chunk included, and how many documents ended, whose ``ends`` are written.
    """
    hashes, kinds, spans, ends = room.hashes, room.kinds, room.spans, room.ends
    masked, raw, light, carried = room.masked, room.raw, room.light, room.carried
    lights, last = carried.lights[0], carried.number[0]
    to, documents = _BEFORE, 0
    for k in range(n):
        kind = kinds[k]
        number = np.uint64(kind & 7 == NUMBER)
        single = np.uint64(kind & SINGLE != 0) | number
        keep = _ONE - (number & last)
        h = hashes[k]
        masked[to] = ANY_NUMBER if number else h
        raw[to] = h
        lights = ((lights << keep) | (single & keep)) & _THIRTY_ONE
        light[to] = LIGHT >> lights & _ONE
        last = number
        if kind & 7 == DOCUMENT_END:
            ends[documents, 0], ends[documents, 1] = to, spans[k, 1]
            documents += 1
        else:
            to += np.int64(keep)
    carried.lights[0], carried.number[0] = lights, last
    return to, documents


@compiled
def _ask(masked: Any, raw: Any, light: Any, count: int, bitmap: Any, grams: Any, hits: Any) -> int:
    """Hash the gram that ends at each word and write which may be indexed; returns how many."""
    n = count - _BEFORE  # slices, since an index that may be negative keeps the compiler from making vectors
    a, b, c, d, e = masked[:n], masked[1:], masked[2:], masked[3:], masked[4:]
    ra, rb, rc, rd, re = raw[:n], raw[1:], raw[2:], raw[3:], raw[4:]
    exact, out = light[_BEFORE:], grams[_BEFORE:]
    for k in range(n):
        plain = gram_hash(a[k], b[k], c[k], d[k], e[k])
        out[k] = gram_hash(ra[k], rb[k], rc[k], rd[k], re[k]) if exact[k] else plain
    found = 0
    for k in range(n):  # no branch, so that the processor asks for many places of the bitmap at once
        hits[found] = k + _BEFORE
        found += np.int64(is_set(bitmap, out[k]))
    kept = 0
    for k in range(found):
        hits[kept] = hits[k]
        kept += np.int64(is_set_again(bitmap, grams[hits[k]]))
    return kept


@compiled
def _whole_lines(room: Chunk, n: int, short: Any) -> int:
    """Write (document of this chunk, 1 if only a beginning) and hash of what may be a whole short part."""
    hashes, kinds, lines, whole, carried = room.hashes, room.kinds, room.lines, room.whole, room.carried
    sentence, line = carried.sentence[0], carried.line[0]
    sentence_words, line_words = carried.sentence_words[0], carried.line_words[0]
    document, count = 0, 0
    for k in range(n):
        kind = kinds[k]
        mark = kind & 7 == DOCUMENT_END
        if kind & BROKEN or mark:
            if 1 < sentence_words <= LONGEST_SEGMENT and is_segment_set(short, sentence):
                lines[count, 0], lines[count, 1], whole[count] = document, 0, sentence
                count += 1
            sentence, sentence_words = np.uint64(0), 0
            if mark:
                document += 1
                continue
            if kind & BEGUN:
                line, line_words = np.uint64(0), 0
        sentence = segment_hash(sentence, hashes[k])
        sentence_words += 1
        if line_words < LONGEST_SEGMENT:
            line = segment_hash(line, hashes[k])
            line_words += 1
            if line_words > 1 and is_segment_set(short, line):
                lines[count, 0], lines[count, 1], whole[count] = document, 1, line
                count += 1
    carried.sentence[0], carried.line[0] = sentence, line
    carried.sentence_words[0], carried.line_words[0] = sentence_words, line_words
    return count


@compiled
def _note(
    room: Chunk, hit_count: int, line_count: int, documents: int, index: Tables, memory: Stream, at: Reading,
    found: Any, sighted: Any,
) -> None:  # fmt: skip
    """Note what the documents of a chunk hold, and those that are to be looked at."""
    grams, hits, lines, whole, ends = room.grams, room.hits, room.lines, room.whole, room.ends
    hit = line = 0
    for document in range(documents + 1):
        to = ends[document, 0]
        while line < line_count and lines[line, 0] == document:
            _note_line(whole[line], lines[line, 1] == 1, index, memory, at, sighted)
            line += 1
        while hit < hit_count and hits[hit] < to:
            if hits[hit] - at.word[0] >= _BEFORE:
                _note_gram(grams[hits[hit]], hits[hit], index, memory, at, sighted)
            hit += 1
        if document < documents:
            if to > at.word[0]:
                at.documents[0] += 1
                if at.wanted[0]:
                    found[at.looks[0], 0], found[at.looks[0], 1] = at.byte[0], ends[document, 1]
                    at.looks[0] += 1
            memory.clock[0] += _REPEAT_WORDS
            memory.document[0] += 1
            at.byte[0], at.word[0], at.wanted[0] = ends[document, 1], to, 0


@compiled
def _note_line(h: int, beginning: bool, index: Tables, memory: Stream, at: Reading, sighted: Any) -> None:
    rank = find(index.keys, index.ranks, h)
    if rank >= 0:
        at.wanted[0] = 1
        if not beginning:
            _sight(rank, memory, at, sighted)


@compiled
def _sight(rank: int, memory: Stream, at: Reading, sighted: Any) -> None:
    """Count a gram once per document."""
    if memory.gram_document[rank] != memory.document[0]:
        memory.gram_document[rank] = memory.document[0]
        sighted[at.sightings[0]] = rank
        at.sightings[0] += 1


@compiled
def _note_gram(gram: int, word: int, index: Tables, memory: Stream, at: Reading, sighted: Any) -> None:
    rank = find(index.keys, index.ranks, gram)
    if rank < 0:
        return
    _sight(rank, memory, at, sighted)
    seen, covered, gaps, needs = memory.part_seen, memory.part_covered, index.gaps, index.needs
    position, first_word = memory.clock[0] + word, memory.clock[0] + at.word[0]
    if position - memory.gram_seen[rank] > _REPEAT_WORDS and not at.wanted[0]:
        for n in range(index.offsets[rank], index.offsets[rank + 1]):
            part = index.postings[n]
            since = position - seen[part]
            if since > gaps[part] or seen[part] < first_word:
                covered[part] = WORDS_PER_GRAM
            else:
                covered[part] += min(WORDS_PER_GRAM, since)
            seen[part] = position
            if covered[part] >= needs[part]:
                at.wanted[0] = 1
    memory.gram_seen[rank] = position
