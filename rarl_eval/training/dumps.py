"""The files of a training's dump, and the rollouts in what is new of them. A file may still be growing.

A line without an end that is no JSON yet is left for the next look; a line that is none at all is unread, counted
and shown. Files of rollouts that stand elsewhere too (prime-rl's ``effective`` beside ``all``), and of no rollouts,
are left out and said.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from rarl_eval.errors import BadInput, Fault, attempt
from rarl_eval.files.rows import MAX_LINE_BYTES, parse_json, read_rows, suffix_of
from rarl_eval.importers.outputs import mapping, value_at
from rarl_eval.training.layouts import FieldNames, Layout, layout_of
from rarl_eval.training.pickled import read_saved
from rarl_eval.training.rollouts import Rollout
from rarl_eval.training.tokens import with_texts

SUFFIXES = {".jsonl", ".ndjson", ".json", ".parquet", ".csv", ".tsv", ".arrow", ".pt", ".pth"}
_ASIDE = re.compile(
    r"(?:_materialized_inputs|aggregated_results|_agent_metrics|_metadata)\.jsonl$|"
    r"(?:^|/)(?:metadata|meta|results|config|batch_summary|eval|params|trainer_state)\.json$"
)
_NUMBERS = re.compile(r"(\d+)")


class Piece(NamedTuple):
    """What one look at a file found."""

    rollouts: Iterator[Rollout]
    end: Callable[[], int]
    """Byte up to which the file is done with, once the rollouts are read; 0 for one that is read as a whole."""


class Sayings(NamedTuple):
    """What a reader has to say besides rollouts."""

    unread: Callable[[str, str], None]
    """Where a row stands that could not be read, and why."""
    layout: Callable[[str], None]
    """What a file was recognised as."""


def files_of(given: Sequence[Path]) -> tuple[list[Path], list[str]]:
    """Return the files in dumps by the numbers in their names, and what is left out with the reason."""
    found: list[Path] = []
    for path in given:
        if not path.exists():
            raise BadInput(f"{path} does not exist; name a file or folder of rollouts")
        inside = sorted((p for p in path.rglob("*") if _is_dump(p, path)), key=_by_number) if path.is_dir() else [path]
        if not inside:
            raise BadInput(f"{path} holds no file of rollouts ({', '.join(sorted(SUFFIXES))})")
        found += inside
    whole = {path.parent.parent for path in found if path.parent.name == "all"}
    twice = [path for path in found if path.parent.name == "effective" and path.parent.parent in whole]
    said = [f"{len(twice)} files of 'effective' are left out: 'all' holds their rollouts"] if twice else []
    return [path for path in dict.fromkeys(found) if path not in twice], said


def _is_dump(path: Path, folder: Path) -> bool:
    inner = path.relative_to(folder)
    hidden = any(part.startswith(".") for part in inner.parts)
    return not hidden and path.is_file() and suffix_of(path) in SUFFIXES and not _ASIDE.search(str(inner))


def _by_number(path: Path) -> list[tuple[int, int, str]]:
    parts = _NUMBERS.split(str(path))
    return [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in parts]


def read_piece(path: Path, columns: FieldNames, begin: int, told: Sayings) -> Piece:
    """Open what stands in a file from byte ``begin`` on; raises BadInput for a file that cannot be one of rollouts."""
    if suffix_of(path) in {".jsonl", ".ndjson"} and suffix_of(path) == path.suffix.lower():
        lines = _Lines(path, begin, told)
        return Piece(_rollouts(lines.rows(), path, columns, told), lambda: lines.end)
    return Piece(_rollouts(_rows(path), path, columns, told), lambda: 0)


def _rows(path: Path) -> Iterator[tuple[int, Any]]:
    if suffix_of(path) in {".pt", ".pth"}:
        return iter([(1, read_saved(path))])
    if suffix_of(path) == ".json":
        return enumerate(_objects(path), start=1)
    return read_rows(path)


def _objects(path: Path) -> Iterator[Any]:
    """Rows of a JSON file: one object, a list, or a table of columns and data."""
    if path.stat().st_size > MAX_LINE_BYTES:
        raise BadInput(f"{path} is larger than {MAX_LINE_BYTES >> 20} MiB; write one object a line (.jsonl)")
    value = parse_json(path, "as a whole", path.read_bytes())
    table = mapping(value)
    if isinstance(table.get("columns"), list) and isinstance(table.get("data"), list):
        return (dict(zip(table["columns"], cells, strict=False)) for cells in table["data"])
    return iter(value if isinstance(value, list) else [value])


class _Lines:
    """The whole lines of a file from a byte on, and where they end."""

    def __init__(self, path: Path, begin: int, told: Sayings) -> None:
        self._path, self.end, self._told = path, begin, told

    def rows(self) -> Iterator[tuple[int, Any]]:
        with self._path.open("rb") as stream:
            stream.seek(self.end)
            while line := stream.readline(MAX_LINE_BYTES + 1):
                begin = self.end
                if len(line) > MAX_LINE_BYTES:
                    raise BadInput(f"{self._path} has a line of more than {MAX_LINE_BYTES >> 20} MiB at byte {begin}")
                try:
                    row = parse_json(self._path, f"at byte {begin}", line) if line.strip() else None
                except BadInput as error:
                    if not line.endswith(b"\n"):
                        return  # still being written
                    self._told.unread(f"{self._path} at byte {begin}", str(error))
                    row = None
                self.end = begin + len(line)
                if row is not None:
                    yield begin, row


def _rollouts(rows: Iterator[tuple[int, Any]], path: Path, columns: FieldNames, told: Sayings) -> Iterator[Rollout]:
    known: Layout | None = None
    for number, row in rows:
        where = f"{path} row {number}"
        if not isinstance(row, Mapping):
            told.unread(where, "it is no object")
            continue
        try:
            row = with_texts(row, columns.tokenizer)  # noqa: PLW2901  the same row, read on
        except BadInput as error:
            told.unread(where, str(error))
            continue
        layout = (layout_of(row) if columns.text is None else None) or columns.layout(row)
        if layout is None:
            told.unread(where, f"it holds no text and reward that are known: {', '.join(sorted(map(str, row))[:8])}")
            continue
        if layout.name != (known and known.name):
            known = layout
            told.layout(layout.name)
        found = attempt(layout.name, lambda: [_checked(one) for one in layout.read(row, path)])  # noqa: B023  called here
        if isinstance(found, Fault):
            told.unread(where, found.error)
            continue
        named = {} if columns.gold is None else {"gold": value_at(row, columns.gold)}
        for rollout in found:
            yield msgspec.structs.replace(rollout, where=where, **(named if named.get("gold") is not None else {}))


def _checked(rollout: Rollout) -> Rollout:
    """Hold a rollout to its types, which a hostile row may not keep to."""
    bare = msgspec.structs.replace(rollout, prompt=None, gold=None)
    msgspec.json.decode(msgspec.json.encode(bare), type=Rollout)
    return rollout
