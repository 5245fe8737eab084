"""The items of a benchmark by what a log may say of them: their question, a question inside a prompt, id or key."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from rarl_eval.identity.wording import behind, folded, starts, words
from rarl_eval.types import Benchmark, Item

LEAD = 5
"""A question is looked for in a prompt by its first words; a shorter one is no evidence by itself."""

_LABEL = re.compile(
    r"^[^\w\n]*(?:question|problem|exercise|query|q|user|human|<\|im_start\|>user)\s*\d*\s*[:.)\]]", re.MULTILINE
)
_LONGEST_LABEL = 40


class Hit(NamedTuple):
    """The question that stands last in a prompt."""

    items: tuple[Item, ...]
    """Those that ask it."""
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
        self._leads: dict[tuple[str, ...], list[tuple[list[str], Item]]] = {}
        for item in benchmark.items:
            self._add(item)

    def _add(self, item: Item) -> None:
        self.by_id[item.id] = None if item.id in self.by_id else item
        self._raw.setdefault(item.question.strip(), []).append(item)
        asked = words(item.question)
        texts = [asked]
        if item.context:
            around = words(item.context)
            texts += [around + asked, asked + around]
            if len(asked) < LEAD <= len(around):  # the context is what tells the items apart
                self._leads.setdefault(tuple(around[:LEAD]), []).append((around, item))
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

    def last_in(self, prompt: str) -> Hit | None:
        """Return the whole question that stands last in a prompt, the longest where one stands inside another."""
        shown = words(prompt)
        begins, ends, found = 0, 0, list[Item]()
        for start in range(len(shown) - LEAD, -1, -1):
            for asked, item in self._leads.get(tuple(shown[start : start + LEAD]), ()):
                end = start + len(asked)
                if end < ends or shown[start:end] != asked:
                    continue
                if (begins, ends) != (start, end):
                    begins, ends, found = start, end, []
                found.append(item)
        if not found:
            return None
        text = folded(prompt)
        rest = behind(text, ends)
        return Hit(tuple(found), rest, _goes_on(text[: starts(text, begins)], rest))

    def chance(self, gold: str) -> float:
        """Share of the items that have this gold."""
        return self.golds[gold] / max(1, len(self.benchmark.items))


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
