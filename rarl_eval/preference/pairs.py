"""Pairs of responses judged in both orders: accuracy in each, consistency, preference for a slot, kappa.

For scores, which know no order, both orders are the same.
"""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from rarl_eval.measures.binary import cells, chance_corrected
from rarl_eval.preference import Answer, Example, Figure
from rarl_eval.stats.means import proportion
from rarl_eval.stats.resample import bootstrap

Pairs = Sequence[tuple[Example, Answer]]


def preferred(example: Example, answer: Answer) -> int:
    """Votes for the better response of a pair less votes for the worse, over both orders; 0 for a tie or no score."""
    better, worse = example.pairs[0]
    votes = both_orders(answer)
    side = 1 if (better, worse) == (0, 1) else -1
    return side * sum(v for v in votes if v is not None)


def both_orders(answer: Answer) -> tuple[int | None, int | None]:
    """Votes for response 0 (+1) or 1 (-1) in both orders: a judge's own, or the order of two scores."""
    if answer.votes is not None:
        return answer.votes
    first, second = answer.scores[:2]
    if first is None or second is None:
        return None, None
    vote = (first > second) - (first < second)
    return vote, vote


def pair_figures(pairs: Pairs) -> list[Figure]:
    """Figures over all pairs (``micro``), by subset, and their mean (``macro``).

    ``accuracy``: the two orders together name the better one (JudgeBench: votes sum above 0). ``accuracy, as given``
    and ``swapped``: each order alone, with ``average`` of both and ``both`` right; ``agreement``: the same reply in
    both orders, two replies that could not be read included (LLMBar). ``kappa``: Cohen's, of the two orders' winners,
    ``kappa, as given`` and ``swapped`` of winner and label. ``first slot``: share of read replies that prefer the
    response shown first, where the judge was shown an order.
    """
    found = []
    by_subset: dict[str, list[tuple[Example, Answer]]] = defaultdict(list)
    for example, answer in pairs:
        by_subset[example.subset].append((example, answer))
    for subset, held in sorted(by_subset.items()) if len(by_subset) > 1 else []:
        right = [float(preferred(e, a) > 0) for e, a in held]
        found.append(Figure(metric="accuracy", subset=subset, n=len(held), value=proportion(right), chance=0.5))
    means = [f.value.value for f in found if f.value is not None]
    return [*found, *_all(pairs), *([_macro(means, len(pairs))] if means else [])]


def _macro(means: Sequence[float], n: int) -> Figure:
    from rarl_eval.stats.means import mean

    # Subsets stand for more of their kind: the interval is over subsets.
    return Figure(metric="accuracy", subset="macro", n=n, value=mean(sorted(means)), chance=0.5)


def _all(pairs: Pairs) -> list[Figure]:
    n = len(pairs)
    sides = [1 if e.pairs[0] == (0, 1) else -1 for e, _ in pairs]
    votes = [both_orders(a) for _, a in pairs]
    given = [v[0] == s for v, s in zip(votes, sides, strict=True)]
    swapped = [v[1] == s for v, s in zip(votes, sides, strict=True)]
    both = [a and b for a, b in zip(given, swapped, strict=True)]
    average = [(a + b) / 2 for a, b in zip(given, swapped, strict=True)]
    shares: dict[str, Sequence[float]] = {
        "accuracy": [preferred(e, a) > 0 for e, a in pairs],
        "accuracy, as given": given,
        "accuracy, swapped": swapped,
        "accuracy, average": average,
        "both right": both,
        "agreement": [a == b for a, b in votes],
    }
    chances = {"both right": 0.25, "agreement": None}
    found = [
        Figure(
            metric=name,
            subset="micro",
            n=n,
            value=proportion(np.array(values, dtype=np.float64)),
            chance=chances.get(name, 0.5),
        )
        for name, values in shares.items()
    ]
    return [*found, *_kappas(votes, sides), *_slot(pairs)]


def _kappas(votes: Sequence[tuple[int | None, int | None]], sides: Sequence[int]) -> list[Figure]:
    compared: dict[str, list[tuple[int | None, int | None]]] = {
        "kappa": [(a, b) for a, b in votes],
        "kappa, as given": [(a, s) for (a, _), s in zip(votes, sides, strict=True)],
        "kappa, swapped": [(b, s) for (_, b), s in zip(votes, sides, strict=True)],
    }
    found = []
    for name, two in compared.items():
        known = [(a, b) for a, b in two if a in {1, -1} and b in {1, -1}]
        one, other = (np.array([float(p[i] == 1) for p in known]) for i in (0, 1))
        units = np.arange(len(known))
        counts = cells(one, other, units, len(known))
        value = bootstrap([chance_corrected(counts)], len(known))["kappa"]
        found.append(Figure(metric=name, subset="micro", n=len(known), value=value, chance=0.0))
    return found


def _slot(pairs: Pairs) -> list[Figure]:
    """Share of decided replies for the first slot; response 0 stands there as given, response 1 when swapped."""
    first, owner = [], []
    for i, (_, answer) in enumerate(pairs):
        if answer.votes is not None:
            for vote, at in zip(answer.votes, (1, -1), strict=True):
                if vote in {1, -1}:
                    first.append(float(vote == at))
                    owner.append(i)
    if not first:
        return []
    clusters = np.unique(owner, return_inverse=True)[1]
    value = proportion(first, clusters=clusters)
    return [Figure(metric="first slot", subset="micro", n=len(first), value=value, chance=0.5)]
