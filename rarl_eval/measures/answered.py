"""What a command has judged, told at once: accuracy, answers that nobody could read, and texts that are no answers.

Counted while records pass; a report measures the same from the stored run, with more. Not here: how it is printed.
"""

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field

import numpy as np

from rarl_eval.measures.columns import TwoReadings
from rarl_eval.measures.doubt import MOST
from rarl_eval.stats import Interval
from rarl_eval.stats.means import proportion
from rarl_eval.types import Record

MANY = 0.1
"""From this share on, empty texts and programs that nobody ran are said."""

_PROGRAM = re.compile(
    r"^[ \t]*(?:```(?:python|py)\b|return \w|import \w|from \w[\w.]* import |def \w+\(|print\(|"
    r"[a-z_]\w* ?= ?[\w(\[\"'-])",
    re.MULTILINE,
)
_PROSE = re.compile(r"^(?!\s*#)[^=(\n]*\b(?:the|is|are|we|so|of)\b[^=\n]*$", re.MULTILINE | re.IGNORECASE)


@dataclass
class JudgedSoFar:
    """Counts of the records seen since it was made, for one task."""

    records: int = 0
    failed: int = 0
    empty: int = 0
    """Texts without a letter or digit."""
    programs: int = 0
    """Answers that look like programs and were judged as text."""
    statuses: Counter[str] = field(default_factory=Counter)
    read_twice: int = 0
    two_ways: Counter[str] = field(default_factory=Counter)
    examples: dict[str, TwoReadings] = field(default_factory=dict)
    """The first answer of each kind that is read in two ways."""
    _right: dict[str, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))

    def add(self, record: Record) -> None:
        """Count a record."""
        trace, verdict = record.trace, record.verdict
        self.records += 1
        if verdict is None:
            self.failed += 1
            return
        self.statuses[verdict.status] += 1
        self.empty += not re.search(r"[^\W_]", trace.text + (trace.reasoning or ""))
        self.programs += verdict.correct is not True and looks_like_a_program(trace.answer)
        if verdict.correct is None:
            return
        counts = self._right[trace.key]
        counts[0] += verdict.correct
        counts[1] += 1
        second = record.second.correct if record.second and verdict.judge is None else None
        self.read_twice += second is not None
        if record.second and second not in {None, verdict.correct}:
            kind = f"{verdict.status}, second {record.second.status}"
            self.two_ways[kind] += 1
            case = TwoReadings(
                item=trace.item_id,
                sample=trace.sample,
                kind=kind,
                first=verdict.extracted,
                second=record.second.extracted,
            )
            self.examples.setdefault(kind, case)

    @property
    def items(self) -> int:
        """Items with a judged answer."""
        return len(self._right)

    def accuracy(self) -> Interval | None:
        """Mean over items of the share of right samples; None where nothing was judged."""
        if not self._right:
            return None
        table = np.array([self._right[key] for key in sorted(self._right)], dtype=np.float64)
        if (table[:, 1] == 1).all():
            return proportion(table[:, 0])
        return proportion(table[:, 0] / table[:, 1], clusters=np.arange(len(table)))

    def shares(self) -> tuple[float, float]:
        """Return the share of judged answers that have none, and the share of those read twice that differ."""
        judged = sum(counts[1] for counts in self._right.values())
        return self.statuses["no_answer"] / max(judged, 1), self.two_ways.total() / max(self.read_twice, 1)

    @property
    def marked(self) -> bool:
        """Whether the accuracy hangs on how the answers were read (measures/doubt.py)."""
        return max(self.shares()) > MOST


def looks_like_a_program(answer: str) -> bool:
    """Whether an answer is a Python program rather than text: at least two lines of code, and hardly a sentence."""
    head = answer[:4000]
    code = len(_PROGRAM.findall(head))
    return code >= 2 and len(_PROSE.findall(head)) * 3 < code
