"""What live traps found: what passes without a right answer, and what moves the score though nothing changed."""

from collections import defaultdict
from collections.abc import Sequence

import msgspec
import numpy as np

from rarl_eval.runs.added import Entry, Slot
from rarl_eval.stats import Interval
from rarl_eval.stats.means import codes, mean, proportion

LEAST = 16
"""Tries from which on a rate says something: of fewer, even none that passes leaves a fifth open."""


class Trapped(msgspec.Struct, frozen=True, kw_only=True):
    """One trap of one reward."""

    trap: str = msgspec.field(name="probe")
    """Its name, and what it was made of, the question alone, a right or a wrong trace: ``key-empty/question``."""
    expected: str
    """``fail``: nothing right is there. ``same``: the answer did not change. ``lower``: steps were spoilt."""
    n: int
    missing: int
    passed: Interval | None
    """Share that passes, of those with a score; None of fewer than LEAST."""
    change: Interval | None
    """Mean of the trap's score less its trace's own, items kept together; None where fewer than LEAST have both."""


def trapped(
    entries: Sequence[Entry], stored: dict[Slot, float], line: float | None, *, preference: bool = False
) -> list[Trapped]:
    """Summarise the traps of one reward; ``stored`` holds the traces' own scores, ``line`` is where passing begins.

    A ``preference`` was shown each trap beside a stored trace: the trap passes where it wins, ties do not, and its
    change is from the even score of two texts alike.
    """
    by_name: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        by_name[entry.trap].append(entry)
    if preference:
        line, stored = WINS, {entry.slot: EVEN for entry in entries}
    return [_trapped(name, found, stored, line) for name, found in sorted(by_name.items())]


WINS, EVEN = 0.75, 0.5
"""Scores of a pair: 1 for a trap that wins, a half for a tie or two orders that contradict each other."""


def worst_key(found: Sequence[Trapped]) -> Trapped | None:
    """Return the key (a text without content) that passes most often."""
    keys = [p for p in found if p.trap.startswith("key-") and p.passed is not None]
    return max(keys, key=lambda p: (p.passed.value if p.passed else 0.0, p.trap), default=None)


def _trapped(name: str, entries: Sequence[Entry], stored: dict[Slot, float], line: float | None) -> Trapped:
    scored = [(e.slot, e.reward.score) for e in entries if e.reward.score is not None]
    # A text that stands for no trace has no score of its own to be held against.
    both = [] if name.endswith("/question") else [(slot, s - stored[slot]) for slot, s in scored if slot in stored]
    owners = codes([(slot[0], slot[1]) for slot, _ in both])[0]
    passed = None
    if line is not None and len(scored) >= LEAST:
        passed = proportion(np.array([float(s >= line) for _, s in scored]))
    return Trapped(
        trap=name,
        expected=str(entries[0].detail.get("expected", "")),
        n=len(entries),
        missing=len(entries) - len(scored),
        passed=passed,
        change=mean([change for _, change in both], owners) if len(both) >= LEAST else None,
    )
