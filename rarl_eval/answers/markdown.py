r"""An answer as its reader sees it: Markdown and HTML are structure, and what is left is text.

Headings, lists, quotes, tables, fences and rules give each line its kind; the marks of emphasis are taken off, and the
passages they stressed are kept. Display mathematics is one line, whatever it was written over; inside of ``$...$``,
``\(...\)`` and code nothing is emphasis. Unlike CommonMark, ``2*3*4`` is a product, four spaces make no code, and a
line above ``---`` is no heading: models write numbers, and indent what they please. Every step is linear in the text.
Not here: what the text says.
"""

import html
import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import lru_cache
from typing import Literal, NamedTuple

from rarl_eval.answers.emphasis import Span, inline

Kind = Literal["text", "heading", "item", "row", "math", "code", "verbatim"]
"""``code`` is a fenced program, ``verbatim`` any other fenced text."""


class Line(NamedTuple):
    """One line of a page, or one formula."""

    kind: Kind
    text: str
    start: int = 0
    """Where it begins in the page's text."""
    level: int = 0
    """Of a heading, 1 to 6."""
    strong: tuple[Span, ...] = ()
    """Stressed passages, from the beginning of the line."""
    block: int = 0
    """Of fenced text, which fence it stands in."""


class Page(NamedTuple):
    """An answer without its marks."""

    text: str
    """The lines, joined by line breaks; empty ones are left out."""
    lines: tuple[Line, ...]
    unfinished: bool
    """Whether a formula was begun and the text ends inside of it."""

    def line_at(self, position: int) -> int:
        """Return the number of the line at a position of the text."""
        return max(0, bisect_right(self.lines, position, key=lambda line: line.start) - 1)


@lru_cache(maxsize=64)
def read(text: str) -> Page:
    """Read an answer. Kept for a while, since several rules look at the same one."""
    lines: list[Line] = []
    position = 0
    scan = _Scan()
    for line in scan.lines(_plain_html(text.replace("\r\n", "\n").replace("\r", "\n")).split("\n")):
        lines.append(line._replace(start=position))
        position += len(line.text) + 1
    return Page("\n".join(line.text for line in lines), tuple(lines), scan.unfinished)


_HTML = re.compile(r"</?(?:[a-z][a-z0-9]*)\b[^<>\n]{0,200}>", re.IGNORECASE)
_HTML_MARKS = {
    "b": "**",
    "strong": "**",
    "mark": "**",
    "i": "*",
    "em": "*",
    "code": "`",
    "del": "~~",
    "s": "~~",
    "strike": "~~",
}
_HTML_BREAKS = {"br", "p", "div", "li", "ul", "ol", "tr", "table", "hr", "center", "section", "blockquote"}
_HTML_NOTHING = {"span", "u", "font", "small", "big", "a", "tbody", "thead", "sub"}


def _plain_html(text: str) -> str:
    """Write the tags that models mix into Markdown as Markdown; all other tags stay."""
    if "<" in text:
        text = _HTML.sub(_html_mark, text)
    return re.sub(r"&(?:#\d{1,6}|[a-z]{2,8});", lambda m: html.unescape(m[0]), text) if "&" in text else text


def _html_mark(found: re.Match[str]) -> str:
    closing = found[0].startswith("</")
    name = re.match(r"</?([a-z0-9]+)", found[0].lower())[1]  # type: ignore[index]  # it matched as a tag
    if re.fullmatch(r"h[1-6]", name):
        return "\n" if closing else f"\n{'#' * int(name[1])} "
    if name in {"td", "th"}:
        return " " if closing else "| "
    if name == "sup":
        return "" if closing else "^"
    return _HTML_MARKS.get(name) or ("\n" if name in _HTML_BREAKS else "" if name in _HTML_NOTHING else found[0])


_QUOTE = re.compile(r"[ \t]*(?:>[ \t]?)+")
_FENCE = re.compile(r"(`{3,}|~{3,})[ \t]*([\w+#.-]*)[^`]*$")
_HEADING = re.compile(r"(?:(#)[ \t]+|(#{2,6})[ \t]*)(.*?)[ \t]*#*[ \t]*$")
_ITEM = re.compile(r"(?:[*•‣▪●◦–](?![*\d])[ \t]*|[*•‣▪●◦][ \t]+|([-+]|\d{1,3}[.)])[ \t]+)(?=\S)")
_RULE = re.compile(r"(?:(?:-[ \t]*){3,}|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,}|={3,})$")
_DIVIDER = re.compile(r"\|?[ \t]*:?-{2,}:?[ \t]*(?:\|[ \t]*:?-*:?[ \t]*)*$")
_SIGNS = re.compile(
    "^([*_]{0,3})(?:[\u2190-\u21ff\u2300-\u23ff\u25a0-\u27bf\u2900-\u297f\u2b00-\u2bff\ufe0f\u200d\u2705\U0001f000-\U0001faff]\\s*)+"
)
_STRUCK = re.compile(r"~~(?=\S)[^~$\\]{1,200}(?<=\S)~~\s?")
"""What is struck out is not said."""
_OPENS = re.compile(
    r"(?<!\\)(?:\\\\)*\\\[|\$\$|\\begin\{((?:align|equation|gather|multline|split|eqnarray|aligned|gathered)\*?)\}"
)
_PROSE = {"markdown", "md", "text", "txt", "plaintext", "latex", "tex", "math", "html"}


class _Scan:
    """The block structure of a text, line by line."""

    def __init__(self) -> None:
        self.fence = ""
        self.kind: Kind | None = None
        """Kind of the fenced lines; None where they are Markdown themselves."""
        self.held: list[str] = []
        """Lines of a formula that is not closed yet."""
        self.closing = ""
        self.unfinished = False
        self.fences = 0
        self.lists = False

    def lines(self, raw: list[str]) -> Iterator[Line]:
        self.lists = sum(1 for line in raw if _ordered(line)) > 1
        for line in raw:
            yield from self._line(line)
        self.unfinished = bool(self.held)
        yield from self._released()

    def _line(self, raw: str) -> Iterator[Line]:
        if self.fence:
            yield from self._fenced(raw)
            return
        quote = _QUOTE.match(raw)
        line = (raw[quote.end() :] if quote else raw).strip()
        if self.held:
            yield from self._formula(line)
            return
        fence = _FENCE.match(line)
        if fence:
            self.fence, name = fence[1], fence[2].lower()
            self.fences += 1
            self.kind = None if name in _PROSE else "code" if name and name != "json" else "verbatim"
            return
        closing = _left_open(line)
        if closing:
            self.held, self.closing = [line], closing
            return
        yield from self._block(line)

    def _fenced(self, raw: str) -> Iterator[Line]:
        line = raw.strip()
        if line.startswith(self.fence) and not line.strip(self.fence[0]):
            self.fence = ""
        elif self.kind is None:
            yield from self._block(line)
        elif line:
            yield Line(self.kind, raw.rstrip(), block=self.fences)

    def _formula(self, line: str) -> Iterator[Line]:
        if not line:  # TeX has no empty line in a formula: the mark was a slip
            yield from self._released()
            return
        self.held.append(line)
        if self.closing in line:
            text = " ".join(self.held)
            self.held = []
            yield Line("math", _item_mark_off(text))

    def _released(self) -> Iterator[Line]:
        held, self.held = self.held, []
        for line in held:
            yield from self._block(line)

    def _block(self, line: str) -> Iterator[Line]:
        if not line or _RULE.match(line) or ("-" in line and "|" in line and _DIVIDER.match(line)):
            return
        kind: Kind = "text"
        level = 0
        heading = _HEADING.match(line) if line[0] == "#" else None
        item = None if heading else _ITEM.match(line)
        if heading:
            kind, level, line = "heading", len(heading[1] or heading[2]), heading[3]
        elif line[0] == "|" or (line.count("|") > 1 and line[-1] == "|"):
            kind, line = "row", " | ".join(cell.strip() for cell in line.strip("| ").split("|"))
        elif item and (self.lists or not item[1] or (item[1] in "-+" and line[item.end()] not in "0123456789$.\\")):
            kind, line = "item", line[item.end() :]
        line = _SIGNS.sub(r"\1", line).lstrip()
        text, strong = inline(_STRUCK.sub("", line) if "~~" in line else line)
        if text or heading:
            yield Line(kind, text, level=level, strong=strong)


def _ordered(line: str) -> bool:
    found = _ITEM.match(line.lstrip())
    return bool(found and found[1])


def _item_mark_off(text: str) -> str:
    found = _ITEM.match(text)
    return text[found.end() :] if found and found[0][0] in "*•-" else text


def _left_open(line: str) -> str:
    r"""Return what closes the last formula of a line that goes on below it: ``\]``, ``$$``, an environment's end."""
    if "\\" not in line and "$" not in line:
        return ""
    if line.count("$$") % 2:
        return "$$"
    for found in reversed(list(_OPENS.finditer(line))):
        closing = f"\\end{{{found[1]}}}" if found[1] else "\\]" if found[0] != "$$" else ""
        if closing:
            return "" if closing in line[found.end() :] else closing
    return ""
