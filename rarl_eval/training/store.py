"""What is known of a training so far, in one SQLite file: files read, rollouts judged, verdicts by content.

A kill loses at most the last seconds of reading, which are read again. Looking again costs what is new: a file that has
not changed is not opened, one that has grown is read from where it ended, a text that was judged is not judged again,
and what a step came to stands beside it until a row of it changes (summaries.py).
"""

import sqlite3
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rarl_eval.errors import BadInput
from rarl_eval.training.rollouts import Rollout
from rarl_eval.training.seen import Assessed, Seen, Step, number_of, seen_of
from rarl_eval.training.truth import Truth

SCHEMA = 2
BATCH = 512
"""Rows that are written together."""
KEPT = 96
"""Texts kept of each step, to find what pays and to show examples."""

COMMIT_SECONDS = 2.0
"""Between two commits while files are read: each waits for the disk."""
MARKED = 512
"""Bytes of a file's beginning, and of the end of what was read, by which one that has only grown is known."""
NO_STEP = -(2**62)
"""Stands in the table of steps for rollouts that name none."""

_TABLES = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT);
CREATE TABLE IF NOT EXISTS files (path TEXT PRIMARY KEY, size INTEGER, changed INTEGER, done INTEGER, layout TEXT,
    mark INTEGER);
CREATE TABLE IF NOT EXISTS unread (path TEXT, place TEXT, why TEXT);
CREATE TABLE IF NOT EXISTS truths (key BLOB PRIMARY KEY, truth INTEGER, status TEXT, answer INTEGER, reasoning INTEGER)
    WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS rollouts (path TEXT, step INTEGER, grp INTEGER, sample TEXT, held INTEGER, reward REAL,
    parts TEXT, truth INTEGER, status TEXT, answer INTEGER, text INTEGER, prompt INTEGER, gold INTEGER, extras INTEGER,
    length INTEGER, reasoning INTEGER, stop TEXT, loop INTEGER, place TEXT, shown TEXT, asked TEXT,
    known INTEGER, row INTEGER PRIMARY KEY);
CREATE TABLE IF NOT EXISTS steps (step INTEGER PRIMARY KEY, version INTEGER, rollouts INTEGER, held INTEGER,
    kept INTEGER, prompts INTEGER, summary BLOB);
CREATE INDEX IF NOT EXISTS by_step ON rollouts (step);
"""


class Store:
    """The file, opened for one writer."""

    def __init__(self, path: Path, settings: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._db = self._opened(path, settings)
        self._committed = time.monotonic()
        self._counted()

    def _counted(self) -> None:
        """Take up the counts of steps as they stand in the file; those of rows that are added go on from them."""
        self._counts = {
            None if step == NO_STEP else step: [rollouts, held, kept]
            for step, rollouts, held, kept in self._db.execute("SELECT step, rollouts, held, kept FROM steps")
        }
        self._touched: set[int | None] = set()
        self._rows: list[Seen] = []
        self._piece = False

    def _opened(self, path: Path, settings: str) -> sqlite3.Connection:
        """Open what is there if it was made with these settings, else begin anew."""
        try:
            known = path.exists() and path.stat().st_size > 0
            db = sqlite3.connect(path, isolation_level=None)
            found = db.execute("SELECT value FROM meta WHERE name = 'settings'").fetchall() if known else []
            if found and found[0][0] != f"{SCHEMA} {settings}":
                db.close()
                path.unlink()
                return self._opened(path, settings)
            db.executescript(_TABLES)
            db.execute("INSERT OR IGNORE INTO meta VALUES ('settings', ?)", (f"{SCHEMA} {settings}",))
            db.execute("PRAGMA cache_size = -65536")
            db.execute("BEGIN")
        except sqlite3.DatabaseError as error:
            raise BadInput(f"{path} is no file of a watched training ({error}); choose another --out") from error
        return db

    def begin(self, path: Path) -> int | None:
        """Return the byte from which a file is to be read; None where nothing in it is new."""
        state = path.stat()
        known = "SELECT size, changed, done, mark FROM files WHERE path = ?"
        row = self._db.execute(known, (str(path),)).fetchone()
        if row is None:
            return 0
        size, changed, done, mark = row
        if (size, changed) == (state.st_size, state.st_mtime_ns):
            return None
        return int(done) if done and state.st_size >= done and _mark(path, done) == mark else 0

    def open(self, path: Path, begin: int) -> None:
        """Begin to store what is read of a file; from its first byte on, what was read before is forgotten."""
        self._db.execute("SAVEPOINT piece")
        self._piece = True
        if begin == 0 and self._db.execute("SELECT 1 FROM files WHERE path = ?", (str(path),)).fetchone():
            self._forget(path)

    def _forget(self, path: Path) -> None:
        steps = self._db.execute("SELECT DISTINCT step FROM rollouts WHERE path = ?", (str(path),)).fetchall()
        for table in ("rollouts", "unread"):
            self._db.execute(f"DELETE FROM {table} WHERE path = ?", (str(path),))  # noqa: S608  our own names
        for (step,) in steps:
            counted = "SELECT count(*), coalesce(sum(held), 0), count(shown) FROM rollouts WHERE step IS ?"
            self._counts[step] = list(self._db.execute(counted, (step,)).fetchone())
            self._touched.add(step)

    def done(self, path: Path, size: int, changed: int, end: int, layout: str) -> None:
        """Take down how far a file is read."""
        self._flush()
        for step in self._touched:
            self._db.execute(
                _COUNT,
                (NO_STEP if step is None else step, *self._counts[step]),
            )
        self._db.execute("DELETE FROM steps WHERE rollouts = 0")
        self._touched.clear()
        row = (str(path), size, changed, end, layout, _mark(path, end))
        self._db.execute("INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?)", row)
        self._db.execute("RELEASE piece")
        self._piece = False
        if time.monotonic() - self._committed > COMMIT_SECONDS:
            self.commit()

    def commit(self) -> None:
        """Write down what was taken: from here on a kill loses nothing of it."""
        self._db.execute("COMMIT")
        self._db.execute("BEGIN")
        self._committed = time.monotonic()

    def undo(self) -> None:
        """Forget what was begun of the file under work."""
        if self._piece:
            self._db.execute("ROLLBACK TO piece")
            self._db.execute("RELEASE piece")
        self._counted()

    def known(self, key: bytes) -> tuple[Truth, int | None] | None:
        """Return the verdict on a content, and its answer as a number, where it was given before."""
        row = self._db.execute("SELECT truth, status, answer, reasoning FROM truths WHERE key = ?", (key,)).fetchone()
        if row is None:
            return None
        return Truth(None if row[0] is None else bool(row[0]), row[1], None, row[3]), row[2]

    def learn(self, key: bytes, judged: Truth) -> int | None:
        """Keep a verdict; one that a busy machine may have given is not kept. Return its answer as a number."""
        answer = None if judged.answer is None else number_of(judged.answer)
        if judged.status not in {"timeout", "cannot_judge"}:
            row = (key, judged.truth, judged.status, answer, judged.reasoning)
            self._db.execute("INSERT OR REPLACE INTO truths VALUES (?, ?, ?, ?, ?)", row)
        return answer

    def add(self, path: Path, rollout: Rollout, seen: Assessed) -> None:
        """Add a rollout."""
        counts = self._counts.setdefault(rollout.step, [0, 0, 0])
        kept = counts[2] < KEPT
        for place, more in enumerate((1, int(rollout.held_out), int(kept))):
            counts[place] += more
        self._touched.add(rollout.step)
        self._rows.append(seen_of(path, rollout, seen, kept=kept))
        if len(self._rows) >= BATCH:
            self._flush()

    def _flush(self) -> None:
        self._db.executemany(_INSERT, self._rows)
        self._rows = []

    def unread(self, path: Path, place: str, why: str) -> None:
        """Take down a row that could not be read."""
        self._db.execute("INSERT INTO unread VALUES (?, ?, ?)", (str(path), place, why))

    def steps(self) -> list[Step]:
        """Return the steps in their order; rollouts without one come first."""
        for (step,) in self._db.execute("SELECT step FROM steps WHERE prompts IS NULL").fetchall():
            own = self._db.execute("SELECT DISTINCT prompt FROM rollouts WHERE step IS ?", (_named(step),))
            told = number_of(repr(sorted(prompt for (prompt,) in own)))
            self._db.execute("UPDATE steps SET prompts = ? WHERE step = ?", (told, step))
        rows = self._db.execute("SELECT step, version, prompts, summary FROM steps ORDER BY step")
        return [Step(_named(step), *rest) for step, *rest in rows]

    def keep(self, step: int | None, summary: bytes) -> None:
        """Keep what was made of a step."""
        self._db.execute("UPDATE steps SET summary = ? WHERE step = ?", (summary, NO_STEP if step is None else step))

    def rollouts(self, step: int | None) -> list[Seen]:
        """Return the rollouts of a step."""
        rows = self._db.execute("SELECT * FROM rollouts WHERE step IS ? ORDER BY path, row", (step,))
        return [Seen(*row) for row in rows]

    def named(self, rows: Sequence[int]) -> list[Seen]:
        """Return rollouts by the store's names of them, in that order."""
        return [Seen(*self._db.execute("SELECT * FROM rollouts WHERE row = ?", (row,)).fetchone()) for row in rows]

    def told(self) -> dict[str, Any]:
        """Count files, layouts and unread rows."""
        db = self._db
        layouts = [
            name for (name,) in db.execute("SELECT DISTINCT layout FROM files WHERE layout != '' ORDER BY layout")
        ]
        examples = [
            f"{place}: {why}" for place, why in db.execute("SELECT place, why FROM unread ORDER BY rowid LIMIT 3")
        ]
        rollouts, held = db.execute("SELECT coalesce(sum(rollouts), 0), coalesce(sum(held), 0) FROM steps").fetchone()
        return {
            "files": db.execute("SELECT count(*) FROM files").fetchone()[0],
            "layouts": layouts,
            "rollouts": rollouts,
            "held_out": held,
            "unread": db.execute("SELECT count(*) FROM unread").fetchone()[0],
            "unread_first": examples,
        }

    def close(self) -> None:
        """Close the file; a piece that was not done with is read again at the next look."""
        self.undo()
        self._db.execute("COMMIT")
        self._db.close()


def kept_steps(path: Path) -> list[int | None]:
    """Return the steps of which a store holds texts, in order; raises BadInput for a file that is no store."""
    found = _read(path, "SELECT DISTINCT step FROM rollouts WHERE shown IS NOT NULL ORDER BY step", ())
    return [step for (step,) in found]


def kept(path: Path, step: int | None) -> list[Seen]:
    """Return the rollouts of a step whose texts a store holds."""
    asked = "SELECT * FROM rollouts WHERE step IS ? AND shown IS NOT NULL ORDER BY path, row"
    return [Seen(*row) for row in _read(path, asked, (step,))]


def _read(path: Path, asked: str, values: tuple[int | None, ...]) -> list[tuple[Any, ...]]:
    db = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
    try:
        return db.execute(asked, values).fetchall()
    except sqlite3.DatabaseError as error:
        raise BadInput(f"{path} is no file of a watched training ({error}); watch it again") from error
    finally:
        db.close()


def _mark(path: Path, end: int) -> int:
    """Return what stands at the beginning of a file and before a byte as a number: a file written anew has another."""
    with path.open("rb") as file:
        first = file.read(min(end, MARKED))
        file.seek(max(0, end - MARKED))
        return number_of(repr((first, file.read(min(end, MARKED)))))


def _named(step: int) -> int | None:
    return None if step == NO_STEP else step


_COUNT = """INSERT INTO steps VALUES (?, 1, ?, ?, ?, NULL, NULL) ON CONFLICT (step) DO UPDATE SET version = version + 1,
    rollouts = excluded.rollouts, held = excluded.held, kept = excluded.kept, prompts = NULL"""
_INSERT = f"INSERT INTO rollouts VALUES ({', '.join('?' * len(Seen._fields))})"  # noqa: S608  our own names
