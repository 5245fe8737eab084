"""Rewards added to a run after it was made, with the questions and replies behind them, in a table of their own.

The store opens the database and reads and writes these beside the records. Not here: where rewards come from.
"""

import sqlite3
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from rarl_eval.types import Message, Record, Reward, Tokens

TABLE = """
CREATE TABLE IF NOT EXISTS rewards (
    name TEXT, probe TEXT, task TEXT, key TEXT, sample INTEGER, failed INTEGER, entry BLOB,
    UNIQUE (name, probe, task, key, sample))
"""

Slot = tuple[str, str, int]
"""Task, item key and sample index: where a record stands in a run."""


UNMATCHED = "unmatched"
"""In an entry's ``detail``: a file of scores has no row for the trace."""


class Judgement(msgspec.Struct, frozen=True, kw_only=True):
    """One question to a judge, as it was put and answered; kept so that every verdict can be read again."""

    part: str
    """What was asked: ``pointwise``, ``pairwise`` ..."""
    prompt: tuple[Message, ...]
    text: str = ""
    """The judge's raw reply."""
    reasoning: str | None = None
    """Its reasoning, where the back-end gives it apart; no verdict is read there."""
    verdict: str | None = None
    """What was read where the judge was asked to put it; None where nothing stands there."""
    against: int | None = None
    """The other sample of a pair."""
    first: bool | None = None
    """Whether the scored trace was shown first of the pair."""
    error: str | None = None
    tokens: Tokens = Tokens()
    seconds: float | None = None


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A reward added to a stored trace, or to a trap made from it."""

    slot: Slot
    reward: Reward
    trap: str = msgspec.field(default="", name="probe")
    """Which trap was scored in place of the trace; "" for the trace itself."""
    failed: bool = False
    """Some call behind it failed: ``reward`` asks again."""
    judgements: tuple[Judgement, ...] = ()
    detail: dict[str, Any] = {}
    """What a trap must get, and the like."""


def unread(entry: Entry) -> bool:
    """Whether a judge replied and no verdict stands where it was asked for."""
    return any(j.error is None and j.verdict is None for j in entry.judgements)


def put(db: sqlite3.Connection, entries: Iterable[Entry]) -> None:
    """Insert entries, or put them in the place of earlier ones."""
    rows = ((e.reward.name, e.trap, *e.slot, int(e.failed), msgspec.json.encode(e)) for e in entries)
    db.executemany("INSERT OR REPLACE INTO rewards VALUES (?, ?, ?, ?, ?, ?, ?)", rows)


def finished(db: sqlite3.Connection, name: str) -> set[tuple[str, Slot]]:
    """(trap, slot) of every entry of a reward whose calls did not fail."""
    if not _exists(db):
        return set()
    found = db.execute("SELECT probe, task, key, sample FROM rewards WHERE name = ? AND NOT failed", (name,))
    return {(trap, (task, key, sample)) for trap, task, key, sample in found}


def read(db: sqlite3.Connection, *, traps: bool) -> list[Entry]:
    """Entries of traps, or of the traces themselves, by name, trap, task, key and sample."""
    if not _exists(db):
        return []
    query = "SELECT entry FROM rewards WHERE (probe != '') = ? ORDER BY name, probe, task, key, sample"
    return [_ENTRY.decode(row[0]) for row in db.execute(query, (int(traps),))]


def rewards_by_slot(db: sqlite3.Connection, only: str | None = None) -> dict[Slot, list[Reward]]:
    """Return the added rewards of each trace, in order of their names; failed ones are kept, as missing scores.

    ``only`` is the one task wanted; None is all.
    """
    added: dict[Slot, list[Reward]] = {}
    if _exists(db):
        query = "SELECT task, key, sample, entry FROM rewards WHERE probe = '' AND ? IN (task, '') ORDER BY name"
        for task, key, sample, blob in db.execute(query, (only or "",)):
            added.setdefault((task, key, sample), []).append(_REWARDED.decode(blob).reward)
    return added


def with_added(record: Record, added: Mapping[Slot, list[Reward]]) -> Record:
    """Put added rewards beside the record's own; one of the same name takes its place."""
    trace = record.trace
    more = added.get((trace.task, trace.key, trace.sample))
    if not more:
        return record
    names = {reward.name for reward in more}
    return msgspec.structs.replace(record, rewards=(*(r for r in record.rewards if r.name not in names), *more))


class _Rewarded(msgspec.Struct):
    """The reward of an entry, without the texts of its judgements."""

    reward: Reward


_ENTRY = msgspec.json.Decoder(Entry)
_REWARDED = msgspec.json.Decoder(_Rewarded)


def _exists(db: sqlite3.Connection) -> bool:
    return db.execute("SELECT 1 FROM sqlite_master WHERE name = 'rewards'").fetchone() is not None
