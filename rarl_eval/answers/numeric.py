"""Judge an answer that is one number, exactly: no rounding, no x/100 or 100x in place of x.

Currency and words around the number are read past. A percent sign, or a unit of measure, that the question does not
speak of makes the answer a different one. Two different numbers offered as the answer are ``ambiguous``.
"""

import re
from fractions import Fraction

from rarl_eval.answers.abstention import abstained, abstention
from rarl_eval.answers.extract import Final, final_answer, shown
from rarl_eval.answers.numbers import Number, arithmetic, normalised, numbers, parse_number
from rarl_eval.answers.units import measure_after, same_measure_in
from rarl_eval.types import Item, Status, Verdict

HEDGE = re.compile(
    r"\b(?:or|either|maybe|perhaps|possibly|alternatively|approximately|roughly)\b|\bor/and\b", re.IGNORECASE
)
_SPACED = re.compile(r"[$€£]?\s?\d{1,3}(?: \d{3})+(?:\.\d+)?\s?(?:%|[a-zA-Z]+)?")
_CHAIN = re.compile(r"=|≈|≃|\\approx|\\sim(?:eq)?|\\Rightarrow|→")
_EXPRESSION = re.compile(r"[\s\d.$€£\"'()+*/×÷x^-]+")
_EXPLAINS = re.compile(
    r"[;:,]\s+(?=[A-Za-z])|(?<=[\w%])\s\(|\b(?:because|since|as|given|after|before|so|which|where|for|when|if|by|from|"
    r"per|out of|with|each|more|less|of|in|at|on|every|within|during|over|than|to)\b",
    re.IGNORECASE,
)
_SUM = re.compile(r"[\d)%]\s*[-+*/]\s*\(?\$?\d")
_OR = re.compile(r"(?<!more )\bor\b(?! so\b| less\b)(.*)", re.IGNORECASE | re.DOTALL)


def verify_number(item: Item, answer: str, *, last_number: bool = True) -> Verdict:
    """Judge a numeric answer by exact equality with ``item.gold``.

    Where nothing announces the answer, ``last_number`` lets the last number of the text stand for it, as the
    benchmarks of word problems do.
    """
    gold = parse_number(item.gold)
    if gold is None:
        return Verdict(status="unparsable_gold", reason=f"gold {shown(item.gold)!r} is not a number")
    if repeats_question(item, answer):
        return Verdict(status="no_answer", reason="the question is repeated, nothing is answered")
    final = final_answer(answer)
    if final is None:
        phrase = abstention(answer)
        if phrase is not None:  # "it cannot be told from these 5" does not answer 5
            return abstained(phrase)
        final = closing_number(answer) if last_number else None
    if final is None or final.text is None:
        return Verdict(status="no_answer", reason=final.mark if final else "no number is announced as the answer")
    return _judge(item, gold.value, final.text, final.mark)


def repeats_question(item: Item, answer: str) -> bool:
    """Whether an answer only says the question, or most of it, again."""
    told, asked = " ".join(answer.split()).strip(" .?!"), " ".join(item.question.split())
    return bool(told) and (told == asked.strip(" .?!") or (len(told) > max(20, 0.6 * len(asked)) and told in asked))


def _judge(item: Item, gold: Fraction, text: str, mark: str) -> Verdict:
    found = read_number(text)
    if found is None:
        status: Status = "incorrect" if re.search(r"\w", text.replace("_", "")) else "no_answer"
        return Verdict(status=status, extracted=shown(text), reason=f"{mark}: not a number")
    if isinstance(found, str):
        return Verdict(status="ambiguous", extracted=shown(text), reason=f"{mark}: {found}")
    number, plain = found
    foreign = _foreign(item, number, plain)
    if number.value == gold and foreign:
        return Verdict(status="incorrect", extracted=shown(text), reason=f"{mark}: {foreign}")
    same = number.value == gold
    reason = f"{mark}: {'equals' if same else 'is not'} {item.gold}"
    return Verdict(status="correct" if same else "incorrect", extracted=shown(number.text), reason=reason)


def read_number(text: str) -> tuple[Number, str] | str | None:
    """Read the one number that a final span states, with the normalised text it was read from.

    A string says why it is ambiguous; None says that no number is there, or only an expression not worked out.
    """
    plain = normalised(text)
    if _SPACED.fullmatch(plain):
        plain = re.sub(r"(?<=\d) (?=\d{3}(?!\d))", "", plain)
    every = list(numbers(plain))
    if len(_values(every)) == 1 and not (len(every) > 1 and _SUM.search(plain)):
        other = _OR.search(plain)
        return "alternatives are offered" if other and not re.search(r"\d", other[1]) else (every[-1], plain)
    if not every or _EXPRESSION.fullmatch(plain):
        return None
    if HEDGE.search(plain):
        return "different numbers are offered"
    sides = [side for side in _CHAIN.split(plain) if side.strip()]
    if len(sides) > 1:
        return _end_of_chain(sides)
    return _leading(plain, every)


def _end_of_chain(sides: list[str]) -> tuple[Number, str] | str | None:
    """Of ``2 * 3 = 6`` read the last side, if no side that can be worked out is another number."""
    last = read_number(sides[-1])
    if isinstance(last, tuple):
        worked_out = {arithmetic(side) for side in sides[:-1]} - {None}
        if any(abs(value - last[0].value) > Fraction(1, 100) for value in worked_out if value is not None):
            return "the sides of the equation differ"
    return last


def _leading(plain: str, every: list[Number]) -> tuple[Number, str] | str:
    """Read the number that stands before an explanation such as "because ..." or "(3 of 4)"."""
    cut = _EXPLAINS.search(plain, every[0].end)
    head = plain[: cut.start()] if cut else plain
    one = len(_values(list(numbers(head)))) == 1 and not _SUM.search(head)
    return (every[0], plain) if one else "different numbers stand in the answer"


def _values(found: list[Number]) -> set[Fraction]:
    return {number.value for number in found}


def _foreign(item: Item, number: Number, plain: str) -> str | None:
    """Say what the answer's unit is if the question does not speak of it."""
    if number.percent and not re.search(r"percent|%|\brate\b|\bchance|\bprobability", item.question, re.IGNORECASE):
        return "a percentage was not asked for"
    measure = measure_after(plain, number.end)
    if measure and not same_measure_in(item.question, measure):
        return f"the unit {measure} is not of the question"
    return None


_CUT_OFF = re.compile(r"[-+*/=×÷($€£,]\s*\Z")


def closing_number(text: str) -> Final | None:
    """Take the last number of the last line, unless the line breaks off in the middle of a formula."""
    line = text.strip().rpartition("\n")[2]
    plain = normalised(line)
    found = list(numbers(plain))
    if not found or _CUT_OFF.search(line):
        return None
    if _SPACED.fullmatch(plain.strip()):
        return Final(plain.strip(), "last number")
    sentence = re.split(r"(?<=[.!?])\s+", plain[: found[-1].end])[-1]
    hedged = HEDGE.search(sentence) and len(_values(list(numbers(sentence)))) > 1
    return Final(sentence if hedged else plain[found[-1].start :], "last number")
