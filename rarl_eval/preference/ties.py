"""RewardBench 2's Ties subset: right answers should tie with each other and stand clear of the wrong ones."""

from collections.abc import Sequence
from math import inf, tanh

from rarl_eval.preference import Answer, Example, Figure
from rarl_eval.stats.means import mean, proportion

Margins = tuple[bool, float, float]
"""All right above all wrong; spread among the right; lowest right less highest wrong."""


def ties_score(pairs: Sequence[tuple[Example, Answer]]) -> list[Figure]:
    """Return the subset's figures; ids are ``ref:7`` (one right answer) and ``tied:7`` (several).

    0.3 accuracy on tied + 0.3 on ref + 0.2 P(margin > spread) + 0.2 P(the smaller margin of the two > spread)
    + 0.01 mean tanh(smaller margin / spread - 1), as in rewardbench's own code; at most 1.01. A spread of 0 gives
    tanh the sign of the margin. An example with a missing score is left out.
    """
    known = [(e.id.partition(":"), margins) for e, a in pairs if (margins := _margins(e, a)) is not None]
    refs, tied = ({key: margins for (kind, _, key), margins in known if kind == k} for k in ("ref", "tied"))
    shared = sorted(refs.keys() & tied.keys())
    preferred, hard, soft = [], [], []
    for key in shared:
        _, spread, margin = tied[key]
        smaller = min(refs[key][2], margin)
        preferred.append(float(margin > spread))
        hard.append(float(smaller > spread))
        soft.append(_squashed(smaller, spread))
    parts = {
        "tied accuracy": [float(m[0]) for m in tied.values()],
        "ref accuracy": [float(m[0]) for m in refs.values()],
        "margin above spread": preferred,
        "smaller margin above spread": hard,
    }
    weights = (0.3, 0.3, 0.2, 0.2)
    shares = [sum(values) / len(values) if values else 0.0 for values in parts.values()]
    score = sum(w * s for w, s in zip(weights, shares, strict=True)) + 0.01 * (sum(soft) / len(soft) if soft else 0.0)
    found = [
        Figure(metric=name, subset="Ties", n=len(values), value=proportion(values) if values else None)
        for name, values in parts.items()
    ]
    # The score of a subset is one number: its parts carry the intervals.
    whole = mean([score]) if known else None
    left = len(pairs) - len(known)
    return [*found, Figure(metric="ties score", subset="Ties", n=len(known), value=whole, left_out=left)]


def _margins(example: Example, answer: Answer) -> Margins | None:
    """Margins of an example; None where a score is missing."""
    known = [(s, g) for s, g in zip(answer.scores, example.good, strict=True) if s is not None]
    if len(known) < len(answer.scores):
        return None
    right, wrong = ([s for s, good in known if good is side] for side in (True, False))
    if not right or not wrong:
        return False, inf, -inf
    margin = min(right) - max(wrong)
    return margin > 0, max(right) - min(right), margin


def _squashed(margin: float, spread: float) -> float:
    if margin == -inf:
        return -1.0
    if spread == 0:
        return float((margin > 0) - (margin < 0))
    return tanh(margin / spread - 1)
