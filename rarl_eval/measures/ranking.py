"""Does the reward rank right answers above wrong ones within each item? Over all traces: stats.auroc."""

import numpy as np

from rarl_eval.stats import Interval
from rarl_eval.stats.means import Codes, Floats, proportion


def within(scores: Floats, correct: Floats, items: Codes, unit_of_item: Codes) -> dict[str, Interval | None]:
    """Ranking inside each item, so that easy items cannot stand in for a good reward.

    ``auroc_within``: mean over items, those with both classes, of the item's AUROC (every item weighs the same).
    ``pairwise``: share of all right-wrong pairs of one item that are ordered rightly, ties half (every pair weighs
    the same). Intervals are those of proportions over ``unit_of_item`` (items,).
    """
    wins, pairs = item_wins(scores, correct, items, len(unit_of_item))
    both = np.flatnonzero(pairs)
    units = unit_of_item[both]
    return {
        "auroc_within": proportion(wins[both] / pairs[both], clusters=units),
        "pairwise": proportion(wins[both], pairs[both], units),
    }


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
