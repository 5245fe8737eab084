"""The report on a terminal of 100 columns or more."""

from collections.abc import Mapping
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table as RichTable
from rich.text import Text

from rarl_eval.files.text import visible
from rarl_eval.report.tables import Table, captions, tables


def render_terminal(report: Mapping[str, Any]) -> RenderableType:
    """Return the tables and captions of a report for ``rich.console.Console.print``."""
    parts: list[RenderableType] = []
    for table in tables(report):
        parts += [as_rich(table), Text()]
    return Group(*parts, *(Text(caption, style="dim") for caption in captions(report)))


def as_rich(table: Table) -> RichTable:
    """Return a table for ``rich.console.Console.print``."""
    found = RichTable(title=Text(visible(table.title)), title_justify="left", box=None, pad_edge=False, padding=(0, 1))
    for i, name in enumerate(table.header):
        if i < table.labels:
            found.add_column(Text(name), overflow="fold", min_width=8)
        else:
            found.add_column(Text(name), justify="right", no_wrap=False)
    for row in table.rows:
        # Text, not str: a model's name must not be read as markup.
        found.add_row(*(Text(visible(cell)) for cell in row))
    return found
