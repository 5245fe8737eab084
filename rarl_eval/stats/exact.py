"""Closed formulas of the standard library alone: Wilson, Newcombe, McNemar, Holm, pass@k."""

from collections.abc import Sequence
from math import comb, sqrt
from statistics import NormalDist

import msgspec


class Interval(msgspec.Struct, frozen=True):
    """A value with a two-sided interval; bounds are None where the data cannot give them (one item, say)."""

    value: float
    low: float | None = None
    high: float | None = None


def critical(level: float = 0.95) -> float:
    """Return the standard normal quantile of a two-sided interval: 1.96 for 0.95."""
    if not 0 < level < 1:
        raise ValueError(f"level {level} is not between 0 and 1")
    return NormalDist().inv_cdf((1 + level) / 2)


def wilson(successes: float, n: float, level: float = 0.95, quantile: float | None = None) -> Interval | None:
    """Wilson score interval of ``successes`` out of ``n``; None for ``n`` = 0.

    Both may be fractional, for an effective sample size; ``quantile`` replaces the normal one (Student's t, say).
    Wilson 1927; equals statsmodels.stats.proportion.proportion_confint(method="wilson").
    """
    if n <= 0:
        return None
    if not 0 <= successes <= n:
        raise ValueError(f"{successes} successes of {n}")
    z = critical(level) if quantile is None else quantile
    share = successes / n
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return Interval(share, max(0.0, min(centre - half, share)), min(1.0, max(centre + half, share)))


def newcombe(a: Interval, b: Interval) -> Interval:
    """Interval of ``a - b`` from the intervals of two independent proportions (Newcombe 1998, method 10)."""
    if a.low is None or a.high is None or b.low is None or b.high is None:
        return Interval(a.value - b.value, None, None)
    below = sqrt((a.value - a.low) ** 2 + (b.high - b.value) ** 2)
    above = sqrt((a.high - a.value) ** 2 + (b.value - b.low) ** 2)
    return Interval(a.value - b.value, a.value - b.value - below, a.value - b.value + above)


def mcnemar(only_a: int, only_b: int) -> float:
    """Exact two-sided p of McNemar's test from the counts of items that only one of two models answered.

    Equals statsmodels.stats.contingency_tables.mcnemar(exact=True).
    """
    n = only_a + only_b
    tail = ways = 1
    for i in range(min(only_a, only_b)):
        ways = ways * (n - i) // (i + 1)  # C(n, i + 1) from C(n, i)
        tail += ways
    return min(1.0, tail / 2 ** (n - 1)) if n else 1.0


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's adjusted p-values, in the order given (Holm 1979; statsmodels multipletests(method="holm"))."""
    order = sorted(range(len(p_values)), key=lambda i: p_values[i])
    adjusted = [0.0] * len(p_values)
    highest = 0.0
    for rank, i in enumerate(order):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[i]))
        adjusted[i] = highest
    return adjusted


def pass_at_k(n: int, correct: int, k: int) -> float:
    """Chance that at least one of ``k`` samples drawn from ``n``, of which ``correct`` are right, is right.

    1 - C(n-c, k) / C(n, k), unbiased (Chen et al., arXiv 2107.03374, equation 1).
    """
    if not (0 <= correct <= n and 1 <= k <= n):
        raise ValueError(f"pass@{k} of {correct} correct in {n} samples is not defined")
    return 1 - comb(n - correct, k) / comb(n, k)
