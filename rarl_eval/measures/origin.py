"""Where a row's answers and items come from, as its manifest says: rows joined to items, and items of a benchmark.

What was proved when the outputs were imported is counted there (identity/); here it becomes figures, and the sentence
that a reader needs before believing an accuracy.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from rarl_eval.measures.columns import Columns

MOST = 0.02
"""A row is marked where a larger share of the recorded rows that name an item contradicts it."""


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """How far it is proved that the answers are to these items, and the items the whole benchmark."""

    rows: int | None = None
    """Recorded rows; null for answers that this program asked for."""
    proved: int | None = None
    """Rows whose question and gold are the item's."""
    consistent: int | None = None
    """Rows that nothing contradicts and that say too little to be proved."""
    contradicted: int | None = None
    """Rows that say something else than the item that they name; they are left out unless joined on trust."""
    unmatched: int | None = None
    """Rows that no item was found for."""
    on_trust: int | None = None
    """Rows judged because the user said so (``--trust-ids``), though nothing proves whose answers they are."""
    loaded: int | None = None
    """Items that were loaded, where their right number is known."""
    known: int | None = None
    """Items of the benchmark at the revision that was counted."""
    revision: str | None = None
    """That revision."""
    same: bool | None = None
    """Whether the items are those of that revision, word for word; null where only their number is known."""
    part: bool = False
    """The user said that the items are a part of the benchmark, or others than it has (``--partial``)."""
    marked: bool = False
    """A part, or joined on trust, or more than 2 % contradict: the accuracy is not the benchmark's."""


def origin(columns: Columns) -> Origin | None:
    """Return a row's ``origin``; None where the manifest says nothing of it."""
    rows: Mapping[str, Any] = columns.info.identity or {}
    known: Mapping[str, Any] = columns.info.known or {}
    if not rows and not known:
        return None
    part, trusted = bool(known.get("part")), bool(rows.get("on_trust"))
    named = (rows.get("rows") or 0) - (rows.get("unmatched") or 0)
    against = (rows.get("contradicted") or 0) > MOST * named
    names = ("rows", "proved", "consistent", "contradicted", "unmatched", "on_trust")
    return Origin(
        **{name: rows.get(name) for name in names},
        loaded=known.get("loaded"),
        known=known.get("items"),
        revision=known.get("of"),
        same=known.get("same"),
        part=part,
        marked=part or trusted or against,
    )


def told(found: Origin | None) -> str:
    """Say what a marked row's reader should know; "" where nothing is in doubt."""
    if found is None or not found.marked:
        return ""
    parts = [
        f"{found.on_trust:,} of {found.rows:,} rows are joined on trust (--trust-ids)" if found.on_trust else "",
        f"{found.contradicted:,} of {found.rows:,} rows contradict their items" if found.contradicted else "",
        f"{found.loaded:,} items, where the benchmark has {found.known:,} (--partial)" if found.part else "",
    ]
    return " and ".join(part for part in parts if part)
