"""Pairs of responses judged in both orders: accuracy in each, consistency, preference for a slot, kappa.

For scores, which know no order, both orders are the same.
"""

from collections import defaultdict
from collections.abc import Sequence

import msgspec
import numpy as np

from rarl_eval.measures.binary import cells, chance_corrected
from rarl_eval.preference import Answer, Example, Figure
from rarl_eval.preference.joined import mean_of, subsets
from rarl_eval.stats.means import proportion

Pairs = Sequence[tuple[Example, Answer]]


def preferred(example: Example, answer: Answer) -> int | None:
    """Votes for the better response of a pair less votes for the worse, over both orders; None unless both are there.

    0 for a tie, and for two orders that contradict each other.
    """
    first, second = both_orders(answer)
    return None if first is None or second is None else _side(example) * (first + second)


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
    both orders, two of a published file that name neither included (LLMBar). ``kappa``: Cohen's, of the two orders'
    winners, ``kappa, as given`` and ``swapped`` of winner and label. ``first slot``: share of read replies that prefer
    the response shown first, where the judge was shown an order.
    """
    found = []
    by_subset: dict[str, list[tuple[Example, Answer]]] = defaultdict(list)
    for example, answer in pairs:
        by_subset[example.subset].append((example, answer))
    for subset, held in sorted(by_subset.items()) if len(by_subset) > 1 else []:
        found.append(share("accuracy", subset, _decided(held), 0.5))
    means = [f.value.value for f in found if f.value is not None]
    return [*found, *_all(pairs), *([_macro(means, sum(f.n for f in found), len(pairs))] if means else [])]


def llmbar_figures(pairs: Pairs) -> list[Figure]:
    """Figures of pairs, and for LLMBar's named sets what its paper gives of each: average accuracy and agreement.

    ``macro`` of these is the mean of the sets, as the paper's last column; ``Adversarial`` that of the four.
    """
    by_set = {name: held for name, held in sorted(subsets(pairs).items()) if name != "all"}
    found = [
        msgspec.structs.replace(figure, subset=name)
        for name, held in by_set.items()
        for figure in _all(held)
        if figure.metric in _OF_SETS
    ]
    groups = {"Adversarial": by_set.keys() - {"Natural"}, "macro": by_set.keys()}
    for group, names in groups.items():
        for metric in _OF_SETS if len(names) > 1 else ():
            found.append(mean_of(metric, group, [f for f in found if f.metric == metric and f.subset in names]))
    return [*found, *pair_figures(pairs)]


_OF_SETS = ("accuracy, average", "agreement")


def _macro(means: Sequence[float], n: int, every: int) -> Figure:
    from rarl_eval.stats.means import mean

    # Subsets stand for more of their kind: the interval is over subsets.
    value = mean(sorted(means))
    return Figure(metric="accuracy", subset="macro", n=n, value=value, chance=0.5, left_out=every - n)


def _side(example: Example) -> int:
    return 1 if example.pairs[0] == (0, 1) else -1


def _decided(pairs: Pairs) -> list[bool | None]:
    """Whether the two orders together name the better response; None where one of them is missing."""
    return [None if total is None else total > 0 for total in (preferred(e, a) for e, a in pairs)]


def share(metric: str, subset: str, values: Sequence[float | None], chance: float | None) -> Figure:
    """Mean of what is known; the rest is left out and counted."""
    known = np.array([v for v in values if v is not None], dtype=np.float64)
    left = len(values) - known.size
    return Figure(metric=metric, subset=subset, n=known.size, value=proportion(known), chance=chance, left_out=left)


def _all(pairs: Pairs) -> list[Figure]:
    sides = [_side(e) for e, _ in pairs]
    votes = [both_orders(a) for _, a in pairs]
    given, swapped = ([None if v[i] is None else v[i] == s for v, s in zip(votes, sides, strict=True)] for i in (0, 1))
    orders = [(a, b) if a is not None and b is not None else None for a, b in zip(given, swapped, strict=True)]
    shares: dict[str, Sequence[float | None]] = {
        "accuracy": _decided(pairs),
        "accuracy, as given": given,
        "accuracy, swapped": swapped,
        "accuracy, average": [None if o is None else sum(o) / 2 for o in orders],
        "both right": [None if o is None else all(o) for o in orders],
        "agreement": [None if a is None or b is None else a == b for a, b in votes],
    }
    chances = {"both right": 0.25, "agreement": None}
    found = [share(name, "micro", values, chances.get(name, 0.5)) for name, values in shares.items()]
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
        value = chance_corrected(counts)["kappa"]
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
