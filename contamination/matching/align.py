"""Where a part of an item and a document agree word by word, and what was changed."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import Levenshtein

from rarl_eval.contamination.matching.index import Hashes, Ints, words_of
from rarl_eval.contamination.words import lexer

Kinds = npt.NDArray[np.uint8]

LONGEST = 20_000
"""Words of a part that are aligned; beyond, only 5-grams count."""
IN_ORDER = 0.6
"""Share of the words found in order from which numbers are compared in the copy alone, not all around it."""
ALIKE = 0.85
"""The same from which numbers are compared place by place, too: where more was rewritten, places say little."""
FIGURE = 4
"""Words that one figure takes at most (1,250.75); what is longer was rewritten."""
NUMBER_WORDS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million half third "
    "quarter twice double triple dozen"
)


@dataclass(frozen=True)
class Alignment:
    """How a part lies in a document."""

    begin: int
    """First and one past the last matching word of the document."""
    end: int
    kept: tuple[tuple[int, int], ...]
    """Ranges of the part's words that stand in the document in order."""
    whole: bool
    """Every word stands there and nothing between."""
    changed: int
    """Numbers that stand there no more while others do."""


def align(item: Hashes, item_kinds: Kinds, document: Hashes, kinds: Kinds, begin: int, end: int) -> Alignment:
    """Align a part with ``document[begin:end]`` by least edits (Levenshtein on words, rapidfuzz)."""
    end = min(end, begin + 3 * item.size + 100)
    own, other = item[:LONGEST].tolist(), document[begin:end].tolist()
    exact = _position(other, own)
    if exact >= 0:
        return Alignment(begin + exact, begin + exact + len(own), ((0, len(own)),), whole=True, changed=0)
    operations = list(Levenshtein.opcodes(own, other))
    same = [op for op in operations if op.tag == "equal"]
    kept = [(op.src_start, op.src_end) for op in same]
    first, last = (same[0].dest_start, same[-1].dest_end) if same else (-1, -1)
    figures, others = _numbers(own, item_kinds), _numbers(other, kinds[begin:end])
    replaced = 0
    agree = sum(b - a for a, b in kept)
    if kept and agree >= IN_ORDER * len(own):  # a copy in order: what lies around it is not its
        low, high = max(0, first - kept[0][0]), min(len(other), last + len(own) - kept[-1][1])
        others = _numbers(other[low:high], kinds[begin + low : begin + high])
        if agree >= ALIKE * len(own):
            replaced = _replaced(operations, own, item_kinds, other, kinds[begin:end])
    changed = min((Counter(figures) - Counter(others)).total(), (Counter(others) - Counter(figures)).total())
    changed = max(changed, replaced)  # numbers that changed places are none the fewer
    return Alignment(begin + max(first, 0), begin + max(last, 0), tuple(kept), whole=False, changed=changed)


def _replaced(operations: list[Any], own: list[int], item_kinds: Kinds, other: list[int], kinds: Kinds) -> int:
    """Count the numbers that stand, between words that agree, where the part has other numbers."""
    count = 0
    for op in operations:
        if op.tag == "replace" and op.src_end - op.src_start <= FIGURE:
            src, dest = slice(op.src_start, op.src_end), slice(op.dest_start, op.dest_end)
            count += min(len(_numbers(own[src], item_kinds[src])), len(_numbers(other[dest], kinds[dest])))
    return count


def excerpt(data: bytes, spans: Ints, begin: int, end: int, most: int) -> str:
    """Text of the words ``begin:end`` with some around it, cut to ``most`` characters."""
    first = int(spans[max(0, begin - 4), 0])
    last = int(spans[min(len(spans), end + 4) - 1, 1])
    text = " ".join(data[first : min(last, first + 4 * most)].decode("utf-8", "replace").split())
    return text if len(text) <= most else text[: most - 1] + "…"


def numbers(part_hashes: Hashes, kinds: Kinds) -> int:
    """How many of the words are numbers, in figures or words."""
    return len(_numbers(part_hashes.tolist(), kinds))


def _numbers(hashes: list[int], kinds: Kinds) -> list[int]:
    spelled = _number_words()
    pairs = zip(hashes, kinds.tolist(), strict=False)
    return [h for h, k in pairs if k & 7 == lexer.NUMBER or h in spelled]


@cache
def _number_words() -> frozenset[int]:
    return frozenset(words_of(NUMBER_WORDS)[0].tolist())


def _position(text: list[int], wanted: list[int]) -> int:
    """Where ``wanted`` stands in ``text`` unbroken, -1 if nowhere."""
    n = len(wanted)
    for at in range(len(text) - n + 1):
        if text[at] == wanted[0] and text[at : at + n] == wanted:
            return at
    return -1


def densest(pairs: list[tuple[int, int]], span: int) -> list[tuple[int, int]]:
    """Choose the hits within ``span`` words that show the most different grams, the first such place."""
    best, first = (0, 0, 0), 0
    inside: Counter[int] = Counter()
    for last, (place, at) in enumerate(pairs):
        inside[place] += 1
        while at - pairs[first][1] > span:
            left = pairs[first][0]
            inside[left] -= 1
            if not inside[left]:
                del inside[left]
            first += 1
        if len(inside) > best[0]:
            best = (len(inside), first, last)
    return pairs[best[1] : best[2] + 1]


def ranges(numbers: Iterable[int]) -> tuple[tuple[int, int], ...]:
    """Sorted numbers as half-open ranges."""
    found: list[tuple[int, int]] = []
    for n in numbers:
        if found and found[-1][1] == n:
            found[-1] = (found[-1][0], n + 1)
        else:
            found.append((n, n + 1))
    return tuple(found)
