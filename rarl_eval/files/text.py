"""Text of unknown origin made harmless for a terminal, a Markdown table and a spreadsheet."""

import csv
import io
import re
import unicodedata
from collections.abc import Mapping, Sequence

_MARKDOWN = re.compile(r"([\\`*_\[\]<>#!|~$&:@]|(?<=www)\.)", re.IGNORECASE)
_FORMULA = tuple("=+-@|%＝＋－＠")  # full-width signs too: spreadsheets of some locales take them for the plain ones
_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}

UNKNOWN = "-"


def visible(text: str) -> str:
    """Show control, bidirectional and other invisible characters as escapes, so that they act on nothing."""
    return "".join(c if unicodedata.category(c) not in _HIDDEN else c.encode("unicode_escape").decode() for c in text)


def markdown(text: str) -> str:
    """Escape text for a cell of a Markdown table: no markup, HTML, link or column break survives."""
    return _MARKDOWN.sub(r"\\\1", visible(text))


def csv_cell(text: str) -> str:
    """Mark text that a spreadsheet would run as a formula, with an apostrophe in front (OWASP, CSV injection)."""
    shown = visible(text)
    return f"'{shown}" if shown.lstrip().startswith(_FORMULA) else shown


def csv_text(rows: Sequence[Mapping[str, str | float | None]]) -> str:
    """Write rows as CSV with a header of all their names; names and texts go through ``csv_cell``, unknown is empty."""
    out = io.StringIO(newline="")
    names = list(dict.fromkeys(name for row in rows for name in row))
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(map(csv_cell, names))
    writer.writerows([_inert(row.get(name)) for name in names] for row in rows)
    return out.getvalue()


def _inert(value: str | float | None) -> str | float | None:
    return csv_cell(value) if isinstance(value, str) else value


def percent(value: float | None, digits: int = 1) -> str:
    """Write a fraction as a percentage without its sign; a dash where it is unknown."""
    return UNKNOWN if value is None else f"{100 * value:.{digits}f}"


def number(value: float | None) -> str:
    """Write a count or length with thousands separators and three significant digits at least."""
    if value is None:
        return UNKNOWN
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
