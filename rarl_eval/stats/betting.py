"""Tests of a bounded mean that may be looked at after every observation: capital won by betting against the null.

Waudby-Smith & Ramdas, "Estimating means of bounded random variables by betting" (arXiv 2010.09686): if every value's
mean, given what came before, is at most m, the capital prod(1 + l (x - m)) of a bet l in [0, 1/m) is a supermartingale,
and by Ville's inequality ever reaches 1 / alpha with a chance of at most alpha. So does a mean of such capitals: over
several bets, and over the moments at which one begins to bet (prior weights 1 / (j (j + 1)), which sum to 1), so that a
rise late in a long run does not have to win back what was lost before it. The same idea with restarts: Shin, Ramdas &
Rinaldo, "E-detectors" (arXiv 2203.03532), who bound another rate of false alarms.
"""

from dataclasses import dataclass, field
from math import log

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

BETS = 0.9 * 0.5 ** np.arange(8)
"""Shares of the largest bet that cannot lose everything."""
STRIDE = 4
"""Steps between two moments at which betting may begin: fewer of them cost less of the chance of a false alarm."""
_HALVINGS = 30


def bound_above(values: ArrayLike, alpha: float) -> float:
    """Return what the mean of ``values`` (n,), each in 0 to 1, lies below but with a chance of ``alpha``; 1 at most."""
    x = np.asarray(values, dtype=np.float64)
    low, high = float(x.mean()) if x.size else 0.0, 1.0
    if x.size == 0 or _against(x, 1.0 - 1e-9) < -log(alpha):
        return 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (low, middle) if _against(x, middle) >= -log(alpha) else (middle, high)
    return high


def _against(x: Floats, m: float) -> float:
    """Logarithm of the capital against a mean of ``m`` or more."""
    bets = BETS[:, None] / max(1e-9, 1 - m)
    return float(_mean_of(np.log1p(bets * (m - x)).sum(axis=1)))


def _mean_of(logs: Floats) -> float:
    top = float(logs.max())
    return top + log(float(np.exp(logs - top).mean()))


@dataclass
class Rise:
    """Evidence, step by step, that values in 0 to 1 have a higher mean than ``m``."""

    m: float
    steps: int = 0
    peak: float = 0.0
    """Logarithm of the largest capital so far."""
    _capital: Floats = field(default_factory=lambda: np.zeros((0, BETS.size)))

    def add(self, values: ArrayLike) -> float:
        """Take the values of one step, independent given the past; return the logarithm of the capital after it."""
        x = np.asarray(values, dtype=np.float64)
        self.steps += 1
        won = np.log1p(BETS[:, None] / max(self.m, 1e-9) * (x - self.m)).sum(axis=1)
        if (self.steps - 1) % STRIDE == 0:
            place = len(self._capital) + 1
            self._capital = np.vstack([self._capital, np.full(BETS.size, -log(place * (place + 1)))])
        self._capital = self._capital + won
        top = max(0.0, float(self._capital.max()))
        begun = float(np.exp(self._capital - top).sum()) / BETS.size
        unbegun = float(np.exp(-top)) / (len(self._capital) + 1)  # those that begin later hold what they started with
        now = top + log(begun + unbegun)
        self.peak = max(self.peak, now)
        return now

    def began(self) -> int:
        """Return the step, counted from 1, from which betting would have won the most."""
        return STRIDE * int(np.argmax(self._capital.max(axis=1))) + 1 if self.steps else 0
