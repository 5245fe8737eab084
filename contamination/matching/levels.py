"""From sightings to levels: what each means, once it is known how common the words are.

A 5-gram's weight is 1 - log(1+b) / log(1+B), at least 0: b counts its background, that is documents that hold the gram
without holding (almost all of) an item it comes from, and other items; B = 20 sqrt(N / 1000), at least 20, of N
documents and items is where text counts as boilerplate. A word weighs what the lightest 5-gram over it weighs. So
headers, shared passages and standard phrases weigh nothing on their own, while an item that was copied a thousand
times keeps its weight.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rarl_eval.contamination.matching.align import IN_ORDER, numbers
from rarl_eval.contamination.matching.beside import TABLE
from rarl_eval.contamination.matching.index import Index, Ints, PartText
from rarl_eval.contamination.matching.look import STRONG, Sighting
from rarl_eval.contamination.matching.settings import Thresholds
from rarl_eval.types import Level, Part

Floats = npt.NDArray[np.float64]
ORDER: dict[str, int] = {"exact": 0, "near": 1, "sibling": 2, "variant": 3, "partial": 4, "paraphrase": 5}
FLAGGED = ("exact", "near")
LIGHT = 0.25
"""What a number or single letter, or a 5-gram of them, weighs beside a word: formulas look alike."""
OWN_WORDS = 6
"""An item of so many words that no other item has must share some of them with its copy."""
TELLING_WEIGHT = 1.0
"""Words, numbers and single letters at LIGHT, of a short question that counts with its answer: two numbers stand
together anywhere."""
RARE_WORDS = 4.0
"""Weighted words that a copy must keep: less is a phrase that anyone may write."""


@dataclass(frozen=True)
class Frequencies:
    """How common each gram of the index is."""

    documents: int
    found: Ints
    """Documents that hold each gram."""
    held: Ints
    """Those of them that hold almost all of an item it comes from."""


@dataclass(frozen=True)
class Match:
    """A sighting, judged."""

    sighting: Sighting
    part: Part
    level: Level
    score: float
    strength: float
    """Score as the sweep sees it: 0 where the sighting could never flag."""


def judge(
    index: Index, seen: Frequencies, sightings: Sequence[Sighting], settings: Thresholds
) -> dict[int, list[Match]]:
    """Return findings per item, best first."""
    total = seen.documents + len(index.items)
    background = np.maximum(seen.found - seen.held, 0) + np.maximum(index.items_per_gram - 1, 0)
    by_item: dict[int, list[Match]] = {}
    for sighting in sightings:
        finding = _judge(index, sighting, background, total, settings)
        if finding is not None:
            by_item.setdefault(index.parts[sighting.part].item, []).append(finding)
    for findings in by_item.values():
        findings.sort(key=lambda f: (ORDER[f.level], -f.score, f.sighting.document, f.sighting.order, f.sighting.part))
    return by_item


def _judge(index: Index, s: Sighting, background: Ints, total: int, settings: Thresholds) -> Match | None:
    part = index.parts[s.part]
    if s.shape > 0:
        return Match(s, "answer", "partial", round(s.shape, 4), 0.0)
    grams = _gram_weights(part, s, background, total)
    passage = _own_passage(index, s)
    if passage is not None:  # what a question has from its passage says nothing of the question where that stands
        grams = np.where(np.isin(part.grams, passage), 0.0, grams)
    words = _word_weights(part, grams)
    in_order, kept = _share(words, s.words)
    anyhow = _share(words, _covered(part, s.grams))[0]
    level = _level(index, s, words, in_order, anyhow, kept, settings)
    if level is None:
        return None
    score = 1.0 if s.whole else max(in_order, anyhow)
    may_flag = level in FLAGGED or (level == "partial" and part.part in {"question", "answer"} and kept >= RARE_WORDS)
    name: Part = "both" if part.part in {"question", "answer"} and _other_half(index, s) else part.part
    return Match(s, name, level, round(score, 4), round(score, 4) if may_flag else 0.0)


def _gram_weights(part: PartText, s: Sighting, background: Ints, total: int) -> Floats:
    grams = part.grams
    common = background[grams].astype(np.float64)
    if sum(b - a for a, b in s.grams) < STRONG * grams.size:  # the document itself is no background
        for a, b in s.grams:
            common[a:b] = np.maximum(common[a:b] - 1, 0)
    boilerplate = max(20.0, 20.0 * np.sqrt(total / 1000))
    weights: Floats = np.maximum(1 - np.log1p(common) / np.log1p(boilerplate), 0.0)
    return np.where(part.light, LIGHT * weights, weights)


def _own_passage(index: Index, s: Sighting) -> Ints | None:
    """Return the grams of the passage that a question is about, where it stands in the document, too."""
    if index.parts[s.part].part != "question":
        return None
    beside = [n for n in s.beside if index.parts[n].part == "context"]
    if not beside and _table_stands(s):
        last = min(s.part + 2, len(index.parts))
        beside = [n for n in range(s.part, last) if index.parts[n].part == "context"]
    return next((index.parts[n].grams for n in beside), None)


def _table_stands(s: Sighting) -> bool:
    return dict(s.parts).get("table", 0.0) >= TABLE


def _word_weights(part: PartText, grams: Floats) -> Floats:
    """Weight of each word: that of the lightest gram over it; 1 in a part too short for grams."""
    words = np.ones(part.hashes.size)
    gram, word = part.spread
    np.minimum.at(words, word, grams[gram])
    return np.where(part.plain, words, LIGHT * words)


def _covered(part: PartText, grams: tuple[tuple[int, int], ...]) -> tuple[tuple[int, int], ...]:
    """Ranges of words that lie under ranges of grams."""
    found: list[tuple[int, int]] = []
    for a, b in grams:
        begin, end = int(part.begins[a]), int(part.ends[b - 1])
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], end)
        else:
            found.append((begin, end))
    return tuple(found)


def _own_share(index: Index, s: Sighting) -> float:
    """Share found of the words that no other item has; 1 where there are hardly any."""
    part = index.parts[s.part]
    gram, word = part.spread
    theirs_too = index.items_per_gram[part.grams] > 1
    own = np.bincount(word, ~theirs_too[gram], part.hashes.size)
    all_over = np.bincount(word, minlength=part.hashes.size)
    most: Floats = (2 * own > all_over).astype(np.float64)
    runs = tuple((a, b) for a, b in s.words if b - a > 1)  # words that agree one by one agree by chance
    if most.sum() < OWN_WORDS:
        return 1.0
    return max(_share(most, runs)[0], _share(most, _covered(part, s.grams))[0])


def _share(weights: Floats, kept: tuple[tuple[int, int], ...]) -> tuple[float, float]:
    """Share of the weight that is kept, and the weight kept."""
    total = float(weights.sum())
    found = float(sum(weights[a:b].sum() for a, b in kept))
    return (found / total if total > 0 else 0.0), found


def _level(  # noqa: PLR0911 - one way out per level
    index: Index, s: Sighting, words: Floats, in_order: float, anyhow: float, kept: float, settings: Thresholds
) -> Level | None:
    part = index.parts[s.part]
    if part.part in {"context", "choices"}:
        return "partial" if max(in_order, anyhow) >= settings.near and kept >= RARE_WORDS else None
    if part.part == "statement" and kept < settings.distinctive_words:
        return None
    least = settings.body_weight if s.whole else 2 * settings.body_weight
    if _is_body(index, part) and kept < least and not s.beside:
        return _partial(s, words, settings)
    beside = s.answer or bool(s.beside) or _table_stands(s)
    if s.sibling and max(in_order, anyhow) >= settings.variant:
        return "sibling"
    least = (
        settings.variant if s.size >= IN_ORDER * part.hashes.size else settings.near
    )  # of a half, the rest is not there
    if s.otherwise and (s.whole or max(in_order, anyhow) >= least):
        return "variant"
    if s.whole:
        long_enough = part.hashes.size >= settings.whole_words and kept >= RARE_WORDS
        enough = s.listed or np.where(part.plain, 1.0, LIGHT).sum() >= TELLING_WEIGHT
        if (long_enough or (beside and part.hashes.size > 1 and enough)) and _passage(index, s, kept, settings):
            return "near" if part.part == "statement" else "exact"  # the rest of its question is missing
        return "partial" if part.hashes.size >= settings.shortest_words else None
    if max(kept, anyhow * words.sum()) < RARE_WORDS and not (beside and in_order >= settings.near):
        return None
    count = numbers(part.hashes, part.kinds)
    if s.changed > settings.number_tolerance * count:
        return "variant" if max(in_order, anyhow) >= settings.variant else _partial(s, words, settings)
    copied = in_order >= settings.near or anyhow >= settings.near_unordered
    told_apart = part.hashes.size >= settings.edited_words or beside
    if copied and told_apart and _own_share(index, s) >= settings.own_share and _passage(index, s, kept, settings):
        return "near"
    return _partial(s, words, settings)


def _is_body(index: Index, part: PartText) -> bool:
    """Whether a part is what completes a program that the question begins."""
    task, item = index.items[part.item]
    return part.part == "answer" and task in index.code and (item.solution or item.gold).startswith(item.question)


def _partial(s: Sighting, words: Floats, settings: Thresholds) -> Level | None:
    """Call a piece partial that is too long to be an accident: a truncated half."""
    longest = max((b - a for a, b in s.words), default=0)
    return "partial" if longest >= max(settings.partial_words, settings.partial * words.size) else None


def _passage(index: Index, s: Sighting, kept: float, settings: Thresholds) -> bool:
    """Tell whether a question counts: one about a passage mostly where the passage, or the answer, stands too."""
    part = index.parts[s.part]
    if part.part != "question" or not index.items[part.item][1].context:
        return True
    beside = {index.parts[n].part for n in s.beside}
    if "context" in beside or _table_stands(s):
        return True
    answered = s.answer or "answer" in beside
    least = settings.distinctive_words if answered else settings.distinctive_alone
    return kept >= (settings.distinctive_told if s.told and s.whole else least)


def _other_half(index: Index, s: Sighting) -> bool:
    here = index.parts[s.part].part
    return any(index.parts[n].part in {"question", "answer"} and index.parts[n].part != here for n in s.beside)
