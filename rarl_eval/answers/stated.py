"""What an amount says in the terms of its question: its unit, its scale, its sign.

"15 cents" is 0.15 where dollars are asked for, "3 dozen" is 36, "29.8 trillion" is 29.8 where the question is in
trillions, and "a decrease of 12.5 %" is -12.5 % where it asks for a change. Not here: which number is the answer.
"""

import re
from dataclasses import replace
from fractions import Fraction

from rarl_eval.answers.extract import Final, boxed_spans
from rarl_eval.answers.numbers import CURRENCY, SCALES, Number
from rarl_eval.answers.units import asked_unit, in_asked_unit, measure_after, same_measure_in

_COINS = {"$": "dollar", "US$": "dollar", "USD": "dollar", "€": "euro", "EUR": "euro"}


_AGE = re.compile(r"\b(?:old(?:er)?|age|younger)\b", re.IGNORECASE)


def in_question(number: Number, plain: str, question: str, context: str = "") -> list[Fraction] | str:
    """Return what a number may say in the question's unit and scale; a text says why its unit is foreign.

    ``plain`` is the text that the number was read from. Percent is not divided.
    """
    value: Fraction | str = number.value
    measure = measure_after(plain, number.end)
    if measure == "year" and _AGE.search(question):  # "how old" asks for years without a word of them
        measure = None
    if measure is None and asked_unit(question) in {"cent", "euro_cent"} and number.currency:
        measure = _COINS.get(number.currency.upper())
    if measure == "dozen" and not same_measure_in(question, "dozen"):
        value = number.value * 12
    elif measure is not None:
        value = in_asked_unit(number.value, measure, question, context)
    if isinstance(value, str):
        return value
    scale = scale_of(question)
    return [value, value / scale] if scale and number.scale else [value]


_SCALED = re.compile(
    r"(?:\bin|how many|how much|\()\s*(?:us\s+)?(?:dollars?\s+|\$\s*|usd\s+)?(?:in\s+)?"
    r"(hundred|thousand|million|billion|trillion|lakh|crore)s?\b|\$\s?(MM|K|B|T)\b",
    re.IGNORECASE,
)
_SHORT = {"mm": "million", "k": "thousand", "b": "billion", "t": "trillion"}


def scale_of(question: str) -> int | None:
    """Return the scale in which a question wants its answer: 10**12 for "in trillions of dollars"."""
    found = _SCALED.search(question)
    return SCALES[(found[1] or _SHORT[found[2].lower()]).lower()] if found else None


_DOWN = (
    r"(?:decreas\w*|declin\w*|drop\w*|fall\w*|fell|reduc\w*|loss(?:es)?|lost|lower(?:ed)?|shrank|shrunk|shrink\w*|down|"
    r"less|fewer|contract(?:ed|ion))"
)
_UP = r"(?:increas\w*|grow\w*|grew|growth|rise|rose|risen|gain\w*|higher|up|improv\w*|more)"
_BEFORE = r"\b{}\b(?:\s+(?:in|of|by|was|is|about|approximately|roughly|around|the|a|an|nearly|over)\b)*\s*[($€£]*\s*\Z"
_AFTER = r"\s*\)?\s*{}\b(?!\s+than\b)"
_FALLS, _RISES = (
    (re.compile(_BEFORE.format(words), re.IGNORECASE), re.compile(_AFTER.format(words), re.IGNORECASE))
    for words in (_DOWN, _UP)
)
_EITHER = re.compile(
    r"\b(?:profit|gain|income|increase)s?\W+(?:or|and)?\W*\(?(?:a\s+)?(?:loss|decrease)|"
    r"\b(?:loss|decrease)\w*\W+(?:or|and)?\W*\(?(?:an?\s+)?(?:profit|gain|income|increase)",
    re.IGNORECASE,
)
_ASKS_DOWN = re.compile(rf"\b{_DOWN}\b", re.IGNORECASE)
_ASKS_CHANGE = re.compile(rf"\b(?:change[sd]?|difference|variation|return|{_UP})\b", re.IGNORECASE)


def signed(number: Number, plain: str, question: str) -> Number:
    """Give an amount the sign that the words beside it say, where the question asks for a change of either sign."""
    down, up = (_beside(number, plain, patterns) for patterns in (_FALLS, _RISES))
    if down == up or number.value < 0:
        return number
    asks_down, asks_change = _ASKS_DOWN.search(question), _ASKS_CHANGE.search(question)
    if _EITHER.search(question):
        asks_down, asks_change = None, asks_change or asks_down
    opposite = asks_change and not asks_down if down else asks_down and not asks_change
    return replace(number, value=-number.value) if opposite else number


_OPENED = re.compile(r"(?:\A|[=:≈]|\b(?:is|was|be|of)\b)\s*([$€£]?\(\s*[$€£]?\s*)\Z")


def sign_before(text: str, start: int) -> int:
    """Where that begins which gives the number at ``start`` its sign, a word or a bracket; ``start`` without any."""
    first = max(0, start - 60)
    head = text[first : start + 1]
    head = head if head[-1:].isspace() else head[:-1]
    for found in (_FALLS[0].search(head), _RISES[0].search(head)):
        if found:
            return first + found.start()
    opened = _OPENED.search(head)
    return first + opened.start(1) if opened else start


def _beside(number: Number, plain: str, patterns: tuple[re.Pattern[str], re.Pattern[str]]) -> bool:
    before = plain[
        max(0, number.start - 60) : number.start + len(plain[number.start :]) - len(plain[number.start :].lstrip())
    ]
    return bool(patterns[0].search(before) or patterns[1].match(plain, number.end))


_TAIL = re.compile(
    r"\s*\$?\s*(\\?%|(?:\\text\s*\{)?\s*(?:per ?cent|pct|bps|basis points?|(?:thousand|million|billion|trillion)s?)\b)",
    re.IGNORECASE,
)


def with_tail(answer: str, final: Final | None) -> Final | None:
    r"""Add to a boxed answer the percent sign or scale word that stands behind the box: ``\boxed{12.5}\%``."""
    if final is None or final.text is None or final.mark != "boxed" or not re.search(r"\d[\s$})]*\Z", final.text):
        return final
    end = max((stop for _, stop, _ in boxed_spans(answer)), default=0)
    tail = _TAIL.match(answer, end)
    if tail is None:
        return final
    word = tail[1].replace("\\text", "").strip("{ \\")
    return Final(f"{final.text}{word}" if word == "%" else f"{final.text} {word}", final.mark)


_SCALE = r"(?:MM|[KMBT]|bn|mn|thousand|million|billion|trillion)\b"
_BRACKETED = re.compile(
    rf"(?:^|(?P<led>(?:[=:≈]|\b(?:is|was|be|of)\b)\s?\$?)|(?=(?:{CURRENCY})\s?\())\s?(?P<sign>{CURRENCY})?\s?"
    rf"\(\s?(?P<inner>(?:{CURRENCY})?\s?\d[\d.,]*\s?%?(?:\s?{_SCALE})?)\s*\)",
    re.IGNORECASE,
)


def accounting(text: str) -> str:
    """Write an amount in brackets as the negative that it says: "$(3.5)", "= ($3.5M)", "(66)%"."""
    return _BRACKETED.sub(lambda m: f"{m['led'] or ''}-{m['sign'] or ''}{m['inner'].strip()}", text)


POINTS = re.compile(r"\s*\(?(?:bps?|basis[\s-]points?)\b\)?", re.IGNORECASE)


def in_points(number: Number, after: str) -> Number:
    """Read basis points behind a number as the percentage that they are."""
    found = POINTS.match(after)
    if found is None or number.percent:
        return number
    return replace(number, value=number.value / 100, percent=True, text=number.text + found[0])
