"""Judge an answer against the result of a program over a report: FinQA and ConvFinQA.

Both papers score a program by its result, rounded to five decimals ("execution accuracy"). A text need not carry five
decimals: what it states must be the gold, rounded as far as it is stated, with three significant digits at least. A
share may be written as 12.574% or 0.12574. A scale word may follow only where the report or the question states it
("in millions"), since golds are in the report's own units. Comparisons have "yes" or "no" for their gold.
"""

import re
from fractions import Fraction

from rarl_eval.answers.extract import final_answer, shown
from rarl_eval.answers.joined import said_once
from rarl_eval.answers.numbers import SCALES, Number, parse_number
from rarl_eval.answers.numeric import focused, repeats_question
from rarl_eval.answers.quantity import amount, fraction, last_line, offers_two, rounded
from rarl_eval.answers.stated import scale_of, with_tail
from rarl_eval.types import Item, Status, Verdict

DECIMALS = 5
SIGNIFICANT = 3
"""Digits that a shorter answer must state."""

_WORD = re.compile(
    r"(?:\\(?:text\w*|mathrm|mathbf)\s*\{|[^\w])*(yes|no)(?:[\s.!\"'*$`}]*\Z|[,.;:]\s+(?=[a-z])|\s+\(|\s+(?:because|since|as)\b)"
)


def verify_executed(item: Item, answer: str) -> Verdict:
    """Judge against ``item.gold``: a number as a program gives it (a fraction for a percentage), or yes or no."""
    gold = parse_number(item.gold)
    if gold is None and item.gold not in {"yes", "no"}:
        return Verdict(status="unparsable_gold", reason=f"gold {shown(item.gold)!r} is neither a number nor yes or no")
    if repeats_question(item, answer):
        return Verdict(status="no_answer", reason="the question is repeated, nothing is answered")
    final = with_tail(answer, final_answer(answer)) or last_line(answer)
    if final is None or not re.search(r"[^\W_]", final.text or ""):
        return Verdict(status="no_answer", reason=final.mark if final else "nothing is answered")
    text = said_once(final.text or "")
    text = (focused(text, item.question) if gold is not None else None) or text
    status = _of_words(item.gold, text) if gold is None else _of_number(item, fraction(gold), text)
    return Verdict(status=status, extracted=shown(text), reason=f"{final.mark}: {status}, gold is {item.gold}")


def _of_words(gold: str, text: str) -> Status:
    if len(set(re.findall(r"\b(?:yes|no)\b", text.lower()))) > 1 or re.search(r"\bor\b", text):
        return "ambiguous"
    told = _WORD.match(text.lower())
    return "correct" if told and told[1] == gold else "incorrect"


def _of_number(item: Item, gold: Fraction, text: str) -> Status:
    if offers_two(text):
        return "ambiguous"
    told = amount(text, item.question, item.context)
    if told is None:
        return "incorrect"
    values = _values(told, f"{item.question}\n{item.context}", item.question)
    return "correct" if any(_agree(gold, value, told) for value in values) else "incorrect"


def _values(told: Number, asked: str, question: str) -> list[Fraction]:
    """Return what a number may say: as it stands, and in the report's units where its scale is the report's."""
    known = told.scale and re.search(rf"\b{told.scale}s?\b|\b{told.scale[0]}n?\b", asked, re.IGNORECASE)
    asks = scale_of(question)  # what is asked for in millions may be told in billions
    return [
        fraction(told),
        *([told.value / SCALES[told.scale]] if known and told.scale else []),
        *([told.value / asks] if asks and told.scale else []),
    ]


def _agree(gold: Fraction, value: Fraction, told: Number) -> bool:
    if rounded(gold, DECIMALS) == rounded(value, DECIMALS):
        return True
    written = re.match(r"[^\d.]*([\d,]*)(?:\.(\d+))?", told.text)
    whole, decimals = (written[1].replace(",", ""), written[2] or "") if written else ("", "")
    if "/" in told.text or len((whole + decimals).lstrip("0")) < SIGNIFICANT:
        return False
    stated = len(decimals) + (2 if told.percent else 0)
    return rounded(gold, stated) == value
