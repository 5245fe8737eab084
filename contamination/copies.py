"""Copies of shards without some of their documents, each in the format it has.

JSON lines, CSV and TSV keep every byte of what stays, plain, gzip or zstd; a JSON list keeps its values; Parquet and
Arrow keep their schema, and a ``datasets`` folder the files that make it one; of folders of text whole files are left
out. Not here: which documents go (clean.py).
"""

import csv
import gzip
import io
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rarl_eval.contamination.corpus import Shard
from rarl_eval.errors import BadInput
from rarl_eval.rows import open_bytes

Copier = Callable[[Shard, Path, set[str]], tuple[int, int]]
"""From a shard, the folder to write to and the names of documents to leave out, to how many were kept and left out."""
_BESIDE = ("dataset_info.json", "state.json")
"""What makes a folder of Arrow files one that ``datasets`` loads."""


def copier(shard: Shard) -> Copier:
    """How a shard is copied; BadInput for a format that is not."""
    if shard.kind == "text":
        return _copy_files
    path = shard.files[0] if shard.files else Path("-")
    kind = _kind(path)
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


def _kind(path: Path) -> str:
    suffixes = [s.lower() for s in path.suffixes if s.lower() not in {".gz", ".zst", ".zstd"}]
    return suffixes[-1] if suffixes else ""


def _is_lines(path: Path) -> bool:
    """Whether a ``.json`` file holds JSON lines: two of them that are objects each."""
    try:
        with open_bytes(path) as source:
            head = [line for line in (source.readline(1 << 20) for _ in range(8)) if line.strip()][:2]
        return len(head) == 2 and all(isinstance(json.loads(line), dict) for line in head)
    except (ValueError, RecursionError, OSError, EOFError):
        return False


def _copy_lines(shard: Shard, out: Path, dropped: set[str]) -> tuple[int, int]:
    path, name = shard.files[0], shard.names[0]
    target = _target(out, name)
    kept = left = 0
    with open_bytes(path) as source, _same_packing(path, target) as sink:
        for number, line in enumerate(iter(source.readline, b""), start=1):
            if f"{name}:{number}" in dropped:
                left += 1
            else:
                sink.write(line)
                kept += bool(line.strip())
    return kept, left


def _copy_csv(shard: Shard, out: Path, dropped: set[str]) -> tuple[int, int]:
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
        reader = csv.reader(noted(source), delimiter="\t" if _kind(path) == ".tsv" else ",", strict=True)
        for number, record in enumerate(reader):
            if f"{name}:{reader.line_num}" in dropped:
                left += 1
            else:
                sink.write("".join(lines).encode())
                kept += bool(number and record)
            lines.clear()
    return kept, left


def _copy_list(shard: Shard, out: Path, dropped: set[str]) -> tuple[int, int]:
    path, name = shard.files[0], shard.names[0]
    with open_bytes(path) as source:
        rows = json.loads(source.read())
    if not isinstance(rows, list):
        raise BadInput(f"{path} cannot be cleaned: it is JSON, but no list of rows; make it one, or JSON lines")
    kept = [row for number, row in enumerate(rows, start=1) if f"{name}:{number}" not in dropped]
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


def _copy_parquet(shard: Shard, out: Path, dropped: set[str]) -> tuple[int, int]:
    import pyarrow.parquet as pq

    target = _target(out, shard.names[0])
    with pq.ParquetFile(shard.files[0]) as source, pq.ParquetWriter(target, source.schema_arrow) as sink:
        return _copy_batches(source.iter_batches(), sink, shard.names[0], dropped)


def _copy_arrow(shard: Shard, out: Path, dropped: set[str]) -> tuple[int, int]:
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
            return _copy_batches(batches, sink, shard.names[0], dropped)


def _copy_batches(batches: Any, sink: Any, name: str, dropped: set[str]) -> tuple[int, int]:
    import pyarrow as pa

    number = left = 0
    for batch in batches:
        keep = [f"{name}:{number + row}" not in dropped for row in range(1, len(batch) + 1)]
        number += len(batch)
        left += keep.count(False)
        sink.write_table(pa.Table.from_batches([batch]).filter(pa.array(keep, pa.bool_())))
    return number - left, left


def _copy_files(shard: Shard, out: Path, dropped: set[str]) -> tuple[int, int]:
    """Copy text files; one that holds JSON lines after all is copied line by line."""
    kept = left = 0
    for path, name in zip(shard.files, shard.names, strict=True):
        if any(d.startswith(f"{name}:") for d in dropped):
            k, d = _copy_lines(Shard(name, "jsonl", (path,), (name,)), out, dropped)
            kept, left = kept + k, left + d
        elif name in dropped:
            left += 1
        else:
            shutil.copyfile(path, _target(out, name))
            kept += 1
    return kept, left


def _target(out: Path, name: str) -> Path:
    target = out / name
    if target.exists():
        raise BadInput(f"two files of the corpus are called {name}; clean them apart, into folders of their own")
    target.parent.mkdir(parents=True, exist_ok=True)
    return target
