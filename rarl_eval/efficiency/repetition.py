"""Answers that got stuck: the same words, or the same characters, over and over."""

import zlib
from collections.abc import Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray

GRAM = 20
"""Words of a repeated piece; shorter ones recur in honest working (tables, "therefore the answer is")."""

TIMES = 10
"""Occurrences of one 20-gram, overlapping ones included, that make a loop."""

TAIL_CHARACTERS = 2_000
"""Only the end is compressed: a loop runs until the answer is cut off, whatever came before."""

RATIO = 12.0
"""A tail that compresses further repeats itself; prose and algebra of 30,000 real answers reach 5."""

_BATCH_WORDS = 1_000_000
_BASE = 0x9E3779B97F4A7C15  # odd, so that multiplying by it loses nothing modulo 2^64

Hashes = NDArray[np.uint64]


def loops(texts: Sequence[str]) -> list[bool]:
    """Tell for each text whether it holds one 20-gram of words at least 10 times, or ends in one repeated piece."""
    found = [_compresses(text) for text in texts]
    batch: list[tuple[int, list[str]]] = []
    held = 0
    for position, text in enumerate(texts):
        words = text.split()
        if len(words) >= GRAM + TIMES - 1:
            batch.append((position, words))
            held += len(words)
        if held >= _BATCH_WORDS:
            _mark(batch, found)
            batch, held = [], 0
    _mark(batch, found)
    return found


def _compresses(text: str) -> bool:
    if len(text) < TAIL_CHARACTERS:
        return False
    tail = text[-TAIL_CHARACTERS:].encode("utf-8", "surrogatepass")
    return len(tail) >= RATIO * len(zlib.compress(tail, 6))


def _mark(batch: list[tuple[int, list[str]]], found: list[bool]) -> None:
    """Set ``found`` for the texts of a batch in which one gram occurs often enough."""
    if not batch:
        return
    sizes = np.array([len(words) for _, words in batch])
    words = np.fromiter(map(hash, chain.from_iterable(ws for _, ws in batch)), dtype=np.int64, count=int(sizes.sum()))
    owner = np.repeat(np.arange(len(batch)), sizes)
    grams = _gram_hashes(words.view(np.uint64))
    whole = owner[: len(grams)] == owner[GRAM - 1 :]
    # The owner goes into the hash, so that one sort finds what one text repeats and not what several share.
    owner = owner[: len(grams)][whole]
    grams = (grams[whole] ^ owner.astype(np.uint64)) * np.uint64(_BASE)
    ranked = np.sort(grams)
    again = ranked[TIMES - 1 :][ranked[TIMES - 1 :] == ranked[: len(ranked) - TIMES + 1]]
    for i in np.unique(owner[np.isin(grams, again)]) if again.size else ():
        found[batch[i][0]] = True


def _gram_hashes(words: Hashes) -> Hashes:
    """Polynomial hashes of all 20-grams, by doubling: 1, 2, 4, 8, 16 and 16 + 4 words (modulo 2^64)."""
    sizes = {1: words}
    for half in (1, 2, 4, 8):
        sizes[2 * half] = _joined(sizes[half], sizes[half], half)
    return _joined(sizes[16], sizes[4], 16)


def _joined(left: Hashes, right: Hashes, offset: int) -> Hashes:
    """Hashes of a gram of ``left`` followed, ``offset`` words on, by one of ``right``."""
    factor = np.uint64(pow(_BASE, offset, 2**64))
    tail = right[offset:]
    return left[: len(tail)] * factor + tail
