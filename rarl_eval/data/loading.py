"""Rows of a benchmark become Items: from the hub, from a file of the same schema, or from one folder for all.

What was loaded is written down: the resolved hub revision and a fingerprint of the items. A lock file holds later
loads to them. Not here: where rows are (sources.py), reading file formats (rows.py) and what a row means (the task).
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

import msgspec

from rarl_eval.data import whole
from rarl_eval.data.calling import item_of, ours
from rarl_eval.data.items import keep
from rarl_eval.data.locks import Locked, examples_of, hold
from rarl_eval.data.sources import Found, find, unreachable
from rarl_eval.errors import BadInput, Fault, LockMismatch, MissingField, Unreachable, attempt
from rarl_eval.files.rows import Numbered
from rarl_eval.types import Benchmark, Item, Row, Task, Unread

LABORATORY = "fresh:lab"
"""Source paths of the laboratory's items, whose models are fixtures."""


def load(
    task: Task,
    sources: Mapping[str, str] | None = None,
    lock: Mapping[str, Locked] | None = None,
    *,
    partial: bool = False,
    first: int | None = None,
    folder: bool = True,
) -> Benchmark:
    """Load a task's items.

    ``sources`` maps task names to local files (``--source``); else the folder RARL_EVAL_DATA is searched for the
    task's ``local`` paths (unless ``folder`` says not to); else the hub is asked. ``first`` says how many items are
    wanted, where fetching all of a source of many files would be waste. Raises LockMismatch if ``lock`` holds other
    rows, Unreachable where nobody gives them, and BadInput if they are known not to be the whole benchmark, unless
    ``partial`` says that this is meant (whole.py).
    """
    examples_of(task.name, lock)
    held = (lock or {}).get(task.name)
    given = _source_of(task, sources or {})
    found = find(task, given, held.revision if held else None, first=first, folder=folder)
    try:
        return _checked(_benchmark(task, found, first), held, partial=partial)
    except Unreachable as error:
        raise unreachable(task, error) from error
    except (BadInput, LockMismatch):
        found.drop()
        raise


def _benchmark(task: Task, found: Found, first: int | None) -> Benchmark:
    unread: list[Unread] = []
    stream = _items(task, found.origin, found.rows, unread)
    items = keep(islice(stream, first) if found.stops else stream)
    if not items:
        told = f"row {unread[0].row}: {unread[0].reason}; " if unread else ""
        raise BadInput(f"{found.origin} holds no item of {task.name}: {told}check the file and its split")
    return Benchmark(
        task=task,
        items=items,
        origin=found.origin,
        revision=found.revision,
        fingerprint=fingerprint(items),
        cut=found.stops and len(items) == first,
        unread=tuple(unread),
    )


def _checked(benchmark: Benchmark, held: Locked | None, *, partial: bool) -> Benchmark:
    if held is not None:
        hold(benchmark, held)
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
