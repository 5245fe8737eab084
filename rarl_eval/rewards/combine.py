"""Rewards made of rewards that the run already has: ensembles, and the shaping term of a value signal."""

from collections.abc import Callable, Sequence
from math import sqrt

from rarl_eval.errors import BadInput
from rarl_eval.rewards import Case, Kind, Reach, RewardSource, case_source
from rarl_eval.runs.added import Entry
from rarl_eval.types import Reward


def open_ensemble(argument: str, reach: Reach, registered: str) -> RewardSource:
    """Open ``mean:A+B``, ``least:A+B`` or ``disagreement:A+B`` over rewards of the run; None where one is missing.

    ``least`` is the pessimistic ensemble of Coste et al. (arXiv 2310.02743); ``disagreement`` is minus the population
    standard deviation, so that what the members dispute scores low.
    """
    names = [name for name in argument.split("+") if name]
    if len(names) < 2:
        raise BadInput(f"--reward {registered}:{argument} needs two rewards or more, e.g. {registered}:rm+judge")
    join = _JOINS[registered]
    kind = Kind(name=reach.name or f"{registered}({'+'.join(names)})", judge="rule")

    def entry(case: Case) -> Entry:
        known = [s for name in names if (s := _held(case, name).outcome) is not None]
        return kind.entry(case, join(known) if len(known) == len(names) else None)

    return case_source(kind, entry, {"ensemble": registered, "of": names})


def open_shaping(argument: str, reach: Reach, registered: str) -> RewardSource:
    """Open ``shaping:NAME[@GAMMA]``: F_t = GAMMA * v_(t+1) - v_t over the step values v of NAME.

    Ng, Harada & Russell 1999, theorem 1; v before the first step is 0. One term a step; the score is their sum
    discounted by GAMMA^t, which telescopes to GAMMA^T v_T. GAMMA is 1 unless given.
    """
    name, _, given = argument.partition("@")
    gamma = _gamma(given, registered, argument)
    kind = Kind(name=reach.name or f"shaping({argument})", judge="rule", grain="process", meaning="shaping")

    def entry(case: Case) -> Entry:
        held = _held(case, name)
        terms = None if held.steps is None else differences(held.steps, gamma)
        total = sum(gamma**t * term for t, term in enumerate(terms)) if terms else None
        return kind.entry(case, total, terms)

    return case_source(kind, entry, {"shaping": name, "gamma": gamma})


def differences(values: Sequence[float], gamma: float) -> list[float]:
    """Potential-based terms of step values (k,): gamma * v_(t+1) - v_t, from 0 before the first step."""
    return [gamma * after - before for before, after in zip((0.0, *values), values, strict=False)]


def mean(scores: Sequence[float]) -> float:
    """Mean of scores, summed in sorted order so that the order of names changes nothing."""
    return sum(sorted(scores)) / len(scores)


def _disagreement(scores: Sequence[float]) -> float:
    centre = mean(scores)
    return -sqrt(mean([(s - centre) ** 2 for s in scores]))


_JOINS: dict[str, Callable[[Sequence[float]], float]] = {"mean": mean, "least": min, "disagreement": _disagreement}


def _held(case: Case, name: str) -> Reward:
    held = {reward.name: reward for reward in case.record.rewards}
    if name not in held:
        known = ", ".join(sorted(held)) or "none"
        raise BadInput(f"a trace of {case.record.trace.task} has no reward {name!r} (it has {known}); add it first")
    return held[name]


def _gamma(given: str, registered: str, argument: str) -> float:
    try:
        gamma = float(given or 1)
    except ValueError:
        gamma = -1.0
    if not 0 < gamma <= 1:
        raise BadInput(f"--reward {registered}:{argument}: the discount {given!r} is not in (0, 1]")
    return gamma
