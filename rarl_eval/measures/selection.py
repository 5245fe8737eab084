"""What choosing by the reward would give: exact best-of-n from stored traces, and where it stops paying.

Nothing is sampled: the expectation over all subsets of an item's traces has a closed form once they are ranked.
"""

from collections.abc import Hashable, Sequence
from math import log

import msgspec
import numpy as np

from rarl_eval.stats import Interval
from rarl_eval.stats.compare import Paired, paired
from rarl_eval.stats.means import Codes, Floats, accuracy, codes


class BestOfN(msgspec.Struct, frozen=True, kw_only=True):
    """Best of n by the reward, averaged over the items that have n scored traces."""

    n: int
    items: int
    """How many these are; fewer than at a smaller n, they are other items too."""
    truth: Interval
    """Accuracy of the trace with the highest score; ties drawn at random."""
    proxy: float | None
    """Mean of the highest score; None where a score is infinite."""
    ceiling: Interval
    """pass@n: what a perfect reward would reach."""
    regret: float
    """ceiling - truth."""
    kl_bound: float
    """ln n - (n - 1) / n nats: an upper bound of how far choosing moves the policy (Beirami et al., 2401.01879)."""


class Curve(msgspec.Struct, frozen=True, kw_only=True):
    """The over-optimisation curve: proxy and truth over n (Gao, Schulman & Hilton, arXiv 2210.10760)."""

    items: int
    """Items with enough scored traces for every n shown."""
    dropped: int
    """Items with fewer, which are in the points of smaller n alone."""
    points: list[BestOfN]
    peak: int | None
    """n at which the truth is highest over the items with enough for every n, the smallest of equals; beyond it the
    reward is over-optimised."""


def best_of_n(
    scores: Sequence[float | None] | Floats,
    correct: Sequence[bool] | Floats,
    items: Sequence[Hashable],
    *,
    most: int | None = None,
) -> Curve:
    """Give the expected accuracy of the best-scored of n traces of an item, for n from 1 to ``most``.

    Traces (t,); a score of None is left out. Each n is over the items that have as many scored traces. ``most``
    defaults to the largest number that two items have (one, where there is no other). E = sum y_(i) C(i-1, n-1) /
    C(m, n) over an item's m traces by rising score, tied traces sharing their weight. Intervals as of an accuracy.
    """
    table = np.array(scores, dtype=np.float64)
    if not table.shape == (len(correct),) == (len(items),):
        raise ValueError(f"{table.shape} scores, {len(correct)} verdicts and {len(items)} items are not of one length")
    known = np.flatnonzero(~np.isnan(table))
    item, n_items = codes([items[i] for i in known.tolist()])
    sizes = np.bincount(item)
    most = _most(sizes) if most is None else most
    if not (sizes >= most).any() or not most:
        return Curve(items=0, dropped=n_items, points=[], peak=None)
    right = np.asarray(correct, dtype=np.float64)[known]
    return _curve(*expectations(table[known], right, item, most), sizes)


def _most(sizes: Codes) -> int:
    """Return the largest number of traces that two items have; that of the one item, where it is alone."""
    largest = np.sort(sizes)[::-1][:2]
    return int(largest[-1]) if largest.size else 0


def selection_gain(scores: Floats, correct: Floats, items: Codes, units: Codes, most: int) -> Paired | None:
    """Accuracy of the best-scored of ``most`` traces less that of one drawn at random, paired by item.

    Traces (t,) with ``items`` numbered from 0 and ``units`` (items,) the groups of items; items with fewer scored
    traces are left out. None where there is nothing to choose from.
    """
    known = np.flatnonzero(~np.isnan(scores))
    sizes = np.bincount(items[known], minlength=units.size)
    kept = np.flatnonzero(sizes >= most)
    if most < 2 or not kept.size:
        return None
    place = np.full(units.size, -1, dtype=np.intp)
    place[kept] = np.arange(kept.size)
    chosen = known[place[items[known]] >= 0]
    truth, _, _ = expectations(scores[chosen], correct[chosen], place[items[chosen]], most)
    groups = np.unique(units[kept], return_inverse=True)[1].astype(np.intp)
    grouped = groups if int(groups.max()) + 1 < kept.size else None
    return paired(truth[:, most - 1], truth[:, 0], grouped)


def expectations(scores: Floats, correct: Floats, items: Codes, most: int) -> tuple[Floats, Floats, Floats]:
    """Per item and n (items, most): expected truth and score of the best of n, and pass@n.

    Of no meaning where an item has fewer than n traces.
    """
    order = np.lexsort((scores, items))
    s, y, owner = scores[order], correct[order], items[order]
    sizes = np.bincount(owner).astype(np.float64)
    start = np.append(0, np.cumsum(sizes)[:-1])[owner]
    new = np.append(True, (owner[1:] != owner[:-1]) | (s[1:] != s[:-1]))
    tie = np.cumsum(new) - 1
    first = np.flatnonzero(new)
    count = np.diff(np.append(first, len(s))).astype(np.float64)
    below = first - start[first]
    rate = np.bincount(tie, weights=y) / count
    tie_owner, tie_score = owner[first], s[first]
    wrong = sizes - np.bincount(owner, weights=y)
    # C(a, n) / C(m, n) for n = 1, 2, ...: one factor (a - n + 1) / (m - n + 1) more each time.
    up_to, under, missed = np.ones(len(first)), np.ones(len(first)), np.ones(len(sizes))
    columns = []
    for n in range(1, most + 1):
        left = np.maximum(sizes - n + 1, 1)
        up_to = up_to * np.maximum(below + count - n + 1, 0) / left[tie_owner]
        under = under * np.maximum(below - n + 1, 0) / left[tie_owner]
        missed = missed * np.maximum(wrong - n + 1, 0) / left
        chosen = up_to - under
        proxy = np.bincount(tie_owner, weights=np.where(chosen > 0, chosen * tie_score, 0.0))
        columns.append((np.bincount(tie_owner, weights=chosen * rate), proxy, 1 - missed))
    truth, proxy_scores, ceiling = (np.stack(column, axis=1) for column in zip(*columns, strict=True))
    return truth, proxy_scores, ceiling


def _curve(truth: Floats, proxy: Floats, ceiling: Floats, sizes: Codes) -> Curve:
    most = truth.shape[1]
    points = [_point(n, truth, proxy, ceiling, sizes) for n in range(1, most + 1)]
    same = truth[sizes >= most].mean(axis=0)  # over other items at each n, a peak would be theirs
    peak = int(np.flatnonzero(same >= same.max() - 1e-12)[0]) + 1
    whole = int((sizes >= most).sum())
    return Curve(items=whole, dropped=sizes.size - whole, points=points, peak=peak)


def _point(n: int, truth: Floats, proxy: Floats, ceiling: Floats, sizes: Codes) -> BestOfN:
    has = sizes >= n
    chosen, reached = (accuracy(np.clip(shares[has, n - 1], 0, 1), sizes[has]) for shares in (truth, ceiling))
    if chosen is None or reached is None:
        raise ValueError(f"best of {n} over no items")
    score = float(proxy[has, n - 1].mean())
    return BestOfN(
        n=n,
        items=int(has.sum()),
        truth=chosen,
        proxy=score if np.isfinite(score) else None,
        ceiling=reached,
        regret=reached.value - chosen.value,
        kl_bound=log(n) - (n - 1) / n,
    )
