"""Verdicts kept between runs, by the content of what was judged (SQLite, one table)."""

import sqlite3
import threading
from dataclasses import replace
from pathlib import Path

import msgspec

from rarl_eval.errors import BadInput
from rarl_eval.sandbox.program import Outcome

_encode, _decode = msgspec.json.encode, msgspec.json.Decoder(Outcome).decode


class Cache:
    """A file of outcomes; a timeout is never kept, since another day may be faster."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._base = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=30)
            self._base.execute("PRAGMA journal_mode=WAL")
            self._base.execute("PRAGMA synchronous=NORMAL")
            self._base.execute("CREATE TABLE IF NOT EXISTS outcomes (key TEXT PRIMARY KEY, outcome BLOB) WITHOUT ROWID")
        except sqlite3.Error as error:
            raise BadInput(f"{path} cannot hold verdicts: {error}; name another file") from error

    def get(self, key: str) -> Outcome | None:
        """Return the outcome kept under a key."""
        with self._lock:
            row = self._base.execute("SELECT outcome FROM outcomes WHERE key = ?", (key,)).fetchone()
        return None if row is None else replace(_decode(row[0]), cached=True)

    def put(self, key: str, outcome: Outcome) -> None:
        """Keep an outcome."""
        if outcome.status != "timeout":
            with self._lock:
                self._base.execute("INSERT OR REPLACE INTO outcomes VALUES (?, ?)", (key, _encode(outcome)))

    def close(self) -> None:
        """Close the file."""
        self._base.close()
