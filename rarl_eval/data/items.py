"""Items of a benchmark of any size: few in memory, many or large ones in a temporary database that ends with us.

A run of hundreds of thousands of questions takes no more memory than one of a thousand.
"""

import itertools
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, overload

import msgspec

from rarl_eval.errors import BadInput
from rarl_eval.types import Item

IN_MEMORY = 4096
IN_MEMORY_BYTES = 64 * 2**20
"""Items up to this number and size, as JSON, are a tuple."""

CHUNK = 256
"""Items read at a time where all are gone through."""

_DECODE = msgspec.json.Decoder(Item).decode


def keep(items: Iterable[Item]) -> Sequence[Item]:
    """Return items in their order, each content once: one that occurs again is numbered, and has a key of its own."""
    stream = iter(items)
    first: list[Item] = []
    size = 0
    for item in stream:
        first.append(item)
        size += len(msgspec.json.encode(item))
        if len(first) > IN_MEMORY or size > IN_MEMORY_BYTES:
            return Stored(itertools.chain(first, stream))
    return tuple(_numbered(first))


def _numbered(items: Iterable[Item]) -> Iterator[Item]:
    seen: dict[str, int] = {}
    for item in items:
        seen[item.key] = earlier = seen.get(item.key, -1) + 1
        yield msgspec.structs.replace(item, repeat=earlier) if earlier else item


class Stored(Sequence[Item]):
    """Many items, on disk. May be read by several threads; is copied as its items."""

    def __init__(self, items: Iterable[Item]) -> None:
        self._lock = threading.Lock()
        try:
            self._db = sqlite3.connect("", isolation_level=None, check_same_thread=False)  # "" is a temporary file
            self._db.execute("PRAGMA journal_mode = OFF")
            self._db.execute("CREATE TABLE items (place INTEGER PRIMARY KEY, key BLOB, item BLOB)")
            self._db.execute("BEGIN")
            rows = ((place, bytes.fromhex(item.key), msgspec.json.encode(item)) for place, item in enumerate(items))
            self._db.executemany("INSERT INTO items VALUES (?, ?, ?)", rows)
            self._db.execute("CREATE INDEX by_key ON items (key)")
            self._number_repeats()
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            raise BadInput(
                f"no room for the items of a large benchmark ({error}); set TMPDIR to a larger disk"
            ) from error
        self._count: int = self._rows("SELECT count(*) FROM items")[0][0]
        self.by_key: Mapping[str, Item] = _ByKey(self)

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Item]:
        for start in range(0, self._count, CHUNK):
            query = "SELECT item FROM items WHERE place >= ? AND place < ? ORDER BY place"
            yield from (_DECODE(blob) for (blob,) in self._rows(query, start, start + CHUNK))

    @overload
    def __getitem__(self, place: int) -> Item: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Item]: ...
    def __getitem__(self, place: int | slice) -> Item | Sequence[Item]:
        """Return one item; or those of a slice, kept as any others are."""
        if isinstance(place, slice):
            return keep(map(self.__getitem__, range(self._count)[place]))
        ((blob,),) = self._rows("SELECT item FROM items WHERE place = ?", range(self._count)[place])
        return _DECODE(blob)

    def __reduce__(self) -> tuple[Any, ...]:
        return keep, (list(self),)

    def find(self, key: str) -> Item | None:
        """Return the item of a key."""
        try:
            found = self._rows("SELECT item FROM items WHERE key = ?", bytes.fromhex(key))
        except ValueError:  # no key at all
            return None
        return _DECODE(found[0][0]) if found else None

    def _rows(self, query: str, *values: object) -> list[Any]:
        with self._lock:
            return self._db.execute(query, values).fetchall()

    def _number_repeats(self) -> None:
        again = (
            "SELECT place, rank, item FROM (SELECT place, item, "
            "row_number() OVER (PARTITION BY key ORDER BY place) - 1 AS rank FROM items "
            "WHERE key IN (SELECT key FROM items GROUP BY key HAVING count(*) > 1)) WHERE rank > 0"
        )
        for place, rank, blob in self._db.execute(again).fetchall():
            item = msgspec.structs.replace(_DECODE(blob), repeat=rank)
            row = bytes.fromhex(item.key), msgspec.json.encode(item), place
            self._db.execute("UPDATE items SET key = ?, item = ? WHERE place = ?", row)


class _ByKey(Mapping[str, Item]):
    """The same items by their keys."""

    def __init__(self, items: Stored) -> None:
        self._items = items

    def __len__(self) -> int:
        return len(self._items)

    def __iter__(self) -> Iterator[str]:
        return (item.key for item in self._items)

    def __getitem__(self, key: str) -> Item:
        item = self._items.find(key)
        if item is None:
            raise KeyError(key)
        return item
