"""From scores of items to one p-value for the model, and to a chance for each item: both against fresh items.

The null hypothesis is that the model has seen the one set no more than the other, so that their scores are
exchangeable. Then a permutation test of level 0.05 calls a model contaminated in at most 5 % of cases, whatever the
scores are.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.stats import mannwhitneyu, rankdata, ttest_1samp

PERMUTATIONS = 9_999
LARGE = 2_000
"""From so many items on, the normal approximation of the same statistic."""
_ROWS = 500


def rank_test(suspect: Sequence[float], fresh: Sequence[float], seed: int) -> float | None:
    """One-sided p that ``suspect`` scores rank above ``fresh`` ones: a permutation test of the rank sum, ties shared.

    (1 + permutations with as large a sum) / (1 + permutations), which is exact (Phipson & Smyth 2010); for more than
    2,000 items the normal approximation (scipy.stats.mannwhitneyu). None with fewer than two items on a side.
    """
    if min(len(suspect), len(fresh)) < 2:
        return None
    if len(suspect) + len(fresh) > LARGE:
        return float(mannwhitneyu(suspect, fresh, alternative="greater", method="asymptotic").pvalue)
    ranks = rankdata(np.asarray([*suspect, *fresh], dtype=np.float64))
    drawn = _permuted_sums(ranks, len(suspect), seed)
    return float((1 + np.count_nonzero(drawn >= ranks[: len(suspect)].sum() - 1e-9)) / (1 + PERMUTATIONS))


def chances(suspect: Sequence[float], fresh: Sequence[float]) -> list[float]:
    """For each item, (1 + fresh items that score at least as high) / (1 + fresh items): small is suspicious.

    A conformal p-value (Vovk et al. 2005): an unseen item's is at most a in a share of at most a of cases.
    """
    ordered = np.sort(np.asarray(fresh, dtype=np.float64))
    above = len(fresh) - np.searchsorted(ordered, np.asarray(suspect, dtype=np.float64), side="left")
    return [float(v) for v in (1 + above) / (1 + len(fresh))]


def sign_t_test(differences: Sequence[float]) -> float | None:
    """One-sided p of Student's t that the mean difference is above 0 (Oren et al., arXiv 2310.17623)."""
    if len(differences) < 2:
        return None
    if np.ptp(differences) == 0:
        return None
    return float(ttest_1samp(differences, 0.0, alternative="greater").pvalue)


def _permuted_sums(ranks: NDArray[np.float64], count: int, seed: int) -> NDArray[np.float64]:
    rng = np.random.default_rng(seed)
    blocks = []
    for start in range(0, PERMUTATIONS, _ROWS):
        rows = min(_ROWS, PERMUTATIONS - start)
        chosen = rng.random((rows, len(ranks))).argpartition(count - 1, axis=1)[:, :count]
        blocks.append(ranks[chosen].sum(axis=1))
    return np.concatenate(blocks)
