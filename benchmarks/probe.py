"""Do the probes tell what a model has seen, where that is known? Writes probe.md. Needs xllamacpp (extra ``local``).

The laboratory's models and its test set, half of which two of them have seen: AUROC of each probe's item score for the
seen half against the unseen one, with a bootstrap interval; and how often the model-level test calls base suspicious,
which has seen nothing, over 100 draws of test items and fresh ones. ``answer`` probes score the reference as the leak
held it: the worked reply, or for the model with bare answers the answer alone.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np

from rarl_eval import data, registry
from rarl_eval.contamination.probing import likely
from rarl_eval.contamination.probing.asking import Scores
from rarl_eval.contamination.probing.nulls import rank_test
from rarl_eval.measures.ranking import auroc
from rarl_eval.models import Options
from rarl_eval.models.gguf import GgufModel, open_model
from rarl_eval.stats import Interval, holm
from rarl_eval.stats.resample import bootstrap
from rarl_eval.tasks.laboratory import fixtures
from rarl_eval.tasks.laboratory.worked import bare, completion
from rarl_eval.types import Benchmark, Item

TEST, POOL = "fresh:lab@0:120", "fresh:lab@1:120"
DRAWS, DRAWN, LEVEL = 100, 60, 0.05
"""Model-level tests of base, items of each side in one, and their level."""
PROBES = ("question-mink", "answer-ngrams", "answer-mink")


def main() -> None:
    began = time.process_time()
    seen = set(fixtures.record()["leaked"])  # type: ignore[call-overload]
    lines = []
    for name in fixtures.NAMES:
        found = scored(name, items(TEST, name))
        lines += [row(name, probe, found[probe], seen) for probe in PROBES]
        if name == "lab-base":
            alarms = false_alarms(found, scored(name, items(POOL, name)))
    text = told(lines, alarms, time.process_time() - began)
    Path(__file__).with_suffix(".md").write_text(text)
    print(text)


def items(task: str, model: str) -> Benchmark:
    """Load a set, with the reference as the model's leak would have held it."""
    found = data.load(registry.tasks(task)[0])
    made = tuple(msgspec.structs.replace(i, solution=reference(i, model)) for i in found.items)
    return replace(found, items=made, by_key={})


def reference(item: Item, model: str) -> str:
    answer = str(item.meta["answer"])
    return bare(answer) if model.endswith("answers") else completion(item.meta["steps"], answer)


def scored(name: str, benchmark: Benchmark) -> dict[str, Scores]:
    model: GgufModel = open_model(str(fixtures.weights(name)), Options(concurrency=2, arguments={"context": "512"}))
    task, own = benchmark.task, benchmark.items
    answers, _ = likely.score(model, task, own, likely.answer_text)
    questions, _ = likely.score(model, task, own, likely.question_text)
    model.close()
    asked = ((questions, likely.min_k_of), (answers, likely.ngrams_of), (answers, likely.min_k_of))
    return {name: likely.by_formula(texts, f(texts)[1]) for name, (texts, f) in zip(PROBES, asked, strict=True)}


def row(model: str, probe: str, scores: Scores, seen: set[str]) -> str:
    keys = sorted(scores)
    values = np.array([scores[key] for key in keys])
    known = np.array([float(key in seen) for key in keys])
    if not keys:
        return f"| {model} | {probe} | 0 | 0 | – |"
    found: Interval | None = bootstrap([auroc(values, known, np.arange(len(keys)))], len(keys))["auroc"]
    shown = "–" if found is None else f"{found.value:.3f} [{found.low:.3f}, {found.high:.3f}]"
    return f"| {model} | {probe} | {int(known.sum())} | {int((1 - known).sum())} | {shown} |"


def false_alarms(test: dict[str, Scores], pool: dict[str, Scores]) -> dict[str, int]:
    """Count draws in which a probe's p, and the least of the adjusted ones, is at most the level."""
    counts = dict.fromkeys([*PROBES, "any, adjusted"], 0)
    for seed in range(DRAWS):
        rng = np.random.default_rng(seed)
        pick = drawer(rng)
        told = [(name, rank_test(pick(test[name]), pick(pool[name]), seed)) for name in PROBES]
        tested = [(name, p) for name, p in told if p is not None]
        for name, p in tested:
            counts[name] += p <= LEVEL
        counts["any, adjusted"] += min(holm([p for _, p in tested])) <= LEVEL
    return counts


def drawer(rng: np.random.Generator) -> Callable[[Scores], Sequence[float]]:
    def pick(scores: Scores) -> Sequence[float]:
        values = list(scores.values())
        return [values[i] for i in rng.choice(len(values), min(DRAWN, len(values)), replace=False)]

    return pick


def told(lines: Sequence[str], alarms: dict[str, int], seconds: float) -> str:
    parts = [
        "# What probes find where the leak is known",
        (
            f"`python benchmarks/probe.py`, {seconds:.0f} CPU seconds. Test set: `{TEST}`, of which the two leaked "
            "models have seen half, 50 times an item."
        ),
        "## Seen items against unseen ones of the same test set",
        "| model | probe | seen | unseen | AUROC, 95 % |\n|---|---|---:|---:|---:|\n" + "\n".join(lines),
        "## False alarms of the model-level test on base",
        (
            f"{DRAWS} draws of {DRAWN} test items against {DRAWN} of `{POOL}`, neither of which base has seen; at a "
            f"level of {LEVEL}, {DRAWS * LEVEL:.0f} are expected of each probe, and at most so many of any after "
            "Holm's adjustment. Draws share items, so that their counts vary more than a binomial's."
        ),
        "| probe | called suspicious |\n|---|---:|\n"
        + "\n".join(f"| {name} | {count} of {DRAWS} |" for name, count in alarms.items()),
    ]
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    main()
