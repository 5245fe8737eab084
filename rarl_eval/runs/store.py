"""A run directory: a manifest, and records in SQLite that survive a kill at any moment.

WAL mode with ``synchronous=FULL`` and group commit: a record is acknowledged once its group (at most 50 rows or one
second) is on disk, and an acknowledged record is never lost. One process writes a directory at a time.
Not here: what is in a record (types.py) and what to do with it (report.py).
"""

import fcntl
import os
import queue
import sqlite3
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec

from rarl_eval.errors import BadInput, SchemaMismatch
from rarl_eval.files.atomic import write_atomically
from rarl_eval.runs import added as entries
from rarl_eval.runs import database
from rarl_eval.runs.added import Entry, Slot
from rarl_eval.types import Benchmark, Domain, Item, Record

SCHEMA = 1
GROUP_ROWS = 50
GROUP_SECONDS = 1.0
QUEUE_ROWS = 1000

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
        # The manifest comes last: a directory is a run once it has one.
        save_manifest(path, manifest)
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
        raise _unwritable(path, error) from error


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
    manifest = read_manifest(path)
    try:
        with closing(open_database(path)) as db:
            items = db.execute("SELECT task, item FROM items ORDER BY task, position").fetchall()
        return Run(path=path, manifest=manifest, tasks=_tasks(manifest, items), records=_Stored(path))
    except (sqlite3.Error, msgspec.MsgspecError, KeyError) as error:
        raise BadInput(f"{path / DATABASE} is damaged ({error}); run again") from error


class _Stored(Collection[Record]):
    """The records of a run on disk, in order, one at a time."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __iter__(self) -> Iterator[Record]:
        # CROSS JOIN holds SQLite to going through the items in their order, by its indexes, and to sorting nothing.
        joined = "SELECT r.record FROM items i CROSS JOIN records r ON r.task = i.task AND r.key = i.key"
        try:
            with closing(open_database(self._path)) as db:
                added = entries.rewards_by_slot(db)
                for (blob,) in db.execute(joined + " ORDER BY i.task, i.position, r.sample"):
                    yield entries.with_added(RECORD.decode(blob), added)
        except (sqlite3.Error, msgspec.MsgspecError) as error:
            raise BadInput(f"{self._path / DATABASE} is damaged ({error}); run again") from error

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __contains__(self, record: object) -> bool:
        return any(map(record.__eq__, self))


def finished_rewards(path: Path, name: str) -> set[tuple[str, Slot]]:
    """(probe, slot) of every entry of a reward whose calls did not fail; the probe is "" for the trace itself."""
    with closing(open_database(path)) as db:
        return entries.finished(db, name)


def read_entries(path: Path, *, probes: bool) -> list[Entry]:
    """Read the added rewards with their judgements, by name, probe, task, key and sample: of probes, or of traces."""
    try:
        with closing(open_database(path)) as db:
            return entries.read(db, probes=probes)
    except (sqlite3.Error, msgspec.MsgspecError) as error:
        raise BadInput(f"{path / DATABASE} is damaged ({error}); run again") from error


def open_database(path: Path) -> sqlite3.Connection:
    """Open the records of a run to read."""
    return database.to_read(path / DATABASE, SCHEMA)


class Writer(AbstractContextManager["Writer"]):
    """Writes records and added rewards of one run directory from a thread of its own, in groups.

    ``add`` blocks while the disk is behind. A disk error is raised by the next ``add`` or on leaving; what was
    acknowledged before it is safe.
    """

    def __init__(self, path: Path, acknowledged: Callable[[int], None] = lambda _: None) -> None:
        self._path = path
        self._acknowledged = acknowledged
        self._queue: queue.Queue[Record | Entry | None] = queue.Queue(QUEUE_ROWS)
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._write, name="rarl-eval-store", daemon=True)

    def __enter__(self) -> Self:
        self._lock = _lock(self._path)
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, tb: TracebackType | None) -> None:
        self._queue.put(None)
        self._thread.join()
        os.close(self._lock)
        if self._error is not None and not isinstance(value, BadInput):
            raise _unwritable(self._path, self._error) from self._error

    def add(self, record: Record | Entry) -> None:
        """Hand over a record or an added reward; it is acknowledged later, in its group."""
        if self._error is not None:
            raise _unwritable(self._path, self._error) from self._error
        self._queue.put(record)

    def _write(self) -> None:
        try:
            with closing(database.to_write(self._path / DATABASE)) as db:
                db.execute(entries.TABLE)
                while group := self._group():
                    records = [_record_row(r) for r in group if isinstance(r, Record)]
                    with db:
                        db.executemany("INSERT OR REPLACE INTO records VALUES (?, ?, ?, ?, ?)", records)
                        entries.put(db, [e for e in group if isinstance(e, Entry)])
                    self._acknowledged(len(group))
        except Exception as error:  # noqa: BLE001  whatever stops this thread, the producer must hear of it
            self._error = error
            while self._queue.get() is not None:  # let the producer reach its next add, which raises
                pass

    def _group(self) -> list[Record | Entry]:
        """Collect the next group; empty at the end. The end marker is put back for the call that returns empty."""
        first = self._queue.get()
        if first is None:
            return []
        group, until = [first], time.monotonic() + GROUP_SECONDS
        while len(group) < GROUP_ROWS and (left := until - time.monotonic()) > 0:
            try:
                record = self._queue.get(timeout=left)
            except queue.Empty:
                break
            if record is None:
                self._queue.put(None)
                break
            group.append(record)
        return group


RECORD = msgspec.json.Decoder(Record)
ITEM = msgspec.json.Decoder(Item)


def _unwritable(path: Path, error: Exception) -> BadInput:
    return BadInput(f"{path} cannot be written ({error}); records so far are safe: mend it and use --resume")


def _lock(path: Path) -> int:
    try:
        handle = os.open(path / "run.lock", os.O_CREAT | os.O_RDWR, 0o644)
    except OSError as error:
        raise _unwritable(path, error) from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(handle)
        raise BadInput(f"{path} is being written by another process; wait for it or choose another --out") from error
    return handle


def _item_rows(benchmarks: Iterable[Benchmark]) -> Iterable[tuple[str, int, str, bytes]]:
    for benchmark in benchmarks:
        for position, item in enumerate(benchmark.items):
            yield benchmark.task.name, position, item.key, msgspec.json.encode(item)


def _record_row(record: Record) -> tuple[str, str, int, int, bytes]:
    trace = record.trace
    return trace.task, trace.key, trace.sample, int(trace.stop == "error"), msgspec.json.encode(record)


def _tasks(manifest: dict[str, Any], rows: list[tuple[str, bytes]]) -> dict[str, TaskInfo]:
    items: dict[str, dict[str, Item]] = {name: {} for name in manifest["tasks"]}
    for task, blob in rows:
        item = ITEM.decode(blob)
        items[task][item.key] = item
    return {
        name: TaskInfo(
            **{field: t[field] for field in ("domain", "version", "fingerprint")},
            sandbox=t.get("sandbox"),
            style=t.get("prompt_style"),
            answers=t.get("answers", "text"),
            items=items[name],
        )
        for name, t in manifest["tasks"].items()
    }
