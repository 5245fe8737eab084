r"""Judge an answer that is mathematics: numbers, expressions, tuples, sets, intervals, equations, matrices, words.

Plain numbers and word answers are compared here, exactly. Everything else goes to Math-Verify in a worker process
with a hard time limit, one value at a time, after shape, labels, units and percent were compared, since Math-Verify
alone takes ``(0,1)`` for ``\{0,1\}``, ``10%`` for 0.1, any unit, and either side of ``A = B``.
"""

import re
from functools import lru_cache

from rarl_eval.answers import compare, latex, rounding, shapes
from rarl_eval.answers.compare import Unclear, Undecided
from rarl_eval.answers.extract import Final, closing_line, cut_off, final_answer, shown
from rarl_eval.answers.markdown import read
from rarl_eval.answers.numbers import normalised, numbers, parse_number
from rarl_eval.answers.numeric import focused, repeats_question, without_aside
from rarl_eval.answers.sentences import one_stressed
from rarl_eval.answers.units import factor, measure_named, same_measure_in
from rarl_eval.types import Item, Verdict

MAX_CHARACTERS = 2000
"""A longer final span is no answer; reading it could take for ever."""
MAX_GOLD = 300
"""A longer gold is a worked solution; its answer is what it ends in."""


def verify_math(item: Item, answer: str) -> Verdict:
    """Judge a mathematical answer against ``item.gold`` (LaTeX, with or without delimiters).

    ``item.meta["decimals"]`` says to how many decimals the question asks to round, where it does.
    """
    if repeats_question(item, answer):
        return Verdict(status="no_answer", reason="the question is repeated, nothing is answered")
    final = final_answer(answer) or (None if cut_off(answer) else _closing(item, answer))
    if final is None or not (final.text or "").strip():
        return Verdict(status="no_answer", reason=final.mark if final else "no answer is announced")
    text = final.text or ""
    plain = (
        None if re.search(r"[$\\^]", text) else focused(text, item.question)
    )  # the numbers of a formula are one answer
    text = text if final.mark == "last expression" else _in_prose(plain or text)
    if len(text) > MAX_CHARACTERS:
        return Verdict(status="no_answer", extracted=shown(text), reason=f"{final.mark}: too long for an answer")
    return _judge(item, gold_expression(item.gold), text, final.mark)


_BOX = r"\\+boxed\s*\{([^{}]*)\}"
_BOXES = re.compile(rf"{_BOX}(?:[\s,;&+$]*(?:(?:and|or)\b[\s,;&+$]*)?{_BOX})+[\s.$]*\Z")
"""Boxes at the end of a gold with nothing but "and", "or" or marks between them: they are several values."""


@lru_cache(maxsize=4096)
def gold_expression(gold: str) -> str:
    """Take a gold's box, or what a whole worked solution ends in; of a gold in a few words nothing is guessed."""
    if gold.count("{") > gold.count("}"):
        gold = re.sub(r"^\s*\\+boxed\s*\{", "", gold)  # a gold that was cut off
    boxes = _BOXES.search(gold) if len(gold) <= MAX_GOLD else None
    if boxes:
        return ", ".join(latex.expression(box) for box in re.findall(_BOX, boxes[0]))
    final = final_answer(gold) if "boxed" in gold else None
    if final is None and len(gold) > MAX_GOLD and latex.prose(gold):
        final = _last_expression(gold)
    return latex.expression(_in_prose(final.text) if final and final.text else gold)


def _closing(item: Item, answer: str) -> Final | None:
    """Where nothing is announced: the one number of the closing sentence that is not the question's, else its end."""
    line = closing_line(answer)
    stressed = one_stressed(line.text, list(line.strong)) if line else None
    if stressed and re.search(r"[A-Za-z].*[=+*/^-]|[=+*/^].*[A-Za-z]", stressed) and not latex.prose(stressed):
        return Final(stressed, "last expression")
    told = focused(line.text, item.question) if line and not re.search(r"[$\\\\^]", line.text) else None
    if told:
        return Final(_last_piece(told), "last expression")
    bars = "|" in answer and "\n" not in answer.strip()  # bars of a line alone are no table
    return _last_expression(answer if bars else read(answer).text) or _stressed_word(answer)


def _stressed_word(answer: str) -> Final | None:
    """Where there is neither mathematics nor a number, take what the last line stresses: "It is a **Monday**"."""
    lines = read(answer).lines
    found = {lines[-1].text[start:end] for start, end in lines[-1].strong} if lines else set()
    word = found.pop() if len(found) == 1 else ""
    return Final(word, "stressed words") if word and len(word.split()) < 4 and not _OFFERS.search(word) else None


def _last_expression(answer: str) -> Final | None:
    """Where nothing is announced: all of a short answer, else the last mathematics or number of its last lines."""
    text = answer.strip()
    if shapes.said(text) != text or (len(text) < 40 and latex.expression(text).strip() == r"\emptyset"):
        return Final(text, "whole answer")
    labelled = _LABEL_WORD.match(text)
    if labelled and "\n" not in text and (piece := _last_piece(text[labelled.end() :])):
        return Final(piece, "last expression")
    last = re.split(r"\n|(?<=[.!?])\s(?=[A-Z])", text)[-1].strip()
    if shapes.said(last) in {r"\emptyset", r"\mathbb{R}", r"\text{infinitely many}"}:
        return Final(last, "last line")
    return _last_of_lines(text) if re.search(r"\w", text) else None


def _last_of_lines(text: str) -> Final | None:
    if not latex.prose(text) and "\n" not in text:
        math = latex.last_math(text)
        return Final(text if math is None or _surrounded(text, math) else math, "whole answer")
    for line in reversed([line for line in text.splitlines() if line.strip()]):
        if _OFFERS.search(line) and re.search(r"\d|\$", line):
            return Final(line.strip(), "last line")
        found = _last_piece(line)
        if found is not None:
            return Final(found, "last expression")
    found = latex.last_math(text)
    return Final(found, "last expression") if found else None


_LABEL_WORD = re.compile(r"[^\W\d_]{3,}\s*:\s*(?=[\d$€-][^\\{}]*\Z)")
"""A word and a colon before an amount: "Total: 2,74 $"."""


def _surrounded(text: str, math: str) -> bool:
    """Whether what stands around a piece of mathematics belongs to the answer, as in "21 or $16$" or "$28$ percent"."""
    outside = text.replace(math, "", 1)
    after = re.search(r"[A-Za-z]{2,}", text.rpartition(math)[2])
    return bool(after or re.search(r"\d|\bor\b|%", outside)) or len(latex.maths(text)) > 1


_BASE_AT_END = re.compile(r"(?<![\w.])[0-9A-F]{1,40}\s\(?(?:in\s)?base[\s-]\w{1,8}\)?(?=\W{0,5}\Z)")


def _in_prose(text: str) -> str:
    """Of a sentence such as "The largest $n$ is 34", take the last mathematics or number."""
    based = _BASE_AT_END.search(text)
    if based:
        return based[0]
    if latex.words(latex.expression(text)) and "$" not in text:
        return text
    if not latex.prose(text) or _OFFERS.search(text):
        return text
    return _last_piece(text) or text


_COMMAS = re.compile(r"(?<![\d.,])-?\d+(?:,\d+)+(?![\d.])")
"""Digits with commas and no space that are no thousands: a decimal comma, or a list."""


_LISTED = re.compile(r"\$[^$]{1,60}\$(?:(?:,|,? and) \$[^$]{1,60}\$){1,9}(?=[\s.!]{0,3}\Z)")
"""Several values at the end of a sentence: "The roots are $5$ and $-5$."."""


def _last_piece(line: str) -> str | None:
    """Return the last mathematics or number of a line of prose, whichever stands later."""
    listed = _LISTED.search(line)
    if listed:
        return ", ".join(latex.maths(listed[0]))
    line = without_aside(line)
    math = latex.last_math(line)
    after = line[line.rfind(math) + len(math) :] if math else line
    plain = normalised(after)
    found, commas = list(numbers(plain)), list(_COMMAS.finditer(plain))
    if commas and found and commas[-1].end() == found[-1].end and commas[-1].start() < found[-1].start:
        return commas[-1][0]
    if found:
        return found[-1].text + (" %" if found[-1].percent and "%" not in found[-1].text else "")
    return math


def _judge(item: Item, gold: str, text: str, mark: str) -> Verdict:
    answer = latex.expression(text)
    asked = rounding.decimals.set(item.meta.get("decimals"))
    try:
        reason = _difference(item, gold, answer)
    except Unclear as unclear:
        return Verdict(status="ambiguous", extracted=shown(text), reason=f"{mark}: {unclear}")
    except Undecided as undecided:
        return _undecided(str(undecided), gold, text, mark)
    finally:
        rounding.decimals.reset(asked)
    if reason:
        return Verdict(status="incorrect", extracted=shown(text), reason=f"{mark}: {reason}")
    return Verdict(status="correct", extracted=shown(text), reason=f"{mark}: equals {shown(gold)}")


def _undecided(why: str, gold: str, text: str, mark: str) -> Verdict:
    """Say why there is no verdict; only an answer that costs too much counts against itself, a crash of ours never."""
    if why == "unparsable_gold":
        return Verdict(status="unparsable_gold", extracted=shown(text), reason=f"gold {shown(gold)!r} is not read")
    if why == "timeout":
        return Verdict(status="timeout", extracted=shown(text), reason=f"{mark}: over the limit of time or memory")
    return Verdict(status="unjudged", extracted=shown(text), reason=f"{mark}: the algebra gave no answer, {why}")


_TEXT_OFFER = re.compile(r"\\(?:text|mbox|mathrm|textrm)\s*\{[^{}]*\bor\b\s*[a-zA-Z]")
_OFFERS = re.compile(r"\b(?:or|either|maybe|perhaps|possibly|alternatively)\b")


_NUMERAL = re.compile(r"-?\d{1,15}(?:\.\d{1,15})?", re.ASCII)
"""Two of these have no shape, word or unit to look for."""


def _difference(item: Item, gold: str, answer: str) -> str | None:
    """Say why the answer is not the gold; None if it is. Raises Unclear or Undecided."""
    if _NUMERAL.fullmatch(gold) and _NUMERAL.fullmatch(answer):
        return None if gold == answer else compare.difference(gold, answer)
    gold, answer = shapes.counted(*(shapes.opened(shapes.system(shapes.said(text))) for text in (gold, answer)))
    answer = _without_percentage(answer)
    if gold == r"\emptyset" and latex.words(answer) == "none":
        return None
    wanted = latex.words(gold)
    if wanted is not None:
        return None if wanted == _worded(answer, wanted) and "%" not in answer else "is not the word"
    told = _by_shape(item, gold, answer)
    if told is not None:
        return None if told else f"is not {shown(gold)}"
    return _by_value(item, gold, answer)


def _without_percentage(answer: str) -> str:
    """Take off a last side that says the side before it as a percentage: ``3/5 = 0.6 = 60%``."""
    head, _, last = answer.rpartition("=")
    share = parse_number(head.rpartition("=")[2]) if head and "%" in last else None
    percent = parse_number(last) if share else None
    return head.strip() if share and percent and percent.percent and percent.value == 100 * share.value else answer


def _by_shape(item: Item, gold: str, answer: str) -> bool | None:
    if compare.same_region(gold, answer):
        return True
    told = shapes.decided(gold, answer, item.question, lambda a, b: compare.difference(a, b) is None)
    return True if told is None and _share(gold, answer) else told


def _by_value(item: Item, gold: str, answer: str) -> str | None:
    if _TEXT_OFFER.search(answer) and not _TEXT_OFFER.search(gold):
        raise Unclear("alternatives are offered")
    if _alternatives(item, gold, answer):
        return None
    gold, answer, foreign = _without_units(item, gold, answer)
    if foreign:
        return foreign
    if gold == answer and compare.settled(gold):
        return None
    return compare.difference(gold, answer)


def _share(gold: str, answer: str) -> bool:
    """Whether one is a percentage and the other the share that it is: 50 % and 1/2."""
    (one, percent), (other, other_percent) = latex.take_percent(gold), latex.take_percent(answer)
    if percent == other_percent:
        return False
    whole, share = (parse_number(text) for text in ((one, other) if percent else (other, one)))
    return whole is not None and share is not None and whole.value == 100 * share.value


def _worded(answer: str, wanted: str) -> str | None:
    told = latex.words(answer)
    if told is None:
        bare = " ".join(re.findall(r"[a-z]+", latex.without_text(answer).lower()))
        return wanted if bare == wanted and not re.search(r"\d", answer) else None
    return told


def _alternatives(item: Item, gold: str, answer: str) -> bool:
    """Whether the answer offers alternatives, all of which equal the gold. Raises Unclear if they do not."""
    if not _OFFERS.search(latex.without_text(answer)) or len(compare.members(gold)) != 1:
        return False
    offered = latex.values(answer)
    if len(offered) > 1 and all(_difference(item, gold, part) is None for part in offered):
        return True
    raise Unclear("alternatives are offered")


def _without_units(item: Item, gold: str, answer: str) -> tuple[str, str, str | None]:
    """Take percent, degree and unit off both; say if what the answer had there is not the gold's or the question's."""
    gold, gold_percent = latex.take_percent(gold)
    answer, percent = latex.take_percent(answer)
    asked = item.question.strip()
    if percent and not gold_percent and asked and not re.search(r"percent|%", asked, re.IGNORECASE):
        return gold, answer, "a percentage was not asked for"
    gold, gold_unit = latex.take_unit(gold)
    answer, unit = latex.take_unit(answer)
    measure = measure_named(unit)
    gold_measure = measure_named(gold_unit) or ("dollar" if re.match(r"\\?\$", gold) else None)
    if measure and gold_measure and measure != gold_measure and not _same_kind(measure, gold_measure):
        return gold, answer, f"the unit {measure} is not {gold_measure}"
    if measure and not gold_measure and asked and not same_measure_in(asked, measure):
        return gold, answer, f"the unit {measure} is not of the question"
    turned = r"\pi" in gold or r"\pi" in answer  # one side is in radians
    return _bare(gold, radians=turned), _bare(answer, radians=turned), None


def _same_kind(told: str, wanted: str) -> bool:
    """Whether two units are the same, or an answer left out the power: cm for cm²."""
    return factor(told, wanted) == 1 or told == re.sub(r"\*\*\d", "", wanted)


def _bare(text: str, *, radians: bool) -> str:
    return re.sub(r"^\\?[$€£]\s*", "", latex.take_degree(text, radians=radians)).strip()
