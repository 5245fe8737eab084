"""Answers that got stuck: the same words, or the same characters, over and over."""

import zlib
from collections.abc import Iterator, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

GRAM = 20
"""Words of a repeated piece; shorter ones recur in honest working (tables, "therefore the answer is")."""

TIMES = 10
"""Occurrences of one 20-gram, overlapping ones included, that make a loop."""

MOST_CHARACTERS = 1_000_000
"""Of a longer text only the end is searched: it bounds memory."""

TAIL_CHARACTERS = 2_000
"""Only the end is compressed: a loop runs until the answer is cut off, whatever came before."""

RATIO = 12.0
"""A tail that compresses further repeats itself; prose and algebra of 30,000 real answers reach 5."""

_BATCH_BYTES = 1_000_000
_PLACE_BITS = 18
"""Grams are counted by the first bits of their hashes; only those in full places are sorted."""

_BASE = 0x9E3779B97F4A7C15  # odd, hence invertible modulo 2^64
_SPACE = 32  # this byte and all below it separate words

Hashes = NDArray[np.uint64]
Places = NDArray[np.intp]


def loops(texts: Sequence[str]) -> list[bool]:
    """Tell for each text whether it holds one 20-gram of words at least 10 times, or ends in one repeated piece.

    Words are what ASCII white space separates. Grams are compared by 64-bit hashes.
    """
    found = [_compresses(text) for text in texts]
    for places, joined, starts in _batches(texts):
        for i in _looping(np.frombuffer(joined, dtype=np.uint8), starts):
            found[places[i]] = True
    return found


def _compresses(text: str) -> bool:
    if len(text) < TAIL_CHARACTERS:
        return False
    tail = text[-TAIL_CHARACTERS:].encode("utf-8", "surrogatepass")
    return len(tail) >= RATIO * len(zlib.compress(tail, 6))


def _batches(texts: Sequence[str]) -> Iterator[tuple[list[int], bytes, Places]]:
    """Yield places of texts, the texts joined, and where each begins, of about a million bytes at a time."""
    places: list[int] = []
    held: list[bytes] = []
    starts = [0]
    for place, text in enumerate(texts):
        if len(text) < 2 * (GRAM + TIMES - 1) - 1:  # too short for ten grams of one-letter words
            continue
        places.append(place)
        held.append(text[-MOST_CHARACTERS:].encode("utf-8", "surrogatepass") + b" ")
        starts.append(starts[-1] + len(held[-1]))
        if starts[-1] >= _BATCH_BYTES:
            yield places, b"".join(held), np.array(starts[:-1])
            places, held, starts = [], [], [0]
    if held:
        yield places, b"".join(held), np.array(starts[:-1])


def _looping(data: NDArray[np.uint8], starts: Places) -> list[int]:
    """Return which of the joined texts hold one gram often enough."""
    words, begins = _word_hashes(data)
    grams = _gram_hashes(words)
    held = np.diff(np.searchsorted(begins, starts), append=len(begins))
    owner = np.repeat(np.arange(1, len(starts) + 1, dtype=np.uint64), held)
    whole = owner[: len(grams)] == owner[GRAM - 1 :]
    # The owner goes into the hash, so that one count finds what one text repeats and not what several share.
    owner = owner[: len(grams)][whole]
    grams = (grams[whole] ^ owner) * np.uint64(_BASE)
    place = (grams >> np.uint64(64 - _PLACE_BITS)).view(np.int64)
    often = np.bincount(place, minlength=1 << _PLACE_BITS)[place] >= TIMES
    grams, owner = grams[often], owner[often]
    ranked = np.sort(grams)
    again = ranked[TIMES - 1 :][ranked[TIMES - 1 :] == ranked[: max(0, len(ranked) - TIMES + 1)]]
    return [int(i) - 1 for i in np.unique(owner[np.isin(grams, again)])] if again.size else []


def _word_hashes(data: NDArray[np.uint8]) -> tuple[Hashes, Places]:
    """Hash each word by its bytes alone, wherever it stands, and tell where it begins.

    Sums of byte * base^place between a word's ends, divided by base^begin.
    """
    edges = np.flatnonzero(np.diff(data > _SPACE, prepend=False, append=False))
    begins, ends = edges[0::2], edges[1::2]
    powers, inverses = _powers(1 << len(data).bit_length())
    sums = np.zeros(len(data) + 1, dtype=np.uint64)
    np.cumsum(data * powers[: len(data)], out=sums[1:])
    return (sums[ends] - sums[begins]) * inverses[begins], begins


@lru_cache(maxsize=2)
def _powers(size: int) -> tuple[Hashes, Hashes]:
    """Powers of the base and of its inverse modulo 2^64, from 0."""
    steps = np.full((2, size), _BASE, dtype=np.uint64)
    steps[1] = pow(_BASE, -1, 2**64)
    steps[:, 0] = 1
    powers = np.multiply.accumulate(steps, axis=1)
    return powers[0], powers[1]


def _gram_hashes(words: Hashes) -> Hashes:
    """Polynomial hashes of all 20-grams, by doubling: 1, 2, 4, 8, 16 and 16 + 4 words (modulo 2^64)."""
    sizes = {1: words * np.uint64(_BASE) ^ (words >> np.uint64(29))}
    for half in (1, 2, 4, 8):
        sizes[2 * half] = _joined(sizes[half], sizes[half], half)
    return _joined(sizes[16], sizes[4], 16)


def _joined(left: Hashes, right: Hashes, offset: int) -> Hashes:
    """Hashes of a gram of ``left`` followed, ``offset`` words on, by one of ``right``."""
    factor = np.uint64(pow(_BASE, offset, 2**64))
    tail = right[offset:]
    return left[: len(tail)] * factor + tail
