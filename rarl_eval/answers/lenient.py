r"""A second reader, lenient and independent of the first: the last box, block, letter, formula or number anywhere.

Of the numbers on the last line that has any, one that the question gives is taken only where there is no other. It
knows no announcements, no Markdown and no units, and never decides. Its verdict is kept beside the first, so that a
report can say how often two readings of the same answers disagree. Values are compared by the same rules. Not here:
what makes of the two a figure.
"""

import re
from collections.abc import Callable

from rarl_eval.answers.algebra import verify_math
from rarl_eval.answers.choice import verify_choice
from rarl_eval.answers.clinical import read_ages, read_dates, verify_calculated
from rarl_eval.answers.executed import verify_executed
from rarl_eval.answers.extract import final_answer
from rarl_eval.answers.literal import verify_literal
from rarl_eval.answers.numbers import numbers
from rarl_eval.answers.numeric import verify_number
from rarl_eval.answers.quantity import verify_quantity
from rarl_eval.answers.within import verify_within
from rarl_eval.types import UNANSWERABLE, Item, Verdict

Verify = Callable[[Item, str], Verdict]

TAIL = 6_000
"""Characters of the end of an answer in which the last of anything is looked for."""


def second_reading(
    item: Item, answer: str, verify: Verify, first: Verdict | None = None, rule: Verify | None = None
) -> Verdict | None:
    """Judge the last thing in an answer that could be its answer, by the comparison of the task's own rule.

    ``verify`` is the task's rule, ``rule`` the one of ours that it reads answers as (``Task.reads``), itself by
    default; None where that is none of ours, or the item cannot be answered. With ``first``, the first reader's
    verdict, an answer that both read alike is not compared again.
    """
    own: Verify = getattr(verify, "func", verify)
    read = _READERS.get(own if rule is None else rule)
    if (
        read is None
        or item.gold == UNANSWERABLE
        or (first is not None and first.status in {"unparsable_gold", "unjudged"})
    ):
        return None
    span = read(item, answer[-TAIL:])
    if span is None:
        return Verdict(status="no_answer", reason="second reading: nothing to read")
    if first is not None and first.extracted is not None and _alike(span, answer, first):
        return first
    verdict = verify(item, f"<answer>{span}</answer>")
    return Verdict(status=verdict.status, extracted=verdict.extracted, reason=f"second reading: {verdict.reason}")


def _alike(span: str, answer: str, first: Verdict) -> bool:
    """Whether the first reader took the same text."""
    final = final_answer(answer)
    told = final.text if final is not None and final.text else first.extracted or ""
    return _bare(span) in {_bare(told), _bare(first.extracted or "")}


def _bare(text: str) -> str:
    return re.sub(r"[\s$*`.,]|\\[()\[\]]", "", text)


def _last(pattern: re.Pattern[str], text: str) -> str | None:
    found = None
    for found in pattern.finditer(text):  # noqa: B007  the last one is what is asked for
        pass
    return found[found.lastindex or 0] if found else None


_NUMBER = re.compile(
    r"(?:(?<![\w.])[-−]\s?)?(?:[$€£¥]\s?)?(?<![\w.:])\d(?:[\d,\u202f]*\d)?(?:\.\d+)?(?:\s*/\s*\d+(?:\.\d+)?)?"
    r"(?:\s*(?:\\?%|percent\b|(?:thousand|million|billion|trillion)\b))?"
)
_BOXED = re.compile(r"\\boxed\s*\{((?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*)\}")
_DELIMITERS = (("$$", "$$"), ("$", "$"), (r"\[", r"\]"), (r"\(", r"\)"))
_BLOCK = re.compile(r"```[^\n]*\n(.*?)```", re.DOTALL)
_TICKS = re.compile(r"`([^`\n]+)`")
_LITERAL = re.compile(
    r"(\[[^\[\]\n]*\]|\{[^{}\n]*\}|\([^()\n]*,[^()\n]*\)|'[^'\n]*'|\"[^\"\n]*\"|\bTrue\b|\bFalse\b|\bNone\b|"
    r"-?\d+(?:\.\d+)?)"
)
_WORDS = re.compile(r"\b(yes|no)\b", re.IGNORECASE)


def _number(item: Item, text: str) -> str | None:
    box = _last(_BOXED, text)
    return (_last(_NUMBER, box) if box else None) or _last_found(item.question, text)


def _last_found(question: str, text: str) -> str | None:
    """Return the last number of the last line that has one, rather one that the question does not give."""
    for line in reversed(text.splitlines()):
        told = [found[0] for found in _NUMBER.finditer(line)]
        if told:
            given = {_bare(found[0]) for found in _NUMBER.finditer(question)}
            return next((number for number in reversed(told) if _bare(number) not in given), told[-1])
    return None


def _letter(item: Item, text: str) -> str | None:
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[: len(item.choices)]
    if not letters:
        return None
    box = _last(_BOXED, text)
    alone = re.compile(rf"(?<![\w'’])([{letters}])(?![\w'’])(?! [a-z])|[(\[*]([{letters}])[)\]*]")
    return (_last(alone, box) if box else None) or _last(alone, text) or _option(item, text)


def _option(item: Item, text: str) -> str | None:
    """Return the letter of the option whose words stand last."""
    low = text.lower()
    places = [
        (low.rfind(option.lower()), letter) for option, letter in zip(item.choices, _ALPHABET, strict=False) if option
    ]
    return max(places)[1] if places and max(places)[0] >= 0 else None


_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def _mathematics(item: Item, text: str) -> str | None:
    return _last(_BOXED, text) or _formula(text) or _number(item, text)


def _formula(text: str) -> str | None:
    """Return what stands between the last delimiters of mathematics."""
    found = []
    for opening, closing in _DELIMITERS:
        end = text.rfind(closing)
        start = text.rfind(opening, 0, max(end, 0)) if end > 0 else -1
        if start >= 0 and text[start + len(opening) : end].strip():
            found.append((end, text[start + len(opening) : end]))
    return max(found)[1] if found else None


def _literal(item: Item, text: str) -> str | None:  # noqa: ARG001
    block = _last(_BOXED, text) or _last(_BLOCK, text) or _last(_TICKS, text)
    return block.strip() if block else _last(_LITERAL, text)


def _amount(item: Item, text: str) -> str | None:
    if item.gold.lstrip().startswith("[") or next(iter(numbers(item.gold)), None) is None:
        lines = [line for line in text.splitlines() if line.strip()]
        return lines[-1].rpartition(":")[2].strip() if lines else None
    return _number(item, text)


def _result(item: Item, text: str) -> str | None:
    return _last(_WORDS, text) if item.gold in {"yes", "no"} else _number(item, text)


def _measured(item: Item, text: str) -> str | None:
    for read in (read_dates, read_ages):
        if read(item.gold):
            end = max((stop for _, stop in read(text)), default=0)
            return text[max(0, end - 24) : end] if end else None
    return _number(item, text)


_READERS: dict[Callable[..., Verdict], Callable[[Item, str], str | None]] = {
    verify_number: _number,
    verify_choice: _letter,
    verify_math: _mathematics,
    verify_literal: _literal,
    verify_quantity: _amount,
    verify_within: _number,
    verify_executed: _result,
    verify_calculated: _measured,
}
