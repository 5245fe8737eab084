"""The items of a benchmark by what a log may say of them: their question, a question inside a prompt, id or key."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from rarl_eval.identity.wording import around, folded, split, words
from rarl_eval.types import Benchmark, Item

LEAD = 5
"""A question is looked for in a prompt by its first words; a shorter one is no evidence by itself."""

_LABEL = re.compile(
    r"^[^\w\n]*(?:question|problem|exercise|query|q|user|human|<\|im_start\|>user)\s*\d*\s*[:.)\]]", re.MULTILINE
)
_LONGEST_LABEL = 40
KEPT = 4096
"""Prompts whose question is remembered."""
WINDOW = 1000
"""Characters beyond the longest question in which the last one of a prompt is looked for first."""


class Hit(NamedTuple):
    """The question that stands last in a prompt."""

    items: tuple[Item, ...]
    """Those that ask it."""
    before: str
    """What stands before it, folded; of a long prompt the last part."""
    rest: str
    """What stands behind it, folded."""
    example: bool
    """Whether another question follows that no item asks: the one found was shown as an example."""


class ItemIndex:
    """Built once for a benchmark and asked for every row."""

    def __init__(self, benchmark: Benchmark) -> None:
        self.benchmark = benchmark
        self.by_key = benchmark.by_key
        self.by_id: dict[str, Item | None] = {}
        self.golds = Counter(item.gold for item in benchmark.items)
        self._raw: dict[str, list[Item]] = {}
        self._whole: dict[str, list[Item]] = {}
        self._contexts: dict[str, list[Item]] = {}
        self._leads: dict[tuple[str, ...], list[tuple[list[str], Item]]] = {}
        for item in benchmark.items:
            self._add(item)
        self._openings = {lead[:2] for lead in self._leads}
        self._longest = max((len(i.question) + len(i.context) for i in benchmark.items), default=0)
        self._window = self._longest + WINDOW
        self._seen: dict[str, Hit | None] = {}
        self._context: tuple[Item | None, list[str]] = (None, [])
        self.golds_held: dict[tuple[str, ...], bool | None] = {}
        """Golds that were compared, by question and gold of the item, gold of the row, and order of its options."""

    def _add(self, item: Item) -> None:
        self.by_id[item.id] = None if item.id in self.by_id else item
        self._raw.setdefault(item.question.strip(), []).append(item)
        asked = words(item.question)
        texts = [asked]
        if item.context:
            told = words(item.context)
            texts += [told + asked, asked + told]
            self._contexts.setdefault(" ".join(told), []).append(item)
            if len(asked) < LEAD <= len(told):  # the context is what tells the items apart
                self._leads.setdefault(tuple(told[:LEAD]), []).append((told, item))
        for text in {" ".join(text) for text in texts} - {""}:
            self._whole.setdefault(text, []).append(item)
        if len(asked) >= LEAD:
            self._leads.setdefault(tuple(asked[:LEAD]), []).append((asked, item))

    def asking(self, text: str) -> tuple[Item, ...]:
        """Return the items whose question a text is, with or without its context."""
        found = self._raw.get(text.strip())
        if found is None:
            found = self._whole.get(" ".join(words(text)))
        return tuple(found or ())

    def around(self, text: str) -> tuple[Item, ...]:
        """Return the items whose context a text is, or whose question."""
        return (*self._contexts.get(" ".join(words(text)), ()), *self.asking(text))

    def states(self, text: str) -> bool:
        """Whether a text is a question of the benchmark as it stands there, and long enough to be no answer."""
        return text.strip() in self._raw and len(words(text)) >= LEAD

    def last_in(self, prompt: str) -> Hit | None:
        """Return the whole question that stands last in a prompt, the longest where one stands inside another.

        Prompts are long and their last question stands near their end: it is looked for there first.
        """
        if prompt not in self._seen:  # the samples of an item share a prompt
            if len(self._seen) == KEPT:
                self._seen.clear()
            window = prompt[-self._window :].partition("\n")[2] if len(prompt) > self._window else ""
            found = self._in(window) if window else None
            sure = found is not None and found.before.strip() and len(found.rest) <= WINDOW // 2
            self._seen[prompt] = found if sure else self._in(prompt)
        return self._seen[prompt]

    def _in(self, prompt: str) -> Hit | None:
        text = folded(prompt)
        shown = split(text)
        begins, ends, found = 0, 0, list[Item]()
        places = [n for n, pair in enumerate(pairwise(shown)) if pair in self._openings]
        for start in reversed(places):
            for asked, item in self._leads.get(tuple(shown[start : start + LEAD]), ()):
                end = start + len(asked)
                if end < ends or shown[start:end] != asked:
                    continue
                if (begins, ends) != (start, end):
                    begins, ends, found = start, end, []
                found.append(item)
        found = [item for item in found if self._asked_too(item, shown)]
        if not found:
            return None
        before, rest = _beside(text, shown, begins, ends, found[0])
        return Hit(tuple(found), before, rest, _goes_on(before, rest))

    def _asked_too(self, item: Item, shown: list[str]) -> bool:
        """Whether a question too short to be looked for, which no other item asks, stands with its context."""
        asked = words(item.question)
        if len(asked) >= LEAD or len(self._whole.get(" ".join(asked), ())) > 1:
            return True
        return f" {' '.join(asked)} " in f" {' '.join(shown)} "

    def context_of(self, item: Item) -> list[str]:
        """Return the words of an item's context."""
        if self._context[0] is not item:
            self._context = item, words(item.context)
        return self._context[1]

    def chance(self, gold: str) -> float:
        """Share of the items that have this gold."""
        return self.golds[gold] / max(1, len(self.benchmark.items))


def _beside(text: str, shown: list[str], begins: int, ends: int, item: Item) -> tuple[str, str]:
    """Return what stands before and behind a question in a folded text; at once where it stands there as it is."""
    asked = folded(item.question).strip()
    at = text.rfind(asked) if asked else -1
    if at >= 0 and split(text[at + len(asked) :]) == shown[ends:]:
        return text[:at], text[at + len(asked) :]
    return around(text, begins, ends)


def _goes_on(before: str, rest: str) -> bool:
    """Whether another question follows: what labels questions in general, or this one, stands behind it again."""
    if _LABEL.search(rest):
        return True
    lines = before.rstrip(" \t").split("\n")
    label = (lines[-1] or next((line for line in reversed(lines[:-1]) if line.strip()), "")).strip()
    named = 2 <= len(label) <= _LONGEST_LABEL and label[-1] in ":：.)]" and any(c.isalpha() for c in label)
    return named and any(line.lstrip().startswith(label) for line in rest.split("\n"))


def covers(text: Sequence[str], known: Iterable[str]) -> bool | None:
    """Whether the words of a text stand in another: True, False where a few of its numbers do not, None if unclear."""
    there = set(known)
    missing = [word for word in dict.fromkeys(text) if word not in there]
    if len(missing) > len(set(text)) / 10:
        return None
    numbers = [word for word in missing if any(c.isdigit() for c in word)]
    return not numbers


def near(item: Item, text: str) -> bool:
    """Whether a text is about what an item asks: it holds half of the words of its question."""
    asked = set(words(item.question))
    return len(asked & set(words(text))) * 2 >= len(asked)
