"""What each number of the site means, from methods.toml and from the docstrings of what computes it."""

import tomllib
from importlib import resources
from inspect import getdoc
from pkgutil import resolve_name

import msgspec


class Metric(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One entry of the methods page."""

    key: str
    """Anchor on the page; a column's key where the entry explains a column."""
    name: str
    text: str
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
    chapters: tuple[Chapter, ...]


def load_methods() -> tuple[Chapter, ...]:
    """Return the chapters of the methods page, in order."""
    text = (resources.files(__package__) / "methods.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), _File).chapters
