"""Does a score of 0.8 mean right four times in five? Brier score and expected calibration error."""

import msgspec
import numpy as np

from rarl_eval.stats.means import Codes, Floats
from rarl_eval.stats.resample import Measure, divide, ratios


class Bin(msgspec.Struct, frozen=True):
    """One bin of a reliability diagram."""

    n: int
    score: float
    """Mean score."""
    correct: float
    """Share of right traces."""


def brier(scores: Floats, correct: Floats, units: Codes, n_units: int) -> Measure:
    """Mean of (score - correct)^2 over traces (n,); equals sklearn.metrics.brier_score_loss."""
    loss = np.bincount(units, weights=np.square(scores - correct), minlength=n_units)
    return ratios({"brier": (loss, np.bincount(units, minlength=n_units))})


def ece(scores: Floats, correct: Floats, units: Codes, n_units: int, bins: int) -> Measure:
    """Mean over traces of |mean score - share correct| of the trace's bin, ``bins`` of equal mass.

    Bins are those of the whole data (as sklearn.calibration.calibration_curve(strategy="quantile") cuts them), tied
    scores share one, and they stay put in resamples. Biased upwards, the more so the fewer traces a bin holds.
    """
    number = _bins(scores, bins)
    cell = units * bins + number
    gap = np.bincount(cell, weights=scores - correct, minlength=n_units * bins).reshape(n_units, bins)
    traces = np.bincount(units, minlength=n_units).astype(np.float64)

    def values(drawn: Floats) -> Floats:
        return divide(np.abs(drawn @ gap).sum(axis=1), drawn @ traces)[:, None]

    return Measure(("ece",), values)


def reliability(scores: Floats, correct: Floats, bins: int) -> list[Bin]:
    """Return the bins of a reliability diagram, by rising score."""
    number = _bins(scores, bins)
    count = np.bincount(number)
    score, right = np.bincount(number, weights=scores), np.bincount(number, weights=correct)
    return [Bin(int(n), float(s / n), float(c / n)) for n, s, c in zip(count, score, right, strict=True) if n]


def _bins(scores: Floats, bins: int) -> Codes:
    edges = np.quantile(scores, np.linspace(0, 1, bins + 1)[1:-1])
    return np.searchsorted(edges, scores).astype(np.intp)
