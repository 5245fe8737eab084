"""Atom feeds (RFC 4287): results by the time their run ended, and nights of a history.

An entry needs a date; a row whose run was not given has none and is in no feed, and a feed without entries is no file.
"""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from xml.etree import ElementTree as ET

from rarl_eval.leaderboards.names import shortened, shown
from rarl_eval.leaderboards.report import SiteRow
from rarl_eval.report import figures
from rarl_eval.report.figures import count, percent, points

ATOM = "http://www.w3.org/2005/Atom"
MOST_ENTRIES = 100

_NAMES = uuid.UUID("6ba7b811-9dad-11d1-80b4-00c04fd430c8")
"""RFC 4122's name space of addresses."""


@dataclass(frozen=True)
class FeedEntry:
    """One thing that happened."""

    title: str
    text: str
    when: str
    """ISO time with its zone."""
    page: str
    """Path on the site."""


def feed(title: str, path: str, entries: Iterable[FeedEntry], base_url: str | None) -> bytes | None:
    """Write a feed, the latest entries first; None where none has a date that can be read."""
    dated = sorted(
        (e for e in entries if _time(e.when)), key=lambda e: (_time(e.when) or "", e.title, e.text), reverse=True
    )
    if not dated:
        return None
    ET.register_namespace("", ATOM)
    root = ET.Element(f"{{{ATOM}}}feed")
    _add(root, "title", title)
    _add(root, "id", _id(path, base_url))
    _add(root, "updated", _time(dated[0].when) or "")
    _add(_child(root, "author"), "name", "rarl-eval")
    if base_url:
        _child(root, "link", rel="self", href=_address(base_url, path))
    for entry in dated[:MOST_ENTRIES]:
        _entry(_child(root, "entry"), entry, path, base_url)
    ET.indent(root, " ")
    text: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return text + b"\n"


def results(rows: Sequence[SiteRow], dates: dict[tuple[str, tuple[str, str]], str], page: str) -> list[FeedEntry]:
    """Return an entry for each row whose run's end is known."""
    return [_result(row, dates[row.task, row.entrant], page) for row in rows if (row.task, row.entrant) in dates]


def _result(row: SiteRow, when: str, page: str) -> FeedEntry:
    name = f"{row.model} ({row.shown_run})" if row.shown_run else row.model
    told = [f"Accuracy {figures.estimate(row.accuracy, percent)} % [{figures.span(row.accuracy, percent)}]"]
    if row.n is not None:
        told.append(f"on {count(row.n)} items")
    if row.gain and row.gain.value is not None:
        told.append(f"gain from items found in training data {figures.estimate(row.gain, points)} points")
    return FeedEntry(f"{shortened(name)} on {shortened(row.task)}", ", ".join(told), when, page)


def _entry(parent: ET.Element, entry: FeedEntry, path: str, base_url: str | None) -> None:
    _add(parent, "title", entry.title)
    _add(parent, "id", f"urn:uuid:{uuid.uuid5(_NAMES, repr((path, entry)))}")
    _add(parent, "updated", _time(entry.when) or "")
    _add(parent, "summary", entry.text)
    if base_url:
        _child(parent, "link", rel="alternate", href=_address(base_url, entry.page))


def _id(path: str, base_url: str | None) -> str:
    return _address(base_url, path) if base_url else f"urn:uuid:{uuid.uuid5(_NAMES, path)}"


def _address(base_url: str, path: str) -> str:
    return f"{base_url.rstrip('/')}/{path}"


def _time(text: str) -> str | None:
    """Return a time as Atom wants it; None for what is no time with a zone."""
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return None
    return time.isoformat(timespec="seconds") if time.tzinfo else None


def _child(parent: ET.Element, tag: str, **attributes: str) -> ET.Element:
    return ET.SubElement(parent, f"{{{ATOM}}}{tag}", attributes)


def _add(parent: ET.Element, tag: str, text: str) -> None:
    _child(parent, tag).text = shown(text)
