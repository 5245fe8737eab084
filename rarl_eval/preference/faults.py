"""Benchmarks of steps: where a reward puts the first fault, and which steps it lets pass."""

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np

from rarl_eval.agreement.credit import first_failed
from rarl_eval.measures.steps import first_error, step_scores
from rarl_eval.preference import Answer, Example, Figure
from rarl_eval.preference.joined import mean_of, subsets
from rarl_eval.stats.means import Floats
from rarl_eval.stats.resample import Measure, bootstrap, columnar, divide

Pairs = Sequence[tuple[Example, Answer]]

LINE = 0.5
"""Step scores below this fail, in 0 to 1, where no other threshold is asked for."""


def best_line(pairs: Pairs, subset: str) -> float | None:
    """Return the threshold with the highest F1 on a subset, as ProcessBench's authors choose it on GSM8K.

    The smallest of equals; None where the subset holds no step scores, or one kind of solutions only.
    """
    held = [(e, a) for e, a in pairs if e.subset == subset and a.steps is not None]
    truth = [e.faults[0] if e.faults else None for e, _ in held]
    if None not in truth or set(truth) == {None}:
        return None
    lows = sorted({score for _, a in held for score in a.steps or ()})
    lines = [LINE, *((a + b) / 2 for a, b in pairwise(lows))]
    return max(sorted(lines), key=lambda line: _f1(truth, [first_failed(a.steps or (), line) for _, a in held]))


def _f1(truth: Sequence[int | None], named: Sequence[int | None]) -> float:
    hits = [t == n for t, n in zip(truth, named, strict=True)]
    faulty = [hit for hit, t in zip(hits, truth, strict=True) if t is not None]
    sound = [hit for hit, t in zip(hits, truth, strict=True) if t is None]
    a, b = sum(faulty) / len(faulty), sum(sound) / len(sound)
    return 2 * a * b / (a + b) if a + b else 0.0


def processbench(pairs: Pairs, line: float) -> list[Figure]:
    """F1 of accuracy on faulty and on sound solutions, by subset and their mean (arXiv 2412.06559)."""
    found = []
    for subset, held in sorted(subsets(pairs).items()):
        found += _first_errors(subset, held, line)
    return [*found, mean_of("F1", "macro", [f for f in found if f.metric == "F1"])]


def _first_errors(subset: str, held: Pairs, line: float) -> list[Figure]:
    """Accuracy on faulty and on sound solutions, and their harmonic mean."""
    truth = [e.faults[0] if e.faults else None for e, _ in held]
    told = [i for i, (_, a) in enumerate(held) if a.steps is not None or a.named is not None]
    result = first_error([truth[i] for i in told], [_first(held[i][1], line) for i in told])
    faulty = sum(truth[i] is not None for i in told)
    every = sum(t is not None for t in truth)
    sound, all_sound = len(told) - faulty, len(held) - every
    return [
        Figure(metric="erroneous", subset=subset, n=faulty, value=result.faulty, left_out=every - faulty),
        Figure(metric="correct", subset=subset, n=sound, value=result.fault_free, left_out=all_sound - sound),
        # Naming nothing gets 0 of the faulty, naming anything 0 of the sound: no constant scores above 0.
        Figure(metric="F1", subset=subset, n=len(told), value=result.f1, chance=0.0, left_out=len(held) - len(told)),
    ]


def prmbench(pairs: Pairs, line: float) -> list[Figure]:
    """PRMScore over steps: half of F1 and half of F1 with faulty steps as positives (arXiv 2501.03124)."""
    found = []
    for subset, held in [*sorted(subsets(pairs).items()), ("micro", list(pairs))]:
        scored = [(e, a) for e, a in held if a.steps is not None]
        truth = [[i not in (e.faults or ()) for i in range(len(e.steps or ()))] for e, _ in scored]
        result = step_scores(truth, [[s >= line for s in a.steps or ()] for _, a in scored])
        share = np.mean([t for solution in truth for t in solution]) if truth else 1.0
        passing = float(2 * share / (1 + share))  # F1 of letting every step pass; its negative F1 is 0
        left = sum(len(e.steps or ()) for e, a in held if a.steps is None)
        found += [
            Figure(metric=name, subset=subset, n=result.n, value=value, chance=chance, left_out=left)
            for name, value, chance in (
                ("F1", result.f1, None),
                ("F1 negative", result.f1_negative, None),
                ("PRMScore", result.prm_score, passing / 2),
            )
        ]
    return found


def mr_ben(pairs: Pairs, line: float) -> list[Figure]:
    """MR-Ben without the reasons, which only people or another judge can grade: its two first terms and their sum.

    MR-Score = 0.2 max(0, MCC) + 0.3 (first error found) + 0.5 (reason right); the last term is left at 0.
    """
    found = []
    names = ("MCC", "first error", "MR-Score without reasons")
    for subset, every in [*sorted(subsets(pairs).items()), ("micro", list(pairs))]:
        held = [(e, a) for e, a in every if a.steps is not None]
        cells = np.zeros((len(held), 6))
        for i, (example, answer) in enumerate(held):
            said_right = _first(answer, line) is None
            cells[i, 2 * (not example.correct) + (not said_right)] = 1
            if not example.correct and example.faults:
                cells[i, 4:] = float(_first(answer, line) == example.faults[0]), 1.0
        values = bootstrap([Measure(names, _mr_values(cells))], len(held))
        left = len(every) - len(held)
        found += [Figure(metric=n, subset=subset, n=len(held), value=values[n], left_out=left) for n in names]
    return found


def _mr_values(cells: Floats) -> Callable[[Floats], Floats]:
    table = columnar(cells.T)

    def values(drawn: Floats) -> Floats:
        tp, fn, fp, tn, hit, faulty = (drawn @ table).T
        spread = np.sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn))
        # A constant answer has an MCC of 0 here, as upstream.
        mcc = np.where(spread > 0, divide(tp * tn - fp * fn, spread), 0.0)
        first = np.where(faulty > 0, divide(hit, faulty), 0.0)
        return np.stack([mcc, first, 0.2 * np.maximum(0, mcc) + 0.3 * first], axis=1)

    return values


def _first(answer: Answer, line: float) -> int | None:
    """First failing step, None where every step passes."""
    if answer.named is not None:
        return answer.named[0] if answer.named else None
    return first_failed(answer.steps or (), line)
