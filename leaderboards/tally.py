"""Who got which item right: filled item by item as pages are written, then asked by lists and comparisons."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from rarl_eval.errors import BadInput
from rarl_eval.leaderboards.report import SiteRow, accuracy
from rarl_eval.stats.means import Codes, codes
from rarl_eval.types import Record

Entrant = tuple[str, str]

NOT_ASKED = "-"
CODES = {
    "R": "right",
    "M": "mostly right",
    "P": "partly right",
    "W": "wrong",
    "N": "no answer",
    "A": "two answers",
    "D": "declined",
    "E": "failed call",
    "U": "not judged",
    NOT_ASKED: "not asked",
}
"""One letter for what an entrant's samples of one item came to."""

_OF_STATUS = {
    "no_answer": "N", "ambiguous": "A", "abstained": "D", "unjudged": "U", "cannot_judge": "U", "unparsable_gold": "U",
}  # fmt: skip


@dataclass(frozen=True)
class ItemLine:
    """One item of a list."""

    key: str
    slug: str
    name: str
    question: str
    status: str
    group: str | None


@dataclass(frozen=True)
class Tally:
    """One task: its items in order, and for each entrant what became of each."""

    task: str
    rows: Sequence[SiteRow]
    anchors: Sequence[str]
    """Of each row on the pages of items."""
    lines: list[ItemLine] = field(default_factory=list)
    letters: list[list[str]] = field(default_factory=list)
    """Of each row (entrants, items), a key of CODES."""
    right: list[list[int]] = field(default_factory=list)
    judged: list[list[int]] = field(default_factory=list)

    def add(self, line: ItemLine, records: dict[Entrant, list[Record]]) -> None:
        """Take in one item."""
        self.lines.append(line)
        for number, row in enumerate(self.rows):
            if number == len(self.letters):
                self.letters.append([])
                self.right.append([])
                self.judged.append([])
            found = records.get(row.entrant, [])
            verdicts = [r.verdict.correct for r in found if r.verdict is not None and r.verdict.correct is not None]
            self.right[number].append(sum(verdicts))
            self.judged[number].append(len(verdicts))
            self.letters[number].append(letter(found, sum(verdicts), len(verdicts)))

    def shares(self) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
        """Share of right samples (entrants, items); nan where none was judged."""
        right, judged = np.array(self.right, dtype=np.float64), np.array(self.judged, dtype=np.float64)
        with np.errstate(invalid="ignore"):
            return right / np.where(judged > 0, judged, np.nan)

    def units(self) -> Codes:
        """Numbers of what is resampled as a whole (items,): the passage, else the item."""
        return codes([("item", x.key) if x.group is None else ("group", x.group) for x in self.lines])[0]

    def check(self) -> None:
        """Raise BadInput where a report was not written from the runs given."""
        shares = self.shares()
        for row, line in zip(self.rows, shares, strict=True):
            known = line[~np.isnan(line)]
            told, found = accuracy(row), float(known.mean()) if known.size else None
            if told is None or found is None or abs(told - found) > 1e-6:
                raise BadInput(
                    f"run {row.run!r}: its records of {row.task} for {row.model} give an accuracy of {found}, "
                    f"the report says {told}; the report was written from other records: write it again"
                )


def letter(records: Sequence[Record], right: int, judged: int) -> str:
    """Sum the samples of one item up: right in all, in more than half, in some, or what most of the others are."""
    if not records:
        return NOT_ASKED
    if right:
        return "R" if right == judged else "M" if 2 * right > judged else "P"
    statuses = Counter("E" if r.verdict is None else _OF_STATUS.get(r.verdict.status, "W") for r in records)
    return statuses.most_common(1)[0][0]
