"""Which item does a recorded output answer? By content, by prompt, by id, or by row: whichever finds most of a file.

Content is compared without case, punctuation and Unicode form, so that a curly quote does not break it. A row that
states another question than the item its id or position points to is left unmatched: row numbers lie.
"""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from rarl_eval.importers import Output
from rarl_eval.types import Benchmark, Item

How = Literal["content", "prompt", "id", "row"]

_QUESTIONS = ("question", "problem", "Question", "Problem", "query")
_NOT_LETTERS = {c: " " for c in range(0x250) if not chr(c).isalnum()}


@dataclass(frozen=True)
class Matched:
    """Outputs with their items, and how they were found."""

    pairs: tuple[tuple[Output, Item], ...]
    how: How
    unmatched: tuple[Output, ...]


def match(outputs: Sequence[Output], benchmark: Benchmark) -> Matched:
    """Match the outputs of one file to items; with equal finds content is believed first, then prompts, ids, rows."""
    ways: list[tuple[How, list[Item | None]]] = [
        ("content", _by_content(outputs, benchmark)),
        ("prompt", _by_prompt(outputs, benchmark)),
        ("id", _by_id(outputs, benchmark)),
        ("row", _by_row(outputs, benchmark)),
    ]
    how, found = max(ways, key=lambda way: sum(item is not None for item in way[1]))
    pairs = tuple((o, item) for o, item in zip(outputs, found, strict=True) if item is not None)
    unmatched = tuple(o for o, item in zip(outputs, found, strict=True) if item is None)
    return Matched(pairs=pairs, how=how, unmatched=unmatched)


def normal(text: str) -> str:
    """Letters and digits of a text in lower case, with single spaces."""
    folded = unicodedata.normalize("NFKC", text).casefold().translate(_NOT_LETTERS)
    return " ".join("".join(c if c.isalnum() else " " for c in folded).split())


def _by_content(outputs: Sequence[Output], benchmark: Benchmark) -> list[Item | None]:
    index = _content_index(benchmark)
    return [_find(output, index) for output in outputs]


def _content_index(benchmark: Benchmark) -> dict[str, Item | None]:
    """Normalised question to item; None where several items ask the same."""
    index: dict[str, Item | None] = {}
    for item in benchmark.items:
        texts = {normal(item.question), normal(f"{item.context} {item.question}")} - {""}
        for text in sorted(texts):
            index[text] = None if text in index else item
    return index


def _find(output: Output, index: Mapping[str, Item | None]) -> Item | None:
    texts = [output.question] if output.question is not None else _strings(output.row)
    for text in texts:
        item = index.get(normal(text))
        if item is not None:
            return item
    return None


def _strings(row: Mapping[str, Any], depth: int = 2) -> Iterator[str]:
    """Strings of a row and of the objects in it, those of usual question fields first."""
    yield from (row[name] for name in _QUESTIONS if isinstance(row.get(name), str))
    for value in row.values():
        if isinstance(value, str):
            yield value
        elif isinstance(value, Mapping) and depth > 1:
            yield from _strings(value, depth - 1)


_LEAD_WORDS = 5
"""A question is looked for in a prompt by its first words; a shorter one is no evidence."""


def _by_prompt(outputs: Sequence[Output], benchmark: Benchmark) -> list[Item | None]:
    """Find the question that stands last in the prompt: demonstrations stand before it."""
    if not any(output.prompt for output in outputs):
        return [None] * len(outputs)
    leads: dict[tuple[str, ...], list[tuple[list[str], Item]]] = {}
    for item in benchmark.items:
        words = normal(item.question).split()
        if len(words) >= _LEAD_WORDS:
            leads.setdefault(tuple(words[:_LEAD_WORDS]), []).append((words, item))
    return [_in_prompt(normal(output.prompt).split(), leads) if output.prompt else None for output in outputs]


def _in_prompt(words: list[str], leads: Mapping[tuple[str, ...], list[tuple[list[str], Item]]]) -> Item | None:
    for start in range(len(words) - _LEAD_WORDS, -1, -1):
        candidates = leads.get(tuple(words[start : start + _LEAD_WORDS]), ())
        there = [(asked, item) for asked, item in candidates if words[start : start + len(asked)] == asked]
        if there:
            longest = max(len(asked) for asked, _ in there)
            (item, *others) = [item for asked, item in there if len(asked) == longest]
            return None if others else item
    return None


def _by_id(outputs: Sequence[Output], benchmark: Benchmark) -> list[Item | None]:
    ids = {item.id: item for item in benchmark.items} | dict(benchmark.by_key)
    return [_unless_contradicted(o, ids.get(o.item_id) if o.item_id is not None else None) for o in outputs]


def _by_row(outputs: Sequence[Output], benchmark: Benchmark) -> list[Item | None]:
    """By order, where the file has one row for each item (a skipped demonstration row is no row)."""
    positions = {position: rank for rank, position in enumerate(dict.fromkeys(o.position for o in outputs))}
    if len(positions) != len(benchmark.items):
        return [None] * len(outputs)
    return [_unless_contradicted(o, benchmark.items[positions[o.position]]) for o in outputs]


def _unless_contradicted(output: Output, item: Item | None) -> Item | None:
    stated = output.question if output.question is not None else _stated(output.row)
    if item is None or stated is None:
        return item
    said, asked = normal(stated), normal(f"{item.context} {item.question}")
    return item if said in asked or normal(item.question) in said else None


def _stated(row: Mapping[str, Any]) -> str | None:
    """Return the question a row states in a usual field, of its own or of its ``doc``."""
    document = row.get("doc")
    for part in (row, document if isinstance(document, Mapping) else {}):
        for name in _QUESTIONS:
            if isinstance(part.get(name), str):
                return str(part[name])
    return None
