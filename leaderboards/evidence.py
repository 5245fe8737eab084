"""An item beside the document it was found in, with the words they share marked in both."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape
from rapidfuzz.distance import LCSseq

from rarl_eval.evidence.scans import ItemStatus, ScanResult
from rarl_eval.evidence.told import parts_told
from rarl_eval.leaderboards.names import shortened, shown_block
from rarl_eval.leaderboards.report import Scan
from rarl_eval.types import Item

MOST_CHARACTERS = 3000
"""Shown of an item's part and of an excerpt."""

LEAST_WORDS = 2
"""Shared words in a row that are worth a mark."""

_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Sight:
    """One item in one corpus."""

    corpus: str
    document: str
    level: str
    facts: str
    part: str
    mine: Markup
    theirs: Markup


def sights(item: Item, found: Iterable[tuple[ScanResult, ItemStatus]]) -> list[Sight]:
    """Return the evidence of each scan that has any."""
    return [_sight(item, scan, status) for scan, status in found if status.level and status.excerpt]


def _sight(item: Item, scan: ScanResult, status: ItemStatus) -> Sight:
    mine, theirs = side_by_side(_part(item, status.part or "question"), status.excerpt or "")
    return Sight(
        corpus=shortened(_corpus(scan), 80),
        document=shortened(status.document or "unnamed document", 200),
        level=status.level or "",
        facts=", ".join(_facts(status)),
        part=status.part or "question",
        mine=mine,
        theirs=theirs,
    )


def _corpus(scan: ScanResult) -> str:
    """Name the corpora without the folders of the machine they lay on."""
    names = [str(corpus.get("name", "")).rsplit("/", 1)[-1] for corpus in scan.report.get("corpora", ())]
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(names[:3]) + more or Scan(path=str(scan.path)).label


def _facts(status: ItemStatus) -> list[str]:
    facts = []
    if status.score is not None:
        facts.append(f"{100 * status.score:.0f} % of its weighted n-grams")
    if status.numbers_changed:
        facts.append(f"{status.numbers_changed} other {'number' if status.numbers_changed == 1 else 'numbers'}")
    if status.answer_beside is not None:
        facts.append("the answer stands beside it" if status.answer_beside else "the answer does not stand beside it")
    if len(status.parts) > 1:
        facts.append(parts_told(status.parts).removeprefix(": "))
    if status.offset is not None:
        facts.append(f"from character {status.offset:,} on")
    if status.others:
        facts.append(f"{len(status.others)} more {'place' if len(status.others) == 1 else 'places'}")
    return facts


def _part(item: Item, part: str) -> str:
    texts = {
        "question": item.question,
        "answer": item.solution or item.gold,
        "both": f"{item.question}\n{item.solution or item.gold}",
        "context": item.context,
        "choices": "\n".join(item.choices),
    }
    return texts.get(part) or item.question


def side_by_side(mine: str, theirs: str) -> tuple[Markup, Markup]:
    """Mark the words that two texts share in order, runs of at least two, in both; markup of each."""
    mine, theirs = mine[:MOST_CHARACTERS], theirs[:MOST_CHARACTERS]
    first, second = list(_WORD.finditer(mine)), list(_WORD.finditer(theirs))
    blocks = [
        op
        for op in LCSseq.opcodes([m[0].casefold() for m in first], [m[0].casefold() for m in second])
        if op.tag == "equal" and op.src_end - op.src_start >= LEAST_WORDS
    ]
    return (
        _marked(mine, first, [(op.src_start, op.src_end) for op in blocks]),
        _marked(theirs, second, [(op.dest_start, op.dest_end) for op in blocks]),
    )


def _marked(text: str, words: Sequence[re.Match[str]], blocks: Sequence[tuple[int, int]]) -> Markup:
    pieces, at = [], 0
    for first, last in blocks:
        begin, end = words[first].start(), words[last - 1].end()
        pieces += [escape(shown_block(text[at:begin])), _mark(text[begin:end])]
        at = end
    return Markup("").join([*pieces, escape(shown_block(text[at:]))])


def _mark(text: str) -> Markup:
    return Markup("<mark>{}</mark>").format(shown_block(text))
