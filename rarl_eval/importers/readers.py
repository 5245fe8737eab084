"""Readers of users: another program's rows become Outputs by two functions, found by an entry point or in a file.

A reader says of a file's first row whether it is its own, and makes an Output of each row. What it raises on a row is
that row's affair: it is unread, counted and named, and the others are read.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from rarl_eval import registry
from rarl_eval.errors import BadInput, Fault, attempt
from rarl_eval.files.modules import load_file
from rarl_eval.files.rows import Numbered, read_rows
from rarl_eval.importers.outputs import Log, Output, Unreadable

_OUTPUT = msgspec.json.Decoder(Output).decode


@dataclass(frozen=True, kw_only=True)
class LogReader:
    """How another program's log is recognised and read."""

    name: str
    output: Callable[[Mapping[str, Any]], Output | Iterable[Output] | None]
    """A row to its output, or several; None for a row that holds none."""
    recognises: Callable[[Mapping[str, Any]], bool] = lambda row: False  # noqa: ARG005
    """Whether a file is of this kind, by its first row; without it the reader is only used where it is named."""
    rows: Callable[[Path], Iterable[Mapping[str, Any]]] | None = None
    """Rows of a file that is neither JSON, JSONL, CSV, Parquet nor Arrow."""


def named(name: str) -> LogReader:
    """Return the reader of an entry point, or of ``./file.py``; raises BadInput or UnknownName."""
    if name.endswith(".py"):
        return _checked(getattr(load_file(Path(name), "READER"), "READER", None), name)
    return _checked(registry.load("importers", name), str(registry.owner("importers", name)))


def recognised(path: Path, first: Callable[[], Mapping[str, Any] | None]) -> LogReader | None:
    """Return the one installed reader that knows the file; raises BadInput where two do.

    ``first`` gives its first row, None where it has none that can be read. A reader that fails knows nothing.
    """
    found: list[tuple[LogReader, str]] = []
    for name, claims in registry.owners("importers").items():
        if claims[0].distribution is None or len(claims) > 1:
            continue
        reader = attempt(name, named, name)
        if isinstance(reader, Fault):
            continue
        row = _first(reader, path) if reader.rows else first()
        if row is not None and attempt(name, reader.recognises, row) is True:
            found.append((reader, str(claims[0])))
    if len(found) > 1:
        raise BadInput(f"{path} is known to two readers, {found[0][1]} and {found[1][1]}; name one with --reader")
    return found[0][0] if found else None


def read(reader: LogReader, path: Path) -> Log:
    """Open a file with a reader."""
    unread: list[Unreadable] = []
    return Log(harness=reader.name, outputs=_outputs(reader, path, unread), unread=unread)


def _checked(found: Any, owner: str) -> LogReader:
    if not isinstance(found, LogReader):
        raise BadInput(f"{owner} is no reader; it must hold READER = LogReader(...)")
    return found


def _first(reader: LogReader, path: Path) -> Mapping[str, Any] | None:
    rows = attempt(reader.name, lambda: next(iter(_rows(reader, path)), None))
    return rows[1] if rows is not None and not isinstance(rows, Fault) else None


def _rows(reader: LogReader, path: Path) -> Iterable[Numbered]:
    if reader.rows is None:
        return read_rows(path)
    return ((number, dict(row)) for number, row in enumerate(reader.rows(path), start=1))


def _outputs(reader: LogReader, path: Path, unread: list[Unreadable]) -> Iterator[Output]:
    opened = attempt(reader.name, lambda: iter(_rows(reader, path)))
    rows, position = opened if not isinstance(opened, Fault) else iter(()), 0
    fault = opened if isinstance(opened, Fault) else None
    while fault is None:
        # Our own reading of rows says itself what is wrong with a file.
        row = next(rows, None) if reader.rows is None else attempt(reader.name, next, rows, None)
        if row is None:
            return
        if isinstance(row, Fault):
            fault = row
        else:
            yield from _of_row(reader, path, position, row, unread)
            position += 1
    unread.append(Unreadable(f"{path} after row {position}", fault.reason))


def _of_row(reader: LogReader, path: Path, position: int, row: Numbered, unread: list[Unreadable]) -> Iterator[Output]:
    number, content = row
    made = attempt(reader.name, lambda: _listed(reader.output(content)))
    for repeat, output in enumerate([made] if isinstance(made, Fault) else made):
        held = _held(reader.name, output)
        where = f"{path} row {number}"
        if isinstance(held, Fault):
            unread.append(Unreadable(where, held.reason))
        else:
            place = {"where": where, "position": position, "repeat": repeat}
            yield msgspec.structs.replace(held, **place, row=held.row or dict(content))


def _listed(found: Any) -> list[Any]:
    if found is None:
        return []
    return [found] if isinstance(found, Output) or not isinstance(found, Iterable) else list(found)


def _held(name: str, output: Any) -> Output | Fault:
    """Hold what a reader made to the types of its fields."""
    if isinstance(output, Fault):
        return output
    if not isinstance(output, Output):
        return Fault(name, f"returned {type(output).__name__}, not an Output")
    bare = msgspec.structs.replace(output, row={})
    found = attempt(name, lambda: _OUTPUT(msgspec.json.encode(bare)))
    return found if isinstance(found, Fault) else msgspec.structs.replace(found, row=output.row)
