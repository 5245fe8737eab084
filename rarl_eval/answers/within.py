"""Judge a number against limits that stand in the item, where a benchmark allows a tolerance.

``meta["low"]`` and ``meta["high"]`` hold the limits as text, both included. A percentage is its hundredth, and the
number itself where the question asks for a percentage and the gold is more than 1. A scale that the question
fixes ("in trillions") may be said again, and a unit like the question's is converted. The hundredfold or thousandfold
of the gold, the other sign and a foreign unit are wrong.
"""

import re
from fractions import Fraction

from rarl_eval.answers.extract import Final, final_answer, shown
from rarl_eval.answers.joined import in_one_unit, said_once
from rarl_eval.answers.numbers import Number, normalised, parse_number
from rarl_eval.answers.numeric import closing_number, focused, read_number, repeats_question
from rarl_eval.answers.stated import accounting, in_points, in_question, signed, with_tail
from rarl_eval.types import Item, Status, Verdict


def limits_around(gold: str | float, share: float) -> dict[str, str]:
    """Limits at ``share`` of the gold to either side, for ``Item.meta``."""
    value, part = Fraction(str(gold)), Fraction(str(share))
    low, high = sorted((value * (1 - part), value * (1 + part)))
    return {"low": f"{float(low):.12g}", "high": f"{float(high):.12g}"}


def verify_within(item: Item, answer: str) -> Verdict:
    """Judge by whether the one number of the answer lies within the item's limits."""
    gold = parse_number(item.gold)
    limits = sorted(Fraction(item.meta[name]) for name in ("low", "high"))
    if gold is None or not limits[0] <= gold.value <= limits[1]:
        return Verdict(status="unparsable_gold", reason=f"gold {shown(item.gold)!r} is no number within its limits")
    if repeats_question(item, answer):
        return Verdict(status="no_answer", reason="the question is repeated, nothing is answered")
    answer = in_one_unit(said_once(answer))
    if "ratio" in item.question.lower():
        answer = _TO_ONE.sub(r"\1", answer)
    final = with_tail(answer, final_answer(answer)) or closing_number(answer, item.question)
    if final is None or final.text is None:
        return Verdict(status="no_answer", reason=final.mark if final else "no number is announced as the answer")
    return _judged(item, gold, limits, final, final.text)


def _judged(item: Item, gold: Number, limits: list[Fraction], final: Final, text: str) -> Verdict:
    found = read_number(accounting(normalised(focused(text, item.question) or text)))
    if not isinstance(found, tuple):
        status: Status = "ambiguous" if found else "incorrect" if re.search(r"[^\W_]", text) else "no_answer"
        return Verdict(status=status, extracted=shown(text), reason=f"{final.mark}: {found or 'not a number'}")
    number, plain = found
    if not _POINTS_ASKED.search(item.question):
        number = in_points(number, plain[number.end :])
    number = signed(number, plain, item.question)
    told = in_question(number, plain, item.question, item.context)
    if isinstance(told, str):
        return Verdict(status="incorrect", extracted=shown(text), reason=f"{final.mark}: {told}")
    values = _percentages(number, gold, item.question) if number.percent else told
    inside = any(limits[0] <= value <= limits[1] for value in values)
    reason = f"{final.mark}: {'within' if inside else 'not within'} {item.meta['low']} to {item.meta['high']}"
    return Verdict(status="correct" if inside else "incorrect", extracted=shown(number.text), reason=reason)


_TO_ONE = re.compile(r"(\d)\s?(?::|to)\s?1(?:\.0+)?(?![\d.:])")
"""A ratio of 2.5:1 is 2.5."""
_POINTS_ASKED = re.compile(r"\bbps?\b|\bbasis points?\b", re.IGNORECASE)


def _percentages(number: Number, gold: Number, question: str) -> list[Fraction]:
    asked = re.search(r"percent|%", question, re.IGNORECASE)
    return [number.value / 100, *([number.value] if asked and abs(gold.value) > 1 else [])]
