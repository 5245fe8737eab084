"""SQLite files opened to be written by one process, or read by any; what the disk has against it is one sentence."""

import sqlite3
from pathlib import Path

from rarl_eval.errors import BadInput, SchemaMismatch


def to_write(file: Path) -> sqlite3.Connection:
    """Open, or make, a database whose commits are on disk when they return (WAL, ``synchronous=FULL``)."""
    db = sqlite3.connect(file, timeout=30)
    try:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
    except sqlite3.Error:
        db.close()
        raise
    return db


def to_read(file: Path, schema: int) -> sqlite3.Connection:
    """Open a database to read; a full or read-only disk does not keep a finished one from being read."""
    if not file.is_file():
        raise BadInput(f"{file.parent} has no {file.name}; it is damaged: run again")
    log = file.with_name(f"{file.name}-wal")
    # A reader of a WAL database writes an index of the log; without a log nothing can change under a reader.
    ways = ["", "?mode=ro"] + ([] if log.exists() and log.stat().st_size else ["?immutable=1"])
    failures = []
    for way in ways:
        # Whoever reads does so from one thread at a time, but not always from the same.
        db = sqlite3.connect(f"{file.resolve().as_uri()}{way}", uri=True, timeout=30, check_same_thread=False)
        try:
            found = db.execute("PRAGMA user_version").fetchone()[0]
        except sqlite3.OperationalError as error:
            db.close()
            failures.append(str(error))
            continue
        if found != schema:
            db.close()
            raise SchemaMismatch(f"{file} has record schema {found}, this version reads {schema}; run again")
        return db
    raise BadInput(f"{file} cannot be opened ({failures[0]}); check the disk and its permissions")
