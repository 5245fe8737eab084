"""AlpacaEval 2: win rates as they are, and at equal length (Dubois et al., arXiv 2404.04475).

The published length-controlled rate is the mean of what their regression predicts for each instruction at equal
length; their program writes it beside each preference, and its mean here is the published figure to the last digit.
Where it does not stand there, a regression on the length difference alone is fitted and named as such: theirs also
knows how hard each instruction is, which its own files hold.
"""

from collections.abc import Sequence
from math import exp

import numpy as np

from rarl_eval.preference import Answer, Example, Figure
from rarl_eval.preference.joined import subsets
from rarl_eval.stats import Interval, critical
from rarl_eval.stats.means import Floats, mean

Pairs = Sequence[tuple[Example, Answer]]

LEAST = 30
"""Preferences that a regression of its own is fitted to."""


def win_rates(pairs: Pairs) -> list[Figure]:
    """Win rates of each model against the baseline, 0 to 1."""
    return [figure for model, held in sorted(subsets(pairs).items()) for figure in _of_model(model, held)]


def _of_model(model: str, held: Pairs) -> list[Figure]:
    told = [(e, worth) for e, a in held if (worth := _worth(a)) is not None]
    n, left = len(told), len(held) - len(told)
    worths = np.array([w for _, w in told], dtype=np.float64)
    found: dict[str, Interval | None] = {
        "win rate": mean(worths),
        "discrete win rate": mean(np.where(worths == 0.5, 0.5, np.round(worths))),
    }
    controlled = [e.meta.get("controlled") for e, _ in told]
    if controlled and None not in controlled:
        found["length-controlled win rate"] = mean(np.array(controlled, dtype=np.float64))
    elif n >= LEAST:
        lengths = np.array([len(e.responses[0]) - len(e.responses[1]) for e, _ in told], dtype=np.float64)
        found["length-controlled win rate, by lengths alone"] = at_equal_length(worths, lengths)
    return [Figure(metric=k, subset=model, n=n, value=v, chance=0.5, left_out=left) for k, v in found.items()]


def _worth(answer: Answer) -> float | None:
    """Return the worth of the model's response (1) against the baseline's (0): recorded, or by both orders."""
    if answer.worth is not None:
        return answer.worth
    votes = answer.votes
    if votes is None and None not in answer.scores:
        baseline, model = (s for s in answer.scores if s is not None)
        return (float(model > baseline) + float(model >= baseline)) / 2
    return None if votes is None or None in votes else (2 - sum(v for v in votes if v is not None)) / 4


def at_equal_length(worths: Floats, lengths: Floats) -> Interval | None:
    """Win rate (n,) at a length difference of 0: logit(worth) = b tanh(difference / its deviation) + c; logistic(c).

    Maximum likelihood by Newton's steps; the interval is of the robust error of c. None where lengths do not differ,
    or where nothing but wins (or losses) leaves c without bound.
    """
    spread = float(lengths.std(ddof=1)) if lengths.size > 1 else 0.0
    if spread == 0 or (worths.min() == worths.max() and worths[0] in {0.0, 1.0}):
        return None
    x = np.stack([np.tanh(lengths / spread), np.ones(lengths.size)], axis=1)
    weights = np.zeros(2)
    for _ in range(50):
        chance = 1 / (1 + np.exp(-np.clip(x @ weights, -30, 30)))
        curvature = (x * (chance * (1 - chance))[:, None]).T @ x + 1e-9 * np.eye(2)
        step = np.linalg.solve(curvature, x.T @ (worths - chance))
        weights = weights + step
        if float(np.abs(step).max()) < 1e-12:
            break
    else:
        return None
    scores = x * (worths - chance)[:, None]
    inverse = np.linalg.inv(curvature)
    half = critical() * float(np.sqrt((inverse @ (scores.T @ scores) @ inverse)[1, 1]))
    return Interval(*(1 / (1 + exp(-value)) for value in (weights[1], weights[1] - half, weights[1] + half)))
