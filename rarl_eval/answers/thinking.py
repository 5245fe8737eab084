"""Where a model's marked reasoning ends and its answer begins, in a whole text or while it is being written."""

import re

_PAIRS = (
    (r"<think(?:ing)?>", r"</think(?:ing)?>"),
    (r"<seed:think>", r"</seed:think>"),
    (r"<thoughts?>", r"</thoughts?>"),
    (r"<reasoning>", r"</reasoning>"),
    (r"<scratchpad>", r"</scratchpad>"),
    (r"<\|begin_of_thought\|>", r"<\|end_of_thought\|>"),
    (r"\[THINK\]", r"\[/THINK\]"),
    (r"◁think▷", r"◁/think▷"),
    (r"<unused94>", r"<unused95>"),
    (r"<\|channel\|>analysis<\|message\|>", r"<\|channel\|>final<\|message\|>"),
)
_OPEN = re.compile("|".join(opened for opened, _ in _PAIRS), re.IGNORECASE)
_CLOSE = re.compile("|".join(closed for _, closed in _PAIRS), re.IGNORECASE)
_MARK = re.compile(f"(?P<open>{_OPEN.pattern})|(?P<close>{_CLOSE.pattern})", re.IGNORECASE)
_ENDS_OPEN = re.compile(rf"(?:{_OPEN.pattern})\s*\Z", re.IGNORECASE)
_FIRST = ("<", "[", "◁")
"""Every mark begins with one of these."""
_WRAPPER = re.compile(r"<\|(?:begin|end)_of_solution\|>|<\|(?:return|end)\|>\s*\Z")


def split_reasoning(text: str) -> tuple[str | None, str]:
    """Split a reply into (reasoning, answer).

    The reasoning is None where no marker stands. A chat template may have written the opening marker, so a closing
    one alone ends a reasoning. A reasoning that was opened and not closed gives the answer "".
    """
    opened = _last(_OPEN, text)
    closed = _last(_CLOSE, text)
    if opened is None and closed is None:
        return None, text
    if closed is None or (opened is not None and opened.start() >= closed.end()):
        return _unmarked(text), ""
    return _unmarked(text[: closed.start()]), _WRAPPER.sub("", text[closed.end() :]).strip()


def last_match(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    """Return the last match of a pattern."""
    found = None
    for found in pattern.finditer(text):  # noqa: B007  the last one is what is asked for
        pass
    return found


def _last(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    """Return the last mark of a kind, looked for from the end where a mark may begin: texts are long, and marks few."""
    ends = {first: text.rfind(first) for first in _FIRST}
    while (at := max(ends.values())) >= 0:
        if found := pattern.match(text, at):
            return found
        ends[text[at]] = text.rfind(text[at], 0, at)
    return None


def _unmarked(text: str) -> str:
    return _without(_CLOSE, _without(_OPEN, text)).strip()


def _without(pattern: re.Pattern[str], text: str) -> str:
    """Leave out the marks of a kind."""
    pieces, done = [], 0
    begins = {first: text.find(first) for first in _FIRST if first in text}
    while begins:
        at = min(begins.values())
        found = pattern.match(text, at) if at >= done else None
        if found:
            pieces.append(text[done:at])
            done = found.end()
        begins[text[at]] = text.find(text[at], at + 1)
        begins = {first: place for first, place in begins.items() if place >= 0}
    return "".join([*pieces, text[done:]])


MARKER_TOKENS = (
    *("<think>", "</think>", "<thinking>", "</thinking>", "<seed:think>", "</seed:think>", "[THINK]", "[/THINK]"),
    *("<|begin_of_thought|>", "<|end_of_thought|>", "<|begin_of_solution|>", "<|end_of_solution|>"),
    *("◁think▷", "◁/think▷", "<unused94>", "<unused95>", "<|channel|>", "<|message|>", "<|start|>", "<|end|>"),
)
"""Marks that a model may hold as one special token, which engines leave out of a text unless told to keep it."""

LONGEST_MARK = 40
"""Characters; the tail in which a mark may still be growing."""


def opens_reasoning(prompt: str | None) -> bool:
    """Whether a prompt ends with an opening marker, so that the reply begins inside the reasoning."""
    return prompt is not None and left_open(prompt) != ""


def reasoning_end(text: str) -> int:
    """Characters of a reply up to where its answer begins, markers included: 0 without reasoning, all if it is open."""
    opened = _last(_OPEN, text)
    closed = _last(_CLOSE, text)
    if closed is None or (opened is not None and opened.start() >= closed.end()):
        return 0 if opened is None else len(text)
    return closed.end()


def left_open(prompt: str) -> str:
    """Return the opening mark with which a prompt ends, white space after it included; "" where there is none."""
    return found.group() if (found := _ENDS_OPEN.search(prompt)) else ""


class Watch:
    """Follows a text as it grows and knows where its answer begins; each character is looked at once or twice."""

    def __init__(self, text: str = "") -> None:
        self.text = ""
        self.answer: int | None = 0
        """Where the answer begins; None inside a reasoning that is not closed."""
        self.marked = False
        """Whether any mark was seen."""
        self.add(text)

    def add(self, piece: str) -> bool:
        """Append a piece; return whether a reasoning ended in it."""
        before, start = len(self.text), max(0, len(self.text) - LONGEST_MARK)
        self.text += piece
        ended = False
        for found in _MARK.finditer(self.text, start):
            if found.end() > before:
                ended = found["close"] is not None
                self.answer = found.end() if ended else None
                self.marked = True
        return ended

    def first(self, stops: tuple[str, ...], piece: int) -> int | None:
        """Where the first of ``stops`` stands in the answer, if it ends in the last ``piece`` characters."""
        if self.answer is None:
            return None
        edge = len(self.text) - piece + 1
        places = (self.text.find(s, max(self.answer, edge - len(s))) for s in stops if s)
        return min((place for place in places if place >= 0), default=None)
