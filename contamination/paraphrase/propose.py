"""Paraphrase candidates: documents that hold unusual pairs of an item's content words, in other words and order.

What is proposed here never counts as flagged; it needs confirmation, by a person or a judge model (confirm.py). Items
are indexed by pairs of their content words that stand near each other; a document's score for an item is the share of
the item's content words and numbers, weighted by rarity among the items, that it holds within one window (pairs.py).
"""

import math
import threading
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from rarl_eval.contamination.corpus.documents import parse, text_of
from rarl_eval.contamination.corpus.readers import Block, characters
from rarl_eval.contamination.matching.index import Ints, words_of
from rarl_eval.contamination.matching.tables import Hashes, PairMemory, PairRoom, PairTables, Replaced, TokenTable
from rarl_eval.contamination.paraphrase import pairs
from rarl_eval.contamination.words import lexer
from rarl_eval.types import Benchmark

COMMON_PAIR = 40
"""A pair of more items than this points to none of them."""
MOST = 4096
"""Candidates kept of one document."""
CHARACTERS = 1600
"""Of a document's text that are kept of each candidate, for a judge to read."""
STOP = (
    "a an the and or but if then so of to in on at by for from with as is are was were be been being am do does did "
    "has have had will would can could should may might must shall it its this that these those he she they we you "
    "i his her their our your my him them us me who whom which what when where why how many much more most less "
    "than some any all each every both few other another such no not only own same too very just also there here "
    "into out up down over under again once about after before between during through per"
)
_NUMBERS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty"
)
_TENS = "thirty forty fifty sixty seventy eighty ninety"


class Proposal(msgspec.Struct, frozen=True, array_like=True):
    """A place that may hold a paraphrase of an item."""

    item: int
    """Position in the index's items."""
    document: str
    order: tuple[int, int]
    """Where the document stands in its shard; breaks ties."""
    offset: int
    """First character of the place in the document's text."""
    score: float
    excerpt: str


@dataclass(frozen=True)
class PairIndex:
    """Items by pairs of their content words."""

    items: int
    told: Replaced
    tables: PairTables


@dataclass
class Finder:
    """An index of pairs, and the memory of each thread that looks for them."""

    index: PairIndex
    fields: tuple[str, ...] = ()
    _own: threading.local = field(default_factory=threading.local)

    def block(self, block: Block, number: int) -> list[Proposal]:
        """Candidates in a block, in order of document and item; ``number`` is the block's in its shard."""
        if not block.json:
            return [] if self.fields else self._proposals(block.data, False, block.name, (number, 0), block.characters)
        found: list[Proposal] = []
        passed, line = 0, block.line or 0
        for begin, end in self._lines(block):
            line += block.data.count(b"\n", passed, begin)
            passed = begin
            name = f"{block.name}:{line}" if block.line is not None else block.name
            value = None if block.piece else parse(block.data[begin:end])
            text = text_of(value, self.fields) if value is not None else None
            if text is not None:
                data = text.encode("utf-8", "surrogatepass")
                found += self._proposals(data, False, name, (number, begin), block.characters)
            elif not self.fields:
                found += self._proposals(block.data[begin:end], True, name, (number, begin), block.characters)
        return found

    def text(self, name: str, text: str) -> list[Proposal]:
        """Candidates in one text."""
        return self._proposals(text.encode("utf-8", "surrogatepass"), False, name, (0, 0), 0)

    def _lines(self, block: Block) -> list[tuple[int, int]]:
        bounds, one = np.empty((block.data.count(b"\n") + 1, 2), np.int64), np.empty((1, 3), np.int64)
        index, buffer = self.index, lexer.padded(block.data)
        n = pairs.lines(buffer, len(block.data), index.told, index.tables, *self._memory(), one, np.empty(1), bounds)
        found: list[tuple[int, int]] = bounds[:n].tolist()
        return found

    def _proposals(self, data: bytes, json: bool, name: str, order: tuple[int, int], before: int) -> list[Proposal]:
        out, scores = np.empty((MOST, 3), np.int64), np.empty(MOST)
        index = self.index
        n = pairs.propose(
            lexer.padded(data), 0, len(data), json, index.told, index.tables, *self._memory(), out, scores
        )
        best: dict[int, tuple[float, int, int]] = {}
        for (item, begin, end), score in zip(out[:n].tolist(), scores[:n].tolist(), strict=True):
            if item not in best or score > best[item][0]:
                best[item] = (score, begin, end)
        return [
            Proposal(item, name, order, before + characters(data[:begin]), round(score, 4), _excerpt(data, begin, end))
            for item, (score, begin, end) in sorted(best.items())
        ]

    def _memory(self) -> tuple[PairMemory, PairRoom]:
        if not hasattr(self._own, "memory"):
            n, room = self.index.items, pairs.ROOM
            begun, paired, clock = np.zeros(n, np.int64), np.zeros(n, np.int64), np.zeros(1, np.int64)
            tokens = TokenTable(np.empty(room, np.uint64), np.empty(room, np.uint8), np.empty((room, 2), np.int64))
            at, items, firsts = (np.empty(room, np.int64) for _ in range(3))
            inside = np.zeros(int(np.diff(self.index.tables.bounds).max(initial=0)), np.int64)
            self._own.memory = (
                PairMemory(clock, begun, paired, np.zeros(n, np.uint64)),
                PairRoom(tokens, np.empty(room, np.uint64), at, items, firsts, inside),
            )
        memory: tuple[PairMemory, PairRoom] = self._own.memory
        return memory


def index_pairs(benchmarks: Sequence[Benchmark], threshold: float) -> PairIndex:
    """Index the questions of benchmarks, in their order; documents are proposed from ``threshold`` on."""
    told = _told()
    texts = [item.question for b in benchmarks for item in b.items]
    stems = [_stems(text, told) for text in texts]
    owners: dict[int, set[int]] = defaultdict(set)
    for n, (words, numbers) in enumerate(stems):
        for pair in _pairs(words, numbers):
            owners[pair].add(n)
    counts = Counter(word for words, _ in stems for word in set(words.tolist()))
    wanted = [np.unique(words) for words, _ in stems]
    weights = [math.log((len(stems) + 1) / counts[word]) for words in wanted for word in words.tolist()]
    known = {pair: sorted(who) for pair, who in sorted(owners.items()) if len(who) <= COMMON_PAIR}
    spans = np.array([3 * w.size + 10 for w in wanted], np.int64)
    bounds = np.cumsum([0, *(w.size for w in wanted)])
    every = np.concatenate([*wanted, np.empty(0, np.uint64)])
    bitmap, keys, ranks, offsets, postings = _tables(known)
    tables = PairTables(
        bitmap, keys, ranks, offsets, postings, spans, every, np.array(weights, np.float64), bounds, threshold
    )
    return PairIndex(len(stems), told, tables)


def candidates(index: PairIndex, documents: Iterable[tuple[str, str]]) -> Iterator[Proposal]:
    """Propose (name, text) documents that may hold a paraphrase of an item, in order of items within each."""
    finder = Finder(index)
    for name, text in documents:
        yield from finder.text(name, text)


def best(proposals: Iterable[Proposal], most: int) -> list[Proposal]:
    """Keep the ``most`` best proposals of each item, in order of items."""
    by_item: dict[int, list[Proposal]] = defaultdict(list)
    for proposal in proposals:
        by_item[proposal.item].append(proposal)
    return [
        p
        for item in sorted(by_item)
        for p in sorted(by_item[item], key=lambda p: (-p.score, p.document, p.order))[:most]
    ]


def numbers_changed(question: str, text: str) -> int:
    """Count the different numbers of a question that do not stand in a text, in figures or in words."""
    told = _told()
    (stems, numbers), (others, figures) = _stems(question, told), _stems(text, told)
    return len(set(stems[numbers].tolist()) - set(others[figures].tolist()))


@cache
def _told() -> Replaced:
    """Replace stop words by 0, which drops them, and number words by the numbers they name."""
    replaced = dict.fromkeys(words_of(STOP)[0].tolist(), 0)
    names = [*_NUMBERS.split(), *_TENS.split()]
    figures = [*range(21), *range(30, 100, 10)]
    for name, figure in zip(names, figures, strict=True):
        replaced[int(words_of(name)[0][0])] = int(words_of(str(figure))[0][0])
    keys, values = np.zeros(1024, np.uint64), np.zeros(1024, np.uint64)
    for word, instead in sorted(replaced.items()):
        place = pairs.slot(keys, np.uint64(word))
        keys[place], values[place] = word, instead
    return Replaced(keys, values)


def _stems(text: str, told: Replaced) -> tuple[Hashes, npt.NDArray[np.bool_]]:
    """Stems of a text's content words, and which of them are numbers."""
    hashes, kinds, spans, data = words_of(text)
    stems, at = np.empty(hashes.size, np.uint64), np.empty(hashes.size, np.int64)
    n = pairs.stems_of(lexer.padded(data), hashes.size, told, TokenTable(hashes, kinds, spans), stems, at)
    named = np.isin(stems[:n], told.stems[told.stems != 0])
    return stems[:n].copy(), named | (kinds[at[:n]] & 7 == lexer.NUMBER)


def _pairs(stems: Hashes, numbers: npt.NDArray[np.bool_]) -> Iterator[int]:
    for at in range(stems.size):
        for other in range(at + 1, min(stems.size, at + pairs.NEAR)):
            if stems[at] != stems[other] and not (numbers[at] and numbers[other]):
                yield int(pairs.pair(stems[at], stems[other]))


def _tables(known: dict[int, list[int]]) -> tuple[npt.NDArray[Any], ...]:
    """Bitmap, keys, values, offsets and postings of the pairs."""
    size = 1 << max(4, (4 * len(known)).bit_length())
    bitmap = np.zeros(1 << pairs.BITMAP_BITS - 6, np.uint64)
    keys, values = np.zeros(size, np.uint64), np.zeros(size, np.int64)
    pairs.fill(bitmap, keys, values, np.array(list(known), np.uint64))
    offsets = np.cumsum([0, *(len(who) for who in known.values())])
    postings: Ints = np.array([n for who in known.values() for n in who], np.int64)
    return bitmap, keys, values, offsets, postings


def _excerpt(data: bytes, begin: int, end: int) -> str:
    """Text of a place, from the word break before it to the one after, cut to CHARACTERS."""
    return " ".join(data[begin : min(end, begin + 4 * CHARACTERS)].decode("utf-8", "replace").split())[:CHARACTERS]
