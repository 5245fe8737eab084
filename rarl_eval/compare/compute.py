"""Two entrants at equal accuracy and at equal compute, where both count tokens alike."""

from collections.abc import Sequence

import msgspec
import numpy as np

from rarl_eval.compare.entrants import Entrant
from rarl_eval.stats import pass_at_k
from rarl_eval.stats.means import Floats


class PairAtAccuracy(msgspec.Struct, frozen=True, kw_only=True):
    """The smallest budget of tokens a sample with which each reaches the same accuracy."""

    accuracy: float
    """The lower of the two accuracies, so that both reach it."""
    tokens_a: float
    tokens_b: float


class PairAtCompute(msgspec.Struct, frozen=True, kw_only=True):
    """Both with the same tokens for an item: as many samples as they buy, at the model's mean length."""

    tokens: float
    """Tokens an item: what the samples of the dearer one cost."""
    samples_a: int
    samples_b: int
    pass_a: float
    pass_b: float
    """Chance that at least one of those samples is right (pass@k)."""


class Compute(msgspec.Struct, frozen=True, kw_only=True):
    """What accuracy costs two entrants on their shared items; None where a comparison would mislead, and why."""

    task: str
    a: str
    b: str
    n: int
    unit: str | None = None
    mean_a: float | None = None
    mean_b: float | None = None
    """Mean tokens of a sample."""
    equal_accuracy: PairAtAccuracy | None = None
    equal_compute: list[PairAtCompute] = []
    note: str = ""


def compute(a: Entrant, b: Entrant, keys: Sequence[str]) -> Compute:
    """Compare costs on ``keys``, the items both answered."""
    note = _why_not(a, b)
    if note or not keys:
        return Compute(task=a.task, a=a.label, b=b.label, n=len(keys), note=note or "no shared items")
    sides = [_traces(e, keys) for e in (a, b)]
    means = [float(np.average(tokens, weights=weight)) for tokens, _, weight in sides]
    return Compute(
        task=a.task,
        a=a.label,
        b=b.label,
        n=len(keys),
        unit=f"tokens counted by {a.columns.counted_by}",
        mean_a=means[0],
        mean_b=means[1],
        equal_accuracy=_equal_accuracy(sides),
        equal_compute=_equal_compute(a, b, keys, means),
    )


def _why_not(a: Entrant, b: Entrant) -> str:
    if a.columns.tokens is None or b.columns.tokens is None:
        return f"{(a if a.columns.tokens is None else b).label} has samples without a count of tokens"
    if a.columns.hidden or b.columns.hidden:
        return ""  # tokens that a server bills are known even where the reasoning is not shown
    if a.columns.counted_by != b.columns.counted_by:
        return f"tokens were counted by {a.columns.counted_by} and by {b.columns.counted_by}, and do not compare"
    return ""


def _traces(entrant: Entrant, keys: Sequence[str]) -> tuple[Floats, Floats, Floats]:
    """Tokens, correctness and weight of each trace of ``keys``; every item weighs the same."""
    tokens = entrant.columns.tokens
    if tokens is None:
        raise ValueError("an entrant without token counts")
    chosen = np.isin(entrant.columns.item, [entrant.place[key] for key in keys])
    items = entrant.columns.item[chosen]
    return tokens[chosen], entrant.columns.correct[chosen], 1 / (entrant.samples[items] * len(keys))


def _equal_accuracy(sides: Sequence[tuple[Floats, Floats, Floats]]) -> PairAtAccuracy | None:
    target = min(float((correct * weight).sum()) for _, correct, weight in sides)
    if target <= 0:
        return None
    budgets = [_budget(*side, target) for side in sides]
    return PairAtAccuracy(accuracy=target, tokens_a=budgets[0], tokens_b=budgets[1])


def _budget(tokens: Floats, correct: Floats, weight: Floats, target: float) -> float:
    """Smallest t with acc(t) >= target, acc as in efficiency.budget."""
    order = np.argsort(tokens, kind="stable")
    reached = np.cumsum((correct * weight)[order])
    place = min(int(np.searchsorted(reached, target - 1e-12)), len(order) - 1)
    return float(tokens[order[place]])


def _equal_compute(a: Entrant, b: Entrant, keys: Sequence[str], means: Sequence[float]) -> list[PairAtCompute]:
    """For each number of samples of the dearer one, as many of the cheaper one as its tokens buy, if there are."""
    most = [min(int(e.samples[e.place[key]]) for key in keys) for e in (a, b)]
    dear = 0 if means[0] >= means[1] else 1
    if means[1 - dear] <= 0:
        return []
    found = []
    for k in range(1, most[dear] + 1):
        other = int(k * means[dear] / means[1 - dear] + 1e-9)
        if other > most[1 - dear]:
            break
        counts = (k, other) if dear == 0 else (other, k)
        passes = [_pass(e, keys, count) for e, count in zip((a, b), counts, strict=True)]
        found.append(
            PairAtCompute(
                tokens=k * means[dear],
                samples_a=counts[0],
                samples_b=counts[1],
                pass_a=passes[0],
                pass_b=passes[1],
            )
        )
    return found


def _pass(entrant: Entrant, keys: Sequence[str], k: int) -> float:
    places = [entrant.place[key] for key in keys]
    return float(np.mean([pass_at_k(int(entrant.samples[i]), int(entrant.right[i]), k) for i in places]))
