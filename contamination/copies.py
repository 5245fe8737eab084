"""Copies of shards with some of their documents left out or cut, each in the format it has.

JSON lines, CSV and TSV keep every byte of what stays, plain, gzip or zstd; a JSON list keeps its values; Parquet and
Arrow keep their schema, and a ``datasets`` folder the files that make it one; a folder of text keeps its other files.
Not here: which documents go (clean.py), and what is cut out of them (cutting.py).
"""

import csv
import gzip
import io
import json
import shutil
from collections.abc import Callable, Iterator
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rarl_eval.contamination.corpus.documents import parse
from rarl_eval.contamination.corpus.readers import MAX_LINE
from rarl_eval.contamination.corpus.shards import Shard
from rarl_eval.contamination.corpus.unpack import FAULTS, Intake, encoding_of, head_of, packing, unfolded
from rarl_eval.contamination.corpus.web import WARC
from rarl_eval.contamination.cutting import Changes, replaced, spliced
from rarl_eval.errors import BadInput
from rarl_eval.files.rows import open_bytes, suffix_of


@dataclass(frozen=True)
class Edits:
    """What is done with the flagged documents of a shard."""

    flagged: AbstractSet[str]
    """Their names."""
    cut: Callable[[str, Any], Changes | None]
    """From name and row to what changes in it; None: the document is left out."""
    give_up: Callable[[str], None]
    """Told of a document that could not be written as it was cut, and is left out."""

    def row(self, name: str, row: Any) -> Any:
        """Give the row to be written in place of one; None for none."""
        changes = self.cut(name, row) if name in self.flagged else {}
        return None if changes is None else replaced(row, changes)

    def line(self, name: str, line: bytes) -> bytes | None:
        """Give the line of JSON to be written in place of one; None for none."""
        value = parse(line)
        changes = self.cut(name, value) if value is not None else None
        if changes is None:
            return None
        told = spliced(line, value, changes)
        if told is None:
            self.give_up(name)
        return told


Copier = Callable[[Shard, Path, Edits], tuple[int, int]]
"""From a shard, the folder to write to and what is done with its documents, to how many were kept and left out."""
_BESIDE = ("dataset_info.json", "state.json")
"""What makes a folder of Arrow files one that ``datasets`` loads."""


def copier(shard: Shard) -> Copier:
    """How a shard is copied; BadInput for a format that is not."""
    if shard.remote is not None:
        raise BadInput(f"{shard.name} cannot be cleaned where it lies; copy it to this machine first")
    for file in shard.files:
        _check_plain(file)
    if shard.kind == "text":
        return _copy_files
    path = shard.files[0] if shard.files else Path("-")
    kind = suffix_of(path)
    if shard.kind == "jsonl" or (shard.kind == "rows" and kind == ".json" and _is_lines(path)):
        return _copy_lines
    found = {
        ".parquet": _copy_parquet,
        ".arrow": _copy_arrow,
        ".csv": _copy_csv,
        ".tsv": _copy_csv,
        ".json": _copy_list,
    }
    if kind not in found or shard.kind == "stdin":
        raise BadInput(
            f"{shard.name} cannot be cleaned: only JSON lines, JSON lists, CSV, TSV, Parquet, Arrow and folders of "
            "text can be copied as they are"
        )
    return found[kind]


def _check_plain(path: Path) -> None:
    """Refuse a file that is read, but not written: packed otherwise than by gzip or zstd, an archive, not UTF-8."""
    try:
        with path.open("rb") as stream:
            head = next(unfolded(stream, Intake()), b"")
        how = packing(head_of(path))
    except FAULTS as error:
        raise BadInput(f"{path} cannot be read: {error}; a copy of what was not scanned would not be clean") from error
    inner = packing(head) or ("a web archive" if head.startswith(WARC) else None)
    if how in {"bz2", "xz", "lz4"} or (inner and path.suffix.lower() not in {".parquet", ".arrow", ".feather"}):
        raise BadInput(
            f"{path} cannot be cleaned: it is {inner or how}, which can be read, not written; unpack it first"
        )
    if encoding_of(head):
        raise BadInput(f"{path} cannot be cleaned: it is in {encoding_of(head)}; convert it to UTF-8 first")


def _is_lines(path: Path) -> bool:
    """Whether a ``.json`` file holds JSON lines: two of them that are objects each."""
    try:
        with open_bytes(path) as source:
            head = [line for line in (source.readline(1 << 20) for _ in range(8)) if line.strip()][:2]
        return len(head) == 2 and all(isinstance(json.loads(line), dict) for line in head)
    except (ValueError, RecursionError, OSError, EOFError):
        return False


def _copy_lines(shard: Shard, out: Path, edits: Edits) -> tuple[int, int]:
    path, name = shard.files[0], shard.names[0]
    target = _target(out, name)
    kept = left = 0
    with open_bytes(path) as source, _same_packing(path, target) as sink:
        for number, line in enumerate(iter(source.readline, b""), start=1):
            document = f"{name}:{number}"
            told = edits.line(document, line) if document in edits.flagged else line
            sink.write(told or b"")
            kept += bool(told and told.strip())
            left += told is None
    return kept, left


def _copy_csv(shard: Shard, out: Path, edits: Edits) -> tuple[int, int]:
    """Copy records with the lines they take up; a record is called after its last line."""
    path, name = shard.files[0], shard.names[0]
    lines: list[str] = []
    kept = left = 0

    def noted(source: io.TextIOWrapper) -> Iterator[str]:
        for line in source:
            lines.append(line)
            yield line

    with (
        io.TextIOWrapper(open_bytes(path), encoding="utf-8", newline="") as source,
        _same_packing(path, _target(out, name)) as sink,
    ):
        delimiter = "\t" if suffix_of(path) == ".tsv" else ","
        reader = csv.reader(noted(source), delimiter=delimiter, strict=True)
        header: list[str] = []
        for number, record in enumerate(reader):
            document, told = f"{name}:{reader.line_num}", "".join(lines)
            header = header or record
            if document in edits.flagged:
                row = edits.row(document, dict(zip(header, record, strict=False)))
                told = "" if row is None else _record(row, header, record, told, delimiter)
            sink.write(told.encode())
            kept += bool(number and record and told)
            left += not told
            lines.clear()
    return kept, left


def _record(row: dict[str, str], header: list[str], record: list[str], told: str, delimiter: str) -> str:
    """Write a record whose cells were cut, with what it has beyond the header, and its own line end."""
    cells = [row.get(name, cell) for name, cell in zip(header, record, strict=False)] + record[len(header) :]
    sink = io.StringIO()
    csv.writer(sink, delimiter=delimiter).writerow(cells)
    return sink.getvalue().removesuffix("\r\n") + told[len(told.rstrip("\r\n")) :]


def _copy_list(shard: Shard, out: Path, edits: Edits) -> tuple[int, int]:
    path, name = shard.files[0], shard.names[0]
    with open_bytes(path) as source:
        rows = json.loads(source.read())
    if not isinstance(rows, list):
        raise BadInput(f"{path} cannot be cleaned: it is JSON, but no list of rows; make it one, or JSON lines")
    told = [edits.row(f"{name}:{number}", row) for number, row in enumerate(rows, start=1)]
    kept = [row for row in told if row is not None]
    with _same_packing(path, _target(out, name)) as sink:
        sink.write(json.dumps(kept, ensure_ascii=False, indent=1).encode("utf-8", "surrogatepass") + b"\n")
    return len(kept), len(rows) - len(kept)


@contextmanager
def _same_packing(path: Path, target: Path) -> Iterator[Any]:
    """Open ``target`` for writing, packed as ``path`` is; gzip without a time, so that copies are equal."""
    with path.open("rb") as stream:
        magic = stream.read(4)
    with target.open("wb") as plain:
        if magic[:2] == b"\x1f\x8b":
            with gzip.GzipFile(filename="", mode="wb", fileobj=plain, mtime=0) as packed:
                yield packed
        elif magic == b"\x28\xb5\x2f\xfd":
            import zstandard

            with zstandard.ZstdCompressor().stream_writer(plain, closefd=False) as packed:
                yield packed
        else:
            yield plain


def _copy_parquet(shard: Shard, out: Path, edits: Edits) -> tuple[int, int]:
    import pyarrow.parquet as pq

    target = _target(out, shard.names[0])
    with pq.ParquetFile(shard.files[0]) as source, pq.ParquetWriter(target, source.schema_arrow) as sink:
        return _copy_batches(source.iter_batches(), sink, shard.names[0], edits)


def _copy_arrow(shard: Shard, out: Path, edits: Edits) -> tuple[int, int]:
    """Copy an Arrow stream or file as what it is, with what lies beside it in a ``datasets`` folder."""
    import pyarrow as pa

    path, target = shard.files[0], _target(out, shard.names[0])
    for name in _BESIDE:
        if (path.parent / name).is_file() and not (target.parent / name).exists():
            shutil.copyfile(path.parent / name, target.parent / name)
    splits = path.parent.parent / "dataset_dict.json"
    if splits.is_file() and out in target.parent.parent.parents:
        shutil.copyfile(splits, target.parent.parent / splits.name)
    with pa.memory_map(str(path)) as source:
        try:
            reader, write = pa.ipc.open_stream(source), pa.ipc.new_stream
        except pa.ArrowInvalid:
            source.seek(0)
            reader, write = pa.ipc.open_file(source), pa.ipc.new_file
        batches = reader if write is pa.ipc.new_stream else map(reader.get_batch, range(reader.num_record_batches))
        with write(str(target), reader.schema) as sink:
            return _copy_batches(batches, sink, shard.names[0], edits)


def _copy_batches(batches: Any, sink: Any, name: str, edits: Edits) -> tuple[int, int]:
    import pyarrow as pa

    number = left = 0
    for batch in batches:
        rows = {row: f"{name}:{number + row + 1}" for row in range(len(batch))}
        number += len(batch)
        told = {row: edits.row(d, batch.slice(row, 1).to_pylist()[0]) for row, d in rows.items() if d in edits.flagged}
        begin, pieces = 0, []
        for row, new in [*told.items(), (len(batch), None)]:  # what stays is passed on, what was cut is made anew
            pieces.append(batch.slice(begin, row - begin))
            if new is not None:
                pieces.append(pa.RecordBatch.from_pylist([new], batch.schema))
            begin = row + 1
        sink.write_table(pa.Table.from_batches(pieces).combine_chunks())
        left += sum(new is None for new in told.values())
    return number - left, left


def _copy_files(shard: Shard, out: Path, edits: Edits) -> tuple[int, int]:
    """Copy text files; one that holds JSON lines after all is copied line by line."""
    kept = left = 0
    for path, name in zip(shard.files, shard.names, strict=True):
        if any(d.startswith(f"{name}:") for d in edits.flagged):
            k, d = _copy_lines(Shard(name, "jsonl", (path,), (name,)), out, edits)
            kept, left = kept + k, left + d
        elif name not in edits.flagged:
            shutil.copyfile(path, _target(out, name))
            kept += 1
        elif (text := _cut_text(path, name, edits)) is not None:
            _target(out, name).write_bytes(text)
            kept += 1
        else:
            left += 1
    return kept, left


def _cut_text(path: Path, name: str, edits: Edits) -> bytes | None:
    """Give a text file without what is cut; None for one that is no UTF-8, or too large to be cut."""
    try:
        text = path.read_bytes().decode() if path.stat().st_size <= MAX_LINE else None
    except UnicodeDecodeError:
        text = None
    told: str | None = edits.row(name, text) if text is not None else None
    return told.encode() if told is not None else None


def _target(out: Path, name: str) -> Path:
    target = out / name
    if target.exists():
        raise BadInput(f"two files of the corpus are called {name}; clean them apart, into folders of their own")
    target.parent.mkdir(parents=True, exist_ok=True)
    return target
