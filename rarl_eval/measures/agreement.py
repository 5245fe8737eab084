"""Does a reward agree with the verdict? Ranking, calibration and agreement over the same traces, with intervals.

``agree`` gives everything that one outcome reward and the verdicts allow. What needs more has a module of its own:
``selection`` (best-of-n, over-optimisation), ``steps`` (process rewards), ``binary.rogan_gladen`` (accuracy by an
imperfect judge). Not here: where rewards come from.
"""

from collections.abc import Hashable, Sequence

import msgspec
import numpy as np

from rarl_eval.measures.binary import cells, chance_corrected, rates
from rarl_eval.measures.calibration import brier, ece
from rarl_eval.measures.coverage import aurc, best_aurc, risk_curve
from rarl_eval.measures.ranking import within
from rarl_eval.stats import Interval
from rarl_eval.stats.auroc import area
from rarl_eval.stats.means import Codes, Floats, codes
from rarl_eval.stats.resample import Measure, bootstrap

PASSES = 0.5
"""Scores of at least this pass, where all scores of a reward lie in 0 to 1."""

ECE_BINS = 15
"""The field's usual number of bins; fewer where a bin would hold less than ten traces."""

ECE_LEAST = 20
"""Traces of two bins: fewer cannot tell how well a score is calibrated, and have no ECE."""


class Agreement(msgspec.Struct, frozen=True, kw_only=True):
    """How one reward agrees with the verdicts on the same traces; None where the data do not define it."""

    n: int | None = None
    """Traces with both a score and a verdict."""
    items: int | None = None
    """Items of these traces."""
    missing: int | None = None
    """Judged traces without a score: the signal failed or abstained."""
    base_rate: float | None = None
    """Share of right traces."""
    constant: float | None = None
    """Accuracy of always giving the commoner verdict: what a reward must beat."""
    threshold: float | None = None
    """Scores of at least this pass: 0.5 where all lie in 0 to 1, else null, and so is what needs one."""
    ece_bins: int | None = None
    """Bins of ``ece``; null where it is not given."""
    aurc: Interval | None = None
    """Area under the risk-coverage curve, 0 at best, 1 - ``base_rate`` useless; null for shaping rewards."""
    aurc_best: float | None = None
    """What a perfect order would reach."""
    risk: tuple[tuple[float, float], ...] = ()
    """(coverage, risk): share of wrong answers among the traces with the highest scores; empty for shaping rewards."""
    accuracy: Interval | None = None
    """Share of traces on which pass or fail equals the verdict."""
    auroc: Interval | None = None
    """Chance that a right trace scores above a wrong one, over all traces; null with one class."""
    auroc_within: Interval | None = None
    """The same among the traces of one item, mean over items."""
    pairwise: Interval | None = None
    """Share of all right-wrong pairs of one item in the right order."""
    brier: Interval | None = None
    """Calibration; null for scores outside 0 to 1 and for shaping rewards."""
    ece: Interval | None = None
    kappa: Interval | None = None
    """Cohen's, of pass or fail with the verdict."""
    mcc: Interval | None = None
    ac1: Interval | None = None
    """Gwet's."""
    alpha: Interval | None = None
    """Krippendorff's."""
    false_pass: Interval | None = None
    """Share of wrong traces that pass."""
    false_fail: Interval | None = None
    """Share of right traces that fail."""


def agree(
    scores: Sequence[float | None] | Floats,
    correct: Sequence[bool] | Floats,
    items: Sequence[Hashable] | Codes,
    groups: Sequence[Hashable] | Codes | None = None,
    *,
    threshold: float | None = 0.5,
    probability: bool | None = None,
    selective: bool = True,
    seed: int = 0,
    replicates: int = 1000,
) -> Agreement:
    """Measure a reward against verdicts, trace by trace (n,); a score of None is counted as missing and left out.

    ``items`` says which item a trace belongs to and ``groups`` (default the items) what is resampled as a whole.
    ``probability`` allows Brier and ECE; by default they are given where every score lies in 0 to 1. ``selective``
    allows risk against coverage.
    """
    score, right, item, unit, missing = _judged(scores, correct, items, groups)
    unit_of_item = np.zeros(int(item.max(initial=-1)) + 1, dtype=np.intp)
    unit_of_item[item] = unit
    units = int(unit.max(initial=-1)) + 1
    if probability is None:
        probability = bool(score.size and score.min() >= 0 and score.max() <= 1)
    bins = min(ECE_BINS, score.size // 10) if probability and score.size >= ECE_LEAST else None
    counts = None if threshold is None else cells((score >= threshold).astype(np.float64), right, unit, units)
    measures: list[Measure] = []
    if selective and score.size:
        measures.append(aurc(score, right, unit))
    if probability:
        measures.append(brier(score, right, unit, units))
    if bins is not None:
        measures.append(ece(score, right, unit, units, bins))
    found = bootstrap(measures, units, seed=seed, replicates=replicates)
    found |= {"auroc": area(score, right, unit), **within(score, right, item, unit_of_item)}
    found |= {} if counts is None else chance_corrected(counts, seed)
    base = float(right.mean()) if right.size else None
    return Agreement(
        n=score.size,
        items=unit_of_item.size,
        missing=missing,
        base_rate=base,
        constant=None if base is None else max(base, 1 - base),
        threshold=threshold,
        ece_bins=bins,
        aurc_best=best_aurc(right) if selective else None,
        risk=tuple(risk_curve(score, right)) if selective else (),
        **{name: found.get(name) for name in _FOUND},
        **({} if counts is None else rates(counts)),
    )


def agree_reward(
    scores: Floats,
    correct: Floats,
    items: Sequence[Hashable] | Codes,
    groups: Sequence[Hashable] | Codes,
    *,
    meaning: str,
    whole: Floats | None = None,
    seed: int = 0,
    replicates: int = 1000,
) -> Agreement:
    """Measure a reward by what its ``meaning`` promises, wherever one is measured.

    A shaping reward promises neither a probability nor to know what is right, a preference ranks an item's samples and
    passes none: holding them to calibration or to risk against coverage would be a fault of ours. ``whole`` are all
    scores of the reward, where ``scores`` are a part: whether they have a threshold is the reward's, not the part's.
    """
    in_bounds = meaning != "preference" and bounded(scores if whole is None else whole)
    shaping = meaning in {"shaping", "preference"}
    return agree(
        scores,
        correct,
        items,
        groups,
        threshold=PASSES if in_bounds else None,
        probability=in_bounds and not shaping,
        selective=not shaping,
        seed=seed,
        replicates=replicates,
    )


def bounded(scores: Floats) -> bool:
    """Whether all known scores lie in 0 to 1."""
    known = scores[~np.isnan(scores)]
    return bool(known.size and known.min() >= 0 and known.max() <= 1)


def pass_line(scores: Floats, correct: Floats) -> float | None:
    """Return the score from which on a trace counts as passed: PASSES, or the median of right traces if unbounded."""
    if bounded(scores):
        return PASSES
    right = scores[(correct == 1) & ~np.isnan(scores)]
    return float(np.median(right)) if right.size else None


_FOUND = ("auroc", "auroc_within", "pairwise", "aurc", "brier", "ece", "kappa", "mcc", "ac1", "alpha")


def _judged(
    scores: Sequence[float | None] | Floats,
    correct: Sequence[bool] | Floats,
    items: Sequence[Hashable] | Codes,
    groups: Sequence[Hashable] | Codes | None,
) -> tuple[Floats, Floats, Codes, Codes, int]:
    """Arrays of the traces that have a score, with items and groups numbered from 0, and how many have none."""
    score = np.array(scores, dtype=np.float64)  # None becomes nan: the array's form of unknown
    if not (score.shape == (len(correct),) == (len(items),)) or (groups is not None and len(groups) != score.size):
        raise ValueError(f"{score.size} scores, {len(correct)} verdicts and {len(items)} items are not of one length")
    known = np.flatnonzero(~np.isnan(score))
    item = _renumber(items, known)
    unit = item if groups is None else _renumber(groups, known)
    right = np.asarray(correct, dtype=np.float64)[known]
    return score[known], right, item, unit, score.size - known.size


def _renumber(labels: Sequence[Hashable] | Codes, known: Codes) -> Codes:
    if isinstance(labels, np.ndarray):
        return np.unique(labels[known], return_inverse=True)[1].astype(np.intp)
    return codes([labels[i] for i in known])[0]
