"""Cells and columns: what a table shows of a row, and which plain values stand behind it in the downloads.

Not here: which columns there are; those of a report's rows stand in report/catalogue.py.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

import msgspec
from markupsafe import Markup

from rarl_eval.leaderboards.names import shortened
from rarl_eval.report import column as report_column
from rarl_eval.report import figures
from rarl_eval.report.column import Scalar, bounds, kind_of, value
from rarl_eval.report.figures import Format
from rarl_eval.report.remarks import remark
from rarl_eval.report.row_types import ReportRow
from rarl_eval.stats import Interval

R = TypeVar("R")


@dataclass(frozen=True)
class Cell:
    """What stands in one cell of a table."""

    text: str
    sub: str = ""
    """Second, smaller line: an interval, a count."""
    kind: str = ""
    """CSS class: ``h`` header of its row, ``t`` text, ``hot`` worth a look."""
    chart: Markup | None = None
    href: str = ""
    full: str = ""
    """Tooltip, where the text was shortened."""

    @property
    def told(self) -> bool:
        """Whether the cell says anything."""
        return self.text != figures.UNKNOWN


@dataclass(frozen=True)
class SiteColumn(Generic[R]):
    """One column: its header, and what it makes of a row."""

    key: str
    """Names the column in permalinks and, unless ``values`` says otherwise, in downloads."""
    label: str
    cell: Callable[[R], Cell]
    values: Callable[[R], Mapping[str, Scalar]]
    group: str = ""
    sub: str = ""
    """Second, smaller line of the header: what holds for all rows."""
    ends: tuple[str, str] | None = None
    """Ends of a whisker column's axis."""
    order: str = ""
    """``descending`` or ``ascending`` where the table comes sorted by it."""
    text: bool = False
    method: str = ""
    """Entry of the methods page that explains it; its own key if empty."""


def plain(key: str, label: str, get: Callable[[R], float | None], form: Format, group: str = "") -> SiteColumn[R]:
    """Column of single numbers."""
    return SiteColumn(key, label, lambda r: Cell(figures.number(get(r), form)), lambda r: {key: get(r)}, group)


def with_interval(
    key: str, label: str, get: Callable[[R], Interval | None], form: Format, group: str = ""
) -> SiteColumn[R]:
    """Column of estimates with their intervals below."""
    return SiteColumn(
        key,
        label,
        lambda r: Cell(figures.estimate(get(r), form), figures.span(get(r), form)),
        lambda r: bounds(key, get(r)),
        group,
    )


def words(key: str, label: str, get: Callable[[R], str | None], group: str = "") -> SiteColumn[R]:
    """Column of short texts."""

    def cell(row: R) -> Cell:
        return Cell(shortened(get(row) or figures.UNKNOWN, 40), kind="t")

    return SiteColumn(key, label, cell, lambda r: {key: get(r)}, group, text=True)


def untold(column: SiteColumn[R]) -> SiteColumn[R]:
    """Leave a column to the downloads: what it says stands elsewhere on the page."""
    return replace(column, cell=lambda _: Cell(figures.UNKNOWN))


def catalogued(column: report_column.Column, of: type[msgspec.Struct] = ReportRow) -> SiteColumn[R]:
    """Column of the catalogue on a page: its figure, with the interval below where there is one."""
    kind = kind_of(column, of)
    key, label, form, group = column.key, column.label, column.form.page, column.group
    made: SiteColumn[R]
    if kind == "words":
        made = words(key, label, lambda r: value(r, column.field), group)
    elif kind == "interval" or column.ends:
        made = with_interval(key, label, lambda r: _interval(column, r), form, group)
    else:
        made = plain(key, label, lambda r: _number(column, r), form, group)
    made = replace(made, method=column.method)
    return untold(made) if column.when == "download" else made


def _interval(column: report_column.Column, record: object) -> Interval | None:
    found = value(record, column.field)
    if not column.ends:
        return found if isinstance(found, Interval) else None
    return value(record, column.ends) or (None if found is None else Interval(found))


def _number(column: report_column.Column, record: object) -> float | None:
    found: float | None = value(record, column.field)
    return found or None if column.when == "above 0" else found


def name_column(
    key: str, label: str, name: Callable[[R], str], href: Callable[[R], str], run: Callable[[R], str] = lambda _: ""
) -> SiteColumn[R]:
    """Column of linked names, the header of each row; exact names in the downloads."""

    def cell(row: R) -> Cell:
        text = shortened(name(row))
        full = "" if text == name(row) else shortened(name(row), 300)
        return Cell(text, sub=shortened(run(row), 80), kind="h", href=href(row), full=full)

    return SiteColumn(key, label, cell, lambda r: {key: name(r)}, text=True)


def marked(made: Cell, row: ReportRow) -> Cell:
    """Mark the accuracy of a row: struck where it is inflated, with a question mark where it may be misread."""
    if row.belief is not None and row.belief.verdict == "inflated":
        return replace(made, kind="struck", full=row.belief.told)
    said = remark(row)
    return replace(made, text=f"{made.text} ?", kind="hot", full=said) if said else made
