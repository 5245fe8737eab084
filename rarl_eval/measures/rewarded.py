"""A row's ``agreement``: how each of its rewards agrees with the verdicts, and what to know before believing it."""

import msgspec
import numpy as np

from rarl_eval.measures.agreement import ECE_LEAST, Agreement, agree_reward, bounded
from rarl_eval.measures.columns import Columns, Signal
from rarl_eval.stats.means import Floats


class Rewarded(Agreement, frozen=True, kw_only=True):
    """One reward of a row against the verdicts."""

    reward: str
    judge: str | None = None
    """``rule``, ``discriminative``, ``generative`` or ``self``."""
    grain: str | None = None
    """``outcome`` or ``process``."""
    meaning: str | None = None
    """``accuracy``, ``value`` or ``shaping``."""
    note: str | None = None
    """What a reader must know first, in sentences; empty where there is nothing."""


def rewarded(columns: Columns, seed: int, replicates: int) -> tuple[Rewarded, ...]:
    """Measure the row's ``agreement``: one entry for each reward, by name."""
    return tuple(_entry(columns, name, signal, seed, replicates) for name, signal in columns.signals.items())


def _entry(columns: Columns, name: str, signal: Signal, seed: int, replicates: int) -> Rewarded:
    found = agree_reward(
        signal.scores,
        columns.correct,
        columns.item,
        columns.unit_of_item[columns.item],
        meaning=signal.meaning,
        seed=seed,
        replicates=replicates,
    )
    return Rewarded(
        reward=name,
        judge=signal.judge,
        grain=signal.grain,
        meaning=signal.meaning,
        note=_note(columns, signal, found.missing or 0),
        **msgspec.structs.asdict(found),
    )


def _note(columns: Columns, signal: Signal, missing: int) -> str:
    """Say what a reader must know before believing the entry's numbers, in sentences."""
    scored = ~np.isnan(signal.scores)
    known: Floats = signal.scores[scored]
    correct: Floats = columns.correct[scored]
    notes = []
    if not known.size:
        notes.append("No judged trace has a score.")
    elif known.min() == known.max():
        notes.append(f"The score is {known[0]:g} on every trace: it tells nothing.")
    if known.size and not bounded(known):
        notes.append("Scores are not all between 0 and 1: ranking only, no threshold and no calibration.")
    if known.size and correct.min() == correct.max():
        notes.append(f"All scored traces are {'right' if correct[0] else 'wrong'}: ranking is undefined.")
    if bounded(known) and signal.meaning not in {"shaping", "preference"} and 0 < known.size < ECE_LEAST:
        notes.append(f"{known.size} traces are too few to tell how well the score is calibrated.")
    if missing:
        notes.append(f"{missing} judged traces have no score and are left out.")
    if signal.grain == "process":
        notes.append("Step scores without an outcome score are joined by their minimum.")
    return " ".join(notes)
