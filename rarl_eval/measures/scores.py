"""Single numbers that others publish for accuracy and length together; given where they are asked for.

Each folds an exchange rate between accuracy and tokens into itself: they order models, and explain nothing.
"""

from math import log

import numpy as np

from rarl_eval.stats.means import Floats
from rarl_eval.stats.resample import divide


def ock_score(accuracy: float, tokens: float) -> float:
    """OckScore: accuracy in percent less 10 ln(tokens / 10,000 + 1), ``tokens`` the mean of an answer."""
    return 100 * accuracy - 10 * log(tokens / 10_000 + 1)


def oaa(lengths: Floats, correct: Floats, cap: float) -> Floats:
    """Share of the budgets t from 0 to ``cap`` within which each trace (n,) is right; AUC_OAA is their mean.

    Exact: a right trace of length T is right for all t from T on, which is 1 - T / cap of them.
    """
    found: Floats = correct * np.clip(1 - lengths / cap, 0, 1)
    return found


def aes_of(accuracy: Floats, length: Floats, base_accuracy: Floats, base_length: Floats) -> Floats:
    """Accuracy-efficiency scores (n,) against a base model (O1-Pruner, arXiv 2501.12570).

    1 x the share of length saved, plus 3 x the relative gain in accuracy, or less 5 x the relative loss; nan where the
    base has no right answer.
    """
    gained = divide(accuracy, base_accuracy) - 1
    return 1 - divide(length, base_length) + np.where(gained >= 0, 3 * gained, 5 * gained)


def adherence(lengths: Floats, budget: float) -> tuple[float, float]:
    """Share of traces (n,) within ``budget``, and mean length / budget of those beyond it (1 if there are none)."""
    beyond = lengths[lengths > budget]
    return float((lengths <= budget).mean()), float((beyond / budget).mean()) if beyond.size else 1.0
