"""What live traps found: what passes without a right answer, and what moves the score though nothing changed."""

from collections import defaultdict
from collections.abc import Sequence

import msgspec
import numpy as np

from rarl_eval.runs.added import Entry, Slot
from rarl_eval.stats import Interval
from rarl_eval.stats.means import codes, mean, proportion


class Trapped(msgspec.Struct, frozen=True, kw_only=True):
    """One trap of one reward."""

    trap: str = msgspec.field(name="probe")
    """Its name, and whether it was made from a right or a wrong trace: ``key-empty/wrong``."""
    expected: str
    """``fail``: nothing right is there. ``same``: the answer did not change. ``lower``: steps were spoilt."""
    n: int
    missing: int
    passed: Interval | None
    """Share that passes, of those with a score."""
    change: Interval | None
    """Mean of the trap's score less its trace's own, items kept together; None where the trace has no score."""


def trapped(entries: Sequence[Entry], stored: dict[Slot, float], line: float | None) -> list[Trapped]:
    """Summarise the traps of one reward; ``stored`` holds the traces' own scores, ``line`` is where passing begins."""
    by_name: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        by_name[entry.trap].append(entry)
    return [_trapped(name, found, stored, line) for name, found in sorted(by_name.items())]


def worst_key(found: Sequence[Trapped]) -> Trapped | None:
    """Return the key (a text without content) that passes most often."""
    keys = [p for p in found if p.trap.startswith("key-") and p.passed is not None]
    return max(keys, key=lambda p: (p.passed.value if p.passed else 0.0, p.trap), default=None)


def _trapped(name: str, entries: Sequence[Entry], stored: dict[Slot, float], line: float | None) -> Trapped:
    scored = [(e.slot, e.reward.score) for e in entries if e.reward.score is not None]
    both = [(slot, score - stored[slot]) for slot, score in scored if slot in stored]
    owners = codes([(slot[0], slot[1]) for slot, _ in both])[0]
    passed = None if line is None else proportion(np.array([float(s >= line) for _, s in scored]))
    return Trapped(
        trap=name,
        expected=str(entries[0].detail.get("expected", "")),
        n=len(entries),
        missing=len(entries) - len(scored),
        passed=passed,
        change=mean([change for _, change in both], owners) if both else None,
    )
