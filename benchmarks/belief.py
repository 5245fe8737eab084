"""How often beliefs are wrong, on simulated boards; writes belief.md beside itself.

Items have chances of being answered rightly that their difficulty and the model's ability give; a board draws items,
models and answers anew. The clean truth of a model is its mean chance over endlessly many items, had it seen none.
Below 60 s of processor time.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from rarl_eval.belief import AnswerSource, Belief, Facts, Twin, believe
from rarl_eval.measures.exposed import exposed
from rarl_eval.measures.outcome import RowOutcome
from rarl_eval.stats import newcombe
from rarl_eval.stats.means import accuracy

BOARDS = 240
MODELS = 8
SUSPECTS = 4
"""Models of a board whose training data was scanned and holds items; nothing is known of the others."""
LEAK = 0.05
"""True inflation of a model that a leak helped, over all items."""
POPULATION = 200_000
"""Items over which a clean truth is averaged."""


@dataclass(frozen=True, kw_only=True)
class World:
    """What boards of one kind are like."""

    name: str
    items: int = 1000
    found: float = 0.25
    """Share of the items that stand in the suspects' training data."""
    easier: float = 0.0
    """How much likelier an item is found for each logit that it is easier."""
    slopes: float = 0.0
    """How much the models differ in what difficulty makes of their answers, as a standard deviation of logarithms."""
    twin: bool = False
    """Every model answered a fresh twin of as many items."""
    scanned: bool = True
    leaks: int = 0
    """Suspects whom what they have seen helped."""
    models: int = MODELS


WORLDS = (
    World(name="1,000 items, a quarter found"),
    World(name="the same, found items easier", easier=1.0),
    World(name="the same, and models differ in kind", easier=1.0, slopes=0.15),
    World(name="1,000 items, a quarter found, and a fresh twin", twin=True),
    World(name="a fresh twin alone", twin=True, scanned=False),
    World(name="200 items, 12 found, easier", items=200, found=0.06, easier=1.0),
    World(name="one model alone", models=1),
    World(name="1,000 items, a quarter found, one leak of 5 points", leaks=1),
    World(name="the same, found items easier", easier=1.0, leaks=1),
    World(name="1,000 items, a quarter found, and a fresh twin, one leak", twin=True, leaks=1),
    World(name="a fresh twin alone", twin=True, scanned=False, leaks=1),
    World(name="one model alone", models=1, leaks=1),
)


def logistic(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def shift(chances: np.ndarray, rise: float) -> np.ndarray:
    """Raise chances towards 1 so that their mean rises by ``rise``."""
    return chances + (1 - chances) * min(1.0, rise / float((1 - chances).mean()))


def columns(right: np.ndarray, keys: list[str]) -> Any:
    """As much of a row's columns as beliefs ask for."""
    places = np.arange(right.size)
    return SimpleNamespace(keys=keys, item=places, correct=right, unit_of_item=places)


def facts(name: int, right: np.ndarray, twin: np.ndarray | None, seen: Any) -> Facts:
    n, found = right.size, accuracy(right, np.ones(right.size))
    row = RowOutcome(
        model=str(name), task="t", domain="math", fingerprint="f", prompt_style="cot v1", asked=n, n=n, traces=n,
        errors=0, unjudged=0, no_answer=0.0, accuracy=found,
    )  # fmt: skip
    twins: tuple[Twin, ...] = ()
    if twin is not None:
        other = accuracy(twin, np.ones(n))
        assert found is not None
        assert other is not None
        twins = (Twin(task="twin", accuracy=other, difference=newcombe(found, other)),)
    return Facts(row=row, exposed=seen, twins=twins, source=AnswerSource(revision="r"))


def board(world: World, rng: np.random.Generator, truths: np.ndarray) -> list[Belief]:
    """Draw one board and conclude on it; the first ``leaks`` models are the helped ones."""
    n, k = world.items, round(world.items * world.found)
    abilities = rng.normal(0.8, 0.7, world.models)
    slopes = np.exp(rng.normal(0, world.slopes, world.models))
    difficulty = rng.normal(0, 1.5, (2, n))
    weight = np.exp(-world.easier * difficulty[0])
    found = rng.choice(n, k, replace=False, p=weight / weight.sum())
    keys = [f"{i:04}" for i in range(n)]
    statuses = dict.fromkeys(keys, "clean") | {keys[i]: "flagged" for i in found}
    answers, twins = [], []
    for m, ability in enumerate(abilities):
        chances = logistic(slopes[m] * (ability - difficulty))
        truths[m] = logistic(
            slopes[m] * (ability - clean_difficulties(world, seen=world.scanned and m < SUSPECTS))
        ).mean()
        if m < world.leaks:
            chances[0, found] = shift(chances[0, found], LEAK / world.found)
        drawn = (rng.random((2, n)) < chances).astype(np.float64)
        answers.append(drawn[0])
        twins.append(drawn[1] if world.twin else None)
    rows = []
    for m in range(world.models):
        seen = None
        if world.scanned and m < SUSPECTS:
            controls = {str(c): answers[c] for c in range(SUSPECTS, world.models)}
            seen = exposed(columns(answers[m], keys), statuses, ("s",), controls, 0, 100)
        rows.append(facts(m, answers[m], twins[m], seen))
    return believe(rows)


@cache
def clean_difficulties(world: World, *, seen: bool) -> np.ndarray:
    """Difficulties of endlessly many items, by their quantiles; of a model that has ``seen`` some, of the others."""
    rng = np.random.default_rng(1)
    difficulty = rng.normal(0, 1.5, POPULATION)
    if world.easier and seen:
        weight = np.exp(-world.easier * difficulty)
        found = rng.choice(POPULATION, round(POPULATION * world.found), replace=False, p=weight / weight.sum())
        difficulty = np.delete(difficulty, found)
    return np.sort(difficulty)[:: POPULATION // 2000]


@dataclass
class Counts:
    """What came of a world's boards."""

    accused: int = 0
    """Boards on which a clean model is called inflated."""
    caught: int = 0
    """Leaked models called inflated."""
    covered: int = 0
    values: int = 0
    leaked_covered: int = 0


def simulate(world: World, seed: int) -> Counts:
    rng = np.random.default_rng(seed)
    counts, truths = Counts(), np.zeros(world.models)
    for _ in range(BOARDS):
        beliefs = board(world, rng, truths)
        inflated = [belief.verdict == "inflated" for belief in beliefs]
        counts.accused += any(inflated[world.leaks :])
        counts.caught += sum(inflated[: world.leaks])
        held = [b.value.low <= t <= b.value.high for b, t in zip(beliefs, truths, strict=True)]
        counts.covered += sum(held)
        counts.leaked_covered += sum(held[: world.leaks])
        counts.values += len(held)
    return counts


def lines() -> Iterator[str]:
    every: list[tuple[World, Counts]] = []
    for number, world in enumerate(WORLDS):
        every.append((world, simulate(world, number)))
        yield line(world.name, str(world.models), every[-1:])
    yield line("all of these", "", every)


def line(name: str, models: str, found: list[tuple[World, Counts]]) -> str:
    """Write a line of the table over some worlds."""
    leaks = sum(BOARDS * world.leaks for world, _ in found)
    values = sum(counts.values for _, counts in found)
    accused = sum(counts.accused for _, counts in found) / (BOARDS * len(found))
    caught = sum(counts.caught for _, counts in found), leaks
    covered = sum(counts.covered for _, counts in found), values
    own = sum(counts.leaked_covered for _, counts in found), leaks
    told = (f"{100 * hits / of:.1f}" if of else "" for hits, of in (caught, covered, own))
    return f"| {name} | {models} | {100 * accused:.1f} | {' | '.join(told)} |"


def main() -> None:
    """Write the table."""
    text = f"""# How often beliefs are wrong

Percent of {BOARDS} simulated boards a line; `python benchmarks/belief.py` writes this. Up to {SUSPECTS} of a board's
models have the found items in their training data. *Accused*: boards on which a model that nothing helped is called
inflated; Holm's adjustment holds it at 5. *Caught*: helped models, whose true inflation is {100 * LEAK:.0f} points,
called inflated. *Covered*: values whose interval holds the clean truth over items like those the value is of, of all
models and of the helped ones. The standard error of a figure near 5 is {100 * (0.05 * 0.95 / BOARDS) ** 0.5:.1f}.

| boards | models | accused | caught | covered | covered, helped |
|---|---:|---:|---:|---:|---:|
"""
    text += "\n".join(lines()) + "\n"
    text += """
Easier: an item is 2.7 times as likely to be found for each logit that it is easier. A value of clean items is then the
truth over items like these, which is lower than over all. A twin compares different items, and so finds 5 points less
often than a scan.
"""
    Path(__file__).with_suffix(".md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
