"""What is known of a training so far, in one SQLite file: files read, rollouts judged, verdicts by content.

A kill loses at most the piece under work. Looking again costs what is new: a file that has not changed is not opened,
one that has grown is read from where it ended, and a text that was judged is not judged again.
"""

import hashlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from rarl_eval.errors import BadInput
from rarl_eval.training.rollouts import Rollout
from rarl_eval.training.truth import Truth

SCHEMA = 1
SHOWN = 1500
"""Characters kept of a sampled text's beginning and of its end."""
KEPT = 96
"""Texts kept of each step, to find what pays and to show examples."""

_TABLES = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT);
CREATE TABLE IF NOT EXISTS files (path TEXT PRIMARY KEY, size INTEGER, changed INTEGER, done INTEGER, layout TEXT);
CREATE TABLE IF NOT EXISTS unread (path TEXT, place TEXT, why TEXT);
CREATE TABLE IF NOT EXISTS truths (key BLOB PRIMARY KEY, truth INTEGER, status TEXT, answer INTEGER, reasoning INTEGER)
    WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS rollouts (path TEXT, step INTEGER, grp INTEGER, sample TEXT, held INTEGER, reward REAL,
    parts TEXT, truth INTEGER, status TEXT, answer INTEGER, text INTEGER, prompt INTEGER, gold INTEGER, extras INTEGER,
    length INTEGER, reasoning INTEGER, stop TEXT, loop INTEGER, place TEXT, shown TEXT, asked TEXT);
CREATE INDEX IF NOT EXISTS by_step ON rollouts (step);
CREATE INDEX IF NOT EXISTS by_path ON rollouts (path);
"""


class Seen(NamedTuple):
    """One stored rollout, its texts as numbers; the order is the table's."""

    path: str
    step: int | None
    group: int
    sample: str | None
    held_out: int
    reward: float | None
    parts: str
    truth: int | None
    status: str
    answer: int | None
    text: int
    prompt: int
    gold: int | None
    extras: int | None
    length: int
    reasoning: int | None
    stop: str | None
    loop: int
    place: str
    shown: str | None
    asked: str | None


class Store:
    """The file, opened for one writer."""

    def __init__(self, path: Path, settings: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._db = self._opened(path, settings)
        self._kept = dict(self._db.execute("SELECT step, count(shown) FROM rollouts GROUP BY step"))

    def _opened(self, path: Path, settings: str) -> sqlite3.Connection:
        """Open what is there if it was made with these settings, else begin anew."""
        try:
            db = sqlite3.connect(path)
            db.executescript(_TABLES)
            found = db.execute("SELECT value FROM meta WHERE name = 'settings'").fetchone()
            if found is not None and found[0] != f"{SCHEMA} {settings}":
                db.close()
                path.unlink()
                return self._opened(path, settings)
            db.execute("INSERT OR IGNORE INTO meta VALUES ('settings', ?)", (f"{SCHEMA} {settings}",))
            db.commit()
        except sqlite3.DatabaseError as error:
            raise BadInput(f"{path} is no file of a watched training ({error}); choose another --out") from error
        return db

    def begin(self, path: Path) -> int | None:
        """Return the byte from which a file is to be read; None where nothing in it is new.

        What was read of a file that is not only longer is forgotten.
        """
        state = path.stat()
        row = self._db.execute("SELECT size, changed, done FROM files WHERE path = ?", (str(path),)).fetchone()
        if row is not None and row[:2] == (state.st_size, state.st_mtime_ns):
            return None
        if row is not None and row[2] and state.st_size >= row[2]:
            return int(row[2])
        for table in ("rollouts", "unread"):
            self._db.execute(f"DELETE FROM {table} WHERE path = ?", (str(path),))  # noqa: S608  our own names
        return 0

    def done(self, path: Path, size: int, changed: int, end: int, layout: str) -> None:
        """Take down how far a file is read; from here on a kill loses nothing of it."""
        self._db.execute("INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?)", (str(path), size, changed, end, layout))
        self._db.commit()

    def undo(self) -> None:
        """Forget what was begun of the file under work."""
        self._db.rollback()

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

    def add(self, path: Path, rollout: Rollout, judged: Truth, answer: int | None, asked: str, loop: bool) -> None:
        """Add a rollout."""
        prompt = number_of(asked)
        kept = self._kept.get(rollout.step, 0) < KEPT
        self._kept[rollout.step] = self._kept.get(rollout.step, 0) + kept
        seen = Seen(
            path=str(path),
            step=rollout.step,
            group=number_of(f"{rollout.step}/{rollout.group or prompt}"),
            sample=rollout.sample,
            held_out=int(rollout.held_out),
            reward=rollout.reward,
            parts=msgspec.json.encode(rollout.rewards).decode(),
            truth=None if judged.truth is None else int(judged.truth),
            status=judged.status,
            answer=answer,
            text=number_of(rollout.text),
            prompt=prompt,
            gold=None if rollout.gold is None else number_of(repr(rollout.gold)),
            extras=number_of(rollout.extras) if rollout.extras else None,
            length=len(rollout.text) + len(rollout.reasoning or ""),
            reasoning=judged.reasoning,
            stop=rollout.stop,
            loop=int(loop),
            place=rollout.where,
            shown=bounded(rollout.text) if kept else None,
            asked=asked[-SHOWN:] if kept else None,
        )
        self._db.execute(f"INSERT INTO rollouts VALUES ({', '.join('?' * len(seen))})", seen)  # noqa: S608

    def unread(self, path: Path, place: str, why: str) -> None:
        """Take down a row that could not be read."""
        self._db.execute("INSERT INTO unread VALUES (?, ?, ?)", (str(path), place, why))

    def steps(self) -> Iterator[tuple[int | None, list[Seen]]]:
        """Yield the rollouts of each step, in order of steps; those without one come first."""
        for (step,) in self._db.execute("SELECT DISTINCT step FROM rollouts ORDER BY step").fetchall():
            rows = self._db.execute("SELECT * FROM rollouts WHERE step IS ? ORDER BY path, rowid", (step,))
            yield step, [Seen(*row) for row in rows]

    def told(self) -> dict[str, Any]:
        """Count files, layouts and unread rows."""
        db = self._db
        layouts = [
            name for (name,) in db.execute("SELECT DISTINCT layout FROM files WHERE layout != '' ORDER BY layout")
        ]
        examples = [
            f"{place}: {why}" for place, why in db.execute("SELECT place, why FROM unread ORDER BY rowid LIMIT 3")
        ]
        return {
            "files": db.execute("SELECT count(*) FROM files").fetchone()[0],
            "layouts": layouts,
            "rollouts": db.execute("SELECT count(*) FROM rollouts").fetchone()[0],
            "held_out": db.execute("SELECT count(*) FROM rollouts WHERE held").fetchone()[0],
            "unread": db.execute("SELECT count(*) FROM unread").fetchone()[0],
            "unread_first": examples,
        }

    def close(self) -> None:
        """Close the file."""
        self._db.commit()
        self._db.close()


def kept_steps(path: Path) -> list[int | None]:
    """Return the steps of which a store holds texts, in order; raises BadInput for a file that is no store."""
    found = _read(path, "SELECT DISTINCT step FROM rollouts WHERE shown IS NOT NULL ORDER BY step", ())
    return [step for (step,) in found]


def kept(path: Path, step: int | None) -> list[Seen]:
    """Return the rollouts of a step whose texts a store holds."""
    asked = "SELECT * FROM rollouts WHERE step IS ? AND shown IS NOT NULL ORDER BY path, rowid"
    return [Seen(*row) for row in _read(path, asked, (step,))]


def _read(path: Path, asked: str, values: tuple[int | None, ...]) -> list[tuple[Any, ...]]:
    db = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
    try:
        return db.execute(asked, values).fetchall()
    except sqlite3.DatabaseError as error:
        raise BadInput(f"{path} is no file of a watched training ({error}); watch it again") from error
    finally:
        db.close()


def number_of(text: str) -> int:
    """Return a text as a number of 63 bits; two texts share one by chance alone."""
    digest = hashlib.blake2b(text.encode("utf-8", "backslashreplace"), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1


def bounded(text: str) -> str:
    """Return beginning and end of a text."""
    return text if len(text) <= 2 * SHOWN else f"{text[:SHOWN]} … {text[-SHOWN:]}"
