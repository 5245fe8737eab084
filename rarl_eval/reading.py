"""A run directory read item by item, where ``store.read_run`` would hold all of its texts at once."""

import sqlite3
from collections.abc import Container, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import msgspec

from rarl_eval import entries, store
from rarl_eval.entries import Slot
from rarl_eval.errors import BadInput
from rarl_eval.types import Item, Record, Reward


class Reader(AbstractContextManager["Reader"]):
    """A run directory read item by item, for runs whose texts do not fit into memory.

    Raises what ``store.read_run`` raises; added rewards of one task are held at a time.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.manifest = store.read_manifest(path)
        self._db = store.open_database(path)
        self._db.execute("BEGIN")  # one state throughout, and no lock for each of many small questions
        self._rewards: tuple[str, dict[Slot, list[Reward]]] = ("", {})

    def __exit__(self, *_: object) -> None:
        self._db.close()

    def items(self, task: str, known: Container[str] = ()) -> Iterator[tuple[str, Item]]:
        """Yield key and item for what was asked of a task, in the benchmark's order, but for keys that are known."""
        query = "SELECT key, item FROM items WHERE task = ? ORDER BY position"
        yield from ((key, store.ITEM.decode(blob)) for key, blob in self._rows(query, task) if key not in known)

    def records(self, task: str, key: str) -> list[Record]:
        """Return what was written for one item, by sample."""
        if self._rewards[0] != task:
            self._rewards = (task, entries.rewards_by_slot(self._db, task))
        query = "SELECT record FROM records WHERE task = ? AND key = ? ORDER BY sample"
        return [
            entries.with_added(store.RECORD.decode(blob), self._rewards[1]) for (blob,) in self._rows(query, task, key)
        ]

    def _rows(self, query: str, *values: str) -> Iterator[tuple[Any, ...]]:
        try:
            yield from self._db.execute(query, values)
        except (sqlite3.Error, msgspec.MsgspecError) as error:
            raise BadInput(f"{self.path / store.DATABASE} is damaged ({error}); run again") from error
