r"""Rows of a file, however it is stored: JSONL, JSON layouts, CSV, TSV, Parquet, Arrow; plain, gzip or zstd.

Each row comes with its number (the line for line-based files, else the position), so that every complaint can
name it. Lines end at ``\n`` only: real files hold U+2028 and U+0085 inside strings. Not here: which field means what.
"""

import bz2
import csv
import gzip
import io
import itertools
import json
import lzma
import zlib
from collections.abc import Callable, Collection, Generator, Iterator
from pathlib import Path
from typing import Any

import msgspec

from rarl_eval.errors import BadInput
from rarl_eval.files.large import Large, large
from rarl_eval.files.zstd import ZstdFile

MAX_LINE_BYTES = 256 * 2**20
"""A longer line is refused: no benchmark or output file has one, and reading it could exhaust memory."""

BUFFER_BYTES = 2**20
"""Lines of logs are long."""

Numbered = tuple[int, dict[str, Any]]

_decode = msgspec.json.Decoder().decode
_slices = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
COMPRESSED = (".gz", ".gzip", ".zst", ".zstd", ".bz2", ".xz", ".lz4")
"""Suffixes of compressed files, which may follow that of any format read as text; the content tells which it is."""
Torn = Callable[[int, str], None]
"""Told of a last line that breaks off: its number, and what is wrong with it."""


def read_rows(path: str | Path, torn: Torn | None = None, apart: Collection[str] = ()) -> Iterator[Numbered]:
    """Yield (number, row) for each row of a file; numbers start at 1.

    With ``torn``, a last line that a killed writer left unfinished is told and left out. Fields ``apart`` may come as
    they are spelt, as msgspec.Raw: long texts are not read by who does not need them. Raises BadInput naming file and
    line for anything that is missing, truncated, not UTF-8 or not rows.
    """
    path = Path(path)
    if path.is_dir():
        raise BadInput(f"{path} is a folder; name a file in it")
    if not path.is_file():
        raise BadInput(f"{path} does not exist; check the path")
    kind = suffix_of(path)
    if kind == ".parquet":
        return _parquet(path)
    if kind in {".arrow", ".feather"}:
        return _arrow(path)
    if kind in {".csv", ".tsv"}:
        return _csv(path, "," if kind == ".csv" else "\t")
    if kind == ".json":
        return _json(path)
    return _jsonl(path, torn, apart)


def open_bytes(path: Path) -> gzip.GzipFile | bz2.BZ2File | lzma.LZMAFile | io.BufferedReader:
    """Open a file for reading bytes, undoing gzip, bzip2, xz or zstd by its content, not its name."""
    with path.open("rb") as probe:
        magic = probe.read(4)
    if magic[:3] == b"BZh":
        return bz2.open(path, "rb")
    if magic == b"\xfd7zX":
        return lzma.open(path, "rb")
    if magic[:2] == b"\x1f\x8b":
        return gzip.open(path, "rb")
    if magic == b"\x28\xb5\x2f\xfd":
        return io.BufferedReader(ZstdFile(path))
    return io.BufferedReader(io.FileIO(path), BUFFER_BYTES)


def lines(path: Path) -> Generator[tuple[int, bytes], None, None]:
    r"""Yield (number, line) of a text file, ``\n`` taken off; blank lines are skipped but counted."""
    number = 0
    try:
        with open_bytes(path) as stream:
            for number, line in _numbered(stream, str(path)):
                yield number, line
    except (EOFError, OSError, zlib.error, lzma.LZMAError, _zstd_error()) as error:
        raise BadInput(f"{path} cannot be read after line {number}: {error}; fetch the file again") from error


def read_lines(stream: io.RawIOBase, name: str) -> Iterator[Numbered]:
    """Yield (number, row) of JSON lines that come from elsewhere than a file; ``name`` is for messages."""
    with io.BufferedReader(stream) as buffered:
        yield from ((number, _row(Path(name), number, line)) for number, line in _numbered(buffered, name))


def _numbered(stream: Any, name: str) -> Iterator[tuple[int, bytes]]:
    number = 0
    while line := stream.readline(MAX_LINE_BYTES + 1):
        number += 1
        if len(line) > MAX_LINE_BYTES:
            raise BadInput(f"{name} line {number} is longer than {MAX_LINE_BYTES >> 20} MiB; split the file")
        if not line.isspace():
            yield number, line.rstrip(b"\r\n")


def _zstd_error() -> type[Exception]:
    import zstandard

    return zstandard.ZstdError


def bare_name(path: Path) -> str:
    """Name of a file without what says how it is compressed."""
    while path.suffix.lower() in COMPRESSED:
        path = path.with_suffix("")
    return path.name


def suffix_of(path: Path) -> str:
    """Suffix that says what a file holds, in lower case and compression aside; "" where there is none."""
    return Path(bare_name(path)).suffix.lower()


def _jsonl(path: Path, torn: Torn | None = None, apart: Collection[str] = ()) -> Iterator[Numbered]:
    broken: BadInput | None = None
    for number, line in lines(path):
        if broken is not None:  # not the last line: the file is damaged, not cut off
            raise broken
        try:
            row = _row(path, number, line, apart)
        except BadInput as error:
            if torn is None or line.rstrip().endswith(b"}") or not line.lstrip().startswith(b"{") or number == 1:
                raise
            broken, last = error, number
            continue
        yield number, row
    if broken is not None and torn is not None:
        torn(last, "the line breaks off: was its writer stopped?")


def _row(path: Path, number: int, line: bytes, apart: Collection[str] = ()) -> dict[str, Any]:
    if apart:
        try:
            return {name: raw if name in apart else _decode(raw) for name, raw in _slices(line).items()}
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):  # read it as every other row
            pass
    row = parse_json(path, f"line {number}", line)
    if not isinstance(row, dict):
        raise BadInput(f"{path} line {number} is {_named(row)}, not an object; each line must hold one JSON object")
    return row


def parse_json(path: Path, where: str, text: bytes) -> Any:
    """Parse JSON as real files hold it, lone surrogates and NaN included; BadInput names ``path`` and ``where``."""
    try:
        return _decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as first:
        try:
            text.decode("utf-8")
        except UnicodeDecodeError as error:
            raise BadInput(f"{path} {where} is not UTF-8 (byte {error.start}); convert the file") from error
        # msgspec refuses what the standard library reads: lone surrogates, NaN. Both occur in real files.
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            shown = text[:60].decode("utf-8", "replace")
            raise BadInput(f"{path} {where} is not JSON ({first}): {shown!r}") from first


def _json(path: Path) -> Iterator[Numbered]:
    """Read a ``.json`` file, which may hold a list, an object of rows or of columns, or JSON lines."""
    if (found := large_json(path)) is not None:
        yield from enumerate(_of_large(found), start=1)
        return
    every = lines(path)
    begun = list(itertools.islice(every, 2))
    if not begun:
        raise BadInput(f"{path} is empty; expected rows")
    if len(begun) > 1 and _is_object(path, begun[0]) and _is_object(path, begun[1]):
        yield from ((number, _row(path, number, line)) for number, line in itertools.chain(begun, every))
        return
    whole = b"\n".join(line for _, line in itertools.chain(begun, every))
    value = parse_json(path, f"line {begun[0][0]}", whole)
    yield from enumerate(_unfold(path, value), start=1)


def large_json(path: Path) -> Large | None:
    """Return a large JSON file as parts; None for one that is read whole."""
    return large(path, open_bytes, parse_json)


def _of_large(found: Large) -> Iterator[dict[str, Any]]:
    if found.rows is not None:
        yield from found.rows
    elif found.whole is not None:
        yield found.whole
    elif found.members is not None:
        yield from ({"_id": name, **row} for name, row in found.members.members())


def _is_object(path: Path, line: tuple[int, bytes]) -> bool:
    try:
        return isinstance(parse_json(path, f"line {line[0]}", line[1]), dict)
    except BadInput:
        return False


def _unfold(path: Path, value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, list):
        for position, row in enumerate(value, start=1):
            if not isinstance(row, dict):
                raise BadInput(f"{path} row {position} is {_named(row)}, not an object; expected a list of objects")
            yield row
    elif isinstance(value, dict):
        yield from _unfold_object(value)
    else:
        raise BadInput(f"{path} holds {_named(value)}; expected rows")


def _unfold_object(value: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Rows of an object: columns, rows by id (kept as ``_id``), rows by id in named parts, or one row."""
    columns = list(value.values())
    if columns and all(isinstance(c, list) for c in columns) and len({len(c) for c in columns}) == 1:
        yield from (dict(zip(value, cells, strict=True)) for cells in zip(*columns, strict=True))
    elif columns and all(isinstance(c, dict) for c in columns):
        index = list(columns[0])
        if index and all(k.isdigit() for k in index) and all(list(c) == index for c in columns):
            yield from ({name: column[k] for name, column in value.items()} for k in index)
        elif all(isinstance(v, dict) for c in columns for v in c.values()):
            for part, column in value.items():
                yield from ({"_id": f"{part}/{k}", "_part": part, **row} for k, row in column.items())
        else:
            yield from ({"_id": k, **row} for k, row in value.items())
    else:
        yield value


def _csv(path: Path, delimiter: str) -> Iterator[Numbered]:
    previous = csv.field_size_limit(MAX_LINE_BYTES)
    try:
        with io.TextIOWrapper(open_bytes(path), encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream, delimiter=delimiter, strict=True)
            for row in reader:
                if None in row:
                    raise BadInput(f"{path} line {reader.line_num} has more cells than the header; quote the delimiter")
                yield reader.line_num, dict(row)
    except UnicodeDecodeError as error:
        raise BadInput(f"{path} is not UTF-8 ({error.reason} at byte {error.start}); convert the file") from error
    except (csv.Error, EOFError, OSError, zlib.error, lzma.LZMAError) as error:
        raise BadInput(f"{path} cannot be read as CSV: {error}") from error
    finally:
        csv.field_size_limit(previous)


def _parquet(path: Path) -> Iterator[Numbered]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            counter = itertools.count(1)
            for batch in file.iter_batches(batch_size=1024):
                yield from ((next(counter), row) for row in batch.to_pylist())
    except (pa.ArrowException, OSError, ValueError) as error:  # a name that is no UTF-8 is a ValueError
        raise BadInput(f"{path} cannot be read as Parquet: {_one_line(error)}") from error


def _arrow(path: Path) -> Iterator[Numbered]:
    import pyarrow as pa

    try:
        with pa.memory_map(str(path)) as source:
            try:
                batches = pa.ipc.open_stream(source)
            except pa.ArrowInvalid:
                source.seek(0)
                table = pa.ipc.open_file(source).read_all()
                batches = table.to_batches(max_chunksize=1024)
            counter = itertools.count(1)
            for batch in batches:
                yield from ((next(counter), row) for row in batch.to_pylist())
    except (pa.ArrowException, OSError, ValueError) as error:  # a name that is no UTF-8 is a ValueError
        raise BadInput(f"{path} cannot be read as Arrow: {_one_line(error)}") from error


def _named(value: Any) -> str:
    names = {list: "a list", str: "a string", int: "a number", float: "a number", bool: "a truth value"}
    return names.get(type(value), "null")


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())
