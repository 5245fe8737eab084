"""Records and added rewards written to a run directory in groups, from a thread of their own.

A record is acknowledged once its group (at most 50 rows or one second) is on disk, and an acknowledged record is never
lost. One process writes a directory at a time.
"""

import queue
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, closing
from pathlib import Path
from types import TracebackType
from typing import Self

from rarl_eval.errors import BadInput
from rarl_eval.files.atomic import alone
from rarl_eval.runs import added, database
from rarl_eval.runs.added import Entry
from rarl_eval.runs.packed import packed
from rarl_eval.runs.store import DATABASE, unwritable
from rarl_eval.types import Record

GROUP_ROWS = 50
GROUP_SECONDS = 1.0
QUEUE_ROWS = 1000


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
        busy = f"{self._path} is being written by another process; wait for it or choose another --out"
        self._lock = ExitStack()
        try:
            self._lock.enter_context(alone(self._path / "run.lock", busy))
        except OSError as error:
            raise unwritable(self._path, error) from error
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, tb: TracebackType | None) -> None:
        self._queue.put(None)
        self._thread.join()
        self._lock.close()
        if self._error is not None and not isinstance(value, BadInput):
            raise unwritable(self._path, self._error) from self._error

    def add(self, record: Record | Entry) -> None:
        """Hand over a record or an added reward; it is acknowledged later, in its group."""
        if self._error is not None:
            raise unwritable(self._path, self._error) from self._error
        self._queue.put(record)

    def _write(self) -> None:
        try:
            with closing(database.to_write(self._path / DATABASE)) as db:
                db.execute(added.TABLE)
                while group := self._group():
                    records = [_record_row(r) for r in group if isinstance(r, Record)]
                    with db:
                        db.executemany("INSERT OR REPLACE INTO records VALUES (?, ?, ?, ?, ?)", records)
                        added.put(db, [e for e in group if isinstance(e, Entry)])
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


def _record_row(record: Record) -> tuple[str, str, int, int, bytes]:
    trace = record.trace
    return trace.task, trace.key, trace.sample, int(trace.stop == "error"), packed(record)
