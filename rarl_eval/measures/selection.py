"""What choosing by the reward would give: exact best-of-n from stored traces, and where it stops paying.

Nothing is sampled: the expectation over all subsets of an item's traces has a closed form once they are ranked.
"""

from collections.abc import Hashable, Sequence
from math import log

import msgspec
import numpy as np

from rarl_eval.stats import Interval
from rarl_eval.stats.compare import Paired, paired
from rarl_eval.stats.means import Codes, Floats, codes
from rarl_eval.stats.resample import Measure, bootstrap, columnar, divide


class BestOfN(msgspec.Struct, frozen=True, kw_only=True):
    """Best of n by the reward, averaged over items."""

    n: int
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
    """Items left out because they have fewer."""
    points: list[BestOfN]
    peak: int | None
    """n at which the truth is highest, the smallest of equals; beyond it the reward is over-optimised."""


def best_of_n(
    scores: Sequence[float | None] | Floats,
    correct: Sequence[bool] | Floats,
    items: Sequence[Hashable],
    *,
    most: int | None = None,
    seed: int = 0,
    replicates: int = 1000,
) -> Curve:
    """Give the expected accuracy of the best-scored of n traces of an item, for n from 1 to ``most``.

    Traces (t,); a score of None is left out. ``most`` defaults to the smallest number of scored traces of any item,
    so that all points speak of the same items. E = sum y_(i) C(i-1, n-1) / C(m, n) over an item's m traces by
    rising score, tied traces sharing their weight.
    """
    table = np.array(scores, dtype=np.float64)
    if not table.shape == (len(correct),) == (len(items),):
        raise ValueError(f"{table.shape} scores, {len(correct)} verdicts and {len(items)} items are not of one length")
    known = np.flatnonzero(~np.isnan(table))
    item, n_items = codes([items[i] for i in known.tolist()])
    sizes = np.bincount(item)
    most = int(sizes.min(initial=np.iinfo(np.intp).max)) if most is None else most
    kept = sizes >= most
    if not kept.any():
        return Curve(items=0, dropped=n_items, points=[], peak=None)
    within = kept[item]
    unit = (np.cumsum(kept) - 1)[item[within]].astype(np.intp)
    right = np.asarray(correct, dtype=np.float64)[known][within]
    truth, proxy, ceiling = expectations(table[known][within], right, unit, most)
    return _curve(truth, proxy, ceiling, dropped=int((~kept).sum()), seed=seed, replicates=replicates)


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
    """Per item and n (items, most): expected truth and score of the best of n, and pass@n."""
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
        left = sizes - n + 1
        up_to = up_to * np.maximum(below + count - n + 1, 0) / left[tie_owner]
        under = under * np.maximum(below - n + 1, 0) / left[tie_owner]
        missed = missed * np.maximum(wrong - n + 1, 0) / left
        chosen = up_to - under
        proxy = np.bincount(tie_owner, weights=np.where(chosen > 0, chosen * tie_score, 0.0))
        columns.append((np.bincount(tie_owner, weights=chosen * rate), proxy, 1 - missed))
    truth, proxy_scores, ceiling = (np.stack(column, axis=1) for column in zip(*columns, strict=True))
    return truth, proxy_scores, ceiling


def _curve(truth: Floats, proxy: Floats, ceiling: Floats, *, dropped: int, seed: int, replicates: int) -> Curve:
    n_items, most = truth.shape
    table = columnar([*truth.T, *ceiling.T, np.ones(n_items)])
    names = tuple(f"{kind}@{n}" for kind in ("truth", "ceiling") for n in range(1, most + 1))

    def means(drawn: Floats) -> Floats:
        sums = drawn @ table
        return divide(sums[:, :-1], sums[:, -1:])

    found = bootstrap([Measure(names, means)], n_items, seed=seed, replicates=replicates)
    points = [
        _point(n, found[f"truth@{n}"], found[f"ceiling@{n}"], float(proxy[:, n - 1].mean())) for n in range(1, most + 1)
    ]
    best = max(point.truth.value for point in points)
    peak = next(point.n for point in points if point.truth.value >= best - 1e-12)
    return Curve(items=n_items, dropped=dropped, points=points, peak=peak)


def _point(n: int, truth: Interval | None, ceiling: Interval | None, proxy: float) -> BestOfN:
    if truth is None or ceiling is None:
        raise ValueError(f"best of {n} over no items")
    return BestOfN(
        n=n,
        truth=truth,
        proxy=proxy if np.isfinite(proxy) else None,
        ceiling=ceiling,
        regret=ceiling.value - truth.value,
        kl_bound=log(n) - (n - 1) / n,
    )
