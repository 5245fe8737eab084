"""How often nominal 95 % intervals hold the truth, on simulated benchmarks; writes coverage.md beside itself.

Items have chances of being answered rightly, the truth is their mean over endlessly many items, and each simulation
draws items (or passages of items) and samples anew. Clustered items share a passage whose difficulty they share.
A second table is of rewards: scores of right traces lie a constant above those of wrong ones, on a normal scale.
"""

import sys
from collections.abc import Callable
from functools import cache
from math import sqrt
from pathlib import Path

import numpy as np
from scipy.stats import binom, norm

from rarl_eval.measures.agreement import agree
from rarl_eval.measures.binary import chance_corrected
from rarl_eval.measures.selection import best_of_n
from rarl_eval.stats import Interval, newcombe
from rarl_eval.stats.compare import paired
from rarl_eval.stats.means import accuracy
from rarl_eval.stats.unpaired import unpaired_shares

SIMULATIONS = 2000
FEWER = 5
"""Rewards are simulated this many times less often: each simulation costs more."""
SPREAD = 1.5
"""a + b of the Beta distribution of chances: items differ much, as real ones do."""

Draw = tuple[np.ndarray, np.ndarray | None]
"""Chances of items, and the passage of each (None: none shared)."""


def items(rng: np.random.Generator, n: int, level: float, passage: int) -> Draw:
    """Draw chances of ``n`` items, ``passage`` of them with one chance each time."""
    chances = rng.beta(level * SPREAD, (1 - level) * SPREAD, -(-n // passage))
    if passage == 1:
        return chances, None
    return np.repeat(chances, passage)[:n], np.arange(n) // passage


def shares(rng: np.random.Generator, chances: np.ndarray, samples: int) -> np.ndarray:
    return rng.binomial(samples, chances) / samples


def single(rng: np.random.Generator, n: int, level: float, passage: int, samples: int) -> bool:
    """Whether the interval of an accuracy holds ``level``."""
    chances, clusters = items(rng, n, level, passage)
    found = accuracy(shares(rng, chances, samples), np.full(n, samples), clusters)
    return found.low <= level <= found.high


def difference(rng: np.random.Generator, n: int, level: float, passage: int, samples: int) -> bool:
    """Whether the interval of a paired difference holds the truth, of models that agree on most items."""
    chances, clusters = items(rng, n, level, passage)
    gap = 0.04
    worse = chances * (1 - gap / level)
    found = paired(shares(rng, chances, samples), shares(rng, worse, samples), clusters).difference
    return found.low <= gap <= found.high


def halves(rng: np.random.Generator, n: int, level: float, passage: int, samples: int) -> bool:
    """Whether the interval of before less after holds 0, of items that are alike on both sides."""
    sides = [items(rng, n // 2, level, passage) for _ in range(2)]
    drawn = [(shares(rng, chances, samples), np.full(n // 2, samples)) for chances, _ in sides]
    found = unpaired_shares(drawn[0], drawn[1], (sides[0][1], sides[1][1])).difference
    return found.low <= 0 <= found.high


RIGHT_RATES = (0.5, 0.8, 0.9, 0.97)
AREAS = (0.6, 0.8, 0.96, 0.99)


def reward(rng: np.random.Generator, n: int, right: float, area: float) -> dict[str, bool | None]:
    """Whether the intervals of a reward hold the truth, over ``n`` single traces; None where it is not defined."""
    shift = sqrt(2) * norm.ppf(area)
    correct = (rng.random(n) < right).astype(float)
    normal = rng.standard_normal(n) + shift * correct
    scores = norm.cdf(normal - shift / 2)  # passes from half way on, so that both errors are alike
    found = agree(scores, correct, np.arange(n), probability=False, selective=False, replicates=1)
    hit = float(norm.cdf(shift / 2))
    truths = chance_corrected(np.array([[right * hit, (1 - right) * (1 - hit), right * (1 - hit), (1 - right) * hit]]))
    truth = {"AUROC": area, **{name: truths[name].value for name in ("kappa", "mcc", "ac1")}}
    return {name: _holds(getattr(found, name.lower()), value) for name, value in truth.items()}


def best(rng: np.random.Generator, n: int, right: float, area: float) -> dict[str, bool | None]:
    """Whether the intervals of best of 2 and of 4 hold the truth, over ``n`` items of four traces."""
    shift = sqrt(2) * norm.ppf(area)
    chances = np.repeat(rng.beta(right * SPREAD, (1 - right) * SPREAD, n), 4)
    correct = (rng.random(4 * n) < chances).astype(float)
    scores = rng.standard_normal(4 * n) + shift * correct
    points = best_of_n(scores, correct, np.repeat(np.arange(n), 4).tolist()).points
    return {f"best of {k}": _holds(points[k - 1].truth, _best_truth(right, area, k)) for k in (2, 4)}


@cache
def _best_truth(right: float, area: float, k: int) -> float:
    rng = np.random.default_rng(1)
    items = 200_000
    chances = rng.beta(right * SPREAD, (1 - right) * SPREAD, items)
    correct = rng.random((items, k)) < chances[:, None]
    scores = rng.standard_normal((items, k)) + sqrt(2) * norm.ppf(area) * correct
    return float(correct[np.arange(items), scores.argmax(axis=1)].mean())


def fresh(n: int, right: float, gap: float = 0.05) -> float:
    """Percent of pairs of runs whose public less fresh holds the truth, of a model ``gap`` better on public items.

    No simulation: each pair of numbers of right answers is weighed by its chance.
    """
    sides = []
    for level in (right, right - gap):
        chances = [
            (k, float(chance)) for k, chance in enumerate(binom.pmf(np.arange(n + 1), n, level)) if chance > 1e-9
        ]
        sides.append([(chance, accuracy((np.arange(n) < k).astype(float), np.ones(n))) for k, chance in chances])
    return 100 * sum(
        chance * other for chance, public in sides[0] for other, twin in sides[1] if _holds(newcombe(public, twin), gap)
    )


def _holds(found: Interval | None, truth: float) -> bool | None:
    return None if found is None else found.low <= truth <= found.high


REWARDS: dict[str, tuple[Callable[..., dict[str, bool | None]], tuple[int, ...], tuple[float, ...]]] = {
    "reward": (reward, (30, 100, 500), AREAS),
    "best of n": (best, (30, 100, 500), (0.6, 0.96)),
}
"""What is simulated, of how many traces or items, and at which areas under the ROC curve."""


def of_rewards(simulations: int) -> tuple[list[str], float]:
    """Rows of the second table, and the lowest share in it."""
    lines, lowest = [], 100.0
    for held, sizes, areas in REWARDS.values():
        for n in sizes:
            for area in areas:
                by_rate = [_rates(held, n, right, area, simulations) for right in RIGHT_RATES]
                for name in by_rate[0]:
                    found = [rates[name] for rates in by_rate]
                    lowest = min(lowest, *(f for f in found if f is not None))
                    told = " | ".join("-" if f is None else f"{f:.1f}" for f in found)
                    lines.append(f"| {name} | {n:,} | {area:g} | {told} |")
    for n in (30, 100, 500):
        found = [fresh(n, right) for right in RIGHT_RATES]
        lowest = min(lowest, *found)
        lines.append(f"| public less fresh | {n:,} | - | {' | '.join(f'{f:.1f}' for f in found)} |")
    return lines, lowest


def _rates(
    held: Callable[..., dict[str, bool | None]], n: int, right: float, area: float, simulations: int
) -> dict[str, float | None]:
    """Percent of simulations in which each interval holds the truth, of those that define it (a quarter, or none)."""
    rng = np.random.default_rng([n, int(100 * right), int(100 * area)])
    drawn = [held(rng, n, right, area) for _ in range(simulations)]
    known = {name: [d[name] for d in drawn if d[name] is not None] for name in drawn[0]}
    return {name: 100 * sum(k) / len(k) if 4 * len(k) >= simulations else None for name, k in known.items()}


KINDS: dict[str, Callable[..., bool]] = {
    "accuracy": single,
    "paired difference": difference,
    "before less after": halves,
}


def main() -> None:
    """Write the tables; an argument is the number of simulations for each cell."""
    text = report(int(sys.argv[1]) if len(sys.argv) > 1 else SIMULATIONS)
    Path(__file__).with_suffix(".md").write_text(text, "utf-8")
    print(text)


def report(simulations: int = SIMULATIONS) -> str:
    lines = [
        "# Coverage of nominal 95 % intervals",
        "",
        f"Percent of {simulations:,} simulated benchmarks whose interval holds the truth, at accuracies of 50, 80",
        f"and 95 %. `python benchmarks/coverage.py {simulations}` writes this. The standard error of a figure is about",
        f"{100 * sqrt(0.05 * 0.95 / simulations):.1f}.",
        "",
        "| interval | items | passages of | samples | 50 % | 80 % | 95 % |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    lowest = 100.0
    for name, held in KINDS.items():
        for n in (30, 100, 1000):
            for passage, samples in ((1, 1), (1, 4), (5, 1), (5, 4)):
                rates = [rate(held, n, level, passage, samples, simulations) for level in (0.5, 0.8, 0.95)]
                lowest = min(lowest, *rates)
                lines.append(f"| {name} | {n:,} | {passage} | {samples} | {' | '.join(f'{r:.1f}' for r in rates)} |")
    fewer = max(1, simulations // FEWER)
    more, low = of_rewards(fewer)
    lines += [
        "",
        f"Of rewards, at base rates of 50, 80, 90 and 97 % right traces, {fewer:,} simulations a cell (standard error",
        f"of a figure about {100 * sqrt(0.05 * 0.95 / fewer):.1f}). Public less fresh, at those accuracies on",
        "the public items, is worked out exactly:",
        "",
        "| interval | traces or items | AUROC | 50 % | 80 % | 90 % | 97 % |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    return "\n".join([*lines, *more, "", f"The lowest is {min(lowest, low):.1f} %."]) + "\n"


def rate(held: Callable[..., bool], n: int, level: float, passage: int, samples: int, simulations: int) -> float:
    rng = np.random.default_rng([n, int(100 * level), passage, samples])
    return 100 * sum(held(rng, n, level, passage, samples) for _ in range(simulations)) / simulations


if __name__ == "__main__":
    main()
