"""How often nominal 95 % intervals hold the truth, on simulated benchmarks; writes coverage.md beside itself.

Items have chances of being answered rightly, the truth is their mean over endlessly many items, and each simulation
draws items (or passages of items) and samples anew. Clustered items share a passage whose difficulty they share.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from rarl_eval.stats.compare import paired
from rarl_eval.stats.means import accuracy
from rarl_eval.stats.unpaired import unpaired_shares

SIMULATIONS = 2000
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


KINDS: dict[str, Callable[..., bool]] = {
    "accuracy": single,
    "paired difference": difference,
    "before less after": halves,
}


def main() -> None:
    text = report()
    Path(__file__).with_suffix(".md").write_text(text, "utf-8")
    print(text)


def report() -> str:
    lines = [
        "# Coverage of nominal 95 % intervals",
        "",
        f"Percent of {SIMULATIONS:,} simulated benchmarks whose interval holds the truth, at accuracies of 50, 80",
        "and 95 %. `python benchmarks/coverage.py` writes this. The standard error of a figure is about 0.5.",
        "",
        "| interval | items | passages of | samples | 50 % | 80 % | 95 % |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    lowest = 100.0
    for name, held in KINDS.items():
        for n in (30, 100, 1000):
            for passage, samples in ((1, 1), (1, 4), (5, 1), (5, 4)):
                rates = [rate(held, n, level, passage, samples) for level in (0.5, 0.8, 0.95)]
                lowest = min(lowest, *rates)
                lines.append(f"| {name} | {n:,} | {passage} | {samples} | {' | '.join(f'{r:.1f}' for r in rates)} |")
    return "\n".join([*lines, "", f"The lowest is {lowest:.1f} %."]) + "\n"


def rate(held: Callable[..., bool], n: int, level: float, passage: int, samples: int) -> float:
    rng = np.random.default_rng([n, int(100 * level), passage, samples])
    return 100 * sum(held(rng, n, level, passage, samples) for _ in range(SIMULATIONS)) / SIMULATIONS


if __name__ == "__main__":
    main()
