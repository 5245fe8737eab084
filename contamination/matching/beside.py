"""What of an item's other parts stands around its copy: sections of a question, tables by their values, prose, answer.

A question about a table counts where the table stands, too, whatever form it has there: JSON, transposed, its rows in
another order. So a table is held against the document cell by cell, numbers by value. Only places that hold most of a
question, statement or solution are looked around, so nothing here costs a clean document anything.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache

import numpy as np
import numpy.typing as npt

from rarl_eval.contamination.matching.align import IN_ORDER, Alignment
from rarl_eval.contamination.matching.index import Hashes, Index, Ints, PartText, words_of
from rarl_eval.contamination.matching.item_parts import asked
from rarl_eval.contamination.matching.sections import sections, tables_and_prose
from rarl_eval.types import Item

AROUND = 6000
"""Words before and after a copy in which the item's other parts are looked for."""
NEAR_ANSWER = 40
"""Words before and after a question within which a number is its answer."""
RUN = 4
"""Words that must follow one another to count as found."""
LEAST_CELLS = 6
"""Telling cells that a table must have to be told from others."""
TABLE = 0.8
"""Share of a table's telling cells that must stand there."""
DIGITS = 3
"""Digits that a number must have to tell anything; a year never does."""
TELLING_ANSWER = 5
"""Words that an answer without such a number must have."""
_YEARS = (1900, 2100)
_FIGURE = re.compile(r"(?<![\w.])(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?")


@dataclass(frozen=True)
class Words:
    """A document as words."""

    hashes: Hashes
    kinds: npt.NDArray[np.uint8]
    spans: Ints
    data: bytes


@dataclass(frozen=True)
class Surroundings:
    """A stretch of a document's words, and its text."""

    hashes: Hashes
    text: str

    @cached_property
    def runs(self) -> frozenset[tuple[int, ...]]:
        """Give each run of four words."""
        return _runs(self.hashes)

    @cached_property
    def words(self) -> frozenset[int]:
        """Give each word."""
        return frozenset(self.hashes.tolist())

    @cached_property
    def figures(self) -> frozenset[Fraction]:
        """Give each number that tells something."""
        return frozenset(figures(self.text))


def beside(index: Index, part: PartText, words: Words, found: Alignment) -> tuple[tuple[tuple[str, float], ...], bool]:
    """Give what else of an item stands around a copy of its question, and whether its very answer does."""
    task, item = index.items[part.item]
    code = task in index.code
    agree = sum(b - a for a, b in found.kept)
    if part.part not in {"question", "statement"} or not (code or item.context) or agree < IN_ORDER * part.hashes.size:
        return (), False
    text = asked(item, code=True) if code else item.context
    told = telling_answer(item, _around(words, found, NEAR_ANSWER))
    return parts_beside(text, _around(words, found, AROUND), code=code), told


def _around(words: Words, found: Alignment, most: int) -> Surroundings:
    low, high = max(0, found.begin - most), min(words.hashes.size, found.end + most)
    if low >= high:
        return Surroundings(words.hashes[:0], "")
    text = words.data[int(words.spans[low, 0]) : int(words.spans[high - 1, 1])].decode("utf-8", "replace")
    return Surroundings(words.hashes[low:high], text)


def parts_beside(text: str, there: Surroundings, *, code: bool) -> tuple[tuple[str, float], ...]:
    """Name the parts of a programming question, or of a passage, and the share of each that stands there."""
    if code:
        told = sections(text)
        each = [(name, _share(lines, there)) for name, lines in told.items()] if len(told) > 1 else []
    else:
        each = [("table", table_share(text, there)), ("passage", _share(tables_and_prose(text)[1], there))]
    return tuple((name, round(share, 2)) for name, share in each if share is not None)


def table_share(passage: str, there: Surroundings) -> float | None:
    """Share of the telling cells of a passage's tables that stand there; None where there are too few of them."""
    values, labels = _cells(passage)
    if len(values) + len(labels) < LEAST_CELLS or not values:
        return None
    found = len(values & there.figures) + sum(label <= there.words for label in labels)
    return found / (len(values) + len(labels))


def figures(text: str) -> Iterator[Fraction]:
    """Numbers of a text that tell something, without their signs."""
    for found in _FIGURE.finditer(text):
        plain = found[0].replace(",", "")
        value = Fraction(plain) if len(plain) <= 30 else Fraction(0)
        year = value.denominator == 1 and _YEARS[0] <= value <= _YEARS[1]
        if not year and len(plain.replace(".", "").strip("0")) >= DIGITS:
            yield value


def telling_answer(item: Item, there: Surroundings) -> bool:
    """Whether the answer stands there and nowhere by chance: numbers of some digits, by value, or words in a row."""
    wanted = set(figures(item.gold))
    if wanted:
        return wanted <= there.figures
    return words_of(item.gold)[0].size >= TELLING_ANSWER and _share(item.gold, there) == 1


@lru_cache(maxsize=2048)
def _cells(passage: str) -> tuple[frozenset[Fraction], frozenset[frozenset[int]]]:
    """Values and labels of a passage's tables that tell something: numbers of some digits, names of two words."""
    cells = tables_and_prose(passage)[0]
    values = frozenset(value for cell in cells for value in figures(cell))
    named = (frozenset(words_of(cell)[0].tolist()) for cell in cells if re.search(r"[^\W\d_]{3}", cell))
    return values, frozenset(name for name in named if len(name) > 1)


def _share(text: str, there: Surroundings) -> float | None:
    wanted = _runs_of(text)
    return len(wanted & there.runs) / len(wanted) if wanted else None


@lru_cache(maxsize=2048)
def _runs_of(text: str) -> frozenset[tuple[int, ...]]:
    return _runs(words_of(text)[0])


def _runs(hashes: npt.NDArray[np.uint64]) -> frozenset[tuple[int, ...]]:
    told = hashes.tolist()
    return frozenset(zip(*(told[n:] for n in range(RUN)), strict=False))
