"""A reward that passes or fails a trace, against the verdict: kappa, MCC, AC1, alpha, false pass and false fail."""

from math import sqrt

import numpy as np

from rarl_eval.stats import Interval, critical
from rarl_eval.stats.means import Codes, Floats, effective_size, proportion
from rarl_eval.stats.resample import columnar, divide


def cells(passed: Floats, correct: Floats, units: Codes, n_units: int) -> Floats:
    """Count by unit (n_units, 4): right and passed, wrong but passed, right but failed, wrong and failed."""
    code = ((1 - passed) * 2 + (1 - correct)).astype(np.intp)
    return columnar(np.bincount(units * 4 + code, minlength=n_units * 4).reshape(n_units, 4).T)


def chance_corrected(counts: Floats, seed: int = 0) -> dict[str, Interval | None]:
    """Agreement beyond chance, from counts (units, 4); each is 1 for identical verdicts and 0 at its chance level.

    ``kappa``: Cohen 1960 (sklearn cohen_kappa_score). ``mcc``: Matthews 1975 (sklearn matthews_corrcoef, but
    undefined where that gives 0 for a constant side). ``ac1``: Gwet 2008, steadier where nearly all are right.
    ``alpha``: Krippendorff's, nominal, two raters. None where the counts do not define it.

    Intervals are quantiles over tables drawn from Jeffreys' posterior of the four cells (a half added to each), on the
    effective number of independent traces, so that no table makes a point. They are drawn at 97 %, for which a nominal
    95 % holds (benchmarks/coverage.py).
    """
    table = counts.sum(axis=0)
    points = _beyond_chance(table[None])[0]
    if not table.sum():
        return dict.fromkeys(_BEYOND_CHANCE)
    shrunk = table * _effective_share(counts)
    drawn = _beyond_chance(np.random.default_rng(seed).standard_gamma(shrunk + 0.5, (DRAWS, 4)))
    low, high = np.quantile(drawn, [0.015, 0.985], axis=0)
    return {
        name: None if np.isnan(value) else Interval(float(value), float(min(value, a)), float(max(value, b)))
        for name, value, a, b in zip(_BEYOND_CHANCE, points, low, high, strict=True)
    }


_BEYOND_CHANCE = ("kappa", "mcc", "ac1", "alpha")

DRAWS = 4000
"""Tables drawn: their quantiles err by a hundredth of an interval's width."""


def _beyond_chance(tables: Floats) -> Floats:
    """Kappa, MCC, AC1 and alpha (k, 4) of tables (k, 4), nan where one is not defined."""
    tp, fp, fn, tn = tables.T
    n = tp + fp + fn + tn
    passed, right, agreed = tp + fp, tp + fn, divide(tp + tn, n)
    chance = divide(passed * right + (n - passed) * (n - right), n * n)
    share = divide(passed + right, 2 * n)
    gwet = 2 * share * (1 - share)
    spread = np.sqrt(passed * right * (n - passed) * (n - right))
    pooled = passed + right
    expected = divide(2 * pooled * (2 * n - pooled), 2 * n * (2 * n - 1))
    return np.stack(
        [
            divide(agreed - chance, 1 - chance),
            divide(tp * tn - fp * fn, spread),
            divide(agreed - gwet, 1 - gwet),
            1 - divide(1 - agreed, expected),
        ],
        axis=1,
    )


def _effective_share(counts: Floats) -> float:
    """Share of the traces that carry as much, were they independent, as these do in their units: the least of three.

    Whether a trace is right, whether it passes and whether the two agree may each be shared within a unit.
    """
    tp, fp, fn, tn = counts.T
    every = counts.sum(axis=1)
    if bool(np.all(every <= 1)):
        return 1.0
    sizes = (effective_size(hits, every) for hits in (tp + fn, tp + fp, tp + tn))
    return min(1.0, min(sizes) / float(every.sum()))


def rates(counts: Floats) -> dict[str, Interval | None]:
    """Shares of traces, from counts (units, 4), with intervals as ``stats.means.proportion`` gives them.

    ``accuracy``: passing equals being right. ``false_pass``: of the wrong traces, those that pass. ``false_fail``:
    of the right ones, those that fail.
    """
    units = np.arange(len(counts))
    tp, fp, fn, tn = counts.T
    return {
        "accuracy": proportion(tp + tn, counts.sum(axis=1), units),
        "false_pass": proportion(fp, fp + tn, units),
        "false_fail": proportion(fn, tp + fn, units),
    }


def rogan_gladen(
    passed: int, n: int, right_passed: int, right: int, wrong_failed: int, wrong: int, level: float = 0.95
) -> Interval | None:
    """Accuracy corrected for an imperfect judge: (p + sp - 1) / (se + sp - 1), cut to 0..1 (Rogan & Gladen 1978).

    ``passed`` of ``n`` unlabelled traces; ``right_passed`` of ``right`` and ``wrong_failed`` of ``wrong`` traces of
    a labelled sample. The interval of Lang & Reiczigel (2014) counts the error of all three shares. None where the
    judge is no better than chance or a sample is empty.
    """
    if not (n and right and wrong):
        return None
    se, sp = right_passed / right, wrong_failed / wrong
    if se + sp <= 1:
        return None
    value = min(1.0, max(0.0, (passed / n + sp - 1) / (se + sp - 1)))
    z = critical(level)
    size, size_se, size_sp = n + z * z, right + 2, wrong + 2
    p, se, sp = (passed + z * z / 2) / size, (right_passed + 1) / size_se, (wrong_failed + 1) / size_sp
    if se + sp <= 1:
        return Interval(value, None, None)
    centre = (p + sp - 1) / (se + sp - 1)
    var_se, var_sp = se * (1 - se) / size_se, sp * (1 - sp) / size_sp
    shift = 2 * z * z * (centre * var_se - (1 - centre) * var_sp)
    error = sqrt(p * (1 - p) / size + centre**2 * var_se + (1 - centre) ** 2 * var_sp) / (se + sp - 1)
    low, high = (min(1.0, max(0.0, centre + shift + side * z * error)) for side in (-1, 1))
    return Interval(value, min(low, value), max(high, value))
