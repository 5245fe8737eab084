"""What a maintainer wants to know of a benchmark before trusting it: repeats, golds that fail, choices, lengths.

Not here: contamination of a training corpus (scan), and whether the golds are true.
"""

import string
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import combinations

import msgspec

from rarl_eval.data.calling import prompt_of, verdict_of
from rarl_eval.errors import Fault
from rarl_eval.types import Benchmark, Item, Task, Unread

MOST_SPOILT = 0.005
"""Share of items whose gold may fail its own verifier, or be no single option, in a benchmark called sound."""


class FailingGold(msgspec.Struct, frozen=True):
    """A gold that its own verifier does not pass."""

    id: str
    gold: str
    status: str
    reason: str


class RepeatedItem(msgspec.Struct, frozen=True):
    """Items that ask the same question over the same context."""

    ids: tuple[str, ...]
    golds: tuple[str, ...]
    """Different right answers among them, options written out; more than one is a contradiction."""
    same_choices: bool


class Flaw(msgspec.Struct, frozen=True):
    """What is wrong with an item's options or text."""

    id: str
    what: str
    spoils: bool
    """Whether the right answer cannot be told; equal wrong options spoil nothing."""


class TextLengths(msgspec.Struct, frozen=True):
    """Prompt lengths in characters."""

    median: int
    p95: int
    longest: int
    longest_id: str


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """What was found in one benchmark."""

    task: str
    origin: str
    fingerprint: str
    rows: int
    repeats: tuple[RepeatedItem, ...]
    failing: tuple[FailingGold, ...]
    faults: tuple[Flaw, ...]
    unread: tuple[Unread, ...]
    """Rows that the task's own code fails on."""
    lengths: TextLengths
    shared: dict[str, int]
    """Items whose question and context stand in another of the benchmarks checked, by its name."""

    @property
    def contradictions(self) -> int:
        """Questions that are asked again with the same options and another gold."""
        return sum(len(repeat.golds) > 1 and repeat.same_choices for repeat in self.repeats)

    @property
    def sound(self) -> bool:
        """Whether nearly all golds pass and can be told from the other options, and no question has two."""
        spoilt = {gold.id for gold in self.failing} | {fault.id for fault in self.faults if fault.spoils}
        spoilt_or_unread = len(spoilt) + len(self.unread)
        return spoilt_or_unread <= MOST_SPOILT * (self.rows + len(self.unread)) and not self.contradictions


def check(benchmarks: Sequence[Benchmark]) -> list[Check]:
    """Look at each benchmark, and at what they share."""
    shared = _shared(benchmarks)
    return [
        Check(
            task=benchmark.task.name,
            origin=benchmark.origin,
            fingerprint=benchmark.fingerprint,
            rows=len(benchmark.items),
            repeats=tuple(_repeats(benchmark.items)),
            failing=tuple(_failing(benchmark.task, benchmark.items)),
            faults=tuple(fault for i in benchmark.items for fault in (*_faults(i), *_unasked(benchmark.task, i))),
            unread=benchmark.unread,
            lengths=_lengths(benchmark),
            shared=shared[benchmark.task.name],
        )
        for benchmark in benchmarks
    ]


def _asked(item: Item) -> tuple[str, str]:
    return _plain(item.question), _plain(item.context)


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _repeats(items: Iterable[Item]) -> Iterable[RepeatedItem]:
    groups = defaultdict(list)
    for item in items:
        groups[_asked(item)].append(item)
    for group in groups.values():
        if len(group) > 1:
            golds = tuple(dict.fromkeys(_right(item) for item in group))
            choices = {tuple(sorted(map(_plain, item.choices))) for item in group}
            yield RepeatedItem(tuple(item.id for item in group), golds, len(choices) == 1)


def _right(item: Item) -> str:
    """Return the gold, or the option that it names."""
    place = string.ascii_uppercase.find(item.gold.strip().upper()) if len(item.gold.strip()) == 1 else -1
    return _plain(item.choices[place]) if 0 <= place < len(item.choices) else _plain(item.gold)


def _failing(task: Task, items: Iterable[Item]) -> Iterable[FailingGold]:
    passing = "unjudged" if task.judged else "correct"
    for item in items:
        verdict = verdict_of(task, item, item.gold)
        if verdict.status != passing:
            yield FailingGold(item.id, item.gold[:200], verdict.status, verdict.reason)


def _unasked(task: Task, item: Item) -> Iterable[Flaw]:
    asked = prompt_of(task, item)
    if isinstance(asked, Fault):
        yield Flaw(item.id, asked.reason, spoils=True)


def _faults(item: Item) -> Iterable[Flaw]:
    if not item.question.strip():
        yield Flaw(item.id, "the question is empty", spoils=True)
    if not item.gold.strip():
        yield Flaw(item.id, "the gold is empty", spoils=True)
    if not item.choices:
        return
    letters, gold = string.ascii_uppercase[: len(item.choices)], item.gold.strip().upper()
    if len(item.choices) < 2:
        yield Flaw(item.id, "there is one option only", spoils=True)
    if gold not in set(letters):
        yield Flaw(item.id, f"gold {item.gold[:40]!r} is none of the options {letters}", spoils=True)
    by_text = defaultdict(list)
    for letter, choice in zip(letters, item.choices, strict=False):
        by_text[_plain(choice)].append(letter)
    for text, same in by_text.items():
        if not text:
            yield Flaw(item.id, f"option {', '.join(same)} is empty", spoils=gold in same)
        elif len(same) > 1:
            told = "one of them the gold" if gold in same else "none of them the gold"
            yield Flaw(item.id, f"options {', '.join(same)} are the same, {told}: {text[:80]!r}", spoils=gold in same)


def _lengths(benchmark: Benchmark) -> TextLengths:
    prompts = [(_length(benchmark.task, item), item.id) for item in benchmark.items]
    ordered = sorted(length for length, _ in prompts)
    longest, where = max(prompts)
    return TextLengths(ordered[len(ordered) // 2], ordered[int(0.95 * (len(ordered) - 1))], longest, where)


def _length(task: Task, item: Item) -> int:
    """Characters of a prompt, 0 where there is none."""
    asked = prompt_of(task, item)
    return 0 if isinstance(asked, Fault) else sum(len(message.content) for message in asked)


def _shared(benchmarks: Sequence[Benchmark]) -> dict[str, dict[str, int]]:
    asked = {b.task.name: [_asked(item) for item in b.items] for b in benchmarks}
    known = {name: set(questions) for name, questions in asked.items()}
    found: dict[str, dict[str, int]] = {name: {} for name in asked}
    for one, other in combinations(asked, 2):
        for here, there in ((one, other), (other, one)):
            count = sum(question in known[there] for question in asked[here])
            if count:
                found[here][there] = count
    return found
