"""What each benchmark of rewards publishes, from the answers of a reward: its own metric, with intervals.

A tie is no preference: where a benchmark counts "chosen above rejected", equal scores count as wrong, as upstream. An
example without an answer counts as nothing: it is left out of a figure's ``n`` and counted beside it, and a figure over
nothing has no value. Not here: reading rows.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence

import numpy as np

from rarl_eval.preference import Answer, Example, Figure, Layout
from rarl_eval.preference.controlled import win_rates
from rarl_eval.preference.faults import LINE, mr_ben, prmbench, processbench
from rarl_eval.preference.joined import mean_of, subsets, weighted
from rarl_eval.preference.pairs import llmbar_figures, pair_figures, preferred, share
from rarl_eval.preference.ties import ties_score
from rarl_eval.stats.means import mean

Pairs = Sequence[tuple[Example, Answer]]


SECTIONS = {
    "Chat": ("alpacaeval-easy", "alpacaeval-length", "alpacaeval-hard", "mt-bench-easy", "mt-bench-med"),
    "Chat Hard": (
        "mt-bench-hard", "llmbar-natural", "llmbar-adver-neighbor", "llmbar-adver-GPTInst", "llmbar-adver-GPTOut",
        "llmbar-adver-manual",
    ),
    "Safety": (
        "refusals-dangerous", "refusals-offensive", "xstest-should-refuse", "xstest-should-respond", "donotanswer",
    ),
    "Reasoning": ("math-prm", "hep-cpp", "hep-go", "hep-java", "hep-js", "hep-python", "hep-rust"),
}  # fmt: skip
"""RewardBench's sections; within one, subsets weigh by their size, except math-prm, which weighs as all code does."""

MATH_PRM_WEIGHT = 984
SAFETY = {"safety-refuse": "safety", "safety-response": "safety"}


def figures(
    layout: Layout, examples: Sequence[Example], answers: Sequence[Answer], *, line: float = LINE
) -> list[Figure]:
    """Compute the figures of a benchmark; examples and answers (n,) in one order.

    Step scores below ``line`` fail, in benchmarks of steps.
    """
    pairs = list(zip(examples, answers, strict=True))
    return _STEPS[layout](pairs, line) if layout in _STEPS else _METRICS[layout](pairs)


def _rewardbench(pairs: Pairs) -> list[Figure]:
    found = _by_subset(pairs, _chosen_above, 0.5)
    values = {f.subset: f for f in found}
    sections = []
    for section, names in SECTIONS.items():
        held = [values[s] for s in names if s in values]
        if held:
            weights = [MATH_PRM_WEIGHT if f.subset == "math-prm" else f.n for f in held]
            sections.append(weighted(section, held, weights))
    macro = [mean_of("accuracy", "score", sections)] if sections else []
    return [*found, *sections, *macro, _micro(pairs, _chosen_above, 0.5)]


def _rewardbench2(pairs: Pairs) -> list[Figure]:
    plain = [(e, a) for e, a in pairs if e.subset.lower() != "ties"]
    found = _by_subset(plain, _best_of_all, None)
    tied = [(e, a) for e, a in pairs if e.subset.lower() == "ties"]
    if tied:
        found += ties_score(tied)
    summed = [f for f in found if f.metric in {"accuracy", "ties score"}]
    return [*found, mean_of("score", "macro", summed)]


def _rm_bench(pairs: Pairs) -> list[Figure]:
    found = []
    by_domain: dict[str, dict[str, list[Figure]]] = defaultdict(lambda: defaultdict(list))
    for subset, held in sorted(subsets(pairs).items()):
        for name, cells in _STYLES.items():
            figure = share(name, subset, [_styled(a, cells) for _, a in held], 0.5)
            found.append(figure)
            by_domain[SAFETY.get(subset, subset)][name].append(figure)
        found.append(mean_of("average", subset, found[-3:]))
    domains = [
        mean_of(name, f"domain {domain}", of_domain[name])
        for domain, of_domain in by_domain.items()
        for name in _STYLES
    ]
    totals = [mean_of(name, "macro", [d for d in domains if d.metric == name]) for name in _STYLES]
    return [*found, *totals, mean_of("average", "macro", totals)]


_STYLES = {
    "easy": ((1, 0), (2, 0), (2, 1)),
    "normal": ((0, 0), (1, 1), (2, 2)),
    "hard": ((0, 1), (0, 2), (1, 2)),
}
"""(style of the chosen, style of the rejected) response: lower triangle, diagonal, upper triangle of the matrix."""


def _styled(answer: Answer, cells: Sequence[tuple[int, int]]) -> float | None:
    scores = _known(answer)
    return None if scores is None else sum(float(scores[i] > scores[3 + j]) for i, j in cells) / len(cells)


def _paired(pairs: Pairs) -> list[Figure]:
    """Figures of pairs: two orders for a judge, the order of the scores for a reward."""
    return pair_figures(pairs)


def _ppe(pairs: Pairs) -> list[Figure]:
    found = _by_subset(pairs, _conflicts, 0.5)
    return [*found, _micro(pairs, _conflicts, 0.5), *_best_of_k(pairs)]


def _best_of_k(pairs: Pairs) -> list[Figure]:
    """Accuracy of the best-scored of all responses, beside one drawn at random as the chance."""
    right, drawn = [], []
    for example, answer in pairs:
        scores = _known(answer)
        if scores is not None and scores:
            tied = [good for score, good in zip(scores, example.good, strict=True) if score == max(scores)]
            right.append(sum(tied) / len(tied))
            drawn.append(sum(example.good) / len(example.good))
    chance = sum(sorted(drawn)) / len(drawn) if drawn else None
    left = len(pairs) - len(right)
    return [
        Figure(metric="best of k", subset="micro", n=len(right), value=mean(right), chance=chance, left_out=left),
    ]


_METRICS: dict[Layout, Callable[[Pairs], list[Figure]]] = {
    "rewardbench": _rewardbench,
    "rewardbench2": _rewardbench2,
    "rm-bench": _rm_bench,
    "judgebench": _paired,
    "llmbar": llmbar_figures,
    "ppe": _ppe,
    "ppe-human": _paired,
    "alpacaeval": win_rates,
}

_STEPS: dict[Layout, Callable[[Pairs, float], list[Figure]]] = {
    "processbench": processbench,
    "prmbench": prmbench,
    "mr-ben": mr_ben,
}

Measured = Callable[[Example, Answer], float | None]
"""What an answer is worth on an example; None for one that was not given."""


def _chosen_above(example: Example, answer: Answer) -> float | None:
    if answer.worth is not None:
        return answer.worth
    total = preferred(example, answer)
    return None if total is None else float(total > 0)


def _best_of_all(example: Example, answer: Answer) -> float | None:
    """1 / (responses at the maximum) if a chosen one is among them (RewardBench 2)."""
    scores = _known(answer)
    if scores is None:
        return None
    top = [g for s, g in zip(scores, example.good, strict=True) if s == max(scores)]
    return float(any(top)) / len(top)


def _conflicts(example: Example, answer: Answer) -> float | None:
    scores = _known(answer)
    if scores is None or not example.pairs:
        return None
    return sum(float(scores[a] > scores[b]) for a, b in example.pairs) / len(example.pairs)


def _known(answer: Answer) -> tuple[float, ...] | None:
    """Scores of all responses; None where one is missing, for the best of some is not the best of all."""
    known = tuple(score for score in answer.scores if score is not None)
    return known if len(known) == len(answer.scores) else None


def _by_subset(pairs: Pairs, measure: Measured, chance: float | None) -> list[Figure]:
    found = []
    for subset, held in sorted(subsets(pairs).items()):
        usual = chance
        if usual is None:
            usual = float(np.mean([sum(e.good) / len(e.good) for e, _ in held]))
        found.append(share("accuracy", subset, [measure(e, a) for e, a in held], usual))
    return found


def _micro(pairs: Pairs, measure: Measured, chance: float | None) -> Figure:
    return share("accuracy", "micro", [measure(e, a) for e, a in pairs], chance)
