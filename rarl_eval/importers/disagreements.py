"""Where another harness's score of a text and this program's verdict differ, and why.

Only scores of 0 and 1 are compared: they claim right or wrong. Everything else is counted as not compared. A failed
call and a gold that cannot be judged against say nothing of either side.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import msgspec

from rarl_eval.errors import BadInput
from rarl_eval.types import Record


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """One score of another harness against our verdicts, over the traces that have both."""

    score: str
    compared: int
    right_theirs: int
    right_ours: int
    only_theirs: int
    """Right by their score and not by our verdict."""
    only_ours: int
    not_compared: int
    """Scores that are neither 0 nor 1, and traces without a verdict."""
    why: dict[str, int]
    """Our reasons for the differences, the commonest first, with their counts."""
    reported: float | None
    """The total that their own results file gives for this score."""
    headline: bool = False
    """Whether this is the score that stands for the log: the one asked for, else the first that it has."""


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """One trace on which the two differ."""

    score: str
    item_id: str
    key: str
    sample: int
    theirs: bool
    their_answer: str | None
    status: str
    extracted: str | None
    reason: str
    cut_off: bool
    """Whether our reading found the text cut off inside its reasoning, or its log says that it hit its cap."""
    where: str


class ScoreTally:
    """Collects comparisons while records are written."""

    def __init__(self) -> None:
        self.differences: list[Difference] = []
        self._counts: dict[str, Counter[str]] = {}

    def add(self, record: Record, scores: Mapping[str, float | None], answers: Mapping[str, str], where: str) -> None:
        """Compare one record with what the other harness said of its text."""
        ours = record.verdict.correct if record.verdict else None
        for name, value in scores.items():
            counts = self._counts.setdefault(name, Counter())
            if ours is None or value not in {0.0, 1.0}:
                counts["not_compared"] += 1
                continue
            theirs = value == 1.0
            counts.update(compared=1, right_theirs=theirs, right_ours=ours)
            if theirs != ours:
                counts["only_theirs" if theirs else "only_ours"] += 1
                self.differences.append(_difference(name, record, theirs, answers.get(name), where))

    def comparisons(self, reported: Mapping[str, float], wanted: str | None = None) -> tuple[Comparison, ...]:
        """Return one comparison for each score name: the headline, then the others in order of name.

        ``wanted`` is the headline's name or the name of its filter, which stands behind the metric's; raises BadInput
        where no score is called so.
        """
        headline = self._headline(wanted)
        fields = ("compared", "right_theirs", "right_ours", "only_theirs", "only_ours", "not_compared")
        return tuple(
            Comparison(
                score=name,
                why=self._why(name),
                reported=reported.get(name),
                headline=name == headline,
                **{field: self._counts[name][field] for field in fields},
            )
            for name in sorted(self._counts, key=lambda name: (name != headline, name))
        )

    def _headline(self, wanted: str | None) -> str | None:
        """Find the score that was asked for, else the first: logs have their benchmark's main filter first."""
        ends = (f",{wanted}", f":{wanted}")
        named = [n for n in self._counts if wanted is None or n == wanted or n.endswith(ends)]
        if wanted is not None and not named:
            known = ", ".join(sorted(self._counts)) or "none"
            raise BadInput(f"no score has the filter {wanted!r}; there are: {known}")
        return next(iter(named), None)

    def _why(self, name: str) -> dict[str, int]:
        counts = Counter(_sentence(d) for d in self.differences if d.score == name)
        return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))


def written(comparisons: tuple[Comparison, ...], differences: list[Difference]) -> bytes:
    """Return the content of ``disagreements.json``."""
    value: dict[str, Any] = {"schema": 1, "scores": comparisons, "differences": differences}
    return msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n"


def _difference(score: str, record: Record, theirs: bool, answer: str | None, where: str) -> Difference:
    trace, verdict = record.trace, record.verdict
    unfinished = trace.reasoning is not None and not trace.answer.strip()
    return Difference(
        score=score,
        item_id=trace.item_id,
        key=trace.key,
        sample=trace.sample,
        theirs=theirs,
        their_answer=None if answer is None else answer[:200],
        status=verdict.status if verdict else "error",
        extracted=verdict.extracted if verdict else None,
        reason=verdict.reason if verdict else "",
        cut_off=unfinished or trace.stop == "length",
        where=where,
    )


def _sentence(difference: Difference) -> str:
    side = "theirs alone says right" if difference.theirs else "ours alone says right"
    cut = ", cut off" if difference.cut_off else ""
    return f"{side}: {difference.status}{cut}"
