"""What each benchmark of rewards publishes, from the answers of a reward: its own metric, with intervals.

A tie is no preference: where a benchmark counts "chosen above rejected", equal scores count as wrong, as upstream. A
missing score counts as wrong too, and ``missing`` says how many there were. Not here: reading rows.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence

import numpy as np

from rarl_eval.agreement.credit import first_failed
from rarl_eval.measures.steps import first_error, step_scores
from rarl_eval.preference import Answer, Example, Figure, Layout
from rarl_eval.preference.pairs import pair_figures, preferred
from rarl_eval.preference.ties import ties_score
from rarl_eval.stats import Interval
from rarl_eval.stats.means import Floats, mean, proportion
from rarl_eval.stats.resample import Measure, bootstrap, columnar, divide

Pairs = Sequence[tuple[Example, Answer]]

LINE = 0.5
"""Step scores below this fail, in 0 to 1; the benchmarks of steps fix it so, or let each model choose."""

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


def figures(layout: Layout, examples: Sequence[Example], answers: Sequence[Answer]) -> list[Figure]:
    """Compute the figures of a benchmark; examples and answers (n,) in one order."""
    pairs = list(zip(examples, answers, strict=True))
    return _METRICS[layout](pairs)


def _rewardbench(pairs: Pairs) -> list[Figure]:
    found = _by_subset(pairs, _chosen_above, 0.5)
    values = {f.subset: f for f in found if f.value is not None}
    sections = []
    for section, subsets in SECTIONS.items():
        held = [values[s] for s in subsets if s in values]
        if held:
            weights = [MATH_PRM_WEIGHT if f.subset == "math-prm" else f.n for f in held]
            sections.append(_weighted(section, held, weights))
    macro = [_mean_of("accuracy", "score", sections)] if sections else []
    return [*found, *sections, *macro, _micro(pairs, _chosen_above, 0.5)]


def _rewardbench2(pairs: Pairs) -> list[Figure]:
    plain = [(e, a) for e, a in pairs if e.subset.lower() != "ties"]
    found = _by_subset(plain, _best_of_all, None)
    tied = [(e, a) for e, a in pairs if e.subset.lower() == "ties"]
    if tied:
        found += ties_score(tied)
    summed = [f for f in found if f.metric in {"accuracy", "ties score"}]
    return [*found, _mean_of("score", "macro", summed)]


def _rm_bench(pairs: Pairs) -> list[Figure]:
    found = []
    by_domain: dict[str, dict[str, list[Figure]]] = defaultdict(lambda: defaultdict(list))
    for subset, held in sorted(_subsets(pairs).items()):
        for name, cells in _STYLES.items():
            figure = _figure(name, subset, [_styled(a, cells) for _, a in held], 0.5)
            found.append(figure)
            by_domain[SAFETY.get(subset, subset)][name].append(figure)
        found.append(_mean_of("average", subset, found[-3:]))
    domains = [
        _mean_of(name, f"domain {domain}", of_domain[name])
        for domain, of_domain in by_domain.items()
        for name in _STYLES
    ]
    totals = [_mean_of(name, "macro", [d for d in domains if d.metric == name]) for name in _STYLES]
    return [*found, *totals, _mean_of("average", "macro", totals)]


_STYLES = {
    "easy": ((1, 0), (2, 0), (2, 1)),
    "normal": ((0, 0), (1, 1), (2, 2)),
    "hard": ((0, 1), (0, 2), (1, 2)),
}
"""(style of the chosen, style of the rejected) response: lower triangle, diagonal, upper triangle of the matrix."""


def _styled(answer: Answer, cells: Sequence[tuple[int, int]]) -> float:
    return sum(_above(answer.scores[i], answer.scores[3 + j]) for i, j in cells) / len(cells)


def _paired(pairs: Pairs) -> list[Figure]:
    """Figures of pairs: two orders for a judge, the order of the scores for a reward."""
    return pair_figures(pairs)


def _ppe(pairs: Pairs) -> list[Figure]:
    found = _by_subset(pairs, _conflicts, 0.5)
    return [*found, _micro(pairs, _conflicts, 0.5), *_best_of_k(pairs)]


def _best_of_k(pairs: Pairs) -> list[Figure]:
    """Accuracy of the best-scored of all responses, beside one drawn at random as the chance."""
    right = []
    for example, answer in pairs:
        known = [(s, g) for s, g in zip(answer.scores, example.good, strict=True) if s is not None]
        top = max((s for s, _ in known), default=None)
        tied = [g for s, g in known if s == top]
        right.append(sum(tied) / len(tied) if tied else 0.0)
    drawn = [sum(e.good) / len(e.good) for e, _ in pairs if e.good]
    chance = sum(sorted(drawn)) / len(drawn) if drawn else None
    return [Figure(metric="best of k", subset="micro", n=len(pairs), value=mean(right), chance=chance)]


def _processbench(pairs: Pairs) -> list[Figure]:
    found = []
    for subset, held in sorted(_subsets(pairs).items()):
        truth = [e.faults[0] if e.faults else None for e, _ in held]
        result = first_error(truth, [_first(a) for _, a in held])
        found += [
            Figure(metric="erroneous", subset=subset, n=sum(t is not None for t in truth), value=result.faulty),
            Figure(metric="correct", subset=subset, n=sum(t is None for t in truth), value=result.fault_free),
            # Naming nothing gets 0 of the faulty, naming anything 0 of the sound: no constant scores above 0.
            Figure(metric="F1", subset=subset, n=len(held), value=result.f1, chance=0.0),
        ]
    return [*found, _mean_of("F1", "macro", [f for f in found if f.metric == "F1"])]


def _prmbench(pairs: Pairs) -> list[Figure]:
    found = []
    scored = [(e, a) for e, a in pairs if a.steps is not None and e.steps is not None and len(a.steps) == len(e.steps)]
    for subset, held in [*sorted(_subsets(scored).items()), ("micro", scored)]:
        truth = [[i not in (e.faults or ()) for i in range(len(e.steps or ()))] for e, _ in held]
        result = step_scores(truth, [[s >= LINE for s in a.steps or ()] for _, a in held])
        share = np.mean([t for solution in truth for t in solution]) if truth else 1.0
        passing = float(2 * share / (1 + share))  # F1 of letting every step pass; its negative F1 is 0
        found += [
            Figure(metric="F1", subset=subset, n=result.n, value=result.f1),
            Figure(metric="F1 negative", subset=subset, n=result.n, value=result.f1_negative),
            Figure(metric="PRMScore", subset=subset, n=result.n, value=result.prm_score, chance=passing / 2),
        ]
    return found


def _mr_ben(pairs: Pairs) -> list[Figure]:
    """MR-Ben without the reasons, which only people or another judge can grade: its two first terms and their sum.

    MR-Score = 0.2 max(0, MCC) + 0.3 (first error found) + 0.5 (reason right); the last term is left at 0.
    """
    found = []
    for subset, held in [*sorted(_subsets(pairs).items()), ("micro", list(pairs))]:
        cells = np.zeros((len(held), 6))
        for i, (example, answer) in enumerate(held):
            said_right = answer.steps is not None and _first(answer) is None
            cells[i, 2 * (not example.correct) + (not said_right)] = 1
            if not example.correct and example.faults:
                cells[i, 4:] = float(_first(answer) == example.faults[0]), 1.0
        names = ("MCC", "first error", "MR-Score without reasons")
        values = bootstrap([Measure(names, _mr_values(cells))], len(held))
        found += [Figure(metric=name, subset=subset, n=len(held), value=values[name]) for name in names]
    return found


def _mr_values(cells: Floats) -> Callable[[Floats], Floats]:
    table = columnar(cells.T)

    def values(drawn: Floats) -> Floats:
        tp, fn, fp, tn, hit, faulty = (drawn @ table).T
        spread = np.sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn))
        # A constant answer has an MCC of 0 here, as upstream.
        mcc = np.where(spread > 0, divide(tp * tn - fp * fn, spread), 0.0)
        first = np.where(faulty > 0, divide(hit, faulty), 0.0)
        return np.stack([mcc, first, 0.2 * np.maximum(0, mcc) + 0.3 * first], axis=1)

    return values


_METRICS: dict[Layout, Callable[[Pairs], list[Figure]]] = {
    "rewardbench": _rewardbench,
    "rewardbench2": _rewardbench2,
    "rm-bench": _rm_bench,
    "judgebench": _paired,
    "llmbar": _paired,
    "ppe": _ppe,
    "ppe-human": _paired,
    "processbench": _processbench,
    "prmbench": _prmbench,
    "mr-ben": _mr_ben,
}


def _chosen_above(example: Example, answer: Answer) -> float:
    return float(preferred(example, answer) > 0)


def _best_of_all(example: Example, answer: Answer) -> float:
    """1 / (responses at the maximum) if a chosen one is among them (RewardBench 2)."""
    known = [s for s in answer.scores if s is not None]
    if len(known) < len(answer.scores):
        return 0.0
    top = [g for s, g in zip(answer.scores, example.good, strict=True) if s == max(known)]
    return float(any(top)) / len(top)


def _conflicts(example: Example, answer: Answer) -> float:
    if not example.pairs:
        return float("nan")
    return sum(_above(answer.scores[a], answer.scores[b]) for a, b in example.pairs) / len(example.pairs)


def _above(better: float | None, worse: float | None) -> float:
    return float(better is not None and worse is not None and better > worse)


def _first(answer: Answer) -> int | None:
    """First failing step; a solution without step scores has -1, which no label holds: it counts as wrong."""
    return -1 if answer.steps is None else first_failed(answer.steps, LINE)


def _by_subset(pairs: Pairs, measure: Callable[[Example, Answer], float], chance: float | None) -> list[Figure]:
    found = []
    for subset, held in sorted(_subsets(pairs).items()):
        usual = chance
        if usual is None:
            usual = float(np.mean([sum(e.good) / len(e.good) for e, _ in held]))
        found.append(_figure("accuracy", subset, [measure(e, a) for e, a in held], usual))
    return found


def _subsets(pairs: Pairs) -> dict[str, list[tuple[Example, Answer]]]:
    found: dict[str, list[tuple[Example, Answer]]] = defaultdict(list)
    for example, answer in pairs:
        found[example.subset].append((example, answer))
    return found


def _micro(pairs: Pairs, measure: Callable[[Example, Answer], float], chance: float | None) -> Figure:
    return _figure("accuracy", "micro", [measure(e, a) for e, a in pairs], chance)


def _figure(metric: str, subset: str, values: Sequence[float], chance: float | None) -> Figure:
    known = np.array([v for v in values if v == v])  # noqa: PLR0124  nan: an example without a pair
    return Figure(metric=metric, subset=subset, n=known.size, value=proportion(known), chance=chance)


def _mean_of(metric: str, subset: str, parts: Sequence[Figure]) -> Figure:
    return _weighted(subset, parts, [1] * len(parts), metric)


def _weighted(subset: str, parts: Sequence[Figure], weights: Sequence[float], metric: str = "accuracy") -> Figure:
    """Weighted mean of independent figures; the interval adds their half widths in squares (MOVER)."""
    held = [(f.value, w) for f, w in zip(parts, weights, strict=True) if f.value is not None]
    total = sum(w for _, w in held)
    n = sum(f.n for f in parts)
    if not total:
        return Figure(metric=metric, subset=subset, n=n, value=None)
    value = sum(v.value * w for v, w in held) / total
    below, above = (_spread([(v, w / total) for v, w in held], side) for side in ("low", "high"))
    low, high = (None if below is None else value - below), (None if above is None else value + above)
    chances = [f.chance for f in parts if f.chance is not None]
    chance = sum(chances) / len(chances) if len(chances) == len(parts) else None
    return Figure(metric=metric, subset=subset, n=n, value=Interval(value, low, high), chance=chance)


def _spread(parts: Sequence[tuple[Interval, float]], side: str) -> float | None:
    bounds = [(getattr(v, side), v.value, w) for v, w in parts]
    if any(bound is None for bound, _, _ in bounds):
        return None
    return float(np.sqrt(sum((w * (bound - value)) ** 2 for bound, value, w in bounds)))
