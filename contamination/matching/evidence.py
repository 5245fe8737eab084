"""Whether the answer to an item stands near its question: what a short question needs before it counts."""

from functools import lru_cache

from rarl_eval.contamination.matching.index import Hashes, Index, PartText, words_of
from rarl_eval.types import Item

WINDOW_WORDS = 100
"""The answer is looked for so many words before and after the question."""
MOST_OPTIONS = 0.5
"""Share of the options that must stand near by to count as the answer."""


def answer_nearby(index: Index, part: PartText, document: Hashes, begin: int, end: int) -> bool:
    """Whether the right answer, or half of the options, stand within WINDOW_WORDS of the words ``begin:end``."""
    item = index.items[part.item][1]
    before = document[max(0, begin - WINDOW_WORDS) : begin].tolist()
    after = document[end : end + WINDOW_WORDS].tolist()
    gold, options = _sought(_answer(item), item.choices)
    if gold and (_contains(after, gold) or _contains(before, gold)):
        return True
    there = sum(_contains(after, option) or _contains(before, option) for option in options)
    return len(options) > 1 and there >= max(2, MOST_OPTIONS * len(options))


def options_listed(index: Index, part: PartText, document: Hashes, end: int) -> bool:
    """Whether all options, two at least, stand in their order within WINDOW_WORDS after the question."""
    after = document[end : end + WINDOW_WORDS].tolist()
    item = index.items[part.item][1]
    options, at = _sought(_answer(item), item.choices)[1], 0
    for option in options:
        found = next((n for n in range(at, len(after)) if tuple(after[n : n + len(option)]) == option), None)
        if found is None:
            return False
        at = found + len(option)
    return len(options) > 1


def _answer(item: Item) -> str:
    """Text of the right answer: the option's where the gold is its letter."""
    letter = item.gold.strip()
    if item.choices and len(letter) == 1 and 0 <= ord(letter.upper()) - 65 < len(item.choices):
        return item.choices[ord(letter.upper()) - 65]
    return item.gold


@lru_cache(maxsize=4096)
def _sought(answer: str, choices: tuple[str, ...]) -> tuple[tuple[int, ...], tuple[tuple[int, ...], ...]]:
    options = (tuple(words_of(c)[0].tolist()) for c in choices)
    return tuple(words_of(answer)[0].tolist()), tuple(o for o in options if o)


def _contains(text: list[int], wanted: tuple[int, ...]) -> bool:
    sought, at = list(wanted), -1
    try:
        while True:
            at = text.index(sought[0], at + 1)
            if text[at : at + len(sought)] == sought:
                return True
    except ValueError:
        return False
