"""A column: which field of a row it shows, how its figure is written, and in which tables.

Not here: the columns there are (catalogue.py), and what the site makes of them beyond a figure with its interval.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import NoneType
from typing import Any, Literal, get_args, get_origin, get_type_hints

import msgspec

from rarl_eval.files.text import UNKNOWN
from rarl_eval.measures.splits import Split
from rarl_eval.report.figures import Form, told
from rarl_eval.report.row_types import ReportRow
from rarl_eval.stats import Interval

Scalar = str | int | float | bool | None
Kind = Literal["interval", "split", "number", "words", "names", "nothing"]


@dataclass(frozen=True)
class Column:
    """One column of every table that shows it."""

    key: str
    """Names it on the site: in boards, permalinks and downloads."""
    field: str
    """Dotted path of its figure in a row; empty where the site computes it."""
    title: str
    """Heading on a page."""
    form: Form
    what: str = ""
    """What the figure is, in the methods page's words and the schema's."""
    unit: str = ""
    group: str = ""
    """Heading over columns that belong together on a page."""
    text: str = ""
    """Table of the terminal and report.md that shows it; empty for none."""
    short: str = ""
    """Heading there; the title in small letters if empty."""
    page: str = ""
    """Table of the site that shows it: results (boards choose among these), length, declining, agreement, stops."""
    csv: str = "{}"
    """Name in report.csv, ``{}`` the key; empty where another column stands there for the same field."""
    method: str = ""
    """Entry of the methods page that explains it; its own key if empty."""
    when: Literal["known", "some", "above 0", "various", "download"] = "known"
    """When it is shown: where a row knows it; where some row has more than 0; cells above 0 alone; on a page where the
    rows differ; only in a page's downloads."""
    ends: str = ""
    """Path of the interval, where that stands beside its figure."""
    of: str = ""
    """Path of the whole that a count is part of."""
    brief: bool = False
    """Without its interval in text, where room is scarce."""
    in_unit: bool = False
    """A length: text names its unit where the rows have several."""

    @property
    def label(self) -> str:
        """Title with its unit."""
        return f"{self.title},\u00a0{self.unit}" if self.unit else self.title

    @property
    def heading(self) -> str:
        """Heading where room is scarce."""
        return self.short or self.title.lower()


def value(record: Any, path: str) -> Any:
    """Return what stands at a dotted path of a row or entry; None where it, or anything above it, is unknown."""
    for name in path.split("."):
        if record is None:
            return None
        record = record.get(name) if isinstance(record, dict) else getattr(record, name)
    return record


@cache
def owner(path: str, of: type[msgspec.Struct]) -> tuple[type[msgspec.Struct] | None, Any]:
    """Return the struct that a path ends in and the type of its last field; raises KeyError where there is no such."""
    inside: type[msgspec.Struct] | None = None
    kind: Any = of
    for name in path.split("."):
        inside = kind if isinstance(kind, type) and issubclass(kind, msgspec.Struct) else None
        kind = get_args(kind)[1] if get_origin(kind) is dict else get_type_hints(kind)[name]
        several = [part for part in get_args(kind) if part is not NoneType]
        if NoneType in get_args(kind):
            kind = several[0]
    return inside, kind


def kind_of(column: Column, of: type[msgspec.Struct] = ReportRow) -> Kind:
    """Say what a column's field holds, as the row's types declare it."""
    if not column.field:
        return "nothing"
    found = owner(column.field, of)[1]
    if found in {Interval, Split}:
        return "interval" if found is Interval else "split"
    if get_origin(found) is tuple:
        return "names"
    return "words" if found is str else "number"


def text_of(column: Column, record: Any) -> str:
    """Write a column's cell as text, an unknown as a dash."""
    found = value(record, column.field)
    if isinstance(found, Split):
        return UNKNOWN if found.accuracy is None else f"{told(found.accuracy, column.form)} of {found.n}"
    if isinstance(found, Interval):
        return column.form.text(found.value) if column.brief else told(found, column.form)
    if isinstance(found, tuple):
        return str(len(found))
    if found is None or found == "" or (column.when == "above 0" and not found):
        return UNKNOWN
    whole = value(record, column.of) if column.of else found
    return column.form.text(found) if whole in {found, None} else f"{column.form.text(found)} of {whole}"


def values_of(column: Column, name: str, record: Any, of: type[msgspec.Struct] = ReportRow) -> Mapping[str, Scalar]:
    """Return a column's plain values under ``name``: an interval as three, a split with its number of items."""
    found = value(record, column.field)
    kind = kind_of(column, of)
    if kind == "split":
        part = found or Split()
        return {f"{name}_n": part.n, **bounds(f"{name}_accuracy", part.accuracy)}
    if kind == "interval":
        return bounds(name, found)
    if kind == "names":
        return {name: None if found is None else ", ".join(found)}
    return {name: found}


def bounds(name: str, interval: Interval | None) -> dict[str, Scalar]:
    """Interval as three values: ``name``, ``name_low``, ``name_high``."""
    found = (None,) * 3 if interval is None else (interval.value, interval.low, interval.high)
    return dict(zip((name, f"{name}_low", f"{name}_high"), found, strict=True))
