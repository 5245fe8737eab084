"""A run directory: a manifest, and records in SQLite that survive a kill at any moment; made here, and read.

``read_run`` holds a run whole, ``open_run`` goes through its records on the disk, ``Reader`` is asked for single items.
Not here: writing records (writer.py), what is in one (types.py) and what to do with it (measures).
"""

import sqlite3
from collections.abc import Collection, Container, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec

from rarl_eval.errors import BadInput, SchemaMismatch
from rarl_eval.files.atomic import write_atomically
from rarl_eval.runs import added, database
from rarl_eval.runs.added import Entry, Slot
from rarl_eval.runs.packed import unpacked
from rarl_eval.types import Benchmark, Domain, Item, Record, Reward

SCHEMA = 1

DATABASE = "records.sqlite"
_MANIFEST = "manifest.json"
_TABLES = """
CREATE TABLE records (task TEXT, key TEXT, sample INTEGER, failed INTEGER, record BLOB, UNIQUE (task, key, sample));
CREATE TABLE items (task TEXT, position INTEGER, key TEXT, item BLOB, UNIQUE (task, position), UNIQUE (task, key));
"""


@dataclass(frozen=True, kw_only=True)
class TaskInfo:
    """What a run asked of one task."""

    domain: Domain
    version: int
    fingerprint: str
    sandbox: str | None = None
    """Tier of the sandbox that ran model-written code; None where none was run."""
    style: dict[str, Any] | None = None
    """Prompt style: name, version, examples; None for recorded outputs."""
    answers: str = "text"
    """``programs``: each answer was run, and the value it came to was judged."""
    checker: str | None = None
    """By which other rule than the benchmark's published one answers were judged."""
    identity: dict[str, Any] | None = None
    """How far it was proved that recorded rows answer these items (identity/); None where they were asked here."""
    known: dict[str, Any] | None = None
    """Number of the benchmark's items at a revision that was counted (data/whole.py); None where nobody did."""
    items: dict[str, Item]
    """Items asked, by key, in the benchmark's order."""

    @property
    def keys(self) -> list[str]:
        """Keys of the items asked, in order."""
        return list(self.items)

    @property
    def groups(self) -> dict[str, str]:
        """Key to group, for the items that share a passage."""
        return {key: item.group for key, item in self.items.items() if item.group is not None}


@dataclass(frozen=True, kw_only=True)
class Run:
    """A run directory, read."""

    path: Path
    manifest: dict[str, Any]
    tasks: dict[str, TaskInfo]
    records: Collection[Record]
    """Sorted by task, the item's position and the sample."""


def create(path: Path, manifest: dict[str, Any], benchmarks: Iterable[Benchmark]) -> None:
    """Make a run directory with its manifest and items, and no records yet."""
    if (path / _MANIFEST).exists():
        raise BadInput(f"{path} already holds a run; go on with --resume, or choose another --out")
    try:
        path.mkdir(parents=True, exist_ok=True)
        for name in (DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm"):  # left by a kill before there was a manifest
            (path / name).unlink(missing_ok=True)
        with closing(database.to_write(path / DATABASE)) as db, db:
            db.executescript(_TABLES)
            db.executemany("INSERT INTO items VALUES (?, ?, ?, ?)", _item_rows(benchmarks))
            db.execute(f"PRAGMA user_version = {SCHEMA}")
        # The manifest comes last: a directory is a run once it has one. Its id tells copies from other runs.
        save_manifest(path, {"id": uuid4().hex, **manifest})
    except (OSError, sqlite3.Error) as error:
        raise BadInput(
            f"{path} cannot be made a run directory ({error}); mend the disk or choose another --out"
        ) from error


def save_manifest(path: Path, manifest: dict[str, Any]) -> None:
    """Write the manifest, whole."""
    text = msgspec.json.format(msgspec.json.encode({"schema": SCHEMA, **manifest}, order="sorted"), indent=2)
    try:
        write_atomically(path / _MANIFEST, text + b"\n")
    except OSError as error:
        raise unwritable(path, error) from error


def read_manifest(path: Path) -> dict[str, Any]:
    """Read a run directory's manifest; raises BadInput where there is none and SchemaMismatch for another version."""
    file = path / _MANIFEST
    if not file.is_file():
        raise BadInput(f"{path} is no run directory: it has no {_MANIFEST}; make one with: rarl-eval run or score")
    try:
        manifest = msgspec.json.decode(file.read_bytes(), type=dict[str, Any])
    except msgspec.MsgspecError as error:
        raise BadInput(f"{file} cannot be read: {error}") from error
    if manifest.get("schema") != SCHEMA:
        raise SchemaMismatch(
            f"{path} was written with run schema {manifest.get('schema')}, this version reads {SCHEMA}; "
            "use the version that wrote it, or run again"
        )
    return manifest


def read_run(path: Path) -> Run:
    """Read a run directory whole."""
    return replace(run := open_run(path), records=list(run.records))


def open_run(path: Path) -> Run:
    """Read a run directory but for its records, which are read from the disk each time that they are gone through."""
    with Reader(path) as reader:
        return Run(path=path, manifest=reader.manifest, tasks=reader.tasks(), records=_Stored(path))


class Reader(AbstractContextManager["Reader"]):
    """A run directory open for what is asked of it item by item: as it was when it was opened, or as it grows.

    ``still=False`` is for whoever reads while the run is written: a state held for hours would hold the log's growth.
    Raises BadInput for what is no run directory or is damaged. Added rewards of one task are held at a time.
    """

    def __init__(self, path: Path, *, still: bool = True) -> None:
        self.path = path
        self.manifest = read_manifest(path)
        with _readable(path):
            self._db = database.to_read(path / DATABASE, SCHEMA)
            if still:
                self._db.execute("BEGIN")  # one state throughout, and no lock for each of many small questions
        self._rewards: tuple[str, dict[Slot, list[Reward]]] = ("", {})

    def __exit__(self, *_: object) -> None:
        self._db.close()

    @cached_property
    def finished(self) -> int:
        """How many records there are of calls that did not fail."""
        ((count,),) = self.rows("SELECT count(*) FROM records WHERE NOT failed")
        return int(count)

    def tasks(self) -> dict[str, TaskInfo]:
        """Return what was asked of each task."""
        with _readable(self.path):
            return {
                # By what an item says now: a record whose item was changed no longer finds it.
                name: _task(said, {item.key: item for _, item in self.items(name)})
                for name, said in self.manifest["tasks"].items()
            }

    def items(self, task: str, known: Container[str] = ()) -> Iterator[tuple[str, Item]]:
        """Yield key and item for what was asked of a task, in the benchmark's order, but for keys that are known."""
        query = "SELECT key, item FROM items WHERE task = ? ORDER BY position"
        with _readable(self.path):
            yield from ((key, ITEM.decode(blob)) for key, blob in self.rows(query, task) if key not in known)

    def records(self, task: str, keys: Sequence[str]) -> dict[str, list[Record]]:
        """Return what was written for each of a few items, by sample; items without records are left out."""
        if self._rewards[0] != task:
            self._rewards = (task, added.rewards_by_slot(self._db, task))
        places = ", ".join("?" * len(keys))
        query = f"SELECT key, record FROM records WHERE task = ? AND key IN ({places}) ORDER BY key, sample"  # noqa: S608
        found: dict[str, list[Record]] = {}
        with _readable(self.path):
            for key, blob in self.rows(query, task, *keys):
                found.setdefault(key, []).append(added.with_added(unpacked(blob), self._rewards[1]))
        return found

    def every(self) -> Iterator[Record]:
        """Yield all records, by task, the item's position and the sample."""
        # CROSS JOIN holds SQLite to going through the items in their order, by its indexes, and to sorting nothing.
        joined = "SELECT r.record FROM items i CROSS JOIN records r ON r.task = i.task AND r.key = i.key"
        with _readable(self.path):
            rewards = added.rewards_by_slot(self._db)
            for (blob,) in self._db.execute(joined + " ORDER BY i.task, i.position, r.sample"):
                yield added.with_added(unpacked(blob), rewards)

    def stored(self) -> Iterator[tuple[Slot, bool, Record | str]]:
        """Yield every row as it is indexed (slot, and whether its call failed), with its record or why it is none."""
        rewards = added.rewards_by_slot(self._db)
        for *slot, failed, blob in self.rows("SELECT task, key, sample, failed, record FROM records"):
            task, key, sample = slot
            try:
                found: Record | str = added.with_added(unpacked(blob), rewards)
            except msgspec.MsgspecError as error:
                found = str(error)
            yield (task, key, sample), bool(failed), found

    def samples(self, task: str, key: str) -> AbstractSet[int]:
        """Return the samples of an item that need not be asked again."""
        if not self.finished:
            return frozenset()
        query = "SELECT sample FROM records WHERE task = ? AND key = ? AND NOT failed"
        return {sample for (sample,) in self.rows(query, task, key)}

    def entries(self, *, traps: bool) -> list[Entry]:
        """Return added rewards with their judgements, by name, trap, task, key and sample: of traps, or of traces."""
        with _readable(self.path):
            return added.read(self._db, traps=traps)

    def scored(self, name: str) -> set[tuple[str, Slot]]:
        """(trap, slot) of every entry of a reward whose calls did not fail; the trap is "" for the trace itself."""
        return added.finished(self._db, name)

    def rows(self, query: str, *values: str) -> Iterator[tuple[Any, ...]]:
        """Yield the rows that a question to the database gives."""
        with _readable(self.path):
            yield from self._db.execute(query, values)


class _Stored(Collection[Record]):
    """The records of a run on disk, in order, one at a time."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __iter__(self) -> Iterator[Record]:
        with Reader(self._path) as reader:
            yield from reader.every()

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __contains__(self, record: object) -> bool:
        return any(map(record.__eq__, self))


def read_entries(path: Path, *, traps: bool) -> list[Entry]:
    """Read the added rewards of a run, as ``Reader.entries`` has them."""
    with Reader(path) as reader:
        return reader.entries(traps=traps)


ITEM = msgspec.json.Decoder(Item)


def unwritable(path: Path, error: Exception) -> BadInput:
    """Say that a run cannot be written, and what holds all the same."""
    return BadInput(f"{path} cannot be written ({error}); records so far are safe: mend it and use --resume")


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, msgspec.MsgspecError, KeyError) as error:
        raise BadInput(f"{path / DATABASE} is damaged ({error}); run again") from error


def _item_rows(benchmarks: Iterable[Benchmark]) -> Iterable[tuple[str, int, str, bytes]]:
    for benchmark in benchmarks:
        for position, item in enumerate(benchmark.items):
            yield benchmark.task.name, position, item.key, msgspec.json.encode(item)


def _task(said: dict[str, Any], items: dict[str, Item]) -> TaskInfo:
    return TaskInfo(
        domain=said["domain"],
        version=said["version"],
        fingerprint=said["fingerprint"],
        sandbox=said.get("sandbox"),
        style=said.get("prompt_style"),
        answers=said.get("answers", "text"),
        checker=said.get("checker"),
        identity=said.get("identity"),
        known=said.get("known"),
        items=items,
    )
