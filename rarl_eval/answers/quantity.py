"""Judge answers of finance: a number with its scale, a list of them, or a span of text.

The rule is TAT-QA's (Zhu et al. 2021, section 5 and its published evaluation): a number counts with its scale, so that
"38.5 million" is 38,500,000 and neither 38.5 nor 38.5 thousand; values agree if they agree to two decimals of the
gold's scale; a percentage may be written as 17.7% or as the fraction 0.177; several spans may come in any order; text
agrees when lower-cased without punctuation and articles. A scale that the question fixes ("in millions") need not be
said again; "150 bps" is 1.5 %, "a decrease of 5 %" is -5 % where a change is asked for, and a date is the same in any
form.
"""

import json
import re
from dataclasses import replace
from fractions import Fraction

from rarl_eval.answers.dates import only_date, told_date
from rarl_eval.answers.extract import Final, closing_line, final_answer, shown
from rarl_eval.answers.joined import said_once
from rarl_eval.answers.markdown import read
from rarl_eval.answers.numbers import SCALES, Number, arithmetic, normalised, numbers
from rarl_eval.answers.numeric import HEDGE, focused, read_number, repeats_question
from rarl_eval.answers.stated import POINTS, accounting, in_points, scale_of, signed, with_tail
from rarl_eval.answers.units import in_asked_unit, measure_after
from rarl_eval.types import Item, Status, Verdict

DECIMALS = 2
"""Decimals, in the gold's own scale, to which two values must agree."""

_WORDS = {
    "k": "thousand",
    **dict.fromkeys(("m", "mn", "mm", "mio"), "million"),
    **dict.fromkeys(("b", "bn", "bio"), "billion"),
    **dict.fromkeys(("t", "tn", "trn"), "trillion"),
}


def with_scale(value: str | float, scale: str) -> str:
    """Write a gold value with its scale: "17.7%" for 17.7 and ``percent``, "1,496.5 million"."""
    text = str(value).strip()
    if not scale or "%" in text or quantity(text) is None:
        return text
    return f"{text}%" if scale == "percent" else f"{text} {scale}"


def verify_quantity(item: Item, answer: str) -> Verdict:
    """Judge against ``item.gold``: one value with its scale, or a JSON list of several."""
    gold = _spans_of_gold(item.gold)
    if not gold:
        return Verdict(status="unparsable_gold", reason=f"gold {shown(item.gold)!r} holds no value")
    if repeats_question(item, answer):
        return Verdict(status="no_answer", reason="the question is repeated, nothing is answered")
    final = with_tail(answer, final_answer(answer)) or last_line(answer)
    if final is None or not (final.text or "").strip():
        return Verdict(status="no_answer", reason=final.mark if final else "nothing is answered")
    text = said_once(final.text or "")
    text = (focused(text, item.question) if len(gold) == 1 and quantity(gold[0]) else None) or text
    spans = _spans(text, len(gold))
    if len(gold) == 1 and quantity(gold[0]) and offers_two(text):
        return Verdict(status="ambiguous", extracted=shown(text), reason=f"{final.mark}: alternatives are offered")
    missing = _first_unmet(gold, spans, item.question, item.context)
    status: Status = "correct" if missing is None else "incorrect"
    reason = "equals the gold" if missing is None else missing
    return Verdict(status=status, extracted=shown(text), reason=f"{final.mark}: {reason}")


def _spans_of_gold(gold: str) -> list[str]:
    if gold.lstrip().startswith("["):
        try:
            return [str(span) for span in json.loads(gold) if str(span).strip()]
        except ValueError:
            return [gold]
    return [gold] if gold.strip() else []


def last_line(answer: str) -> Final | None:
    """Take what stands for the answer where nothing announces it: the whole of a short text, else its last line."""
    text = answer.strip() if answer.lstrip().startswith("[") else read(answer).text
    if not re.search(r"\w", text):
        return None
    if text.startswith("[") or (len(text) <= 300 and "\n" not in text):
        return Final(text, "whole answer")
    line = closing_line(answer)
    return Final(line.text if line else text.splitlines()[-1].strip(), "last line")


def _spans(text: str, wanted: int) -> list[str]:
    """Split an answer into spans: a JSON list, semicolons or lines, else commas and "and" if as many as wanted."""
    try:
        listed = json.loads(text) if text.lstrip().startswith("[") else None
    except (ValueError, RecursionError):
        return [text]  # more, or less, than a list
    if listed is None and '["' in text:
        return [text]
    if isinstance(listed, list):
        return [str(span).strip() for span in listed if str(span).strip()]
    if wanted == 1:
        return [text.strip()]
    parts: list[str] = [text]
    for separator in (r"\s*[;\n]\s*", r",\s+(?:and\s+)?|\s+and\s+", r"\s*,\s*"):
        parts = [part.strip(" .-*•") for part in re.split(separator, text) if part.strip(" .-*•")]
        if len(parts) == wanted:
            break
    return parts


def offers_two(text: str) -> bool:
    """Whether a final span hedges between amounts."""
    return HEDGE.search(text) is not None and (
        len({number.value for number in numbers(normalised(text))}) > 1 or re.search(r"\bor\b", text) is not None
    )


def _first_unmet(gold: list[str], spans: list[str], question: str, context: str) -> str | None:
    """Pair gold spans with answer spans in any order; say which has none."""
    if len(gold) != len(spans):
        return f"{len(spans)} values, gold has {len(gold)}"
    left = list(spans)
    for wanted in gold:
        met = next((span for span in left if same_quantity(wanted, span, question, context)), None)
        if met is None:
            return f"no value equals {shown(wanted)}"
        left.remove(met)
    return None


def same_quantity(gold: str, answer: str, question: str = "", context: str = "") -> bool:
    """Whether two spans say the same number at the gold's precision, the same date, or the same words.

    A unit of measure is no part of an amount unless the question or its passage speaks of it, or of one like it.
    """
    day = only_date(gold)
    if day is not None:
        return told_date(answer) == day
    wanted = quantity(gold)
    if wanted is None:
        return _plain(gold) == _plain(answer)
    told = amount(answer, question, context)
    if told is None:
        return False
    unit = Fraction(1, 100) if wanted.percent else Fraction(SCALES.get(wanted.scale or "", 1))
    values = [fraction(told)]
    scale = scale_of(question)
    if scale and told.scale is None and not told.percent and wanted.scale and SCALES[wanted.scale] == scale:
        values.append(told.value * scale)
    if scale and told.scale and wanted.scale is None:
        values.append(told.value / scale)
    if told.percent and not wanted.percent and POINTS.match(told.text.lstrip("-0123456789., ")):
        values.append(told.value * 100)  # the question counts in basis points, as its gold does
    return any(rounded(fraction(wanted) / unit, DECIMALS) == rounded(value / unit, DECIMALS) for value in values)


def amount(text: str, question: str = "", context: str = "") -> Number | None:
    """Read the one amount that a span states; None where its unit is foreign or a sum in it does not come out."""
    plain = accounting(normalised(text))
    told = quantity(text) or _stated(text)
    if told is None or re.search(r"[A-Za-z]\s*%", plain) or _contradicts(text, told):
        return None
    units = {measure_after(plain, number.end) for number in numbers(plain)} - {None}
    for unit in units:
        value = in_asked_unit(told.value, unit or "", question, context)
        if isinstance(value, str):
            return None
        told = replace(told, value=value)
    return signed(told, plain, question)


def _contradicts(text: str, told: Number) -> bool:
    """Whether a side of an equation works out to another number than the one told, with its scale or without."""
    plain = normalised(text)
    sides = [side for form in (plain, accounting(plain)) for side in re.split(r"=|≈|\\approx", form)[:-1]]
    worked_out = {
        arithmetic(re.sub(r"(?<![A-Za-z])(?!(?:thousand|million|billion)s?\b)[A-Za-z]+", "", s)) for s in sides
    }
    bare = told.value / SCALES.get(told.scale or "", 1)
    near = [(told.value, Fraction(1, 50)), (bare, Fraction(1, 50))]
    near += [(fraction(told), Fraction(1, 5000))] if told.percent else []
    return any(v is not None and all(abs(v - t) > most for t, most in near) for v in worked_out)


def quantity(text: str) -> Number | None:
    """Read a span that is one amount and nothing else: "$ (3.5)", "1,496.5 million", "(66)%", "12.5 bn"."""
    plain = accounting(normalised(text).strip().rstrip("."))
    found = list(numbers(plain))
    if len(found) != 1:
        return None
    number = found[0]
    before, after = plain[: number.start].strip(" $€£¥₹~"), plain[number.end :].strip(" .)")
    if POINTS.fullmatch(plain[number.end :].rstrip(" .")):
        return _scaled(number, plain[number.end :])
    if before or (after and after.lower() not in _WORDS and not re.fullmatch(_UNITS, after, re.IGNORECASE)):
        return None
    return _scaled(number, after)


_UNITS = (
    r"(?:\(?in\s+)?(?:us\s+)?(?:dollars?|usd|euros?|eur|years?|shares?|basis points|times|x)?\s*"
    r"(?:\(?in\s+)?(?:thousands?|millions?|billions?|trillions?)?"
)
_AFTER = re.compile(
    r"\(?(?:in\s+)?(?:us\s+)?(?:dollars?\s+|usd\s+)?\(?(?:in\s+)?(thousand|million|billion|trillion)s?\b", re.IGNORECASE
)


def _stated(text: str) -> Number | None:
    """Read the one amount that a sentence states."""
    found = read_number(accounting(normalised(text)))
    if found is None or isinstance(found, str):
        return None
    number, plain = found
    return _scaled(number, plain[number.end :].strip()[:24])


def _scaled(number: Number, after: str) -> Number:
    """Apply a scale that follows the number in another form than the plain word: "bn", "(in millions)"."""
    if number.scale or number.percent:
        return number
    if POINTS.match(after):
        return in_points(number, after)
    found = _AFTER.match(after)
    first = re.match(r"[a-z]+\b", after.lower())
    scale = found[1].lower() if found else _WORDS.get(first[0] if first else "")
    if scale is None:
        return number
    return replace(number, value=number.value * SCALES[scale], scale=scale)


def fraction(number: Number) -> Fraction:
    """Return what a number says: 0.177 for 17.7 %."""
    return number.value / 100 if number.percent else number.value


def rounded(value: Fraction, decimals: int) -> Fraction:
    """Round half away from zero."""
    shift = 10**decimals
    whole = int(abs(value) * shift + Fraction(1, 2))
    return Fraction(whole if value >= 0 else -whole, shift)


def _plain(text: str) -> str:
    words = re.sub(r"[^\w\s.%]|(?<!\d)\.|\.(?!\d)", " ", text.lower().replace("-", " ")).split()
    return " ".join(word for word in words if word not in {"a", "an", "the"})
