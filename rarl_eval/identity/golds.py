"""Whether a row's gold says what the item's gold says, and its options are the item's.

A letter or a place is read by the options of whoever wrote it. Where a gold cannot be compared (programs, free text)
nothing is said of it: None.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from rarl_eval.data.calling import verdict_of
from rarl_eval.identity.wording import split, words
from rarl_eval.types import Benchmark, Item

_LETTER = re.compile(r"\s*[(\[]?\s*([A-Za-z])\s*[)\].:]?\s*")
_SHOWN = re.compile(r"(?:^|[\s(\[])([a-z])[).:\]]\s*")
Order = tuple[int, ...]
"""For each option of a log the place of the same option in the item."""


def order_of(choices: Sequence[str], item: Item) -> Order | None:
    """Return where each option of a log stands in the item; None where they are not the same options."""
    if len(choices) != len(item.choices):
        return None
    places = dict[str, list[int]]()
    for place, choice in enumerate(item.choices):
        places.setdefault(_plain(choice), []).append(place)
    found = [places.get(_plain(choice), []) for choice in choices]
    if not all(found):
        return None
    order = tuple(left.pop(0) if left else -1 for left in found)
    return None if -1 in order else order


def shown_options(rest: str, item: Item, before: str = "") -> tuple[Order | None, bool]:
    """Return the order of the lettered options that stand behind a question, and whether they are other options.

    Both texts are folded; the options may stand in ``before``, in front of the question. Other options are those of
    which most, but not all, are the item's; as many as the item has of which half share no word with any of its own;
    and the item's own in another order under marks that are no letters from A on: answers cannot be read by them. What
    is not read clearly says nothing: (None, False).
    """
    order, others = _lettered_options(rest, item)
    if order is not None or others:
        return order, others
    for text in (rest, before):
        found = _on_lines(text, item) or _listed(split(text), item)
        if found is not None:
            places, marks = found
            lettered = marks == [chr(97 + n) for n in range(len(places))]
            turned = places != tuple(range(len(places)))
            return (places, False) if lettered else (None, turned and all(marks))
    return None, False


def _lettered_options(rest: str, item: Item) -> tuple[Order | None, bool]:
    run = _lettered(rest)
    if len(run) < 2:
        return None, False
    ends = [*(m.start() for m in run[1:]), len(rest)]
    texts = [rest[m.end() : end] for m, end in zip(run, ends, strict=True)]
    places = [_place_of(text, item, last=n == len(texts) - 1) for n, text in enumerate(texts)]
    known = [place for place in places if place is not None]
    if len(known) == len(places) == len(item.choices) == len(set(known)):
        return tuple(known), False
    listed = len(run) >= len(item.choices) and run[0].start() <= _NEAR
    alien = listed and 2 * sum(_shares_nothing(text, item) for text in texts) >= len(item.choices)
    return None, alien or len(set(known)) >= max(1, len(item.choices) - 1)


_BETWEEN = 6
"""Words and signs between two options of a list: its mark, in whatever it is set."""


def _on_lines(text: str, item: Item) -> tuple[Order, list[str]] | None:
    """Find all options of an item on lines of their own, each behind its mark, which may look like an option."""
    options = {tuple(words(choice)): place for place, choice in enumerate(item.choices)}
    run: list[tuple[int, str]] = []
    for line in text.split("\n"):
        said = split(line)
        cuts = (k for k in range(1, min(len(said), _BETWEEN + 1)) if tuple(said[k:]) in options and _mark(said[:k]))
        cut = next(cuts, None)
        run = [*run, (options[tuple(said[cut:])], _mark(said[:cut]))] if cut else run if not said else []
        if len({place for place, _ in run}) == len(run) == len(item.choices):
            return tuple(place for place, _ in run), [mark for _, mark in run]
    return None


def _listed(shown: list[str], item: Item) -> tuple[Order, list[str]] | None:
    """Find all options of an item one right behind the other; return their places, and the mark of each.

    The last such list of a text counts. None where there is none, or two options of the item read alike.
    """
    options = {tuple(words(choice)): place for place, choice in enumerate(item.choices)}
    many = len(item.choices)
    if len(options) < many or () in options or many < 2:
        return None
    spans = list(_spans(shown, options))
    for first in range(len(spans) - many, -1, -1):
        run = spans[first : first + many]
        near = all(b[0] - a[1] <= _BETWEEN for a, b in pairwise(run))
        if near and len({place for _, _, place in run}) == many:
            ends = [spans[first - 1][1] if first else max(0, run[0][0] - _BETWEEN), *(end for _, end, _ in run)]
            marks = [_mark(shown[max(end, begin - _BETWEEN) : begin]) for end, (begin, _, _) in
                     zip(ends, run, strict=False)]  # fmt: skip
            return tuple(place for _, _, place in run), marks
    return None


def _spans(shown: list[str], options: Mapping[tuple[str, ...], int]) -> Iterator[tuple[int, int, int]]:
    """Yield where options stand in a text, the longest first where one begins like another."""
    sizes = sorted({len(option) for option in options}, reverse=True)
    at = 0
    while at < len(shown):
        place = None
        for size in sizes:
            place = options.get(tuple(shown[at : at + size]))
            if place is not None:
                yield at, at + size, place
                at += size
                break
        at += place is None


def _mark(between: list[str]) -> str:
    """Return the letter or number that marks an option, of what stands before it; "" where there is none."""
    said = [sign for sign in between if sign.isalnum()]
    return said[-1] if len(said) == 1 and (len(said[0]) == 1 or said[0].isdecimal()) else ""


_NEAR = 80
"""Characters behind a question in which its options begin."""


def _shares_nothing(text: str, item: Item) -> bool:
    """Whether no word of a shown option stands in any of the item's."""
    said = set(words(text.replace(",", "")))
    return bool(said) and not any(said & set(words(choice.replace(",", ""))) for choice in item.choices)


def _lettered(text: str) -> list[re.Match[str]]:
    """Return the marks a, b, c ... of the first list of options in a text."""
    run: list[re.Match[str]] = []
    for mark in _SHOWN.finditer(text):
        if ord(mark[1]) - 97 == len(run):
            run.append(mark)
        elif mark[1] == "a" and len(run) < 2:
            run = [mark]
    return run


def _place_of(text: str, item: Item, *, last: bool) -> int | None:
    """Which of the item's options a text is; the last one goes on into what follows."""
    said = words(text)
    for place, choice in enumerate(item.choices):
        asked = words(choice)
        if said == asked or (last and asked and said[: len(asked)] == asked):
            return place
    return None


def agrees(benchmark: Benchmark, item: Item, gold: Any, order: Order | None) -> bool | None:
    """Whether a gold, or one of several, is the item's; None where that cannot be told."""
    if isinstance(gold, tuple):
        said = [agrees(benchmark, item, one, order) for one in gold]
        return True if True in said else None if None in said else False
    return _option_agrees(item, gold, order) if item.choices else _value_agrees(benchmark, item, gold)


def _option_agrees(item: Item, gold: Any, order: Order | None) -> bool | None:
    places = order or tuple(range(len(item.choices)))
    right = ord(item.gold) - 65 if len(item.gold) == 1 else -1
    if not 0 <= right < len(item.choices):
        return None
    if isinstance(gold, str) and _plain(gold) in map(_plain, item.choices):
        return _plain(gold) == _plain(item.choices[right])
    place = _place(gold)
    if place is None:
        return None
    return place < len(places) and places[place] == right


def _place(gold: Any) -> int | None:
    """Which option a gold names: by letter, or counted from 0."""
    if isinstance(gold, int):
        return gold if gold >= 0 else None
    letter = _LETTER.fullmatch(gold) if isinstance(gold, str) else None
    if letter:
        return ord(letter[1].upper()) - 65
    return int(gold) if isinstance(gold, str) and gold.strip().isdecimal() else None


def _value_agrees(benchmark: Benchmark, item: Item, gold: Any) -> bool | None:
    task = benchmark.task
    said = str(gold).strip()
    if said == item.gold.strip() or _plain(said) == _plain(item.gold) != "":
        return True
    if item.solution is not None and said == item.solution.strip():
        return True
    numbers = _number(said), _number(item.gold)
    if None not in numbers and numbers[0] == numbers[1]:
        return True
    if task.judged or task.runs_code or task.answers == "programs":
        return None if None in numbers else False
    return verdict_of(task, item, said).correct


def _number(text: str) -> float | None:
    try:
        return float(text.replace(",", "").strip("$ "))
    except ValueError:
        return None


def _plain(text: str) -> str:
    return " ".join(words(text)) or text.strip()
