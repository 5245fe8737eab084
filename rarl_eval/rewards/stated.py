"""Confidence that a reply states of itself: "Confidence: 85%", ``"confidence": 0.9``, "I am 70% sure".

Its agreement with the verdict (Brier, ECE, AURC, AUROC) tells whether a model knows what it knows (Kadavath et al.,
arXiv 2207.05221; Xiong et al., arXiv 2306.13063). Not here: agreement between samples, which is ``majority``.
"""

import re

from rarl_eval.rewards import Kind, Reach, RewardSource, case_source, no_argument

_VALUE = r"(?P<{0}>\d{{1,3}}(?:\.\d{{1,6}})?|\.\d{{1,6}})\s*(?P<{0}_of>%|percent\b|/\s*100?\b|out of 100?\b)?"
_STATED = re.compile(
    r"[\"'*_]*\b(?:confidence|certainty|probability (?:of being |that (?:this|my answer) is )?(?:correct|right))"
    r"(?:\s+(?:level|score|rating|estimate|in (?:this|my) answer))?[\"'*_]*\s*(?:[:=]|is|of)[\s\"'*_~]*"
    + _VALUE.format("after")
    + r"|\b(?:am|is|be)\s+(?:about |around |roughly )?"
    + _VALUE.format("before")
    + r"\s*(?:sure|certain|confident)\b",
    re.IGNORECASE,
)


def open_stated(argument: str, reach: Reach, registered: str) -> RewardSource:
    """Open ``stated``: the last confidence that the answer states, 0 to 1; None where it states none."""
    no_argument(argument, registered)
    kind = Kind(name=reach.name or registered, judge="self")
    return case_source(
        kind, lambda case: kind.entry(case, stated_confidence(case.record.trace.answer)), {"self": registered}
    )


def stated_confidence(answer: str) -> float | None:
    """Return the last stated confidence as a share; None where there is none, or one that is no share (150 %).

    A bare number up to 1 is a share, one above 1 is of a hundred; ``8/10`` says of what it is.
    """
    found = None
    for found in _STATED.finditer(answer):  # noqa: B007  the last one is what is asked for
        pass
    if found is None:
        return None
    side = "after" if found["after"] is not None else "before"
    value, of = float(found[side]), re.sub(r"\s|out|of", "", (found[f"{side}_of"] or "").lower())
    whole = {"%": 100.0, "percent": 100.0, "/100": 100.0, "100": 100.0, "/10": 10.0, "10": 10.0}
    share = value / whole.get(of, 1.0 if value <= 1 else 100.0)
    return share if share <= 1 else None
