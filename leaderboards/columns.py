"""Cells and columns: what a table shows of a row, and which plain values stand behind it in the downloads.

Not here: which columns there are. results.py has those that a board may name, tables.py the fixed ones.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from markupsafe import Markup

from rarl_eval.leaderboards import figures
from rarl_eval.leaderboards.fields import Interval
from rarl_eval.leaderboards.figures import Format
from rarl_eval.leaderboards.names import shortened

R = TypeVar("R")
Scalar = str | int | float | bool | None


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
class Column(Generic[R]):
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


def plain(key: str, label: str, get: Callable[[R], float | None], form: Format, group: str = "") -> Column[R]:
    """Column of single numbers."""
    return Column(key, label, lambda r: Cell(figures.number(get(r), form)), lambda r: {key: get(r)}, group)


def with_interval(
    key: str, label: str, get: Callable[[R], Interval | None], form: Format, group: str = ""
) -> Column[R]:
    """Column of estimates with their intervals below."""
    return Column(
        key,
        label,
        lambda r: Cell(figures.estimate(get(r), form), figures.span(get(r), form)),
        lambda r: flat(key, get(r)),
        group,
    )


def words(key: str, label: str, get: Callable[[R], str | None], group: str = "") -> Column[R]:
    """Column of short texts."""

    def cell(row: R) -> Cell:
        return Cell(shortened(get(row) or figures.UNKNOWN, 40), kind="t")

    return Column(key, label, cell, lambda r: {key: get(r)}, group, text=True)


def untold(column: Column[R]) -> Column[R]:
    """Leave a column to the downloads: what it says stands elsewhere on the page."""
    return replace(column, cell=lambda _: Cell(figures.UNKNOWN))


def flat(key: str, interval: Interval | None) -> dict[str, Scalar]:
    """Interval as three values: ``key``, ``key_low``, ``key_high``."""
    i = interval or Interval()
    return {key: i.value, f"{key}_low": i.low, f"{key}_high": i.high}


def name_column(
    key: str, label: str, name: Callable[[R], str], href: Callable[[R], str], run: Callable[[R], str] = lambda _: ""
) -> Column[R]:
    """Column of linked names, the header of each row; exact names in the downloads."""

    def cell(row: R) -> Cell:
        text = shortened(name(row))
        full = "" if text == name(row) else shortened(name(row), 300)
        return Cell(text, sub=shortened(run(row), 80), kind="h", href=href(row), full=full)

    return Column(key, label, cell, lambda r: {key: name(r)}, text=True)
