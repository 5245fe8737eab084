"""Paraphrase candidates: documents that share unusual pairs of an item's content words, in other words and order.

What is proposed here never counts as flagged; it needs confirmation, by a person or a judge model. A content word is
no stop word, cut to its first letters so that inflection falls away. Items are indexed by pairs of their content
words that stand near each other; a document's score for an item is the share of the item's content words and
numbers, weighted by rarity among the items, that it holds within one window.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rarl_eval.types import Benchmark

STEM = 5
"""Letters of a word that count."""
NEAR = 6
"""Content words apart at which two words are a pair."""
LEAST_PAIRS = 2
"""Pairs of an item that a document must share before it is scored."""
COMMON_PAIR = 40
"""A pair of more items than this points to none of them."""
THRESHOLD = 0.5
"""Share of an item's weighted content words from which a document is proposed."""
STOP = frozenset({
    "a", "an", "the", "and", "or", "but", "if", "then", "so", "of", "to", "in", "on", "at", "by", "for", "from",
    "with", "as", "is", "are", "was", "were", "be", "been", "being", "am", "do", "does", "did", "has", "have",
    "had", "will", "would", "can", "could", "should", "may", "might", "must", "shall", "it", "its", "this", "that",
    "these", "those", "he", "she", "they", "we", "you", "i", "his", "her", "their", "our", "your", "my", "him",
    "them", "us", "me", "who", "whom", "which", "what", "when", "where", "why", "how", "many", "much", "more",
    "most", "less", "than", "some", "any", "all", "each", "every", "both", "few", "other", "another", "such", "no",
    "not", "only", "own", "same", "too", "very", "just", "also", "there", "here", "into", "out", "up", "down",
    "over", "under", "again", "once", "about", "after", "before", "between", "during", "through", "per",
})  # fmt: skip
_WORD = re.compile(r"[a-z]+|\d+(?:\.\d+)?")


@dataclass(frozen=True)
class Candidate:
    """A document that may hold a paraphrase of an item."""

    task: str
    key: str
    document: str
    score: float


@dataclass(frozen=True)
class PairIndex:
    """Items by pairs of their content words."""

    items: tuple[tuple[str, str, frozenset[str]], ...]
    """(task, key, content words)."""
    pairs: dict[tuple[str, str], tuple[int, ...]]
    weights: dict[str, float]


def index_pairs(benchmarks: Sequence[Benchmark]) -> PairIndex:
    """Index the questions of benchmarks."""
    items: list[tuple[str, str, frozenset[str]]] = []
    owners: dict[tuple[str, str], set[int]] = defaultdict(set)
    for task, item in ((b.task.name, i) for b in benchmarks for i in b.items):
        words = content_words(item.question)
        for pair in _pairs(words):
            owners[pair].add(len(items))
        items.append((task, item.key, frozenset(words)))
    counts = Counter(word for _, _, words in items for word in words)
    weights = {word: math.log((len(items) + 1) / n) for word, n in counts.items()}
    pairs = {pair: tuple(sorted(who)) for pair, who in owners.items() if len(who) <= COMMON_PAIR}
    return PairIndex(tuple(items), pairs, weights)


def candidates(
    index: PairIndex, documents: Iterable[tuple[str, str]], threshold: float = THRESHOLD
) -> Iterator[Candidate]:
    """Propose (name, text) documents that may hold a paraphrase of an item, best item first within each."""
    for document, text in documents:
        words = content_words(text)
        shared: Counter[int] = Counter()
        for pair in set(_pairs(words)):
            shared.update(index.pairs.get(pair, ()))
        scored = [(_score(index, n, words), n) for n, count in shared.items() if count >= LEAST_PAIRS]
        for score, n in sorted(scored, key=lambda s: (-s[0], s[1])):
            if score >= threshold:
                task, key, _ = index.items[n]
                yield Candidate(task, key, document, round(score, 4))


def content_words(text: str) -> list[str]:
    """Stems of the words that carry meaning, and the numbers, in order."""
    return [w[:STEM] for w in _WORD.findall(text.lower().replace(",", "")) if w not in STOP]


def _pairs(words: list[str]) -> Iterator[tuple[str, str]]:
    for at, first in enumerate(words):
        for second in words[at + 1 : at + NEAR]:
            if first != second:
                yield (first, second) if first < second else (second, first)


def _score(index: PairIndex, number: int, words: list[str]) -> float:
    """Weighted share of the item's words in the best window of three times its size."""
    wanted = index.items[number][2]
    total = sum(index.weights[w] for w in sorted(wanted))
    span = 3 * len(wanted) + 10
    inside: Counter[str] = Counter()
    held = best = 0.0
    for at, word in enumerate(words):
        if word in wanted:
            inside[word] += 1
            held += index.weights[word] if inside[word] == 1 else 0.0
        if at >= span and words[at - span] in wanted:
            inside[words[at - span]] -= 1
            held -= index.weights[words[at - span]] if inside[words[at - span]] == 0 else 0.0
        best = max(best, held)
    return best / total if total > 0 else 0.0
