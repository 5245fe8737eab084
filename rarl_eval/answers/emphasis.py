r"""One line of Markdown without its marks of emphasis and code, and where the stressed passages stand in it.

Inside of ``$...$``, ``\(...\)``, ``\[...\]`` and code nothing is emphasis, and ``2*3*4`` is a product. Every step is
linear in the line.
"""

import re
from bisect import bisect_right

Span = tuple[int, int]

AHEAD = 16
"""Marks of a line that are looked through for the one that closes a formula or a piece of code."""

_MARK = re.compile(r"\\[()\[\]]|\\.|\${1,2}|`+|\*+|_+|~~")
_CLOSING = {r"\(": r"\)", r"\[": r"\]"}
_UNESCAPED = {r"\*", r"\.", r"\#", r"\-", r"\~", r"\`"}


_EMPHATIC = re.compile(r"[*_`]|~~|\\[.#~-]")


def inline(line: str) -> tuple[str, tuple[Span, ...]]:
    """Take the marks of emphasis and code off a line; return it, and where the stressed passages stand in it."""
    if not _EMPHATIC.search(line):
        return line, ()
    marks = list(_MARK.finditer(line))
    removed, stressed = _emphasis(line, marks)
    if not removed:
        return line, ()
    pieces, starts, lengths, at, gone = [], [], [], 0, 0
    for start, end in sorted(set(removed)):
        pieces.append(line[at:start])
        gone += end - start
        at = end
        starts.append(end)
        lengths.append(gone)
    pieces.append(line[at:])

    def moved(position: int) -> int:
        before = bisect_right(starts, position)
        return position - (lengths[before - 1] if before else 0)

    text = "".join(pieces)
    lead = len(text) - len(text.lstrip())
    spans = sorted({(moved(start) - lead, moved(end) - lead) for start, end in stressed})
    text = text.strip()
    inside = ((max(0, start), min(end, len(text))) for start, end in spans)
    return text, tuple((start, end) for start, end in inside if text[start:end].strip() and end > start)


def _emphasis(line: str, marks: list[re.Match[str]]) -> tuple[list[Span], list[Span]]:
    """Return the marks that go, and the passages between them."""
    removed: list[Span] = []
    stressed: list[Span] = []
    opened: dict[str, list[re.Match[str]]] = {}
    index = 0
    while index < len(marks):
        mark = marks[index]
        index += 1
        close = _closed_by(line, marks, index, mark[0])
        if close is not None:
            if mark[0][0] == "`":
                removed += [mark.span(), marks[close].span()]
                stressed.append((mark.end(), marks[close].start()))
            index = close + 1
        elif mark[0] in _UNESCAPED:
            removed.append((mark.start(), mark.start() + 1))
        elif mark[0][0] in "*_~":
            _pair(line, mark, opened, removed, stressed)
        elif mark[0][0] == "`" and len(mark[0]) < 3:
            removed.append(mark.span())
    return removed, stressed


def _closed_by(line: str, marks: list[re.Match[str]], index: int, mark: str) -> int | None:
    """Return which of the next marks closes a formula or a piece of code that this one opens."""
    wanted = _CLOSING.get(mark) or (mark if mark[0] in "$`" else "")
    if not wanted or (mark == "$" and line[marks[index - 1].end() :][:1].isspace()):
        return None
    for other in range(index, min(index + AHEAD, len(marks))):
        found = marks[other]
        if found[0] == wanted and (mark != "$" or _closes_dollar(line, found)):
            return other
    return None


def _closes_dollar(line: str, found: re.Match[str]) -> bool:
    after = line[found.end() : found.end() + 1]
    return not line[found.start() - 1].isspace() and not after.isalnum()


def _pair(
    line: str,
    mark: re.Match[str],
    opened: dict[str, list[re.Match[str]]],
    removed: list[Span],
    stressed: list[Span],
) -> None:
    """Match a run of emphasis marks with the one that opened it, or note it as one that opens."""
    run = mark[0]
    before, after = line[mark.start() - 1 : mark.start()] if mark.start() else "", line[mark.end() : mark.end() + 1]
    word = _ASCII_WORD
    closes = bool(before) and not before.isspace() and (after not in word or not after or before in ":.!?：。)")
    opens = bool(after) and not after.isspace() and (before not in word or not before) and before != "'"
    if run[0] == "_":
        closes = closes and (not after or after.isspace() or after in ".,;:!?)*]}\"'|")
        opens = opens and (not before or before.isspace() or before in '(*[{"|')
    waiting = opened.setdefault(run, [])
    if closes and waiting:
        first = waiting.pop()
        removed += [first.span(), mark.span()]
        if len(run) > 1 and run[0] != "~":
            stressed.append((first.end(), mark.start()))
    elif opens and len(run) < 4:
        waiting.append(mark)
        if len(run) > 1 and run[0] == "*" and not after.isdigit():  # x **2 is a power
            removed.append(mark.span())
    elif len(run) > 1 and run[0] == "*" and (closes or not (before or after)) and not before.isspace():
        removed.append(mark.span())


_ASCII_WORD = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789)]}"
