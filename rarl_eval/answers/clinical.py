"""Judge the result of a clinical calculator: a number within limits, a whole score, a date, or weeks and days.

The rules are MedCalc-Bench's (Khandekar et al. 2024, and its published evaluation): measured values lie within the
row's limits, 5 % to either side of the gold; scores, dates and gestational ages are met exactly.
"""

import re
from collections.abc import Callable
from datetime import date

from rarl_eval.answers.dates import dates
from rarl_eval.answers.extract import final_answer, shown
from rarl_eval.answers.numeric import repeats_question, verify_number
from rarl_eval.answers.quantity import last_line
from rarl_eval.answers.within import verify_within
from rarl_eval.types import Item, Status, Verdict

Moment = date | tuple[int, int]
"""A date, or weeks and days."""

_AGE = re.compile(
    r"(\d+)[\s'\"]*(?:weeks?|w)\b[\s'\",]*(?:and\s*)?(\d+)[\s'\"]*(?:days?|d)\b|[(\[]\s*(\d+)\s*,\s*(\d+)\s*[)\]]",
    re.IGNORECASE,
)
_OUT_OF = re.compile(r"(\d+)\s+(?:out )?of\s+\d+\s*(?:points?)?")
_ENDS = re.compile(r"[\s.)\]}$\"'*]*(?:\Z|[,.;:]\s+[A-Za-z])")
"""What may follow a date or an age: nothing, or an explanation; a unit or a percent sign makes it another thing."""


def verify_calculated(item: Item, answer: str) -> Verdict:
    """Judge by ``item.gold``'s form: MM/DD/YYYY, ``(W weeks, D days)``, or a number by ``item.meta["output"]``."""
    for read in (read_dates, read_ages):
        if read(item.gold):
            return _exact(item, answer, read)
    if item.meta["output"] == "integer":
        return verify_number(item, _OUT_OF.sub(r"\1", answer))
    if _IN_PERCENT.search(item.question):  # the calculator's own unit, of which its gold is a number
        answer = _PERCENT.sub(r"\1", answer)
    return verify_within(item, answer)


_IN_PERCENT = re.compile(r"(?:\bin|\bas|\()\s*(?:an?\s+)?(?:%|per ?cent(?:ages?)?\b)", re.IGNORECASE)
_PERCENT = re.compile(r"(\d)\s?(?:\\?%|per ?cent\b)")


def read_dates(text: str) -> list[tuple[Moment, int]]:
    """Return the dates of a text that the calendar has, in figures or words, and where each ends."""
    return list(dates(text))


def read_ages(text: str) -> list[tuple[Moment, int]]:
    """Return the gestational ages of a text as (weeks, days), and where each ends: "4 weeks, 3 days", "(4, 3)"."""
    return [((int(f[1] or f[3]), int(f[2] or f[4])), f.end()) for f in _AGE.finditer(text)]


def _exact(item: Item, answer: str, read: Callable[[str], list[tuple[Moment, int]]]) -> Verdict:
    if repeats_question(item, answer):
        return Verdict(status="no_answer", reason="the question is repeated, nothing is answered")
    final = final_answer(answer) or last_line(answer)
    if final is None or not re.search(r"[^\W_]", final.text or ""):
        return Verdict(status="no_answer", reason=final.mark if final else "nothing is answered")
    text = final.text or ""
    text = _result(text, read)
    status = _compared(text, read(text), {moment for moment, _ in read(item.gold)})
    return Verdict(status=status, extracted=shown(text), reason=f"{final.mark}: {status}, gold is {item.gold}")


def _result(text: str, read: Callable[[str], list[tuple[Moment, int]]]) -> str:
    """Of "01/02/2023 + 280 days = 10/09/2023" take the last side, if no other side says the same."""
    *others, last = re.split(r"=|≈|→", text)
    told, before = ({moment for moment, _ in read(side)} for side in (last, " ".join(others)))
    return last if told and before and not told & before else text


def _compared(text: str, told: list[tuple[Moment, int]], gold: set[Moment]) -> Status:
    moments = {moment for moment, _ in told}
    if len(moments) > 1 or (told and re.search(r"\bor\b|=|\+|≈|\\approx", text)):
        return "ambiguous"
    return "correct" if moments == gold and _ENDS.match(text, told[-1][1]) else "incorrect"
