"""Judge the answer to a multiple-choice question: an option's letter, its text, or both if they agree.

Two letters, a letter beside another option's text, or all options listed again are ``ambiguous``.
"""

import re
import string

from rarl_eval.answers.extract import final_answer, shown, tidy
from rarl_eval.answers.numeric import repeats_question
from rarl_eval.types import Item, Status, Verdict

_LETTER = r"[A-Z]"
_ALONE = re.compile(rf"^\W*(?:(?:option|choice|answer|letter)\s*)?[(\[]?({_LETTER})[)\]]?\W*$", re.IGNORECASE)
_LEADING = re.compile(
    rf"^[^\w(\[]*(?:(?:option|choice|answer|letter)\s+)?(?:[(\[]({_LETTER})[)\]]|({_LETTER})(?=\s*[).:,;–—-]|\*\*))"
)
_NAMED = re.compile(
    rf"(?:\b(?:option|choice|answer)\s+[(\[*]*({_LETTER})\b(?!'))|[(\[]({_LETTER})[)\]]|\*\*({_LETTER})[).:]?\*\*"
)
_ARTICLE_SAFE = re.compile(r"(?<![\w'’])([B-HJ-Z])(?![\w'’])")
_LATEX_TEXT = re.compile(r"\\(?:text|textbf|mathrm|mathbf|mathsf)\s*\{([^{}]*)\}")


def verify_choice(item: Item, answer: str) -> Verdict:
    """Judge by the option's letter; ``item.gold`` is a letter and ``item.choices`` the options in order."""
    letters = string.ascii_uppercase[: len(item.choices)]
    gold = item.gold.strip().upper()
    if len(gold) != 1 or gold not in letters:
        return Verdict(status="unparsable_gold", reason=f"gold {item.gold!r} is none of the letters {letters}")
    if repeats_question(item, answer):
        return Verdict(status="no_answer", reason="the question is repeated, nothing is answered")
    text, mark = _span(answer)
    if text is None:
        return Verdict(status="no_answer", reason=mark)
    found = chosen(text, item.choices) or (
        chosen(answer, item.choices) if mark == "phrase" and len(text) < 2 else set()
    )
    if not found:
        return Verdict(status="no_answer", extracted=shown(text), reason=f"{mark}: no option of {letters}")
    told = "".join(sorted(found))
    if len(found) > 1:
        return Verdict(status="ambiguous", extracted=shown(text), reason=f"{mark}: options {told}")
    status: Status = "correct" if told == gold else "incorrect"
    return Verdict(status=status, extracted=told, reason=f"{mark}: {told}, gold is {gold}")


def _span(answer: str) -> tuple[str | None, str]:
    final = final_answer(answer)
    if final is not None:
        return final.text, final.mark
    text = answer.strip()
    if not text:
        return None, "empty"
    if len(text) <= 200:
        return text, "whole answer"
    paragraphs = [p for p in re.split(r"\n+", text) if p.strip()]
    first, last = paragraphs[0], paragraphs[-1]
    return (first, "first line") if _LEADING.match(first) or _ALONE.match(first) else (last, "last line")


def chosen(text: str, choices: tuple[str, ...]) -> set[str]:
    """Return the letters of the options that a final span chooses; empty if it chooses none."""
    letters = string.ascii_uppercase[: len(choices)]
    span = tidy(_LATEX_TEXT.sub(r"\1", text)).strip("$ ")
    by_text = _by_text(span, choices)
    alone = _ALONE.match(span)
    if alone and alone[1].upper() in letters:
        return {alone[1].upper()}
    leading = _LEADING.match(span)
    first = {(leading[1] or leading[2])} if leading else set()
    named = {letter for groups in _NAMED.findall(span) for letter in groups if letter}
    found = {letter for letter in first | named if letter in letters}
    if len(found) == 1 and by_text and re.search(r"\bor\b", span):
        return found | by_text
    if found:
        # A letter decides, unless the text beside it is word for word another option's.
        beside = _by_text(span[leading.end() :].strip(" ).:-–—*"), choices, whole=True) if leading else set()
        return found | beside
    if by_text:
        return by_text
    return {letter for letter in _ARTICLE_SAFE.findall(span) if letter in letters} if len(span) < 60 else set()


def _by_text(span: str, choices: tuple[str, ...], *, whole: bool = False) -> set[str]:
    """Options whose text the span is, or holds as whole words; of two where one holds the other, the longer."""
    told = _plain(span)
    plain = [_plain(choice) for choice in choices]
    same = {string.ascii_uppercase[i] for i, option in enumerate(plain) if option and option == told}
    if same or whole:
        return same
    held = [i for i, option in enumerate(plain) if option and re.search(rf"(?<!\w){re.escape(option)}(?!\w)", told)]
    longest = [i for i in held if not any(plain[i] != plain[j] and plain[i] in plain[j] for j in held)]
    return {string.ascii_uppercase[i] for i in longest}


def _plain(text: str) -> str:
    return " ".join(re.sub(r"[^\w\s.%/+<>=-]", " ", text.lower()).split()).strip(" .")
