"""Items that bring criteria of their own, each with points: a judge says of each whether the response meets it.

The score is the points of the criteria that are met by all that can be gained, as HealthBench has it (Arora et al.
2025): faults have points below 0, so that a score can be too. One criterion that was not judged, and there is none.
"""

from collections.abc import Sequence

from rarl_eval.rewards.judging import Ask
from rarl_eval.rewards.questions import criterion
from rarl_eval.types import Item

FIELD = "rubrics"
"""Of ``Item.meta``: a list of ``{"criterion": TEXT, "points": NUMBER}``."""

SCORE = "score:criteria"
"""The reward that holds the score, beside the judge's own."""

MET, UNMET = "met", "not met"


def graded(item: Item) -> bool:
    """Whether an item has criteria, so that an answer to it is neither right nor wrong but has a score."""
    return bool(item.meta.get(FIELD))


def asks(item: Item, response: str) -> list[Ask]:
    """Ask of each criterion whether the response meets it."""
    return [Ask(part="criterion", messages=criterion(item, response, c["criterion"])) for c in item.meta[FIELD]]


def score(item: Item, verdicts: Sequence[str | None]) -> float | None:
    """Points met by points to be gained; None where a criterion was not judged or nothing can be gained."""
    points = [float(c["points"]) for c in item.meta[FIELD]]
    whole = sum(p for p in points if p > 0)
    if whole <= 0 or len(verdicts) != len(points) or None in verdicts:
        return None
    return sum(p for p, verdict in zip(points, verdicts, strict=True) if verdict == MET) / whole
