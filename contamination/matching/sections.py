"""The parts that a question of programming, or a passage, is written in: statement, examples, stub; tables and prose.

Training sets leave some of them out, so that each is held against a document on its own. They are told by what authors
write above them ("Example 1:", "-----Input-----", "Constraints"), by how a line of code begins, and by the quotes of a
docstring. Not here: what of them stands in a document (beside.py), and what that is worth (levels.py).
"""

import re
from collections.abc import Iterator
from functools import lru_cache

STATEMENT, EXAMPLES, CONSTRAINTS, STUB = "statement", "examples", "constraints", "stub"
MOST = 0.9
"""A statement of a larger share of its question's words is the question."""
LEAST_CELLS = 2
_EXAMPLES = re.compile(
    r"(?:>>>|assert\b|(?:sample|example)s?(?:\s+(?:input|output|test|case|explanation|usage)s?)*\s*#?\d*\s*(?::|$)"
    r"|for (?:example|instance)\b|(?:input|output|explanation)s?\s*\d*\s*:\s*\S|e\.g\.)",
    re.IGNORECASE,
)
_CONSTRAINTS = re.compile(
    r"(?:constraints?|limits?|limitations?|scoring|follow[- ]?up|(?:input|output)s?(?:\s+(?:format|specification))?)"
    r"\s*(?::|$)|(?:time|memory) limit",
    re.IGNORECASE,
)
_PROSE = re.compile(r"(?:problem statement|description|task|problem|statement)\s*:?\s*$", re.IGNORECASE)
_CODE = re.compile(
    r"(?:(?:async\s+)?def\s+\w+\s*\(|class\s+\w+\s*[:({]|import\s+\w|from\s+[\w.]+\s+import\b|@\w+|#include\b|using\s+\w"
    r"|(?:public|private|static|fn|func|function|impl|package)\s+\w|(?:int|void|bool|string|vector\S*)\s+\w+\s*\(|```)"
)
_QUOTES = re.compile(r"\"\"\"|'''")


@lru_cache(maxsize=8192)
def sections(text: str) -> dict[str, str]:
    """Lines of a programming question by part, in their order; parts that it does not have are left out."""
    found: dict[str, list[str]] = {}
    for name, line in _named(text.splitlines()):
        found.setdefault(name, []).append(line)
    told = {name: "\n".join(lines).strip() for name, lines in found.items()}
    return {name: lines for name, lines in told.items() if lines}


def statement(text: str) -> str:
    """Give the statement of a programming question, empty where it is hardly less than the question."""
    told = sections(text).get(STATEMENT, "")
    return told if len(told.split()) < MOST * len(text.split()) else ""


def _named(lines: list[str]) -> Iterator[tuple[str, str]]:
    """Name the part of each line; a docstring is no code, and what follows an example is one until a heading."""
    name, quoted, fenced = STATEMENT, False, False
    for line in lines:
        bare = line.strip().strip("*#-_ \t")
        if line.strip().startswith("```"):
            fenced, name = not fenced, STUB if not fenced else STATEMENT
            continue
        marks, plain = len(_QUOTES.findall(line)), _QUOTES.sub("", line)
        if marks and name == STUB and not quoted:
            name, bare = STATEMENT, _QUOTES.sub("", bare).strip()
        if not fenced:
            name = _turned(name, plain, bare, quoted=quoted or marks > 0)
        yield name, plain
        if marks % 2:
            quoted = not quoted
        if marks and not quoted:
            name = STUB


def _turned(name: str, line: str, bare: str, *, quoted: bool) -> str:
    """Give the part that a line belongs to, from that of the line before."""
    if not quoted and _CODE.match(line.strip()) and (name != EXAMPLES or line == line.lstrip()):
        return STUB
    if _EXAMPLES.match(bare):
        return EXAMPLES
    if _CONSTRAINTS.match(bare):
        return CONSTRAINTS
    if _PROSE.match(bare) or (name == STUB and bare and not quoted and line == line.lstrip() and " " in bare):
        return STATEMENT
    return name


@lru_cache(maxsize=8192)
def tables_and_prose(passage: str) -> tuple[tuple[str, ...], str]:
    """Cells of the tables of a passage, in order, and the prose around them.

    A table is two lines or more, one after another, of which each has two cells or more between bars or tabs.
    """
    cells: list[str] = []
    prose: list[str] = []
    rows: list[list[str]] = []
    for line in [*passage.splitlines(), ""]:
        row = [cell.strip() for cell in re.split(r"\||\t", line)]
        if len(row) >= LEAST_CELLS and not set(line) <= set("|-: \t"):
            rows.append(row)
            continue
        if line and set(line) <= set("|-: \t") and rows:
            continue
        if len(rows) >= LEAST_CELLS:
            cells += [cell for row in rows for cell in row if cell]
        else:
            prose += [" ".join(row) for row in rows]
        rows = []
        prose.append(line)
    return tuple(cells), "\n".join(prose).strip()
