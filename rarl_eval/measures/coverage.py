"""Is what the signal is surest of right? Risk against coverage: answer the surest traces only, count the wrong ones.

The area is the mean risk over all coverages (AURC, Geifman, Uziel & El-Yaniv, arXiv 1805.08206): the share of wrong
answers among the k surest, averaged over k = 1 .. n. Tied traces come in random order, in expectation.
"""

from typing import Any

import numpy as np

from rarl_eval.stats.means import Codes, Floats
from rarl_eval.stats.resample import Measure, divide

MOST_STEPS = 5_000
"""Ties of a resample that are told apart."""

POINTS = 20
"""Coverages shown of a curve, evenly spaced up to 1."""


def aurc(scores: Floats, correct: Floats, units: Codes) -> Measure:
    """Area under the risk-coverage curve of ``scores`` (n,), the highest answered first; 0 is best.

    The value is exact. Resamples of more than MOST_STEPS traces take neighbours in rank as tied, which moves the
    bounds by less than 1 / MOST_STEPS.
    """
    order = np.argsort(-scores, kind="stable")
    unit, wrong = units[order], 1 - correct[order]
    starts = _starts(scores[order])
    group = np.repeat(np.arange(starts.size), np.diff(np.append(starts, scores.size)))
    coarse = starts[group] * MOST_STEPS // max(1, scores.size)  # by the place of a tie's first, so that ties hold
    parts = {} if scores.size <= MOST_STEPS else _sums(unit, coarse, wrong)
    kept = [np.zeros(1)]

    def values(drawn: Floats) -> Floats:
        if parts and len(drawn) > 1:
            size, errors = ((part @ drawn.T).T for part in parts.values())
        else:
            weight = drawn.take(unit, axis=1)
            size, errors = (np.add.reduceat(part, starts, axis=1) for part in (weight, weight * wrong))
        return _areas(size, errors, kept)

    return Measure(("aurc",), values, min(scores.size, 2 * MOST_STEPS))


def _sums(unit: Codes, group: Codes, wrong: Floats) -> dict[str, Any]:
    """Sparse matrices (groups, units) that sum drawn weights by group: of all traces, and of the wrong ones."""
    from scipy.sparse import csr_matrix

    shape = (int(group.max()) + 1, int(unit.max()) + 1)
    return {
        name: csr_matrix((values, (group, unit)), shape=shape)
        for name, values in (("size", np.ones(unit.size)), ("errors", wrong))
    }


def _areas(size: Floats, errors: Floats, kept: list[Floats]) -> Floats:
    """Areas (b, 1) from how many traces, and wrong ones, each tie holds (b, ties), the surest first."""
    passed, found = np.cumsum(size, axis=1), np.cumsum(errors, axis=1)
    harmonic = _harmonic(kept, int(passed[:, -1].max(initial=0)))
    steps = np.diff(harmonic[passed.astype(np.intp)], axis=1, prepend=0.0)
    rate = np.divide(errors, size, out=np.zeros_like(errors), where=size > 0)
    # The j-th of a tie answers (found + rate j) / (before + j) wrongly; the sum over j in closed form.
    terms = errors + (found - errors - rate * (passed - size)) * steps
    return divide(terms.sum(axis=1), passed[:, -1])[:, None]


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


def _harmonic(kept: list[Floats], most: int) -> Floats:
    """Return sums 1 + 1/2 + .. + 1/k for k = 0 .. ``most`` and beyond; ``kept`` holds the last table made."""
    table = kept[0]
    if len(table) <= most:
        table = np.concatenate([[0.0], np.cumsum(1 / np.arange(1, 2 * most + 1))])
        kept[0] = table
    return table


def _starts(ordered: Floats) -> Codes:
    new = np.append(True, ordered[1:] != ordered[:-1]) if ordered.size else np.empty(0, dtype=bool)
    return np.flatnonzero(new).astype(np.intp)
