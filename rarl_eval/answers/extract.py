r"""Where the final answer stands in what a model wrote.

**The rule.** Markdown and HTML are structure (rarl_eval.answers.markdown). An announcement is an ``answer`` field of
JSON, ``<answer>`` tags, ``\boxed{}``, ``#### x``, or words such as "the answer is x" and "Answer: x". Of several, the
last one that commits itself counts, whatever marked it: a value follows it at once. A heading is no answer, unless it
is GSM8K's mark with nothing but the answer behind it. An announcement that leads up to a value in a sentence counts
where none commits itself and nothing but notes and pleasantries follow. What was begun and cut off, a chain of thought,
a box, a field, a formula, holds no answer and is never replaced by an earlier candidate. Not here: what the answer
means (numbers, letters, algebra) and whether it is right.
"""

import re
from collections.abc import Iterator

from rarl_eval.answers.fields import Announcement, Final, boxed_spans, closing_brace, last_box, last_field
from rarl_eval.answers.hashes import is_value
from rarl_eval.answers.markdown import Line, Page, read
from rarl_eval.answers.phrases import announcements, announces
from rarl_eval.answers.sentences import closes, tidy

__all__ = ["Final", "boxed_spans", "closing_brace", "closing_line", "cut_off", "final_answer", "shown", "tidy"]

MAX_SHOWN = 200
"""An extracted answer is shown up to this many characters."""


def final_answer(text: str, options: tuple[str, ...] = ()) -> Final | None:
    """Find the announced final answer of a reply whose reasoning was split off; None where nothing announces one.

    ``options`` are texts that answer the question, as a multiple-choice item has them. What follows a turn of the user
    that the model wrote itself, after its answer, answers another question.
    """
    turn = _TURN.search(text)
    if turn is not None:
        own, commits = _announced(text[: turn.start()], options)
        if own is not None and commits and re.search(r"[^\W_]", own.text or ""):
            return own
    return _announced(text, options)[0]


# No numbers after the words: "Question 2:" is a step of a model that asks itself. Only the first turn is looked at:
# where it comes before any answer, the model restates the question.
_TURN = re.compile(
    r"^[ \t]*(?:#{1,6}[ \t]*|\*\*)?(?:(?:new|next|another)[ \t]+)?(?:question|instructions?|problem|user|human|q)"
    r"[ \t]*(?:\*\*)?[ \t]*[:：]|"
    r"^[ \t]*#{1,6}[ \t]*(?:(?:new|next|another)[ \t]+)?(?:question|instructions?|problem|user|human)[ \t]*$|"
    r"<\|(?:im_start|start_header_id)\|>\s*user\b|<\|user\|>|<start_of_turn>user\b|\[INST\]",
    re.IGNORECASE | re.MULTILINE,
)


def _announced(text: str, options: tuple[str, ...]) -> tuple[Final | None, bool]:
    """Return the announced answer, and whether it commits itself."""
    field = last_field(text)
    rest = text if field is None else text[field[1] :]
    last = _last(rest, options)
    if last is not None and last.commits:
        return _inner(last.final), True
    if field is not None:
        return _inner(field[0]), True
    return (_inner(last.final) if last else None), False


def _last(text: str, options: tuple[str, ...]) -> Announcement | None:
    """Return the last announcement that commits itself, else the last; where there are options, one that names any.

    What stands before the last box, or before the end where that announces something, is only read if it must be.
    """
    box = last_box(text)
    if box and not options and not announces(text[box[2] :]):
        return Announcement(box[1], box[0], commits=True)
    begins = [text.rfind("\n", 0, box[1]) + 1, *([0] if options else [])] if box else [_tail(text), 0]
    last: Announcement | None = None
    if not box and not announces(text):
        return None
    for begin in dict.fromkeys(begins):
        for one in _on_page(read(text[begin:]), options):
            if one.commits and (not options or _names(one.final.text, options)):
                return one
            if last is None or (one.commits and not last.commits):
                last = one
        if last is not None and last.commits and not options:
            break
    return last


def _on_page(page: Page, options: tuple[str, ...]) -> Iterator[Announcement]:
    """Yield what a page announces, the last first."""
    box = last_box(page.text)
    for one in announcements(page, options):
        if box and box[1] > one.start:
            yield Announcement(box[1], box[0], commits=True)
            box = None
        yield one
    if box:
        yield Announcement(box[1], box[0], commits=True)


TAIL = 600
"""Characters of the end that are read first: most answers stand there."""


def _tail(text: str) -> int:
    """Where the last lines of a text begin, outside of every fence and formula; 0 where that is not sure."""
    begin = text.find("\n", max(0, len(text) - TAIL)) + 1
    if len(text) <= TAIL or not begin:
        return 0
    before = text[:begin]
    closed = before.count("\\[") == before.count("\\]") and before.count("\\begin") == before.count("\\end")
    return begin if closed and all(before.count(mark) % 2 == 0 for mark in ("```", "~~~", "$$")) else 0


def _names(text: str | None, options: tuple[str, ...]) -> bool:
    """Whether a text has an option's letter or words in it, or was cut off."""
    if text is None:
        return True
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[: len(options)]
    plain = text.lower()
    return (
        re.search(rf"(?<![A-Za-z\\])(?:[{letters}]|[{letters.lower()}](?=\W*\Z))(?![A-Za-z])", text) is not None
        or any(option.lower().strip() in plain for option in options if option.strip())
        or re.search(r"\b(?:none|neither|all|both|cannot|unknown|any)\b", plain) is not None
    )


def _inner(found: Final) -> Final:
    r"""Read ``\boxed{}`` inside another mark, such as a JSON field or "the answer is"."""
    if found.mark != "boxed" and found.text is not None:
        box = last_box(found.text)
        if box is not None:
            return Final(box[0].text, f"{found.mark}, boxed")
    return found


_ENDS_OPEN = re.compile(r"[-+*/=×÷($€£,^_{&\\]\s*\Z")
MOST_PASSED = 3
"""Full sentences without a digit that may follow the line that answers."""


def closing_line(text: str) -> Line | None:
    """Return the line that states the answer where nothing announces it: the last one with a digit.

    Notes and pleasantries may stand behind it, and a few full sentences. None where the text ends inside of a formula
    or of a sentence.
    """
    page = read(text[_tail(text) :])
    if cut_off(text):
        return None
    passed = 0
    for line in reversed(page.lines):
        if closes(line):
            continue
        if line.kind == "heading" and not is_value(line.text):
            continue
        if re.search(r"\d", line.text):
            return line
        passed += 1
        if passed > MOST_PASSED or not re.search(r"[.!?)。！？]\W*\Z", line.text):
            return None
    return next((line for line in reversed(page.lines) if line.kind != "heading" and re.search(r"\d", line.text)), None)


def cut_off(text: str) -> bool:
    """Whether a reply ends in the middle of a formula; a closing ``**`` or ``$$`` is no cut."""
    page = read(text[_tail(text) :])
    return page.unfinished or bool(page.lines and _breaks_off(page.lines[-1].text))


def _breaks_off(line: str) -> bool:
    if line.rfind("\\(") > line.rfind("\\)"):
        return True
    if line.endswith("$") and len(re.findall(r"(?<!\\)\$", line)) % 2 == 0 and not _between_amounts(line):
        return False
    return _ENDS_OPEN.search(line) is not None and not _AMOUNT_ENDS.search(line)


def _between_amounts(line: str) -> bool:
    """Whether the last dollar sign begins an amount that was cut off: "it costs $5 and saves $" holds no formula."""
    inside = re.split(r"(?<!\\)\$", line)[-2]
    return inside.endswith((" ", "\t")) and re.search(r"(?<![\\a-zA-Z{])[a-zA-Z]{2,}(?![a-zA-Z}])", inside) is not None


_AMOUNT_ENDS = re.compile(r"\d\s?[$€£¥]\Z|\d\\\Z")
"""A currency's sign, or a stray backslash, behind a number is no formula broken off."""


def shown(text: str | None) -> str | None:
    """Bound an extracted answer's length."""
    return text if text is None or len(text) <= MAX_SHOWN else text[: MAX_SHOWN - 1] + "…"
