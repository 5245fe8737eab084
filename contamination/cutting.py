"""Flagged spans cut out of a document, all else of it left as it is.

What is cut are the places of a flagged item's question, options and answer; a passage that it is about stays. A
document is looked at again after each cut, until nothing in it flags.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rarl_eval.contamination.corpus.documents import SEPARATOR, Place, leaves
from rarl_eval.contamination.matching.index import Index
from rarl_eval.contamination.matching.levels import FLAGGED, Frequencies, Match, judge
from rarl_eval.contamination.matching.look import Eye, look
from rarl_eval.contamination.matching.settings import Thresholds

MOST_ROUNDS = 50
"""A document that still flags after so many cuts is left out whole."""
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"(\s*:)?')

Changes = Mapping[Place, str]
"""New text of those strings of a row that were cut."""


@dataclass(frozen=True)
class Cut:
    """One span that was cut."""

    item: int
    finding: Match
    text: str
    """What left."""


@dataclass
class Cutter:
    """Cuts flagged spans, judged by the frequencies of the whole corpus."""

    index: Index
    seen: Frequencies
    settings: Thresholds
    fields: Sequence[str] = ()
    levels: Sequence[str] = FLAGGED
    """What is cut."""
    eye: Eye = field(init=False)

    def __post_init__(self) -> None:
        self.eye = Eye(self.index, self.settings)

    def row(self, value: Any) -> tuple[Changes, list[Cut]] | None:
        """Cut a row; None where that leaves no text, or cannot be done."""
        try:
            texts = dict(leaves(value, self.fields))
        except RecursionError:
            return None
        strings = {place for place in texts if isinstance(_value_at(value, place), str)}
        changes: dict[Place, str] = {}
        cuts: list[Cut] = []
        for _ in range(MOST_ROUNDS):
            found = self._flagged(SEPARATOR.join(texts.values()))
            if not found:
                return (changes, cuts) if any(t.strip() for t in texts.values()) else None
            cuts += [Cut(item, finding, text) for item, finding, _, text in found]
            cut = _without(texts, strings, [(begin, end) for _, _, (begin, end), _ in found])
            if not cut:
                return None
            changes |= cut
            texts |= cut
        return None

    def text(self, text: str) -> tuple[str, list[Cut]] | None:
        """Cut a text; None where that leaves none, or cannot be done."""
        done = self.row(text)
        return (done[0].get((), text), done[1]) if done else None

    def _flagged(self, text: str) -> list[tuple[int, Match, tuple[int, int], str]]:
        """Items that flag, what was found of them, its range of characters and its text."""
        judged = judge(self.index, self.seen, look(self.eye, text, "", ()), self.settings)
        return [
            (item, finding, (begin, end), text[begin:end])
            for item, findings in sorted(judged.items())
            if any(f.level in self.levels for f in findings)
            for finding in findings
            if self.index.parts[finding.sighting.part].part != "context" and finding.sighting.length
            for begin, end in [_range(text, finding.sighting.offset, finding.sighting.length)]
        ]


def _range(text: str, begin: int, length: int) -> tuple[int, int]:
    """Range of a span with the punctuation that ends it."""
    end = begin + length
    while end < len(text) and not text[end].isalnum() and not text[end].isspace() and text[end] not in "<>{}[]":
        end += 1
    return begin, end


def _without(texts: Mapping[Place, str], strings: set[Place], ranges: list[tuple[int, int]]) -> dict[Place, str]:
    """Cut ranges of the joined texts out of those that are strings; those that changed."""
    changed, begin = {}, 0
    for place, text in texts.items():
        kept = [True] * len(text)
        for low, high in ranges:
            first, last = max(0, low - begin), min(len(text), high - begin)
            if first < last:
                kept[first:last] = [False] * (last - first)
        if place in strings and not all(kept):
            changed[place] = "".join(c for c, stays in zip(text, kept, strict=True) if stays)
        begin += len(text) + len(SEPARATOR)
    return changed


def _value_at(value: Any, place: Place) -> Any:
    for step in place:
        value = value[step]
    return value


def replaced(value: Any, changes: Changes) -> Any:
    """Put the new texts into a copy of a row."""
    if not changes:
        return value
    if () in changes:
        return changes[()]
    steps = value.items() if isinstance(value, dict) else enumerate(value)
    inner = {
        step: replaced(v, {place[1:]: text for place, text in changes.items() if place[0] == step})
        for step, v in steps
    }  # fmt: skip
    return inner if isinstance(value, dict) else list(inner.values())


def spliced(line: bytes, value: Any, changes: Changes) -> bytes | None:
    """Put the new texts into a line of JSON and leave every other byte; None if its strings cannot be told apart."""
    told = [(m.start(), m.end()) for m in _STRING.finditer(line) if m[1] is None]
    strings = [(place, text) for place, text in _strings(value, ())]
    if len(told) != len(strings):
        return None
    parts, at = [], 0
    for (begin, end), (place, text) in zip(told, strings, strict=True):
        if place not in changes:
            continue
        if json.loads(line[begin:end].decode("utf-8", "replace")) != text:
            return None
        new = json.dumps(changes[place], ensure_ascii=line[begin:end].isascii())
        parts += [line[at:begin], new.encode("utf-8", "surrogatepass")]
        at = end
    return b"".join([*parts, line[at:]])


def _strings(value: Any, place: Place) -> Iterator[tuple[Place, str]]:
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, dict | list):
        for step, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _strings(inner, (*place, step))
