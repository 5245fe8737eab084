"""The close look at one document: which parts of which items stand in it, how they differ, and what stands beside them.

What is found is a Sighting, which says nothing yet of levels: those need the frequencies of the whole corpus
(levels.py). Sightings are plain data, so that a shard's can be written down and read back after a kill.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
import numpy as np

from rarl_eval.contamination.matching import grouping, misspelt, ngrams, shapes
from rarl_eval.contamination.matching.align import Alignment, align, densest, excerpt, ranges
from rarl_eval.contamination.matching.beside import Words, beside
from rarl_eval.contamination.matching.copied import decided
from rarl_eval.contamination.matching.evidence import answer_nearby, options_listed
from rarl_eval.contamination.matching.index import Index, Ints, PartText, WordRoom
from rarl_eval.contamination.matching.settings import Thresholds
from rarl_eval.contamination.matching.tables import Clusters, clusters

MOST_CLUSTERS = 4096
MOST_KNOWN = 512
"""Texts whose sightings a thread remembers."""
PLACES_PER_PART = 3
"""Places of one part that are aligned in one document, the best first."""
STRONG = 0.8
"""Share of a part's 5-grams from which a document holds the part and is no background for it."""

EDITED = 0.62
"""The same for the share of its words found in order, its numbers unchanged."""


class Sighting(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """One part of one item, seen in one document."""

    part: int
    """Position in ``Index.parts``."""
    document: str
    order: tuple[int, ...]
    """Where the document stands in its shard; breaks ties."""
    offset: int
    """First matching character in the document's text."""
    grams: tuple[tuple[int, int], ...]
    """Ranges of the part's 5-grams found in any order."""
    words: tuple[tuple[int, int], ...]
    """Ranges of the part's words found in order."""
    whole: bool
    """All words, in order, nothing between them."""
    changed: int
    """Numbers of the part that are other numbers in the document."""
    answer: bool
    """The answer, or most options, stand near by."""
    beside: tuple[int, ...]
    """Other parts of the same item seen in the same document."""
    excerpt: str
    shape: float = 0.0
    """Share of the code's shape that is there, where that is what was found."""
    length: int = 0
    """Characters from the first matching one to the last."""
    listed: bool = False
    """All options follow in their order."""
    otherwise: bool = False
    """The document has another formula there, or a word that turns the question round."""
    sibling: bool = False
    """The givens stand there, and another question is asked of them."""
    parts: tuple[tuple[str, float], ...] = ()
    """Sections of the question, or tables and prose of its passage, and the share of each that stands around it."""
    told: bool = False
    """The answer stands near, and is a number that does not stand just anywhere."""

    @property
    def size(self) -> int:
        """Words found in order, for ranking before frequencies are known."""
        return sum(b - a for a, b in self.words)


@dataclass
class Eye:
    """Memory of one thread for close looks, and the part numbers of whole short items."""

    index: Index
    settings: Thresholds
    memory: Clusters = field(init=False)
    short: dict[int, list[int]] = field(init=False)
    first: dict[int, int] = field(init=False)
    """First part of each item."""
    shape_memory: Clusters = field(init=False)
    room: WordRoom = field(default_factory=WordRoom)
    known: dict[bytes, list[Sighting]] = field(default_factory=dict)
    """What was seen in the last texts that were looked at, by a hash of the text."""

    def __post_init__(self) -> None:
        self.memory = clusters(len(self.index.parts))
        self.shape_memory = shapes.memory(self.index.shapes) if self.index.shapes else clusters(0)
        parts = self.index.parts
        items, first = np.unique(parts.items, return_index=True)
        self.first = dict(zip(items.tolist(), first.tolist(), strict=True))
        self.short = defaultdict(list)
        for number in np.flatnonzero(parts.segments >= 0).tolist():
            self.short[int(parts.segments[number])].append(number)


def look(eye: Eye, text: str | bytes, document: str, order: tuple[int, ...], *, json: bool = False) -> list[Sighting]:
    """Everything of the index that is seen in a text, one sighting per place; ``json`` for text still escaped."""
    words = Words(*eye.room.words_of(text, json=json))
    return _in_words(eye, words, document, order) + _in_shape(eye, words.data, document, order, json=json)


def look_again(eye: Eye, text: str | bytes, order: tuple[int, ...], *, json: bool = False) -> list[Sighting]:
    """Return what is seen in a text that has no name yet; one that was seen lately is not looked at anew.

    Training data repeats its rows, epoch after epoch.
    """
    raw = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    mark = hashlib.blake2b(raw, digest_size=16, key=b"json" if json else b"").digest()
    known = eye.known.pop(mark, None)
    sightings = look(eye, text, "", order, json=json) if known is None else known
    eye.known[mark] = sightings
    if len(eye.known) > MOST_KNOWN:
        del eye.known[next(iter(eye.known))]
    return sightings if known is None else [msgspec.structs.replace(s, order=order) for s in known]


def _in_words(eye: Eye, words: Words, document: str, order: tuple[int, ...]) -> list[Sighting]:
    places = _places(eye, words)
    parts = eye.index.parts
    by_item: dict[int, set[int]] = defaultdict(set)
    for number, matched, found in places:
        share = sum(b - a for a, b in matched) / max(1, parts[number].grams.size)
        if found.whole or share >= eye.settings.context_share:
            by_item[parts[number].item].add(number)
    places += _misspelt(eye, words, by_item, {number for number, _, _ in places})
    sightings = []
    for number, matched, found in places:
        part = parts[number]
        begin, end = found.begin, max(found.end, found.begin + 1)
        changed, otherwise, sibling = decided(eye.index, part, words, found, matched)
        others, told = beside(eye.index, part, words, found)
        first, last = int(words.spans[begin, 0]), int(words.spans[end - 1, 1])
        sightings.append(
            Sighting(
                part=number,
                document=document,
                order=order,
                offset=len(words.data[:first].decode("utf-8", "replace")),
                length=len(words.data[first:last].decode("utf-8", "replace")),
                grams=matched,
                words=found.kept,
                whole=found.whole,
                changed=changed,
                otherwise=otherwise,
                sibling=sibling,
                listed=found.whole and options_listed(eye.index, part, words.hashes, end),
                answer=told or answer_nearby(eye.index, part, words.hashes, begin, end),
                parts=others,
                told=told,
                beside=tuple(sorted(by_item[part.item] - {number})),
                excerpt=excerpt(words.data, words.spans, begin, end, eye.settings.excerpt_characters),
            )
        )
    return sightings


def _misspelt(
    eye: Eye, words: Words, by_item: dict[int, set[int]], placed: set[int]
) -> list[tuple[int, tuple[tuple[int, int], ...], Alignment]]:
    """Places of short questions that stand misspelt beside something else of their item."""
    found: list[tuple[int, tuple[tuple[int, int], ...], Alignment]] = []
    for item in sorted(by_item):
        number = eye.first[item]
        part = eye.index.parts[number]
        if part.part == "question" and number not in placed:
            question = eye.index.items[item][1].question
            place = misspelt.misspelt(part, question, words.hashes, words.spans, words.data)
            found += [(number, (), place)] if place else []
    return found


def _in_shape(eye: Eye, data: bytes, document: str, order: tuple[int, ...], *, json: bool) -> list[Sighting]:
    """Code of an item's shape with other names."""
    index = eye.index.shapes
    if index is None or shapes.HINT not in data:
        return []
    most = eye.settings.excerpt_characters
    return [
        Sighting(
            part=eye.first[found.item],
            document=document,
            order=order,
            offset=len(data[: found.begin].decode("utf-8", "replace")),
            grams=(),
            words=(),
            whole=False,
            changed=0,
            answer=False,
            beside=(),
            excerpt=data[found.begin : found.end][: 4 * most].decode("utf-8", "replace")[:most],
            shape=found.share,
        )
        for found in shapes.find(index, eye.shape_memory, data, json=json)
        if found.item in eye.first
    ]


def _places(eye: Eye, words: Words) -> list[tuple[int, tuple[tuple[int, int], ...], Alignment]]:
    """(part, its grams found, how it aligns) of each place where enough of a part stands."""
    n = words.hashes.size
    grams, begins, ends = np.empty(n, np.uint64), np.empty(n, np.int64), np.empty(n, np.int64)
    count = ngrams.grams_of(words.hashes, words.kinds, n, grams, begins, ends)
    ranks, where = np.empty(count, np.int64), np.empty(count, np.int64)
    found = grouping.hits(grams, count, eye.index.tables, ranks, where)
    out = np.empty((MOST_CLUSTERS, 3), np.int64)
    groups = grouping.clusters(ranks, where, found, eye.index.tables, eye.memory, out)
    places = []
    done: dict[tuple[int, int, int], Any] = {}  # a passage is part of many items, and is lined up once
    for number, first, last in _best(out[:groups], ranks):
        part, hits = eye.index.parts[number], slice(first, last + 1)
        place = done.get((part.same, first, last)) or _place(part, words, ranks[hits], begins[where[hits]])
        done[part.same, first, last] = place
        places.append((number, *place))
    clustered = {(number, found.begin) for number, _, found in places if found.whole}
    return places + [p for p in _short_places(eye, words) if (p[0], p[2].begin) not in clustered]


def _best(groups: Ints, ranks: Ints) -> list[tuple[int, int, int]]:
    """Choose the few places of each part with the most different grams, in order of part and place."""
    by_part: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
    for number, first, last in groups.tolist():
        by_part[number].append((-len(set(ranks[first : last + 1].tolist())), first, last))
    chosen = ((number, place) for number, places in by_part.items() for place in sorted(places)[:PLACES_PER_PART])
    return sorted((number, first, last) for number, (_, first, last) in chosen)


def _place(part: PartText, words: Words, ranks: Ints, at: Ints) -> tuple[tuple[tuple[int, int], ...], Alignment]:
    """Line up a part with the document around the hits: ``ranks`` seen at word positions ``at``."""
    own = {rank: place for place, rank in reversed(list(enumerate(part.grams.tolist())))}
    pairs = [(own[r], a) for r, a in zip(ranks.tolist(), at.tolist(), strict=True) if r in own]
    pairs = densest(pairs, part.hashes.size * 3 // 2 + 30)
    present = {int(part.grams[place]) for place, _ in pairs}
    matched = ranges(place for place, rank in enumerate(part.grams.tolist()) if rank in present)
    length, slack = part.hashes.size, 3 + part.hashes.size // 10
    first_place, first_at = pairs[0]
    last_place, last_at = pairs[-1]
    begin = max(0, first_at - int(part.begins[first_place]) - slack)
    end = min(words.hashes.size, last_at + length - int(part.begins[last_place]) + slack)
    return matched, align(part.hashes, part.kinds, words.hashes, words.kinds, begin, end)


def _short_places(eye: Eye, words: Words) -> list[tuple[int, tuple[tuple[int, int], ...], Alignment]]:
    """Parts that are a whole sentence of the document, or begin one of its lines or strings."""
    room = 2 * words.hashes.size + 2
    ranks, begins, ends = np.empty(room, np.int64), np.empty(room, np.int64), np.empty(room, np.int64)
    n = grouping.segments(words.hashes, words.kinds, words.hashes.size, eye.index.tables, ranks, begins, ends)
    places, seen = [], Counter[int]()
    for rank, begin, end in zip(ranks[:n].tolist(), begins[:n].tolist(), ends[:n].tolist(), strict=True):
        for number in eye.short.get(rank, ()):
            seen[number] += 1
            if seen[number] > PLACES_PER_PART:
                continue
            part = eye.index.parts[number]
            matched = ranges(range(part.grams.size))
            places.append((number, matched, Alignment(begin, end, ((0, part.hashes.size),), whole=True, changed=0)))
    return places


def strong_grams(index: Index, sightings: Sequence[Sighting]) -> set[int]:
    """Grams of the parts that one document holds almost whole."""
    held: set[int] = set()
    for sighting in sightings:
        part = index.parts[sighting.part]
        as_grams = sum(b - a for a, b in sighting.grams) >= STRONG * part.grams.size
        edited = not sighting.changed and sighting.size >= EDITED * part.hashes.size
        if as_grams or edited:
            held.update(part.grams.tolist())
    return held
