"""Judge an answer that is one number, exactly: no rounding, no x/100 or 100x in place of x.

Currency and words around the number are read past. A percent sign, or a unit of measure, that the question does not
speak of makes the answer a different one. Two different numbers offered as the answer are ``ambiguous``.
"""

import re
from fractions import Fraction

from rarl_eval.answers.abstention import abstained, abstention
from rarl_eval.answers.extract import Final, closing_line, final_answer, shown
from rarl_eval.answers.joined import in_one_unit
from rarl_eval.answers.markdown import Line
from rarl_eval.answers.numbers import Number, arithmetic, decimal_comma, normalised, numbers, parse_number
from rarl_eval.answers.sentences import one_stressed
from rarl_eval.answers.stated import in_question, sign_before
from rarl_eval.types import Item, Status, Verdict

HEDGE = re.compile(r"\b(?:or|either|maybe|perhaps|possibly|alternatively)\b|\bor/and\b", re.IGNORECASE)


def hedges(text: str, found: list[Number]) -> bool:
    """Whether a text offers its numbers as alternatives: a hedge stands between them, or right before one.

    "42 fish have red stripes or blue stripes" offers one number.
    """
    if len(_values(found)) < 2:
        return False
    between = text[found[0].end : found[-1].start]
    return HEDGE.search(between) is not None or _HEDGED.search(text[: found[0].start]) is not None


_HEDGED = re.compile(r"\b(?:either|maybe|perhaps|possibly|alternatively)\b(?:\W+\w+)?\W*\Z", re.IGNORECASE)
_SPACED = re.compile(r"[$€£]?\s?\d{1,3}(?: \d{3})+(?:\.\d+)?\s?(?:%|[a-zA-Z]+)?")
_CHAIN = re.compile(r"=|≈|≃|\\approx|\\sim(?:eq)?|\\Rightarrow|→")
_EXPRESSION = re.compile(r"[\s\d.$€£\"'()+*/×÷x^-]+")
_EXPLAINS = re.compile(
    r"[;:,]\s+(?=[A-Za-z])|(?<=[\w%])\s\(|\b(?:because|since|as|given|after|before|(?<!or )so|which|where|for|when|if|"
    r"by|from|per|out of|with|each|more|less|of|in|at|on|every|within|during|over|than|to)\b",
    re.IGNORECASE,
)
_SUM = re.compile(r"[\d)%]\s*[-+*/]\s*\(?\$?\d")
_FURTHER = re.compile(r"(?:\s+(?!or\b)[A-Za-z]+){3}")
_OR_SO = re.compile(r"\W*or\b")
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
    answer = in_one_unit(answer)
    final = final_answer(answer)
    if final is None:
        phrase = abstention(answer)
        if phrase is not None:  # "it cannot be told from these 5" does not answer 5
            return abstained(phrase)
        final = closing_number(answer, item.question) if last_number else None
    if final is None or final.text is None:
        return Verdict(status="no_answer", reason=final.mark if final else "no number is announced as the answer")
    return _judge(item, gold.value, final.text, final.mark)


def repeats_question(item: Item, answer: str) -> bool:
    """Whether an answer only says the question, or most of it, again."""
    told, asked = " ".join(answer.split()).strip(" .?!"), " ".join(item.question.split())
    return bool(told) and (told == asked.strip(" .?!") or (len(told) > max(20, 0.6 * len(asked)) and told in asked))


def _judge(item: Item, gold: Fraction, text: str, mark: str) -> Verdict:
    if decimal_comma(text) == gold:
        return Verdict(status="correct", extracted=shown(text), reason=f"{mark}: equals {item.gold}")
    found = read_number(focused(text, item.question) or text)
    if found is None:
        status: Status = "incorrect" if re.search(r"\w", text.replace("_", "")) else "no_answer"
        return Verdict(status=status, extracted=shown(text), reason=f"{mark}: not a number")
    if isinstance(found, str):
        return Verdict(status="ambiguous", extracted=shown(text), reason=f"{mark}: {found}")
    number, plain = found
    told = _foreign_percent(item, number) or in_question(number, plain, item.question)
    if isinstance(told, str):
        return Verdict(status="incorrect", extracted=shown(text), reason=f"{mark}: {told}")
    same = gold in told or gold in _rounded_from(text, number)
    reason = f"{mark}: {'equals' if same else 'is not'} {item.gold}"
    return Verdict(status="correct" if same else "incorrect", extracted=shown(number.text), reason=reason)


def read_number(text: str) -> tuple[Number, str] | str | None:
    """Read the one number that a final span states, with the normalised text it was read from.

    A string says why it is ambiguous; None says that no number is there, or only an expression not worked out.
    """
    plain = normalised(text)
    if _SPACED.fullmatch(plain):
        plain = re.sub(r"(?<=\d) (?=\d{3}(?!\d))", "", plain)
    every = _said(plain)
    if len(_values(every)) == 1 and not (len(every) > 1 and _SUM.search(plain)):
        cut = _EXPLAINS.search(plain, every[0].end) or _FURTHER.match(plain, every[-1].end)
        other = _OR.search(plain[: cut.start()] if cut and not _OR_SO.match(plain, cut.start()) else plain)
        return "alternatives are offered" if other and not re.search(r"\d", other[1]) else (every[-1], plain)
    if not every or _EXPRESSION.fullmatch(plain):
        return None
    if hedges(plain, every) or (HEDGE.search(plain) and _SUM.search(plain)):
        return "different numbers are offered"
    sides = [side for side in _CHAIN.split(plain) if side.strip()]
    if len(sides) > 1:
        return _end_of_chain(sides)
    return _leading(plain, every)


def _said(plain: str) -> list[Number]:
    """Return the numbers that a text says something is: not that of "not 42", "see step 3" or "[1]"."""
    return [
        number
        for number in numbers(plain)
        if not _NO_VALUE.search(plain[max(0, number.start - 30) : number.start + 1].rstrip("0123456789.,-$€£"))
        and not (
            plain[number.end : number.end + 1] == "]" and _CITED.search(plain[max(0, number.start - 60) : number.start])
        )
    ]


_NO_VALUE = re.compile(
    r"\b(?:step|eq(?:uation)?|fig(?:ure)?|table|section)\.?\s*#?\s*\Z|"
    r"\b(?:not|isn't|rather than|instead of)\s+[*(]*\s*\Z",
    re.IGNORECASE,
)
_CITED = re.compile(r"\d\S*(?:\s[A-Za-z]+)?\.?\s?\[\Z")


def _end_of_chain(sides: list[str]) -> tuple[Number, str] | str | None:
    """Of ``2 * 3 = 6`` read the last side, if no side that can be worked out is another number."""
    last = read_number(sides[-1])
    if isinstance(last, tuple):
        worked_out = {arithmetic(side) for side in sides[:-1]} - {None}
        told = [last[0].value, *([last[0].value / 100] if last[0].percent else [])]
        if any(all(abs(v - t) > Fraction(1, 100) for t in told) for v in worked_out if v is not None):
            return "the sides of the equation differ"
    return last


def _rounded_from(text: str, number: Number) -> set[Fraction]:
    r"""Return the exact value that is shown beside its rounding: 92/287 of ``\frac{92}{287} \approx 0.3206``."""
    sides = _ABOUT.split(normalised(text))
    if len(sides) != 2 or not (digits := re.search(r"\.(\d+)", number.text)):
        return set()
    exact = parse_number(_CHAIN.split(sides[0])[-1].strip(" ,(:"))
    half = Fraction(1, 2 * 10 ** len(digits[1]))
    return {exact.value} if exact is not None and abs(exact.value - number.value) <= half else set()


_ABOUT = re.compile(r",?\s*\(?(?:≈|≃|\\approx|\\sim(?:eq)?|\b(?:approximately|roughly|about)\b)")


def _leading(plain: str, every: list[Number]) -> tuple[Number, str] | str:
    """Read the number that stands before an explanation such as "because ..." or "(3 of 4)"."""
    cut = _EXPLAINS.search(plain, every[0].end)
    head = plain[: cut.start()] if cut else plain
    one = len(_values(list(numbers(head)))) == 1 and not _SUM.search(head)
    return (every[0], plain) if one else "different numbers stand in the answer"


def _values(found: list[Number]) -> set[Fraction]:
    return {number.value for number in found}


def _foreign_percent(item: Item, number: Number) -> str | None:
    if number.percent and not re.search(r"percent|%|\brate\b|\bchance|\bprobability", item.question, re.IGNORECASE):
        return "a percentage was not asked for"
    return None


def closing_number(text: str, asked: str = "") -> Final | None:
    """Take the number that the closing line states: the one stressed, else the last that the question does not hold."""
    line = closing_line(text)
    if line is None:
        return None
    plain = normalised(line.text)
    if _SPACED.fullmatch(plain.strip()) or decimal_comma(plain) is not None:
        return Final(plain.strip(), "last number")
    last = _last_sentence(line)
    spans = [(start - last, end - last) for start, end in line.strong if start >= last]
    stressed = one_stressed(line.text[last:], spans)
    if stressed is not None and len(_values(list(numbers(normalised(stressed))))) == 1:
        return Final(normalised(stressed), "last number")
    sentence = normalised(line.text[last:])
    sentence = without_aside(sentence)
    found = [number for number in _said(sentence) if sentence[: number.start].rstrip("{ ")[-1:] not in {"^", "_"}]
    if not found:
        return None
    if hedges(sentence, found):
        return Final(sentence[: found[-1].end], "last number")
    begin = sign_before(sentence, _approximated(sentence, found))
    return Final(focused(sentence, asked) or sentence[begin:], "last number")


def without_aside(sentence: str) -> str:
    """Take off what a sentence adds to its number: "(not 1,600)", ", assuming 10%", ", which is 2 more than ..."."""
    found = _ASIDE.search(sentence)
    return sentence[: found.start()] if found and re.search(r"\d", sentence[: found.start()]) else sentence


_ASIDE = re.compile(
    r"\s\((?=[^()]*[A-Za-z]{2})(?![^()]*\b(?:or|either|maybe|perhaps)\b)[^()]*\)[\s.!*$]*\Z|"
    r"(?:,\s|\s)(?:assuming|given that|when (?:it is )?divided by|based on|ignoring|excluding)\b[^=]*\Z|"
    r"(?:,\s|\s)(?:which|that) is [^,=]{0,60}\b(?:more|less|fewer|higher|lower|greater|times)\b[^=]{0,120}\Z"
)


def _approximated(sentence: str, found: list[Number]) -> int:
    """Where the last number begins, or the one before it of which it says to be the rounding."""
    between = sentence[found[-2].end : found[-1].start] if len(found) > 1 else ""
    return found[-2].start if _RESTATED.fullmatch(between) else found[-1].start


_RESTATED = re.compile(
    r"\s*[a-zA-Z%°]*\s*,?\s*\(?(?:or\s+|i\.e\.,?\s+)?(?:≈|≃|\\approx|\\sim(?:eq)?|approximately|roughly|"
    r"about)\s*[$€£]?\s*"
)


def focused(text: str, asked: str) -> str | None:
    """Of a sentence with several numbers, return it from the one number on that the question does not hold.

    "Sam needs 12 boxes for his 96 eggs" answers 12 where the question speaks of 96 eggs. None where no one number is
    left, where the text is no sentence, or where it computes or hedges.
    """
    if not asked or len(text) < 16 or _FIRST.match(text):
        return None
    plain = _LED_TO.split(normalised(text))[-1]
    found = list(numbers(plain))
    words = re.findall(r"[A-Za-z]{2,}", plain)
    if len(_values(found)) < 2 or len(words) < 4 or hedges(plain, found) or _CHAIN.search(plain) or _SUM.search(plain):
        return None
    plain = without_aside(plain)
    found = _said(plain) if len(_said(plain)) else found
    known = _values(list(numbers(normalised(asked))))
    new = [number for number in found if number.value not in known]
    told = found[-1:] if _TOLD.search(plain[: found[-1].start]) else new
    if len(told) != 1:
        return None
    begin, end = sign_before(plain, told[0].start), told[0].end
    return plain[begin:end] + re.match(r"(?:\s*[^\s\d]+){0,3}", plain[end:])[0]  # type: ignore[index]


_FIRST = re.compile(r"\W*\d[\d,.]*\s?%?(?:\s+[A-Za-z]+){0,3}\s*(?:[,;(]|\b(?:because|since|as)\b)")
_LED_TO = re.compile(
    r",\s+(?=(?:so|therefore|thus|hence|which|giving|totaling|totalling|for a total|resulting|leaving)\b[^\d]*\d)"
)
_TOLD = re.compile(r"\b(?:is|are|was|be|equals|total of|totaling|exactly)\s+[$€£]?\s*\Z")


def _last_sentence(line: Line) -> int:
    """Where the last sentence with a digit begins in a line."""
    starts = [0] if line.kind == "math" else [0, *(stop.end() for stop in re.finditer(r"(?<=[.!?])\s+", line.text))]
    return next((start for start in reversed(starts) if re.search(r"\d", line.text[start:])), 0)
