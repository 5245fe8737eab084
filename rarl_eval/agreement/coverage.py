"""Is what the signal is surest of right? Risk against coverage: answer the surest traces only, count the wrong ones.

The area is the mean risk over all coverages (AURC, Geifman, Uziel & El-Yaniv, arXiv 1805.08206): the share of wrong
answers among the k surest, averaged over k = 1 .. n. Tied traces come in random order, in expectation.
"""

import numpy as np

from rarl_eval.stats.means import Codes, Floats
from rarl_eval.stats.resample import Measure, divide

POINTS = 20
"""Coverages shown of a curve, evenly spaced up to 1."""


def aurc(scores: Floats, correct: Floats, units: Codes) -> Measure:
    """Area under the risk-coverage curve of ``scores`` (n,), the highest answered first; 0 is best."""
    order = np.argsort(-scores, kind="stable")
    starts = _starts(scores[order])
    unit, wrong = units[order], 1 - correct[order]
    harmonic = np.zeros(1)

    def values(drawn: Floats) -> Floats:
        nonlocal harmonic
        weight = drawn.take(unit, axis=1)
        size = np.add.reduceat(weight, starts, axis=1)
        errors = np.add.reduceat(weight * wrong, starts, axis=1)
        passed, found = np.cumsum(size, axis=1), np.cumsum(errors, axis=1)
        before = passed - size
        most = int(passed[:, -1].max())
        if len(harmonic) <= most:
            harmonic = np.concatenate([[0.0], np.cumsum(1 / np.arange(1, 2 * most + 1))])
        rate = np.divide(errors, size, out=np.zeros_like(errors), where=size > 0)
        # The j-th of a tie answers (found + rate j) / (before + j) wrongly; the sum over j in closed form.
        terms = rate * size + (found - errors - rate * before) * (
            harmonic[passed.astype(np.intp)] - harmonic[before.astype(np.intp)]
        )
        return divide(terms.sum(axis=1), passed[:, -1])[:, None]

    return Measure(("aurc",), values)


def best_aurc(correct: Floats) -> float | None:
    """Area that a signal reaches which puts every right answer before every wrong one; None without traces."""
    if not correct.size:
        return None
    return curve_area(np.sort(correct)[::-1])


def curve_area(ordered: Floats) -> float:
    """Mean over k of the share of wrong answers among the first k of ``ordered`` (n,), 1 right and 0 wrong."""
    return float((np.cumsum(1 - ordered) / np.arange(1, ordered.size + 1)).mean())


def risk_curve(scores: Floats, correct: Floats) -> list[tuple[float, float]]:
    """(coverage, risk) at 5 %, 10 % .. 100 % of the traces, the surest first, ties in expectation."""
    if not scores.size:
        return []
    order = np.argsort(-scores, kind="stable")
    starts = _starts(scores[order])
    size = np.diff(np.append(starts, scores.size))
    errors = np.add.reduceat(1 - correct[order], starts)
    expected = np.cumsum(np.repeat(errors / size, size))
    wanted = np.unique(np.ceil(np.arange(1, POINTS + 1) * scores.size / POINTS).astype(np.intp))
    return [(float(k / scores.size), float(expected[k - 1] / k)) for k in wanted.tolist()]


def _starts(ordered: Floats) -> Codes:
    new = np.append(True, ordered[1:] != ordered[:-1]) if ordered.size else np.empty(0, dtype=bool)
    return np.flatnonzero(new).astype(np.intp)
