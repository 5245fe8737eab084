"""Sentences and tables as lines of a terminal: wrapped at 80 columns or fewer, and no figure ever cut.

Columns that do not fit beside the names go into a second block below, under the same names. Names are folded, figures
are not. Not here: what is said (tables, opening).
"""

import shutil
import unicodedata
from collections.abc import Iterator, Sequence

from rarl_eval.files.text import visible
from rarl_eval.report.tables import Table

SENTENCE = 80
"""Columns of a sentence at most: longer lines are not read."""
PIPE = 100
"""Columns where there is no terminal and COLUMNS does not say."""
GAP = "  "
LEAST = 8
"""Columns that a name gets at least, where it has as many."""


def terminal_width() -> int:
    """Columns of the terminal, or what the variable COLUMNS says, or 100."""
    return max(20, shutil.get_terminal_size((PIPE, 40)).columns)


def wrapped(sentence: str, width: int, indent: str = "") -> list[str]:
    """Break a sentence into lines of at most 80 columns and the width; words longer than that are broken."""
    room = max(10, min(SENTENCE, width)) - len(indent)
    return [f"{indent}{line}" for line in _folded(visible(sentence), room)] or [""]


def indented(sentence: str) -> list[str]:
    """Break a sentence for this terminal, all of its lines as far in as it begins."""
    text = sentence.lstrip(" ")
    return wrapped(text, terminal_width(), " " * (len(sentence) - len(text)))


def laid_out(table: Table, width: int) -> list[str]:
    """Lay a table out in blocks of columns that fit; each begins with the names."""
    cells = [[visible(cell) for cell in line] for line in (table.header, *table.rows)]
    figures = range(table.labels, len(table.header))
    needed = {i: max(_wide(line[i]) for line in cells) for i in figures}
    labels = _label_widths(cells, table.labels, width - max(needed.values(), default=0) - len(GAP))
    room = width - sum(labels) - len(GAP) * len(labels)
    lines = [visible(table.title)] if table.title else []
    for number, block in enumerate(_blocks(needed, room)):
        lines += [""] if number else []
        lines += _block(cells, labels, block, {i: min(needed[i], room) for i in block})
    return lines


def _label_widths(cells: Sequence[Sequence[str]], labels: int, room: int) -> list[int]:
    """Columns for each name: what it needs, or a fair share of what is left beside the widest figure."""
    needed = [max(_wide(line[i]) for line in cells) for i in range(labels)]
    left = room - len(GAP) * (labels - 1)
    found = list(needed)
    while sum(found) > left and max(found, default=0) > LEAST:
        found[found.index(max(found))] -= 1
    return found


def _blocks(needed: dict[int, int], room: int) -> list[list[int]]:
    """Put columns into as few blocks as hold them, in their order; at least one block."""
    blocks: list[list[int]] = [[]]
    used = 0
    for column, size in needed.items():
        if blocks[-1] and used + size > room:
            blocks.append([])
            used = 0
        blocks[-1].append(column)
        used += size + len(GAP)
    return blocks


def _block(
    cells: Sequence[Sequence[str]], labels: Sequence[int], columns: Sequence[int], widths: dict[int, int]
) -> Iterator[str]:
    for line in cells:
        names = [_folded(line[i], size) for i, size in enumerate(labels)]
        figures = [_folded(line[i], widths[i]) for i in columns]
        height = max(len(part) for part in (*names, *figures, [""]))
        for row in range(height):
            left = [_padded(_at(part, row), size) for part, size in zip(names, labels, strict=True)]
            right = [_padded(_at(part, row), widths[i], right=True) for part, i in zip(figures, columns, strict=True)]
            yield GAP.join([*left, *right]).rstrip()


def _at(parts: Sequence[str], row: int) -> str:
    return parts[row] if row < len(parts) else ""


def _folded(text: str, room: int) -> list[str]:
    """Break text at spaces into lines of ``room`` columns; a word that is longer is broken where it must."""
    lines: list[str] = []
    for word in text.replace(" %", "\N{NO-BREAK SPACE}%").split(" "):  # a figure stays with its unit
        joined = f"{lines[-1]} {word}" if lines else word
        if lines and _wide(joined) <= room:
            lines[-1] = joined
            continue
        rest = word
        while _wide(rest) > room:
            head = _head(rest, room)
            lines.append(head)
            rest = rest[len(head) :]
        lines.append(rest)
    return [line.replace("\N{NO-BREAK SPACE}", " ") for line in lines]


def _head(text: str, room: int) -> str:
    """Return as much of a long word as fits, up to the last place where a name may be broken."""
    used, end = 0, 0
    for end, letter in enumerate(text):  # noqa: B007  the end is wanted
        used += _wide(letter)
        if used > room:
            break
    head = text[: max(1, end)]
    cut = max(head.rfind(mark) for mark in "/-_:@")
    return head[: cut + 1] if cut >= len(head) // 2 else head


def _padded(text: str, size: int, *, right: bool = False) -> str:
    space = " " * max(0, size - _wide(text))
    return space + text if right else text + space


def _wide(text: str) -> int:
    """Columns of a text: letters of East Asia take two, marks above a letter none."""
    if text.isascii():
        return len(text)
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
