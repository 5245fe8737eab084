"""From checks to a verdict and a value, over a whole board at once."""

from collections.abc import Sequence

import msgspec

from rarl_eval.belief import checks
from rarl_eval.belief.contamination import LEVEL, accusing, contamination, tests_of
from rarl_eval.belief.nouns import Accusal, Belief, BeliefCheck, Facts, Verdict
from rarl_eval.belief.rewarding import reward
from rarl_eval.belief.words import share
from rarl_eval.measures.binary import rogan_gladen
from rarl_eval.measures.doubt import MOST
from rarl_eval.stats import Interval, holm

__all__ = ["LEVEL", "believe"]


def believe(board: Sequence[Facts]) -> list[Belief]:
    """Conclude on every row of a board, in order; tests that can accuse are corrected together by Holm's method."""
    tests = [tests_of(facts) for facts in board]
    adjusted = iter(holm([test.p for own in tests for test in own]))
    corrected = [[msgspec.structs.replace(test, p_holm=next(adjusted)) for test in own] for own in tests]
    return [_belief(facts, own) for facts, own in zip(board, corrected, strict=True)]


def _belief(facts: Facts, tests: Sequence[Accusal]) -> Belief:
    done = (
        contamination(facts, tests),
        checks.reading(facts),
        checks.judge(facts),
        checks.completeness(facts),
        checks.noise(facts),
        checks.provenance(facts),
        reward(facts),
        checks.length(facts),
    )
    verdict = _verdict(facts, tests, done)
    value, source = _value(facts, done)
    return Belief(
        verdict=verdict,
        value=value,
        source=source,
        told=_told(facts, verdict, done),
        checks=done,
        tests=tuple(tests),
    )


def _verdict(facts: Facts, tests: Sequence[Accusal], done: Sequence[BeliefCheck]) -> Verdict:
    """Name the gravest: a score that is too high, then one that cannot be told, then one that nobody looked into."""
    status = {check.name: check.status for check in done}
    found = accusing(tests)
    if found and not found[0].kind.startswith("probe"):
        return "inflated"
    failed = [name for name, state in status.items() if state == "failed"]
    if failed:
        return "understated" if failed == ["reading"] and _too_strict(facts) else "doubtful"
    if status["contamination"] == "not_done" or (facts.exposed is None and not facts.twins and facts.probes
                                                 and status["contamination"] == "unsure"):  # fmt: skip
        return "unchecked"
    return "doubtful" if status["contamination"] == "unsure" else "holds"


def _too_strict(facts: Facts) -> bool:
    """Whether the second reading finds right answers that the rule does not, and takes hardly any away."""
    doubt, accuracy = facts.doubt, facts.row.accuracy
    if doubt is None or doubt.low is None or doubt.high is None or accuracy is None:
        return False
    return doubt.high - accuracy.value > MOST >= accuracy.value - doubt.low


def _value(facts: Facts, done: Sequence[BeliefCheck]) -> tuple[Interval | None, str | None]:
    """Return the accuracy to believe and what it is of.

    Which part of the items is taken depends on what was looked at and never on what came out significant: choosing by
    significance would make the interval too narrow.
    """
    value, source = _base(facts)
    if value is None or source is None:
        return None, None
    if facts.judges:
        value, source = _judge_corrected(value, source, facts)
    if any(check.name == "reading" and check.status == "failed" for check in done):
        value, source = _both_readings(value, source, facts)
    return value, source


def _base(facts: Facts) -> tuple[Interval | None, str | None]:
    seen, row = facts.exposed, facts.row
    twin = facts.twins[0] if facts.twins else None
    if seen is not None and seen.found:
        if seen.clean is not None:
            return seen.clean, "clean items"
    elif seen is not None and not seen.untold:
        return row.accuracy, "all items"
    if twin is not None:
        return twin.accuracy, "the fresh twin"
    if seen is not None and seen.found and seen.found == seen.n:
        return None, None
    return row.accuracy, "all items"


def _judge_corrected(value: Interval, source: str, facts: Facts) -> tuple[Interval, str]:
    """Correct for a judge whose errors are known (Rogan & Gladen), counts being what intervals are worth."""
    found = facts.judge_measured
    if found is None or found.false_pass is None or found.false_fail is None or not found.n:
        return value, source
    n = _worth(value)
    right = max(1, round(found.n * (found.base_rate or 0.0)))
    wrong = max(1, found.n - right)
    corrected = rogan_gladen(
        round(value.value * n), n, round((1 - found.false_fail.value) * right), right,
        round((1 - found.false_pass.value) * wrong), wrong,
    )  # fmt: skip
    return (value, source) if corrected is None else (corrected, f"{source}, judge corrected")


def _worth(found: Interval) -> int:
    """How many independent answers have an interval of this width."""
    if found.low is None or found.high is None or found.low >= found.high:
        return 1
    half = (found.high - found.low) / 2 / 1.96
    spread = max(found.value * (1 - found.value), 0.25 * half)
    return max(1, round(spread / half**2))


def _both_readings(value: Interval, source: str, facts: Facts) -> tuple[Interval, str]:
    """Let the interval reach from what both readings call right to what either does."""
    doubt, accuracy = facts.doubt, facts.row.accuracy
    if doubt is None or doubt.low is None or doubt.high is None or accuracy is None:
        return value, source
    low = (value.value if value.low is None else value.low) - (accuracy.value - doubt.low)
    high = (value.value if value.high is None else value.high) + (doubt.high - accuracy.value)
    return Interval(value.value, max(0.0, low), min(1.0, high)), f"{source}, both readings"


def _told(facts: Facts, verdict: Verdict, done: Sequence[BeliefCheck]) -> str:
    """Say in a sentence or two what a reader has to know."""
    contaminated = done[0]
    seen = facts.exposed
    if verdict == "inflated":
        shares = [
            f"{share(seen.clean)} on clean items" if seen is not None and seen.found and seen.clean else "",
            *(f"{share(twin.accuracy)} on the fresh twin" for twin in facts.twins),
        ]
        found = seen is not None and seen.found
        rest = f"; {seen.found} of {seen.n} items stand in its training data" if found and seen is not None else ""
        return f"{', '.join(part for part in shares if part)}{rest}."
    if verdict in {"doubtful", "understated"}:
        failed = [c for c in done if c.status == "failed"] or [contaminated]
        value = ""
        if verdict == "understated" and facts.doubt is not None:
            value = f" Right are {share(facts.doubt.low)} to {share(facts.doubt.high)}."
        return " ".join(check.told for check in failed) + value
    if verdict == "holds" and seen is not None and not seen.found and facts.twins:
        twins = ", ".join(f"{share(twin.accuracy)} on the fresh twin" for twin in facts.twins)
        return f"None of the {seen.n} items stands in its training data; {twins}."
    return contaminated.told
