"""Whether the model has seen the items, and what its score owes to that.

A test accuses; an interval clears. What is only not significant clears nobody: a model passes where its whole training
data was scanned and holds no item, where the items are younger than the model, or where the interval leaves less than
``LARGEST`` of its score to what it has seen.
"""

from collections.abc import Sequence
from statistics import NormalDist

from rarl_eval.belief.nouns import Accusal, BeliefCheck, Facts, Status
from rarl_eval.belief.words import counted, share
from rarl_eval.stats import Interval, critical

LEVEL = 0.05
"""Chance that anybody on a board is called inflated whom nothing helped: Holm's adjustment holds it."""
LARGEST = 0.05
"""Inflation that has to be ruled out before a score with seen items passes: five points."""
UNTOLD = 0.05
"""Share of the items of which a scan may say nothing and still clear a model."""


def tests_of(facts: Facts) -> list[Accusal]:
    """Return the row's tests that can accuse; ``p_holm`` is filled in by whoever knows the others'."""
    found = []
    if facts.exposed is not None and facts.exposed.found and facts.exposed.p is not None:
        found.append(Accusal(kind="scan", difference=facts.exposed.gain, p=facts.exposed.p))
    for twin in facts.twins:
        p = _above_zero(twin.difference)
        if p is not None:
            found.append(Accusal(kind="fresh", difference=twin.difference, p=p))
    return found + [Accusal(kind=f"probe {probe.name}", p=probe.p) for probe in facts.probes]


def accusing(tests: Sequence[Accusal]) -> list[Accusal]:
    """Return the tests that still accuse after Holm's adjustment, those of the score before those of probes."""
    kept = [test for test in tests if test.p_holm is not None and test.p_holm <= LEVEL]
    return sorted(kept, key=lambda test: test.kind.startswith("probe"))


def contamination(facts: Facts, tests: Sequence[Accusal]) -> BeliefCheck:
    """Conclude from scans, fresh twins, probes and dates."""
    status = _status(facts, tests)
    figure, measure = _figure(facts)
    return BeliefCheck(
        name="contamination",
        status=status,
        figure=figure,
        measure=measure,
        told=" ".join(_told(facts, tests, status)),
        settle=None if status in {"passed", "failed"} else _settle(facts),
    )


def cleared_by_scan(facts: Facts) -> bool:
    """Whether the model's own training data was scanned and holds none of the items."""
    seen = facts.exposed
    return seen is not None and seen.found == 0 and bool(seen.n) and (seen.untold or 0) <= UNTOLD * (seen.n or 0)


def _above_zero(difference: Interval) -> float | None:
    """One-sided p of a difference of two independent shares, from the lower arm of Newcombe's interval."""
    if difference.low is None or difference.high is None:
        return None
    arm = (difference.value - difference.low) if difference.value > 0 else (difference.high - difference.value)
    if arm <= 0:
        return 1.0 if difference.value <= 0 else None
    return 1 - NormalDist().cdf(difference.value / (arm / critical()))


def _status(facts: Facts, tests: Sequence[Accusal]) -> Status:
    if accusing(tests):
        return "failed"
    if facts.fresh or _younger(facts) or cleared_by_scan(facts):
        return "passed"
    bounds = [found.high for found in _inflations(facts)]
    if bounds:
        return "passed" if all(high is not None and high < LARGEST for high in bounds) else "unsure"
    return "unsure" if facts.probes or facts.exposed is not None else "not_done"


def _inflations(facts: Facts) -> list[Interval]:
    """Return what the score may owe to seen items: by the clean ones, and by each fresh twin."""
    seen = facts.exposed
    own = [seen.gain] if seen is not None and seen.found and seen.gain is not None else []
    # Items of which a scan cannot tell could be seen ones: its gain bounds nothing.
    known = [] if seen is not None and (seen.untold or 0) > UNTOLD * (seen.n or 0) else own
    return [*known, *(twin.difference for twin in facts.twins)]


def _younger(facts: Facts) -> bool:
    released = facts.source.released
    return facts.cutoff is not None and released is not None and released > facts.cutoff


def _figure(facts: Facts) -> tuple[Interval | None, str]:
    seen = facts.exposed
    if seen is not None and seen.found and seen.gain is not None:
        return seen.gain, "all items less clean ones"
    if facts.twins:
        return facts.twins[0].difference, "public less fresh"
    if seen is not None and seen.n:
        return Interval((seen.found or 0) / seen.n, None, None), "share of the items in its training data"
    return None, ""


def _told(facts: Facts, tests: Sequence[Accusal], status: Status) -> list[str]:
    """Sentences: what was looked at, and what came of it."""
    found = [*_seen(facts), *_twins(facts), *_probes(facts, tests)]
    if facts.fresh:
        found.append("Its items were made anew: no training data can hold them.")
    if _younger(facts):
        found.append(f"The benchmark is of {facts.source.released}, the model's cut-off of {facts.cutoff}.")
    if facts.untied and facts.exposed is None:
        found.append(
            f"{counted(len(facts.untied), 'scan')} of a corpus that is said to be nobody's: no evidence for or "
            "against this model."
        )
    if status == "not_done" and not facts.untied:
        found.append("Nobody looked whether it has seen the items.")
    return found


def _seen(facts: Facts) -> list[str]:
    seen = facts.exposed
    if seen is None:
        return []
    if not seen.found:
        rest = f", and {seen.untold} could not be told" if seen.untold else ""
        return [f"None of the {seen.n} items stands in its training data{rest}."]
    told = f"{seen.found} of {seen.n} items stand in its training data"
    if seen.flagged is None or seen.clean is None:
        return [f"{told}, and no clean ones are left to compare with."]
    beside = "" if seen.controls else "; no other model tells whether they are merely easier"
    return [f"{told}: {share(seen.flagged)} right on these, {share(seen.clean)} on the others{beside}."]


def _twins(facts: Facts) -> list[str]:
    return [
        f"{share(twin.accuracy)} on the fresh twin {twin.task}, {_points(twin.difference)}." for twin in facts.twins
    ]


def _points(difference: Interval) -> str:
    return f"public less fresh {100 * difference.value:+.1f} points"


def _probes(facts: Facts, tests: Sequence[Accusal]) -> list[str]:
    if not facts.probes:
        return []
    named = [test.kind.removeprefix("probe ") for test in accusing(tests) if test.kind.startswith("probe")]
    if named:
        return [f"Asked, it knows the items: {', '.join(named)}."]
    return [f"{counted(len(facts.probes), 'probe')} found nothing, which clears nobody."]


def _settle(facts: Facts) -> str:
    row = facts.row
    if facts.untied and facts.exposed is None:
        return f"rarl-eval report --corpus-of {row.model}={facts.untied[0]}, if it is this model's"
    if facts.exposed is not None or facts.twins:
        return f"rarl-eval probe -t {row.task}, or more fresh items"
    return f"rarl-eval scan -t {row.task} -c CORPUS --model {row.model} -o scans/{row.model}"
