"""The text of a document that copies an item, and what it is to it: the item, a sibling, or another.

What stands there beyond the words that agree counts, too: the rest of the first and the last sentence, and sentences
near by that hold what is missing, as where some changed places. Not here: how the two are compared (symmetric.py).
"""

import re
from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from rarl_eval.contamination.matching.align import ALIKE, IN_ORDER, Alignment
from rarl_eval.contamination.matching.beside import Words
from rarl_eval.contamination.matching.index import Index, PartText, words_of
from rarl_eval.contamination.matching.item_parts import asked
from rarl_eval.contamination.matching.sections import statement
from rarl_eval.contamination.matching.symmetric import Relation, related, same_formulas, worked_alike
from rarl_eval.contamination.matching.values import compared
from rarl_eval.contamination.words import lexer
from rarl_eval.types import Item

Ranges = tuple[tuple[int, int], ...]
_OPENS = re.compile(r"[-−√|\\(\[$^{]*\Z")
_CLOSES = re.compile(r"[})\]|$]*")
AROUND = 12
"""Words beyond the missing ones that are read before and after a copy."""
OWN = 0.5
"""Share of a sentence's words that the item must have for a copy to begin or end with it."""
HELD = 0.75
"""The same of a sentence with missing words for it to belong to the copy, though it stands before or after it."""
BETWEEN = 2
"""Words of a piece of its own, none of them the item's, that is no part of the copy: a field with a number."""
LEAST = 0.35
"""Share of a problem's words found in order, numbers and single letters a quarter each, or of its 5-grams found in any,
from which the two are compared."""


def decided(index: Index, part: PartText, words: Words, found: Alignment, grams: Ranges) -> tuple[int, bool, bool]:
    """How many numbers a copy has changed, by value, whether it is another item, and whether it is a sibling."""
    size = part.hashes.size
    agree = sum(b - a for a, b in found.kept)
    task, item = index.items[part.item]
    if task in index.maths and not item.context and part.part in {"question", "answer"}:
        told = relation(part, item, words, found, grams)
        if told != "same":
            return found.changed, told == "other", told == "sibling"
    by_value = part.part == "statement" or (part.part == "question" and not item.tests)
    if not by_value or not found.kept or agree < IN_ORDER * size:
        return found.changed, False, False
    first = max(0, found.begin - found.kept[0][0])
    last = min(words.hashes.size, found.end + size - found.kept[-1][1])
    low = int(words.spans[first - 1, 1]) if first else 0
    high = int(words.spans[last, 0]) if last < words.hashes.size else len(words.data)
    there = words.data[low:high].decode("utf-8", "replace")
    mine = statement(asked(item, code=True)) if part.part == "statement" else item.question
    changed, otherwise = compared(
        mine, there, whole=found.whole, in_place=agree >= ALIKE * size, code=task in index.code
    )
    return changed, otherwise, False


def relation(part: PartText, item: Item, words: Words, found: Alignment, grams: Ranges) -> Relation:
    """Say what a place is to the question, or the worked solution, that it copies."""
    if found.whole:
        told = part.part == "answer" or same_formulas(item.question, _with_signs(words, found))
        return "same" if told else "other"
    weights = np.where(part.plain, 4, 1)
    agree = sum(int(weights[a:b].sum()) for a, b in found.kept)
    anyhow = sum(b - a for a, b in grams)
    if agree < LEAST * int(weights.sum()) and anyhow < LEAST * part.grams.size:
        return "same"
    text = " ".join(_sentences(part, words, found))
    if part.part == "answer":
        return "same" if worked_alike(_own_text(part, item), text) else "other"
    return related(item.question, text)


def _own_text(part: PartText, item: Item) -> str:
    """Text of the answer that a part is."""
    texts = (text for text in (item.solution, item.tests, item.gold) if text)
    return next((t for t in texts if words_of(t)[0].size == part.hashes.size), item.solution or item.gold)


def _ends(found: Alignment) -> tuple[int, int]:
    return found.begin, max(found.end, found.begin + 1)


def _text(words: Words, begin: int, end: int) -> str:
    """Text of some words, with what stands before, between and after them."""
    low = int(words.spans[begin - 1, 1]) if begin else 0
    high = int(words.spans[end, 0]) if end < words.hashes.size else len(words.data)
    return words.data[low:high].decode("utf-8", "replace") if begin < end else ""


def _with_signs(words: Words, found: Alignment) -> str:
    """Text of a whole copy, with the signs right before and after it."""
    begin, end = _ends(found)
    text, bare = _text(words, begin, end), words.data[int(words.spans[begin, 0]) : int(words.spans[end - 1, 1])]
    inner = bare.decode("utf-8", "replace")
    before, _, after = text.partition(inner)
    opens, closes = _OPENS.search(before), _CLOSES.match(after)
    return (opens[0] if opens else "") + inner + (closes[0] if closes else "")


def _sentences(part: PartText, words: Words, found: Alignment) -> Iterator[str]:
    """Sentences of a copy in their order: from the first to the last with its words, and others with missing ones."""
    begin, end = _ends(found)
    kept = np.zeros(part.hashes.size, np.bool_)
    for a, b in found.kept:
        kept[a:b] = True
    missing = part.hashes[~kept]
    low, high = max(0, begin - missing.size - AROUND), min(words.hashes.size, end + missing.size + AROUND)
    starts = low + np.flatnonzero(words.kinds[low:high] & lexer.BROKEN)
    bounds = sorted({low, *starts.tolist(), high})
    pairs = list(pairwise(bounds))
    own = np.concatenate([[0], np.cumsum(np.isin(words.hashes[low:high], part.hashes))])
    lost = np.concatenate([[0], np.cumsum(np.isin(words.hashes[low:high], missing))])
    inside = [(a, b) for a, b in pairs if a < end and b > begin]
    core = [(a, b) for a, b in inside if own[b - low] - own[a - low] >= OWN * (b - a)] or inside
    for a, b in pairs:
        back = lost[b - low] - lost[a - low]
        if b - a <= BETWEEN and own[b - low] == own[a - low]:
            continue
        if core[0][0] <= a < core[-1][1] or (back > 1 and own[b - low] - own[a - low] >= HELD * (b - a)):
            yield _text(words, a, b)
