"""Where in one document the grams of an item stand, compiled: hits, and groups of hits near each other."""

from typing import Any

import numpy as np

from rarl_eval.contamination.matching.ngrams import (
    LONGEST_SEGMENT,
    WORDS_PER_GRAM,
    find,
    is_segment_set,
    is_set,
    segment_hash,
)
from rarl_eval.contamination.matching.tables import Clusters, Tables
from rarl_eval.contamination.words.compiling import compiled
from rarl_eval.contamination.words.lexer import BEGUN, BROKEN


@compiled
def hits(grams: Any, count: int, index: Tables, ranks: Any, where: Any) -> int:
    """Write rank and position of each indexed gram; returns how many."""
    bitmap, keys, known = index.bitmap, index.keys, index.ranks
    n = 0
    for g in range(count):
        if is_set(bitmap, grams[g]):
            rank = find(keys, known, grams[g])
            if rank >= 0:
                ranks[n], where[n] = rank, g
                n += 1
    return n


@compiled
def clusters(ranks: Any, where: Any, n: int, index: Tables, memory: Clusters, out: Any) -> int:
    """Group hits by part and nearness; write (part, first hit, last hit) of groups that cover enough words."""
    offsets, postings, needs, gaps = index.offsets, index.postings, index.needs, index.gaps
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
def segments(hashes: Any, kinds: Any, n: int, index: Tables, ranks: Any, begins: Any, ends: Any) -> int:
    """Write rank and word range of each indexed sentence, and of each indexed beginning of a line or string."""
    bitmap, keys, values = index.short, index.keys, index.ranks
    count, first, start = 0, 0, 0
    sentence, line = np.uint64(0), np.uint64(0)
    for w in range(n + 1):
        if w == n or (kinds[w] & BROKEN and w > first):
            if 1 < w - first <= LONGEST_SEGMENT and first != start and is_segment_set(bitmap, sentence):
                count = _written(sentence, first, w, keys, values, count, ranks, begins, ends)
            first, sentence = w, np.uint64(0)
        if w == n:
            break
        if kinds[w] & BEGUN:
            start, line = w, np.uint64(0)
        sentence = segment_hash(sentence, hashes[w])
        if w - start < LONGEST_SEGMENT:
            line = segment_hash(line, hashes[w])
            if w > start and is_segment_set(bitmap, line):
                count = _written(line, start, w + 1, keys, values, count, ranks, begins, ends)
    return count


@compiled
def _written(
    h: int, first: int, last: int, keys: Any, values: Any, count: int, ranks: Any, begins: Any, ends: Any
) -> int:
    """Write one looked-up segment, if it is indexed and there is room."""
    if count == ranks.size:
        return count
    rank = find(keys, values, h)
    if rank < 0:
        return count
    ranks[count], begins[count], ends[count] = rank, first, last
    return count + 1
