"""Completions kept by what was asked, shared between runs and between processes at the same time.

The address of a completion is the hash of model identity, rendered messages, sampling parameters, seed, sample
index, task version and prompt style: a repeat of a sample is found again, and another sample of the same item is not
mistaken for it. A process claims an address before it asks the model, so that two runs at once do not ask twice; the
claim of a process that died is taken over. Failed calls are never kept.

Where a server lists a name and not what stands behind it (``alias``), its replies say so: the first question of a
session is asked whatever is kept, and the model that its reply names is part of the address from then on.
"""

import itertools
import os
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec

from rarl_eval.errors import BadInput
from rarl_eval.files.plain import digest
from rarl_eval.models import Completion, Model, Request, processes

SCHEMA = 1
POLL_SECONDS = 0.1

_TABLE = """
CREATE TABLE IF NOT EXISTS completions (
    address TEXT PRIMARY KEY, model TEXT, task TEXT, owner TEXT, made REAL, completion BLOB)
"""
_COMPLETION = msgspec.json.Decoder(Completion)


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """What the cache holds of one model and task."""

    model: str
    task: str
    completions: int
    bytes: int
    oldest: float
    """Seconds since the epoch."""
    newest: float


def default_path() -> Path:
    """Return the cache file: RARL_EVAL_CACHE, or one under the user's cache folder."""
    given = os.environ.get("RARL_EVAL_CACHE")
    if given:
        return Path(given)
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "rarl-eval" / "completions.sqlite"


def entries(path: Path) -> list[Kept]:
    """List what a cache holds, by model and task."""
    if not path.is_file():
        return []
    query = (
        "SELECT model, task, count(*), sum(length(completion)), min(made), max(made) FROM completions "
        "WHERE completion IS NOT NULL GROUP BY model, task ORDER BY model, task"
    )
    with closing(_connect(path)) as db:
        return [
            Kept(model=model, task=task, completions=count, bytes=size, oldest=oldest, newest=newest)
            for model, task, count, size, oldest, newest in db.execute(query)
        ]


def collect_garbage(path: Path, older_than_days: float) -> int:
    """Delete completions older than a number of days and claims of dead processes; return how many went."""
    if not path.is_file():
        return 0
    with closing(_connect(path)) as db:
        with db:
            old = db.execute(
                "DELETE FROM completions WHERE completion IS NOT NULL AND made < ?",
                (time.time() - older_than_days * 86400,),
            ).rowcount
            claims = db.execute("SELECT address, owner, made FROM completions WHERE completion IS NULL").fetchall()
            dead = [(address,) for address, owner, made in claims if not processes.alive(owner, made)]
            db.executemany("DELETE FROM completions WHERE address = ?", dead)
        db.execute("VACUUM")
    return int(old) + len(dead)


class Cached:
    """A model whose completions are kept; it is a model itself."""

    def __init__(self, model: Model, path: Path, versions: Mapping[str, int | str]) -> None:
        self._model = model
        described = model.describe()
        self._alias = bool(described.get("alias"))
        self._identity = {k: v for k, v in described.items() if k not in {"file", "alias"}}
        self._name = str(self._identity["name"])
        self._served_by: str | None = None
        self._versions = versions
        self._path = path
        self._db = _connect(path)
        self._lock = threading.Lock()  # adapters pull requests from threads of their own
        self.hits = 0

    def describe(self) -> dict[str, Any]:
        """Return what the model says of itself."""
        return self._model.describe()

    def close(self) -> None:
        """Close the model and the cache."""
        self._model.close()
        self._db.close()

    def generate(self, requests: Iterable[Request]) -> Iterator[Completion]:
        """Yield what is kept and ask for the rest, as requests come; what another process is asking is waited for.

        A completion that was not asked for now has ``meta["cached"]`` and has cost nothing.
        """
        wanted: Iterable[Request] = requests
        if self._alias:
            wanted = iter(requests)
            if not (yield from self._introduced(wanted)):
                yield from self._model.generate(wanted)  # a server that failed is not known, nor what it had said
                return
        while True:
            kept: deque[Request] = deque()
            theirs: list[Request] = []
            for completion in self._model.generate(self._missing(wanted, kept, theirs)):
                self._keep(completion)
                yield completion
                yield from self._given(kept)
            yield from self._given(kept)
            wanted = yield from self._awaited(theirs)
            if not wanted:
                return

    def _introduced(self, wanted: Iterator[Request]) -> Generator[Completion, None, bool]:
        """Ask the first question for the name in its reply; whether there was a reply."""
        for completion in self._model.generate(itertools.islice(wanted, 1)):
            self._alias = completion.stop == "error"
            self._served_by = completion.meta.get("served_by")
            if not self._alias:
                self._keep(completion)
            yield completion
        return not self._alias

    def _missing(self, wanted: Iterable[Request], kept: deque[Request], theirs: list[Request]) -> Iterator[Request]:
        """Yield the requests that this process has claimed; the others go where they can be had."""
        for request in wanted:
            if self._find(request) is not None:
                kept.append(request)  # and not its text: there may be very many
            elif self._claim(request):
                yield request
            else:
                theirs.append(request)

    def _given(self, kept: deque[Request]) -> Iterator[Completion]:
        while kept:
            found = self._completion(kept.popleft())
            if found is not None:
                yield found

    def _awaited(self, theirs: list[Request]) -> Generator[Completion, None, list[Request]]:
        """Yield what other processes come to have; return the requests that they gave up, or died of."""
        missing = []
        for request in theirs:
            found = self._wait(request)
            if found is None:
                missing.append(request)
            else:
                yield found
        return missing

    def _address(self, request: Request, served_by: str | None = None) -> str:
        asked = msgspec.to_builtins((request.messages, request.sampling, request.seed, request.sample))
        named = served_by or self._served_by
        model = {**self._identity, "served_by": named} if named else self._identity
        return digest([SCHEMA, model, asked, request.task, self._versions[request.task]])

    def _find(self, request: Request) -> bytes | None:
        row = self._row("SELECT completion FROM completions WHERE address = ?", self._address(request))
        return row[0] if row else None

    def _completion(self, request: Request) -> Completion | None:
        found = self._find(request)
        if found is None:
            return None
        self.hits += 1
        completion = _COMPLETION.decode(found)
        # Key and id are the asker's: the same question may stand in another benchmark under another key.
        return msgspec.structs.replace(completion, request=request, meta={**completion.meta, "cached": True})

    def _row(self, query: str, *values: object) -> tuple[Any, ...] | None:
        with self._lock:
            found: tuple[Any, ...] | None = self._execute(query, *values).fetchone()
        return found

    def _execute(self, query: str, *values: object) -> sqlite3.Cursor:
        try:
            return self._db.execute(query, values)
        except sqlite3.Error as error:
            raise BadInput(
                f"the cache {self._path} cannot be used ({error}); what was stored is safe: make room, or go on with "
                "--resume --no-cache"
            ) from error

    def _claim(self, request: Request) -> bool:
        address, me = self._address(request), processes.me()
        new = "INSERT OR IGNORE INTO completions VALUES (?, ?, ?, ?, ?, NULL)"
        held = "SELECT owner, made, completion FROM completions WHERE address = ?"
        take = "UPDATE completions SET owner = ?, made = ? WHERE address = ? AND owner = ? AND completion IS NULL"
        with self._lock:
            if self._execute(new, address, self._name, request.task, me, time.time()).rowcount:
                return True
            owner, made, completion = self._execute(held, address).fetchone() or (me, 0.0, None)
            if completion is not None or (owner != me and processes.alive(owner, made)):
                return False
            return bool(self._execute(take, me, time.time(), address, owner).rowcount)

    def _keep(self, completion: Completion) -> None:
        """Put a completion in the place of its claim; one of a model that was swapped meanwhile has another place."""
        request = completion.request
        claimed = self._address(request)
        place = self._address(request, completion.meta.get("served_by")) if self._served_by else claimed
        with self._lock:
            if completion.stop == "error" or place != claimed:
                self._execute("DELETE FROM completions WHERE address = ? AND completion IS NULL", claimed)
            if completion.stop != "error":
                kept = (
                    "INSERT INTO completions VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (address) DO UPDATE "
                    "SET made = excluded.made, completion = excluded.completion"
                )
                content, owner = msgspec.json.encode(completion), processes.me()
                self._execute(kept, place, self._name, request.task, owner, time.time(), content)

    def _wait(self, request: Request) -> Completion | None:
        """Wait while another process asks; None if it gave up or died."""
        while True:
            found = self._completion(request)
            if found is not None:
                return found
            row = self._row("SELECT owner, made FROM completions WHERE address = ?", self._address(request))
            if row is None or not processes.alive(*row):
                return None
            time.sleep(POLL_SECONDS)


def _connect(path: Path) -> sqlite3.Connection:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        db = sqlite3.connect(path, timeout=60, isolation_level=None, check_same_thread=False)
        db.execute("PRAGMA journal_mode = WAL")
        # A crash of the machine may lose the last entries, never damage the file; they are asked again.
        db.execute("PRAGMA synchronous = NORMAL")
        found = db.execute("PRAGMA user_version").fetchone()[0]
        if found not in {0, SCHEMA}:
            raise BadInput(f"{path} is a cache of schema {found}, this version uses {SCHEMA}; set RARL_EVAL_CACHE")
        db.execute(_TABLE)
        db.execute(f"PRAGMA user_version = {SCHEMA}")
    except (sqlite3.Error, OSError) as error:
        raise BadInput(f"the cache {path} cannot be used ({error}); set RARL_EVAL_CACHE or use --no-cache") from error
    return db
