"""What the compiled functions share: the index's tables, and what a thread remembers between calls, by name.

Each is a named tuple of arrays, which a compiled function reads by name at the cost of a place in a tuple. What a
function counts on is an array of one number, since a tuple's own fields cannot be set. Not here: how the tables are
filled (index.py, shapes.py, paraphrase/propose.py).
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]
Hashes = npt.NDArray[np.uint64]
Ints = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.int32]


class Tables(NamedTuple):
    """Grams of all parts of all items (or of the shapes of their code), as the corpus is held against them."""

    bitmap: Hashes
    """Bits of each gram, asked first: nearly no gram of a corpus is in an item."""
    keys: Hashes
    """Open table of hashes, a power of two long, at most half full."""
    ranks: Numbers
    """Rank of the hash at the same place in ``keys``; -1 where that is empty."""
    offsets: Ints
    """Where each rank's parts begin in ``postings``; one more than there are ranks."""
    postings: Numbers
    """Parts that hold a gram, for grams that few items share."""
    needs: Ints
    """Words of each part that its grams must cover near each other before a document is looked at closely."""
    gaps: Ints
    """Words between two grams of each part beyond which the second begins another place."""
    short: Hashes
    """Bits of the hash of each whole short part; empty for shapes, which are never looked up whole."""


class Stream(NamedTuple):
    """What one thread remembers of the corpus from one block to the next."""

    clock: Ints
    """Words passed so far, as one number: the position of the word before the first of the chunk at hand."""
    document: Ints
    """Number of the document at hand, as one number."""
    gram_seen: Ints
    """Position of the last sighting of each gram."""
    gram_document: Ints
    """Document in which each gram was last counted."""
    part_seen: Ints
    """Position of the last gram of each part."""
    part_covered: Ints
    """Words of each part that its grams cover at the place that reaches to there."""


class Carried(NamedTuple):
    """What of a document goes from one chunk of words to the next; one number each."""

    lights: Hashes
    """Which of the last five words were numbers or single letters, a bit each."""
    number: Hashes
    """1 if the last word was a number."""
    sentence: Hashes
    """Hash of the sentence or quoted string so far."""
    line: Hashes
    """Hash of the line so far."""
    sentence_words: Ints
    line_words: Ints


class Chunk(NamedTuple):
    """Room for the words of one chunk, and what is made of them."""

    hashes: Hashes
    kinds: Bytes
    spans: Ints
    """First byte and one past the last of each word."""
    masked: Hashes
    """Words that grams are made of, all numbers alike and only the first of a run of them."""
    raw: Hashes
    """The same words with numbers as they are."""
    light: Bytes
    """1 where a gram ends that has hardly anything but numbers and single letters."""
    grams: Hashes
    """Gram that ends at each of those words."""
    hits: Ints
    """Words at which a gram ends that may be indexed."""
    ends: Ints
    """Of each document that ends in the chunk: the word, and the byte."""
    lines: Ints
    """Of each whole short part: its document of the chunk, and 1 if it is only a beginning of a line."""
    whole: Hashes
    """Hash of each of those."""
    carried: Carried


class Reading(NamedTuple):
    """Where the stream stands in a block, and what was written of it; one number each."""

    byte: Ints
    """Where the document at hand began, in the block's bytes."""
    word: Ints
    """The same in the chunk's words; negative where it began before the chunk."""
    wanted: Ints
    """1 if the document at hand is to be looked at closely."""
    documents: Ints
    """Documents so far."""
    looks: Ints
    """Documents to be looked at so far."""
    sightings: Ints
    """Grams written so far."""


class Clusters(NamedTuple):
    """What grouping hits remembers, by part, from one document to the next."""

    clock: Ints
    """Grams passed so far, as one number."""
    seen: Ints
    """Position of each part's last hit."""
    covered: Ints
    """Words that its hits cover at that place."""
    first: Ints
    """The first hit of that place."""
    row: Ints
    """Where that place was written; -1 if it was not."""


class ShapeChunk(NamedTuple):
    """Room for the tokens of one chunk of code."""

    tokens: Hashes
    ends: Ints
    """Byte at which each token ends."""
    grams: Hashes
    """Three rows: hashes of runs of 2, 4 and 12 tokens."""
    maybe: Ints
    """Tokens at which a run begins that may be indexed."""


class Replaced(NamedTuple):
    """Words that are dropped or replaced before pairs are made, as an open table."""

    keys: Hashes
    stems: Hashes
    """What stands for the word; 0 drops it."""


class PairTables(NamedTuple):
    """Pairs of content words of all items, and the items' own words."""

    bitmap: Hashes
    keys: Hashes
    """Open table of pairs; 0 where it is empty."""
    ranks: Ints
    offsets: Ints
    postings: Ints
    """Items of each pair, from ``offsets`` of its rank on."""
    spans: Ints
    """Content words within which an item's pairs must stand."""
    wanted: Hashes
    """Different stems of all items, sorted within each."""
    weights: npt.NDArray[np.float64]
    """Weight of each of those."""
    bounds: Ints
    """Where each item's stems begin; one more than there are items."""
    threshold: float
    """Share of an item's weight from which a place is proposed."""


class PairMemory(NamedTuple):
    """What one thread remembers of pairs, by item."""

    clock: Ints
    """Runs of text passed, as one number."""
    begun: Ints
    """Run and word at which the item's pairs begin."""
    pairs: Ints
    """Different pairs since."""
    last: Hashes
    """The last of them."""


class TokenTable(NamedTuple):
    """Words of a run of text."""

    hashes: Hashes
    kinds: Bytes
    spans: Ints


class PairRoom(NamedTuple):
    """Room for the content words of one run of text."""

    tokens: TokenTable
    stems: Hashes
    at: Ints
    """Which word each stem is of."""
    items: Ints
    """Items of which enough pairs stand near each other."""
    firsts: Ints
    """Stem at which the first of those stands."""
    inside: Ints
    """How often each stem of the item at hand stands in the window."""


def nothing_carried() -> Carried:
    """Nothing is carried into the first chunk."""
    lights, number, sentence, line = (np.zeros(1, np.uint64) for _ in range(4))
    return Carried(lights, number, sentence, line, np.zeros(1, np.int64), np.zeros(1, np.int64))


def clusters(parts: int) -> Clusters:
    """Fresh memory for hits of so many parts."""
    covered, first, row = (np.zeros(parts, np.int64) for _ in range(3))
    return Clusters(np.zeros(1, np.int64), np.full(parts, -1, np.int64), covered, first, row)
