"""Short questions with a word or two misspelt, looked for where something else of their item stands.

Five words in a row are hardly left of seven when one is misspelt, so the index does not find such a question; a
document that holds its passage, options or solution is read for it once more, word by word.
"""

from collections import Counter

import numpy as np
from rapidfuzz.distance import OSA

from rarl_eval.contamination.matching.align import Alignment, ranges
from rarl_eval.contamination.matching.index import Hashes, Ints, PartText, words_of
from rarl_eval.contamination.matching.values import DECIDING
from rarl_eval.contamination.words import lexer

LONGEST = 14
"""Words of a question that is looked for so; of a longer one the index finds a run."""
SHORTEST = 5
WORDS = 2
"""Words of a question that may be misspelt, and no more than a third of them."""
LETTERS = 2
"""Edits within one word: letters left out, added, changed or turned round; one in a word of fewer than eight."""


def misspelt(part: PartText, question: str, hashes: Hashes, spans: Ints, data: bytes) -> Alignment | None:
    """Find the first place where a question stands with a word or two misspelt; None where it stands nowhere."""
    size = part.hashes.size
    if not SHORTEST <= size <= LONGEST or words_of(question)[0].size != size:
        return None
    most = min(WORDS, size // 3)
    for begin in _starts(part.hashes, hashes, size - most):
        wrong = np.flatnonzero(hashes[begin : begin + size] != part.hashes).tolist()
        if wrong and all(_is_typo(part, question, n, spans[begin + n], data) for n in wrong):
            return Alignment(begin, begin + size, ranges(range(size)), whole=False, changed=0)
    return None


def _starts(own: Hashes, hashes: Hashes, least: int) -> list[int]:
    """Places where so many words of a text would stand where they should."""
    votes: Counter[int] = Counter()
    for place, word in enumerate(own.tolist()):
        votes.update((np.flatnonzero(hashes == word) - place).tolist())
    last = hashes.size - own.size
    return sorted(at for at, n in votes.items() if n >= least and 0 <= at <= last)


def _is_typo(part: PartText, question: str, number: int, span: Ints, data: bytes) -> bool:
    """Whether a word of the document is one of the question's, misspelt; a number never is."""
    if part.kinds[number] & 7 == lexer.NUMBER:
        return False
    _, _, spans, own = words_of(question)
    mine = own[spans[number, 0] : spans[number, 1]].decode("utf-8", "replace").casefold()
    theirs = data[span[0] : span[1]].decode("utf-8", "replace").casefold()
    if mine in DECIDING or theirs in DECIDING:
        return False
    most = 1 if len(mine) < 4 * LETTERS else LETTERS
    return len(mine) > most + 2 and theirs.isalpha() and OSA.distance(mine, theirs) <= most
