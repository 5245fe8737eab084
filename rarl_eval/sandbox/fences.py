"""Fenced blocks in a text as models write them: of any length, with tildes, in lists and quotations, never closed.

One pass over the lines, by CommonMark's rules where a text keeps to them (a block ends at a bare fence of its own kind,
at least as long and not indented by four more). ``lenient`` also ends a block at a fence that is indented deeper, at
one that stands at the end of a line of code, and where another block of Python opens. Not here: which block counts.
"""

import re
from typing import NamedTuple

_PREFIX = re.compile(r"(?:[ \t]|(?:[-*+]|\d{1,9}[.)])(?=[ \t])|>)*")
"""Indentation, markers of lists and of quotations, in any order; every alternative begins otherwise: linear."""
_MARK = re.compile(r"(`{3,}|~{3,})(.*)", re.DOTALL)
_LANGUAGE = re.compile(r"[{\s]*\.?([\w+#-]*)")
_QUOTED = re.compile(r"[ \t]*>[ ]?")
_MARGIN = 3
"""How much deeper than its opening fence a closing one may stand."""
PYTHON = frozenset({"py", "python", "python2", "python3", "py3", "ipython", "ipython3", "sage", "pycon", "jupyter"})
UNNAMED = frozenset({"", "code", "text", "txt", "plain", "plaintext", "solution", "program", "answer", "output_code"})
"""What stands behind a fence that says nothing of the language."""


class FencedBlock(NamedTuple):
    """A fenced block."""

    language: str
    """In small letters; "" where none is named."""
    body: str
    line: int
    """Line of its opening fence, from 0."""
    closed: bool


class _Fence(NamedTuple):
    mark: str
    rest: str
    """What stands behind it on its line."""
    width: int
    """Columns before it, list markers included."""
    quotes: int
    plain: bool
    """No list marker stands before it."""


def fence_in(line: str) -> _Fence | None:
    """Return the fence that a line is; None for any other line."""
    if "```" not in line and "~~~" not in line:
        return None
    prefix = _PREFIX.match(line)
    before = prefix[0] if prefix else ""
    found = _MARK.match(line, len(before))
    if found is None or (found[1][0] == "`" and "`" in found[2]):
        return None
    plain = not before.strip(" \t>")
    return _Fence(found[1], found[2].strip(), len(before.expandtabs(4)), before.count(">"), plain)


def blocks(text: str, *, lenient: bool = False) -> list[FencedBlock]:
    """Return the fenced blocks of a text in order; the last may not be closed."""
    found: list[FencedBlock] = []
    opened: _Fence | None = None
    body: list[str] = []
    start = 0
    for number, line in enumerate(text.split("\n")):
        fence = fence_in(line)
        if opened is None:
            if fence is not None:
                opened, body, start = fence, [], number
            continue
        if fence is not None and _closes(fence, opened, lenient=lenient):
            found.append(_block(opened, body, start, closed=True))
            opened = None
        elif lenient and fence is not None and language_of(fence.rest) in PYTHON:
            found.append(_block(opened, body, start, closed=False))
            opened, body, start = fence, [], number
        elif lenient and (cut := _stuck(line, opened)) is not None:
            found.append(_block(opened, [*body, cut], start, closed=True))
            opened = None
        else:
            body.append(line)
    return [*found, _block(opened, body, start, closed=False)] if opened is not None else found


def language_of(rest: str) -> str:
    """Return the language that is named behind a fence: ``python``, ``{.python .numberLines}``, ``Python 3``."""
    named = _LANGUAGE.match(rest)
    return named[1].lower() if named else ""


def left_open(prompt: str) -> str:
    """Return a prompt's text from the block on that it leaves open, for the model to go on in; "" where there is none.

    A block that is open when the user's turn ends is the user's: a mark of the chat's own stands behind it.
    """
    if "```" not in prompt and "~~~" not in prompt:
        return ""
    last = next(iter(blocks(prompt)[-1:]), None)
    if last is None or last.closed or re.search(r"<\|\w+\|>|\[/INST\]|<(?:start|end)_of_turn>", last.body):
        return ""
    return "\n".join(prompt.split("\n")[last.line :])


def _closes(fence: _Fence, opened: _Fence, *, lenient: bool) -> bool:
    same = fence.mark[0] == opened.mark[0] and len(fence.mark) >= len(opened.mark)
    return same and not fence.rest and fence.plain and (lenient or fence.width <= opened.width + _MARGIN)


def _stuck(line: str, opened: _Fence) -> str | None:
    """Return the code before a fence at the end of its line."""
    bare = line.rstrip()
    code = bare.removesuffix(opened.mark)
    return code if code != bare and opened.mark[0] * 3 not in code and code.strip() else None


def _block(opened: _Fence, body: list[str], start: int, *, closed: bool) -> FencedBlock:
    for _ in range(opened.quotes):
        body = [_QUOTED.sub("", line, count=1) for line in body]
    width = 0 if opened.quotes else opened.width
    lines = [_outdented(line, width) for line in body]
    return FencedBlock(language_of(opened.rest), "\n".join([*lines, ""] if lines and closed else lines), start, closed)


def _outdented(line: str, width: int) -> str:
    """Take up to ``width`` columns of white space off a line, as CommonMark does for a fence that is indented."""
    at = columns = 0
    while columns < width and at < len(line) and line[at] in " \t":
        columns += 1 if line[at] == " " else 4
        at += 1
    return line[at:]
