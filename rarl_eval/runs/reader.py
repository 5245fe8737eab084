"""A run directory read item by item, where ``store.read_run`` would hold all of its texts at once."""

import sqlite3
from collections.abc import Container, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import msgspec

from rarl_eval.errors import BadInput
from rarl_eval.runs import added as entries
from rarl_eval.runs import store
from rarl_eval.runs.added import Slot
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

    def records(self, task: str, keys: Sequence[str]) -> dict[str, list[Record]]:
        """Return what was written for each of a few items, by sample; items without records are left out."""
        if self._rewards[0] != task:
            self._rewards = (task, entries.rewards_by_slot(self._db, task))
        places = ", ".join("?" * len(keys))
        query = f"SELECT key, record FROM records WHERE task = ? AND key IN ({places}) ORDER BY key, sample"  # noqa: S608
        found: dict[str, list[Record]] = {}
        for key, blob in self._rows(query, task, *keys):
            found.setdefault(key, []).append(entries.with_added(store.RECORD.decode(blob), self._rewards[1]))
        return found

    def _rows(self, query: str, *values: str) -> Iterator[tuple[Any, ...]]:
        try:
            yield from self._db.execute(query, values)
        except (sqlite3.Error, msgspec.MsgspecError) as error:
            raise BadInput(f"{self.path / store.DATABASE} is damaged ({error}); run again") from error
