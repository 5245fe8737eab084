"""What each number of the site means: from the catalogue of columns, methods.toml, and what computes it.

The catalogue says what a column is; methods.toml adds formulas, intervals, sources and limits, explains what is no
column, and puts all in chapters. A column that it does not know stands behind the entry of the column before it.
"""

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib import resources
from inspect import getdoc
from pkgutil import resolve_name

import msgspec

from rarl_eval.report.catalogue import REWARDS, ROWS
from rarl_eval.report.column import Column

_COLUMNS = (*ROWS, *REWARDS)


class Metric(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One entry of the methods page."""

    key: str
    """Anchor on the page; a column's key where the entry explains a column."""
    name: str = ""
    """The column's title unless given."""
    text: str = ""
    """The column's explanation unless given."""
    formula: str = ""
    interval: str = ""
    source: str = ""
    limits: str = ""
    """What the number cannot tell."""
    computed: tuple[str, ...] = ()
    """``module:function`` of what computes it; the page shows their docstrings."""

    @property
    def functions(self) -> list[tuple[str, str]]:
        """Name and docstring of each function that computes it, from the code that runs."""
        return [(name.replace(":", "."), getdoc(resolve_name(name)) or "") for name in self.computed]


class Chapter(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Metrics that belong together."""

    key: str
    title: str
    text: str = ""
    metrics: tuple[Metric, ...]


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    headers: dict[str, str]
    """What columns are that have no entry, by key."""
    chapters: tuple[Chapter, ...]


def _file() -> _File:
    text = (resources.files(__package__) / "methods.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), _File)


def explanations() -> dict[str, tuple[str, str]]:
    """Return what a header says by the key of its column or of its entry, and the entry's anchor if it has one."""
    found = {key: (text, "") for key, text in _file().headers.items()}
    for chapter in load_methods():
        found[chapter.key] = (chapter.text or chapter.title, chapter.key)
        found |= {metric.key: (metric.text, metric.key) for metric in chapter.metrics}
    return found


def load_methods() -> tuple[Chapter, ...]:
    """Return the chapters of the methods page, in order."""
    chapters = _file().chapters
    columns = {column.method or column.key: column for column in _COLUMNS if column.what}
    return tuple(
        msgspec.structs.replace(c, metrics=tuple(_told(c.metrics, columns, _behind(chapters)))) for c in chapters
    )


def _told(
    metrics: Iterable[Metric], columns: Mapping[str, Column], behind: Mapping[str, Sequence[Column]]
) -> Iterator[Metric]:
    """Yield a chapter's entries with the catalogue's words, each followed by those of the columns behind it."""
    for metric in metrics:
        column = columns.get(metric.key)
        name, text = (
            (metric.name, metric.text) if column is None else (metric.name or column.title, metric.text or column.what)
        )
        yield msgspec.structs.replace(metric, name=name, text=text)
        for further in behind.get(metric.key, ()):
            yield Metric(key=further.key, name=further.title, text=further.what)


def _behind(chapters: Iterable[Chapter]) -> dict[str, list[Column]]:
    """Columns that methods.toml does not know, by the entry of the column before them."""
    known = {metric.key for chapter in chapters for metric in chapter.metrics}
    found: dict[str, list[Column]] = {}
    last = "accuracy"
    for column in _COLUMNS:
        key = column.method or column.key
        if key in known:
            last = key
        elif column.what and not column.method:
            found.setdefault(last, []).append(column)
    return found
