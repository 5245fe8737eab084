"""Does a reward agree with the verdict? Ranking, calibration and agreement over the same traces, with intervals.

``agree`` gives everything that one outcome reward and the verdicts allow. What needs more has a module of its own:
``selection`` (best-of-n, over-optimisation), ``steps`` (process rewards), ``votes`` (several raters with gaps),
``binary.rogan_gladen`` (accuracy by an imperfect judge). Not here: where rewards come from.
"""

from collections.abc import Hashable, Sequence

import msgspec
import numpy as np

from rarl_eval.measures.binary import cells, chance_corrected, rates
from rarl_eval.measures.calibration import brier, ece
from rarl_eval.measures.coverage import aurc, best_aurc, risk_curve
from rarl_eval.measures.ranking import auroc, within
from rarl_eval.stats import Interval, wilson
from rarl_eval.stats.means import Codes, Floats, codes
from rarl_eval.stats.resample import bootstrap

ECE_BINS = 15
"""The field's usual number of bins; fewer where a bin would hold less than ten traces."""


class Agreement(msgspec.Struct, frozen=True, kw_only=True):
    """How one reward agrees with the verdicts on the same traces; None where the data do not define it."""

    n: int
    """Traces with both a score and a verdict."""
    items: int
    missing: int
    """Judged traces without a score: the signal failed or abstained."""
    base_rate: float | None
    """Share of right traces."""
    constant: float | None
    """Accuracy of always giving the commoner verdict: what a reward must beat."""
    threshold: float | None
    """Scores of at least this pass; None where none is stated, and what needs one is None."""
    ece_bins: int | None
    aurc: Interval | None = None
    """Area under the risk-coverage curve; None for signals that promise nothing about being right."""
    aurc_best: float | None = None
    """What a perfect order would reach; a useless one reaches 1 - base_rate."""
    risk: list[tuple[float, float]] = []
    """(coverage, risk): share of wrong answers among the surest traces."""
    accuracy: Interval | None = None
    """Share of traces on which pass or fail equals the verdict."""
    auroc: Interval | None
    auroc_within: Interval | None
    pairwise: Interval | None
    brier: Interval | None
    ece: Interval | None
    kappa: Interval | None
    mcc: Interval | None
    ac1: Interval | None
    alpha: Interval | None
    false_pass: Interval | None = None
    false_fail: Interval | None = None


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
    bins = max(1, min(ECE_BINS, score.size // 10)) if probability and score.size else None
    counts = None if threshold is None else cells((score >= threshold).astype(np.float64), right, unit, units)
    measures = [auroc(score, right, unit), within(score, right, item, unit_of_item, units)]
    if selective and score.size:
        measures.append(aurc(score, right, unit))
    if bins is not None:
        measures += [brier(score, right, unit, units), ece(score, right, unit, units, bins)]
    if counts is not None:
        measures.append(chance_corrected(counts))
    found = _widened(bootstrap(measures, units, seed=seed, replicates=replicates), right, item)
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
        risk=risk_curve(score, right) if selective else [],
        **{name: found.get(name) for name in _BOOTSTRAPPED},
        **({} if counts is None else rates(counts)),
    )


_BOOTSTRAPPED = ("auroc", "auroc_within", "pairwise", "aurc", "brier", "ece", "kappa", "mcc", "ac1", "alpha")


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


def _widened(found: dict[str, Interval | None], right: Floats, item: Codes) -> dict[str, Interval | None]:
    """Give rankings without a single misordered pair the Wilson interval of as many items as could have had one.

    There every resample gives the same value, and the bootstrap would claim certainty.
    """
    has_right, has_wrong = np.bincount(item, weights=right) > 0, np.bincount(item, weights=1 - right) > 0
    both = int((has_right & has_wrong).sum())
    sizes = {"auroc": int(min(has_right.sum(), has_wrong.sum())), "auroc_within": both, "pairwise": both}
    for name, size in sizes.items():
        interval = found[name]
        if interval is not None and interval.value in {0.0, 1.0} and interval.low in {interval.high, None}:
            found[name] = wilson(interval.value * size, size)
    return found
