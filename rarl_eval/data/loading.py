"""Rows of a benchmark become Items: from the hub, from a file of the same schema, or from one folder for all.

What was loaded is written down: the resolved hub revision and a fingerprint of the items. A lock file holds later
loads to them. Not here: reading file formats (rows.py) and what a row means (the task).
"""

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path

import msgspec

from rarl_eval.data import whole
from rarl_eval.data.calling import item_of, ours
from rarl_eval.data.items import keep
from rarl_eval.errors import BadInput, Fault, LockMismatch, MissingField, attempt, first_line
from rarl_eval.files.atomic import write_atomically
from rarl_eval.files.repositories import PREFIX, fetch
from rarl_eval.files.rows import COMPRESSED, Numbered, read_rows
from rarl_eval.types import Benchmark, Item, Row, Source, Task, Unread

LOCK_SCHEMA = 1
LABORATORY = "fresh:lab"
"""Source paths of the laboratory's items, whose models are fixtures."""


class Locked(msgspec.Struct, frozen=True):
    """What the lock file holds of one task."""

    origin: str
    revision: str | None
    rows: int
    fingerprint: str
    version: int


def load(
    task: Task,
    sources: Mapping[str, str] | None = None,
    lock: Mapping[str, Locked] | None = None,
    *,
    partial: bool = False,
) -> Benchmark:
    """Load a task's items.

    ``sources`` maps task names to local files (``--source``); else the folder RARL_EVAL_DATA is searched for the
    task's ``local`` paths; else the hub is asked. Raises LockMismatch if ``lock`` holds other rows, and
    BadInput if they are known not to be the whole benchmark, unless ``partial`` says that this is meant (whole.py).
    """
    held = (lock or {}).get(task.name)
    origin, revision, rows = _rows(task, _source_of(task, sources or {}), held)
    unread: list[Unread] = []
    items = keep(_items(task, origin, rows, unread))
    if not items:
        first = f"row {unread[0].row}: {unread[0].reason}; " if unread else ""
        raise BadInput(f"{origin} holds no item of {task.name}: {first}check the file and its split")
    benchmark = Benchmark(
        task=task,
        items=items,
        origin=origin,
        revision=revision,
        fingerprint=fingerprint(items),
        unread=tuple(unread),
    )
    if held is not None:
        _hold(benchmark, held)
    return whole.held(benchmark, partial=partial)


def fingerprint(items: Iterable[Item]) -> str:
    """Hash of the items' keys in order (32 hex digits)."""
    digest = hashlib.blake2b(digest_size=16)
    for item in items:
        digest.update(item.key.encode())
    return digest.hexdigest()


def parse_sources(options: Iterable[str]) -> dict[str, str]:
    """Read ``--source TASK=PATH`` options."""
    found: dict[str, str] = {}
    for option in options:
        name, equals, path = option.partition("=")
        if not (name and equals and path):
            raise BadInput(f"--source {option!r} is not TASK=PATH")
        found[name] = path
    return found


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


def _source_of(task: Task, sources: Mapping[str, str]) -> str | None:
    """Return the file given for a task; one for a whole benchmark serves each span of its dates.

    What a release holds its rows do not tell: BadInput where only the whole benchmark's file is given.
    """
    whole, _, window = task.name.partition("@")
    if task.name in sources or whole not in sources or task.generate is not None:
        return sources.get(task.name)
    if task.source.files and window[:1].isalpha():
        raise BadInput(
            f"--source {whole}={sources[whole]}: its rows do not tell which are of {window}; give that release's own "
            f"file with --source {task.name}=PATH, or choose by dates, {whole}@2025-01:2025-05"
        )
    return sources[whole]


def _hold(benchmark: Benchmark, held: Locked) -> None:
    if benchmark.fingerprint != held.fingerprint:
        raise LockMismatch(
            f"{benchmark.task.name}: {benchmark.origin} gives {len(benchmark.items)} items with fingerprint "
            f"{benchmark.fingerprint}, the lock holds {held.rows} with {held.fingerprint} from {held.origin}; "
            "load the locked source or write a new lock"
        )
    if benchmark.task.version != held.version:
        raise LockMismatch(
            f"{benchmark.task.name} is version {benchmark.task.version}, the lock holds {held.version}; "
            "scores are not comparable; write a new lock"
        )


def _rows(task: Task, given: str | None, held: Locked | None) -> tuple[str, str | None, Iterator[Numbered]]:
    if given is not None:
        return given, None, read_rows(given)
    if task.generate is not None:
        return task.source.path, None, enumerate(map(dict, task.generate()), start=1)
    folder = os.environ.get("RARL_EVAL_DATA")
    if folder:
        path = _local(Path(folder), task)
        if path is not None:
            return str(path), None, read_rows(path)
    if task.source.path.startswith(PREFIX):
        return _repository(task.source, held.revision if held else None)
    return _hub(task.source, held.revision if held else None)


def _local(folder: Path, task: Task) -> Path | None:
    if not folder.is_dir():
        raise BadInput(f"RARL_EVAL_DATA={folder} is no folder; set it to a folder or unset it")
    names = [*task.source.local, f"{task.domain}/{task.name}.jsonl", f"{task.name}.jsonl"]
    candidates = (folder / (name + suffix) for name in names for suffix in ("", *COMPRESSED))
    return next((path for path in candidates if path.is_file()), None)


def _repository(source: Source, held_revision: str | None) -> tuple[str, str | None, Iterator[Numbered]]:
    revision = held_revision or source.revision
    paths = [fetch(source.path, revision, file) for file in source.files]
    origin = f"{source.path}@{revision}" if revision else source.path
    return origin, revision, chain.from_iterable(map(read_rows, paths))


def _hub(source: Source, held_revision: str | None) -> tuple[str, str | None, Iterator[Numbered]]:
    """Resolve the revision first, then load exactly it, so that what is written down is what was read."""
    from datasets import load_dataset
    from huggingface_hub import HfApi, hf_hub_download

    try:
        wanted = held_revision or source.revision
        revision = HfApi().dataset_info(source.path, revision=wanted).sha
        if source.files:
            # Read by rows.py: columns of mixed types, as in nested JSON, do not fit the tables of ``datasets``.
            fetched = [hf_hub_download(source.path, f, repo_type="dataset", revision=revision) for f in source.files]
            return f"hub:{source.path}@{revision}", revision, chain.from_iterable(map(read_rows, fetched))
        table = load_dataset(source.path, source.name, split=source.split, revision=revision)
    except Exception as error:  # the hub's own errors share no base class
        raise BadInput(
            f"the hub dataset {source.path} could not be loaded ({type(error).__name__}: {first_line(error)}); "
            "give the rows with --source TASK=PATH or a folder in RARL_EVAL_DATA"
        ) from error
    return f"hub:{source.path}@{revision}", revision, enumerate(table, start=1)


def _items(task: Task, origin: str, rows: Iterator[Numbered], unread: list[Unread]) -> Iterator[Item]:
    """Yield the items; a row that a user's own task fails on is unread, and the rest stands."""
    for number, row in rows:
        parts = attempt("rows", task.rows, row) if task.rows else [row]
        for part in parts if isinstance(parts, Iterable) else [parts]:
            item = part if isinstance(part, Fault) else item_of(task, part)
            if isinstance(item, Fault):
                if ours(task):
                    raise _not_a_row(task, origin, number, row, item)
                unread.append(Unread(number, item.reason))
            elif item is not None:
                yield item if item.id else msgspec.structs.replace(item, id=str(number - 1))


def _not_a_row(task: Task, origin: str, number: int, row: Row, fault: Fault) -> BadInput:
    """Say what is wrong with a row of a shipped benchmark, whose code is not at fault."""
    where = f"{origin} row {number}"
    if fault.error.startswith("KeyError: "):
        field, known = fault.error.removeprefix("KeyError: "), ", ".join(sorted(row)[:12])
        return MissingField(f"{where} has no field {field} (it has {known}); is it a {task.name} file?")
    return BadInput(f"{where} is not a row of {task.name}: {fault.error.partition(': ')[2] or fault.error}")
