"""Test-time scaling from stored traces: what k samples of an item give, by each way of choosing one answer.

Nothing is drawn: every figure is the expectation over all subsets of k of an item's m traces, ties shared evenly.
``pass@k`` and best-of-n are in closed form, majority counts subsets by answer, the weighted vote looks at each subset.
The right answer is one class (all right traces state it, however they spell it); a trace without an answer has no vote.
"""

from collections import Counter
from collections.abc import Hashable, Sequence
from functools import cache
from itertools import combinations
from math import comb, exp

import msgspec
import numpy as np

from rarl_eval.measures.selection import expectations
from rarl_eval.stats import Interval, pass_at_k
from rarl_eval.stats.means import Codes, Floats, accuracy, proportion

BLOCK_CELLS = 1_000_000
"""Cells of one working array (8 MB)."""

MOST_SUBSETS = 20_000
"""A weighted vote over more subsets of one item is left out: it has no closed form."""

Answers = Sequence[Hashable | None]
"""Answer class of each trace; None has no answer."""


class Scaled(msgspec.Struct, frozen=True, kw_only=True):
    """Accuracy with k samples an item, and what they cost."""

    k: int
    lengths: float | None
    """Mean length of k samples together, in the unit the report states; None where it is unknown."""
    pass_at_k: Interval
    majority: Interval
    best_of: dict[str, Interval]
    """By reward: the best-scored of k."""
    weighted: dict[str, Interval]
    """By reward: the answer with the largest sum of scores; rewards outside 0 to 1 count through the logistic."""


class Scaling(msgspec.Struct, frozen=True, kw_only=True):
    """Accuracy over k for the items that have enough traces."""

    items: int
    dropped: int
    """Items left out because they have fewer traces, or a trace without a score."""
    points: list[Scaled]
    majority_in_order: Interval | None
    """Majority of all m traces with ties to the answer that came first: the convention of published maj@m."""


def majority(right: int, wrong: Sequence[int], blank: int) -> list[float]:
    """Chance that the commonest answer of k traces is right, for k = 1 .. m; ties shared evenly.

    Of m = right + sum(wrong) + blank traces: ``right`` state the right answer, ``wrong`` holds how many state each
    wrong one, ``blank`` state none. Exact count of subsets: for each number t of right ones, those in which no wrong
    answer occurs more than t times, each weighed by 1 / (1 + answers that occur t times).
    """
    return _majority(right, tuple(sorted(wrong, reverse=True)), blank)


def weighted(scores: Floats, labels: Codes, sizes: Sequence[int]) -> list[Floats | None]:
    """Chance that the answer with the largest sum of scores is right, for each k of ``sizes``; ties shared evenly.

    ``scores`` (items, m) at least 0, ``labels`` (items, m): 0 for right traces, a number for each wrong answer, -1
    without an answer. One array (items,) for each k; None for a k with more than MOST_SUBSETS subsets.
    """
    items, m = scores.shape
    found: list[Floats | None] = []
    for k in sizes:
        if comb(m, k) > MOST_SUBSETS:
            found.append(None)
            continue
        chosen = np.array(list(combinations(range(m), k)), dtype=np.intp)
        block = max(1, BLOCK_CELLS // chosen.size)
        parts = [_voted(scores[i : i + block], labels[i : i + block], chosen) for i in range(0, items, block)]
        found.append(np.concatenate(parts) if parts else np.empty(0))
    return found


def scaling(
    correct: Floats,
    items: Sequence[Hashable],
    answers: Answers,
    lengths: Floats | None,
    scores: dict[str, Floats],
) -> Scaling:
    """Measure every way of choosing over traces (t,): ``scores`` by reward, nan where a trace has none.

    Items with fewer traces than the commonest number m of them are left out, as are items with an unscored trace, so
    that all curves speak of the same items. k is 1 .. 8, then powers of two, then m.
    """
    groups: dict[Hashable, list[int]] = {}
    for place, item in enumerate(items):
        groups.setdefault(item, []).append(place)
    every = len(groups)
    scored = [p for p in groups.values() if not any(np.isnan(s[p]).any() for s in scores.values())]
    most = _usual(scored)
    kept = [p for p in scored if len(p) >= most] if most else []
    if not kept:
        return Scaling(items=0, dropped=every, points=[], majority_in_order=None)
    sizes = [k for k in range(1, most + 1) if k <= 8 or k & (k - 1) == 0 or k == most]
    columns = _columns(kept, sizes, correct, answers, scores)
    samples = np.array([len(places) for places in kept])
    means = {name: accuracy(np.clip(shares, 0, 1), samples) for name, shares in columns.items()}
    spent = None if lengths is None else float(np.mean([lengths[p].mean() for p in kept]))
    points = [_point(k, means, spent, list(scores)) for k in sizes]
    ordered = np.array([_in_order([bool(correct[i]) for i in p], [answers[i] for i in p]) for p in kept])
    return Scaling(
        items=len(kept),
        dropped=every - len(kept),
        points=points,
        majority_in_order=proportion(ordered.astype(np.float64)),
    )


def logistic(scores: Floats) -> Floats:
    """Weights at least 0 from scores: themselves where all lie in 0 to 1, else 1 / (1 + e^-s)."""
    if scores.size and np.nanmin(scores) >= 0 and np.nanmax(scores) <= 1:
        return scores
    return np.array([1 / (1 + exp(-s)) if s > -700 else 0.0 for s in scores.tolist()], dtype=np.float64)


@cache
def _majority(right: int, wrong: tuple[int, ...], blank: int) -> list[float]:
    m = right + sum(wrong) + blank
    chance = [0.0] * m
    for t in range(1, right + 1):
        ways = _wrong_ways(wrong, blank, t)
        for tied, by_size in enumerate(ways):
            for size, count in enumerate(by_size):
                if count:
                    k = t + size
                    chance[k - 1] += comb(right, t) * count / (1 + tied) / comb(m, k)
    return [min(1.0, value) for value in chance]


def _wrong_ways(wrong: tuple[int, ...], blank: int, t: int) -> list[list[int]]:
    """Ways to draw wrong and blank traces, no wrong answer more than t times: by answers at t, then by how many."""
    ways = [[comb(blank, size) for size in range(blank + 1)]]
    for count in wrong:
        below = [comb(count, x) for x in range(min(count, t - 1) + 1)]
        rows = [_product(row, below) for row in ways]
        if count >= t:
            at = [0] * t + [comb(count, t)]
            rows = [_sum(a, b) for a, b in zip([*rows, []], [[], *(_product(row, at) for row in ways)], strict=True)]
        ways = rows
    return ways


def _product(a: list[int], b: list[int]) -> list[int]:
    out = [0] * (len(a) + len(b) - 1)
    for i, x in enumerate(a):
        if x:
            for j, y in enumerate(b):
                out[i + j] += x * y
    return out


def _sum(a: list[int], b: list[int]) -> list[int]:
    size = max(len(a), len(b))
    return [(a[i] if i < len(a) else 0) + (b[i] if i < len(b) else 0) for i in range(size)]


def labels_of(correct: Sequence[bool], answers: Answers) -> list[int]:
    """Give numbers to answers: 0 for right traces, one number for each wrong answer, -1 without an answer."""
    seen: dict[Hashable, int] = {}
    return [
        0 if right else -1 if answer is None else seen.setdefault(answer, len(seen) + 1)
        for right, answer in zip(correct, answers, strict=True)
    ]


def _voted(scores: Floats, labels: Codes, chosen: Codes) -> Floats:
    """Share of subsets ``chosen`` (subsets, k) that class 0 wins, for each item (items,)."""
    top = np.full((len(scores), len(chosen)), -1.0)
    sums = []
    for label in range(int(labels.max(initial=-1)) + 1):
        member = labels == label
        total = (scores * member)[:, chosen].sum(axis=2)
        total[~member[:, chosen].any(axis=2)] = -1.0  # an answer that nobody gave cannot win with nothing
        top = np.maximum(top, total)
        sums.append(total)
    if not sums:
        return np.zeros(len(scores))
    winners = sum((total >= top - 1e-12) & (total >= 0) for total in sums)
    right = (sums[0] >= top - 1e-12) & (sums[0] >= 0)
    share: Floats = np.where(right, 1 / np.maximum(winners, 1), 0.0).mean(axis=1)
    return share


def _in_order(correct: Sequence[bool], answers: Answers) -> bool:
    """Whether the commonest answer, the first to appear of equals, is right."""
    votes = Counter(label for label in labels_of(correct, answers) if label >= 0)
    return bool(votes) and votes.most_common(1)[0][0] == 0


def _usual(groups: Sequence[Sequence[int]]) -> int:
    """Return the commonest number of traces of an item, the largest of equals; 0 without items.

    Single traces are counted only where nothing else is there: over them there is nothing to choose.
    """
    every = [len(places) for places in groups]
    sizes = [size for size in every if size > 1] or every
    return max(set(sizes), key=lambda n: (sizes.count(n), n)) if sizes else 0


def _columns(
    kept: Sequence[Sequence[int]], sizes: Sequence[int], correct: Floats, answers: Answers, scores: dict[str, Floats]
) -> dict[str, Floats]:
    """For each way of choosing the chance of a right answer (items,), named ``way@k``; unknown ones are left out."""
    labels = [labels_of([bool(correct[p]) for p in places], [answers[p] for p in places]) for places in kept]
    votes = [_majority_of(of_item) for of_item in labels]
    table = {f"majority@{k}": np.array([v[k - 1] for v in votes]) for k in sizes}
    sorted_sizes = [(len(of_item), of_item.count(0)) for of_item in labels]
    table |= {f"pass@{k}": np.array([pass_at_k(m, right, k) for m, right in sorted_sizes]) for k in sizes}
    flat = np.concatenate([np.asarray(places, dtype=np.intp) for places in kept])
    owner = np.repeat(np.arange(len(kept)), [len(places) for places in kept])
    for name, values in scores.items():
        best = expectations(values[flat], correct[flat], owner, sizes[-1])[0]
        table |= {f"best:{name}@{k}": best[:, k - 1] for k in sizes}
        table |= _weighted_columns(name, logistic(values), kept, labels, sizes)
    return table


def _majority_of(labels: list[int]) -> list[float]:
    wrong = [labels.count(label) for label in sorted({label for label in labels if label > 0})]
    return majority(labels.count(0), wrong, labels.count(-1))


def _weighted_columns(
    name: str, weights: Floats, kept: Sequence[Sequence[int]], labels: Sequence[list[int]], sizes: Sequence[int]
) -> dict[str, Floats]:
    """Weighted votes of all items, those with as many traces together."""
    columns = {k: np.full(len(kept), np.nan) for k in sizes}
    for m in sorted({len(places) for places in kept}):
        same = [i for i, places in enumerate(kept) if len(places) == m]
        scores = np.array([weights[kept[i]] for i in same])
        for k, found in zip(sizes, weighted(scores, np.array([labels[i] for i in same]), sizes), strict=True):
            if found is not None:
                columns[k][same] = found
    return {f"weighted:{name}@{k}": c for k, c in columns.items() if not np.isnan(c).any()}


def _point(k: int, means: dict[str, Interval | None], spent: float | None, names: list[str]) -> Scaled:
    def known(way: str) -> Interval:
        found = means[f"{way}@{k}"]
        if found is None:
            raise ValueError(f"{way}@{k} over no items")
        return found

    return Scaled(
        k=k,
        lengths=None if spent is None else spent * k,
        pass_at_k=known("pass"),
        majority=known("majority"),
        best_of={name: known(f"best:{name}") for name in names},
        weighted={name: known(f"weighted:{name}") for name in names if f"weighted:{name}@{k}" in means},
    )
