"""Detectors of the user's: beside the scanner's own search, each document is shown to them.

A detector is an entry point of the group ``rarl_eval.detectors``, or ``FILE.py:FUNCTION`` (``types.Detector``). What
it finds is told in items.jsonl beside the scanner's own evidence, flags an item at the levels that do, and is the same
for any number of jobs and with Ray, since each thread of each process opens its own by name. One that raises, or tells
of what is not there, ends its shard with the reason: nothing is clean that it did not see.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from rarl_eval import registry
from rarl_eval.contamination.corpus.documents import texts
from rarl_eval.contamination.corpus.readers import Block
from rarl_eval.contamination.matching.index import Index
from rarl_eval.contamination.matching.settings import Thresholds
from rarl_eval.errors import BadInput, Fault, attempt
from rarl_eval.types import Detector, Item, Overlap

ORDER = {"exact": 0, "near": 1, "sibling": 2, "variant": 3, "partial": 4, "paraphrase": 5}


class Told(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """What a detector told of one item in one document."""

    detector: str
    item: int
    """Position in ``Index.items``."""
    document: str
    order: tuple[int, int]
    """Where the document stands in its shard; breaks ties."""
    overlap: Overlap


@dataclass
class Detectors:
    """The detectors of one thread."""

    looks: dict[str, Callable[[str], Iterable[Overlap]]]
    numbers: dict[tuple[str, str], int]
    """Position of each item, by (task, key)."""

    def block(self, block: Block, number: int, fields: Sequence[str], most: int) -> list[Told]:
        """Show each document of a block to each detector; excerpts are cut to ``most`` characters."""
        return [
            told
            for begin, document, text in (texts(block, fields) if self.looks else ())
            for name in self.looks
            for told in self._document(name, text, document, (number, begin), most)
        ]

    def _document(self, name: str, text: str, document: str, order: tuple[int, int], most: int) -> list[Told]:
        overlaps = attempt(called(name), lambda: [self._checked(o) for o in self.looks[name](text)])
        if isinstance(overlaps, Fault):
            raise BadInput(f"{document}: the detector {called(name)} failed: {overlaps.error}")
        return [
            Told(
                detector=name, item=self.numbers[o.task, o.key], document=document, order=order,
                overlap=msgspec.structs.replace(o, excerpt=o.excerpt[:most]),
            )
            for o in overlaps
        ]  # fmt: skip

    def _checked(self, overlap: Any) -> Overlap:
        """Give what a detector told, its types and values checked."""
        told = msgspec.convert(msgspec.to_builtins(overlap), Overlap)
        if (told.task, told.key) not in self.numbers:
            raise ValueError(f"no item of {told.task!r} has the key {told.key!r}")
        if not 0 <= told.score <= 1:
            raise ValueError(f"a score lies between 0 and 1, not at {told.score}")
        return told


def opened(names: Sequence[str], index: Index) -> Detectors:
    """Open detectors for one thread; UnknownName for one that is not there, BadInput for one that fails."""
    numbers = {(task, key): n for n, ((task, _), key) in enumerate(zip(index.items, index.keys, strict=True))}
    items = {name: index.items[n][1] for name, n in numbers.items()}
    return Detectors({name: _open(name, items) for name in names}, numbers)


def _open(name: str, items: Mapping[tuple[str, str], Item]) -> Callable[[str], Iterable[Overlap]]:
    detector: Detector = registry.detector(name)
    look = attempt(called(name), detector, items)
    if isinstance(look, Fault):
        raise BadInput(f"the detector {called(name)} cannot be opened: {look.error}")
    return look


def called(name: str) -> str:
    """Return a detector's name as it is told: of a user's file without its folder, which is of one machine."""
    return name.rpartition("/")[2]


def best(told: Iterable[Told], settings: Thresholds) -> list[Told]:
    """Keep the best of each item and detector, in order of items."""
    by_item: dict[tuple[int, str], list[Told]] = defaultdict(list)
    for one in told:
        by_item[one.item, one.detector].append(one)
    return [
        one
        for name in sorted(by_item)
        for one in sorted(by_item[name], key=lambda t: (ORDER[t.overlap.level], -t.overlap.score, t.document, t.order))[
            : settings.evidence_kept
        ]
    ]


def evidence(told: Iterable[Told]) -> dict[int, list[dict[str, Any]]]:
    """Put it as items.jsonl says it, by item."""
    by_item: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for one in told:
        o = one.overlap
        line: dict[str, Any] = {"level": o.level, "part": o.part, "score": round(o.score, 4), "document": one.document}
        line |= {"offset": o.offset, "excerpt": o.excerpt, "numbers_changed": None, "answer_beside": None}
        by_item[one.item].append(line | {"detector": called(one.detector)})
    return by_item
