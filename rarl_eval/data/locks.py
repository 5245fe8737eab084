"""Lock files: what each benchmark resolved to, so that later loads are held to the same rows."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from rarl_eval.errors import BadInput, LockMismatch
from rarl_eval.files.atomic import write_atomically
from rarl_eval.types import Benchmark

LOCK_SCHEMA = 1


class Locked(msgspec.Struct, frozen=True):
    """What the lock file holds of one task, or of the examples ``TASK/few-shot`` that it shows."""

    origin: str
    revision: str | None
    rows: int
    fingerprint: str
    version: int


def write_lock(path: Path, benchmarks: Iterable[Benchmark]) -> None:
    """Write what each benchmark resolved to, so that later runs can be held to it."""
    tasks = {b.task.name: Locked(b.origin, b.revision, len(b.items), b.fingerprint, b.task.version) for b in benchmarks}
    text = msgspec.json.format(msgspec.json.encode({"schema": LOCK_SCHEMA, "tasks": tasks}), indent=2)
    write_atomically(path, text + b"\n")


def read_lock(path: Path) -> dict[str, Locked]:
    """Read a lock file."""
    try:
        found = msgspec.json.decode(path.read_bytes())
        if found.get("schema") != LOCK_SCHEMA:
            raise BadInput(f"{path} has lock schema {found.get('schema')}, this version reads {LOCK_SCHEMA}")
        return msgspec.convert(found["tasks"], dict[str, Locked])
    except (OSError, msgspec.MsgspecError, KeyError, AttributeError) as error:
        raise BadInput(f"{path} is no lock file ({error}); write one with: rarl-eval tasks --lock {path}") from error


def examples_of(name: str, lock: Mapping[str, Locked] | None) -> None:
    """Raise LockMismatch where a lock holds a task and not the examples that are to be shown for it."""
    if lock and name not in lock and name.removesuffix("/few-shot") in lock:
        raise LockMismatch(
            f"the lock holds {name.removesuffix('/few-shot')} and not the rows that its examples come from; write a "
            "new lock with: rarl-eval tasks --lock FILE"
        )


def hold(benchmark: Benchmark, held: Locked) -> None:
    """Raise LockMismatch, with what differs, where a benchmark is not what the lock holds.

    Of one whose first items alone were read, the commit says that the rest is the same.
    """
    count = len(benchmark.items)
    if not benchmark.cut and benchmark.fingerprint != held.fingerprint:
        differs = "other items" if count == held.rows else f"{count:,} items, not {held.rows:,},"
        raise LockMismatch(
            f"{benchmark.task.name}: {benchmark.origin} gives {differs} with fingerprint "
            f"{benchmark.fingerprint}, the lock holds {held.rows} with {held.fingerprint} from {held.origin}; "
            "load the locked source or write a new lock"
        )
    if benchmark.task.version != held.version:
        raise LockMismatch(
            f"{benchmark.task.name} is version {benchmark.task.version}, the lock holds {held.version}; "
            "scores are not comparable; write a new lock"
        )
