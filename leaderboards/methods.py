"""What each number of the site means, read from methods.toml: one text for the methods page and for whoever asks."""

import tomllib
from importlib import resources

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
