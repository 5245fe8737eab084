"""Does the reward rank right answers above wrong ones? AUROC over all traces and within each item."""

import numpy as np

from rarl_eval.stats.means import Codes, Floats
from rarl_eval.stats.resample import Measure, divide, ratios
from rarl_eval.stats.ties import ranked, tied


def auroc(scores: Floats, correct: Floats, units: Codes) -> Measure:
    """P(score of a right trace > score of a wrong one), ties half, over all pairs of traces (n,).

    Equals sklearn.metrics.roc_auc_score with the weights as sample_weight. Undefined with one class.
    """
    return _by_value(scores, correct, units) if tied(scores) else _by_trace(scores, correct, units)


def _by_value(scores: Floats, correct: Floats, units: Codes) -> Measure:
    distinct, parts = ranked(scores, units, correct, 1 - correct)

    def values(drawn: Floats) -> Floats:
        right, wrong = (part(drawn) for part in parts)
        passed = np.cumsum(wrong, axis=1)
        wins = np.einsum("ij,ij->i", right, passed - wrong / 2)
        return divide(wins, right.sum(axis=1) * passed[:, -1])[:, None]

    return Measure(("auroc",), values, distinct.size)


def _by_trace(scores: Floats, correct: Floats, units: Codes) -> Measure:
    right, wrong = np.flatnonzero(correct == 1), np.flatnonzero(correct == 0)
    right = right[np.argsort(scores[right], kind="stable")]
    wrong = wrong[np.argsort(scores[wrong], kind="stable")]
    below = np.searchsorted(scores[wrong], scores[right], side="left")
    not_above = np.searchsorted(scores[wrong], scores[right], side="right")
    tied = bool((below != not_above).any())
    right_units, wrong_units = units[right], units[wrong]

    def values(drawn: Floats) -> Floats:
        passed = np.zeros((len(drawn), len(wrong) + 1))
        np.cumsum(drawn.take(wrong_units, axis=1), axis=1, out=passed[:, 1:])
        weight = drawn.take(right_units, axis=1)
        beaten = passed.take(below, axis=1)
        if tied:
            beaten = (beaten + passed.take(not_above, axis=1)) / 2
        wins = np.einsum("ij,ij->i", weight, beaten)
        return divide(wins, weight.sum(axis=1) * passed[:, -1])[:, None]

    return Measure(("auroc",), values, scores.size)


def within(scores: Floats, correct: Floats, items: Codes, unit_of_item: Codes, units: int) -> Measure:
    """Ranking inside each item, so that easy items cannot stand in for a good reward.

    ``auroc_within``: mean over items, those with both classes, of the item's AUROC (every item weighs the same).
    ``pairwise``: share of all right-wrong pairs of one item that are ordered rightly, ties half (every pair weighs
    the same).
    """
    wins, pairs = item_wins(scores, correct, items, len(unit_of_item))
    both = pairs > 0
    shares = np.where(both, wins / np.where(both, pairs, 1), 0.0)

    def by_unit(values: Floats) -> Floats:
        return np.bincount(unit_of_item, weights=values, minlength=units).astype(np.float64)

    return ratios(
        {
            "auroc_within": (by_unit(shares), by_unit(both.astype(np.float64))),
            "pairwise": (by_unit(wins), by_unit(pairs)),
        }
    )


def item_wins(scores: Floats, correct: Floats, items: Codes, n_items: int) -> tuple[Floats, Floats]:
    """Count, for each item, the right-wrong pairs that the scores order rightly (ties half) and all such pairs."""
    order = np.lexsort((scores, items))
    sorted_items, sorted_scores = items[order], scores[order]
    new_item = np.append(True, sorted_items[1:] != sorted_items[:-1]) if len(order) else np.empty(0, dtype=bool)
    new_tie = new_item.copy()
    new_tie[1:] |= sorted_scores[1:] != sorted_scores[:-1]
    first = np.flatnonzero(new_tie)
    size = np.diff(np.append(first, len(order)))
    start = np.flatnonzero(new_item)
    offset = np.repeat(start, np.diff(np.append(start, len(order))))
    midrank = np.repeat(first + (size + 1) / 2, size) - offset
    right = np.bincount(items, weights=correct, minlength=n_items).astype(np.float64)
    total = np.bincount(items, minlength=n_items).astype(np.float64)
    ranks = np.bincount(sorted_items, weights=midrank * correct[order], minlength=n_items).astype(np.float64)
    return ranks - right * (right + 1) / 2, right * (total - right)
