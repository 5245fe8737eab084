"""What a file holds, told by its first bytes and not by its name: packed, in another encoding, an archive.

Pieces of bytes go in and pieces of plain UTF-8 come out: gzip, zstd, bz2, xz and lz4 are undone, UTF-16 and UTF-32 and
the encodings that a text declares become UTF-8. Members of zip and tar archives are files of their own. An archive that
unfolds without end is stopped. Not here: what is made of the bytes (readers.py).
"""

import bz2
import codecs
import hashlib
import lzma
import re
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, BinaryIO

BLOCK = 4 * 2**20
BOMB_BYTES = 256 * 2**20
BOMB_RATIO = 200
"""An archive that unfolds to more than BOMB_BYTES and BOMB_RATIO times its size is no text."""
HEAD = 1024
"""Bytes in which a text declares its encoding."""
FAULTS = (
    OSError, EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, tarfile.TarError, ValueError, RuntimeError,
    NotImplementedError, MemoryError,
)  # fmt: skip
"""What the libraries raise for what they cannot unfold."""
_PACKED = {
    b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd", b"BZh": "bz2", b"\xfd7zXZ\x00": "xz", b"\x04\x22\x4d\x18": "lz4",
    b"PK\x03\x04": "zip", b"PK\x05\x06": "zip", b"PAR1": "parquet", b"ARROW1": "arrow", b"7z\xbc\xaf\x27\x1c": "7z",
    b"Rar!\x1a\x07": "rar", b"%PDF-": "pdf",
}  # fmt: skip
PACKED = frozenset({"gzip", "zstd", "bz2", "xz", "lz4"})
UNREADABLE = frozenset({"7z", "rar", "pdf"})
_SUFFIXES = (".bz2", ".xz", ".lz4", ".gz", ".zst", ".zstd")
_MARKS = ((codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"), (codecs.BOM_UTF16_LE, "utf-16"),
          (codecs.BOM_UTF16_BE, "utf-16"), (codecs.BOM_UTF8, "utf-8-sig"))  # fmt: skip
_DECLARED = re.compile(rb"(?:encoding|charset|coding)\s*[=:]\s*[\"']?([A-Za-z0-9_.:-]+)", re.IGNORECASE)


@dataclass
class Intake:
    """What was read of a shard."""

    size: int = 0
    """On disk."""
    digest: Any = field(default_factory=hashlib.sha256)
    read: Callable[[int], None] = lambda _: None
    """Told of each piece of bytes on disk."""
    notes: set[str] = field(default_factory=set)
    """What was seen and not read, for the user to know."""

    def take(self, data: bytes) -> None:
        """Count and hash what came from disk."""
        self.size += len(data)
        self.digest.update(data)
        self.read(len(data))


def packing(head: bytes) -> str | None:
    """Name what the first bytes say a file is packed as; None for nothing that is known."""
    if head[257:262] == b"ustar":
        return "tar"
    return next((name for magic, name in _PACKED.items() if head.startswith(magic)), None)


def head_of(path: Path) -> bytes:
    """First bytes of a file as they lie on disk."""
    with path.open("rb") as stream:
        return stream.read(HEAD)


def hash_file(path: Path, intake: Intake) -> None:
    """Take a file's bytes in, as they lie on disk."""
    with path.open("rb") as stream:
        for data in iter(lambda: stream.read(BLOCK), b""):
            intake.take(data)


def unfolded(stream: BinaryIO, intake: Intake) -> Iterator[bytes]:
    """Bytes in pieces of at most BLOCK, unpacked."""
    raw = iter(lambda: stream.read(BLOCK), b"")
    head = next(raw, b"")
    intake.take(head)
    how = packing(head)
    if how == "gzip":
        yield from _guarded(_gunzip(head, raw, intake), intake)
    elif how in {"zstd", "lz4"}:
        yield from _guarded(_by_arrow(head, raw, intake, how), intake)
    elif how in {"bz2", "xz"}:
        yield from _guarded(_by_frames(head, raw, intake, how), intake)
    else:
        if head:
            yield head
        for data in raw:
            intake.take(data)
            yield data


def _guarded(pieces: Iterator[bytes], intake: Intake) -> Iterator[bytes]:
    out = 0
    for data in pieces:
        out += len(data)
        _check_bomb(out, intake.size)
        yield data


def _check_bomb(out: int, size: int) -> None:
    if out > BOMB_BYTES and out > BOMB_RATIO * size:
        raise ValueError(f"it unfolds to more than {BOMB_RATIO} times its size; no text does, so it was not scanned")


def _gunzip(head: bytes, raw: Iterator[bytes], intake: Intake) -> Iterator[bytes]:
    """Members one after another, zero padding between them passed over; zlib gives no more than it is asked for."""
    inflate, started = zlib.decompressobj(31), False
    data = head
    while data:
        while data:
            started = True
            if out := inflate.decompress(data, BLOCK):
                yield out
            data = inflate.unconsumed_tail
            if inflate.eof:
                data, started = inflate.unused_data.lstrip(b"\0"), False
                inflate = zlib.decompressobj(31)
        data = next(raw, b"")
        intake.take(data)
    if started:
        if out := inflate.flush():
            yield out
        if not inflate.eof:
            raise EOFError("the gzip file ends in the middle; fetch it again")


def _by_frames(head: bytes, raw: Iterator[bytes], intake: Intake, how: str) -> Iterator[bytes]:
    """Undo bz2 or xz, streams one after another; no more is unfolded at once than is asked for."""
    fresh: Callable[[], Any] = bz2.BZ2Decompressor if how == "bz2" else lzma.LZMADecompressor
    undo, data, begun = fresh(), head, False
    while data:
        while data or (begun and not undo.needs_input):
            begun = True
            if out := undo.decompress(data, BLOCK):
                yield out
            data = b""
            if undo.eof:
                data, begun = undo.unused_data.lstrip(b"\0"), False
                undo = fresh()
        data = next(raw, b"")
        intake.take(data)
    if begun:
        raise EOFError(f"the {how} file ends in the middle; fetch it again")


def _by_arrow(head: bytes, raw: Iterator[bytes], intake: Intake, how: str) -> Iterator[bytes]:
    """Frames one after another, by Arrow, which unlike zstandard's own reader sees that a frame is cut off."""
    import pyarrow as pa

    with pa.CompressedInputStream(pa.PythonFile(_Source(head, raw, intake), mode="r"), how) as stream:
        while data := stream.read(BLOCK):
            yield data


class _Source:
    """The rest of a file as something that Arrow and tarfile can read."""

    closed = False

    def __init__(self, head: bytes, raw: Iterator[bytes], intake: Intake | None) -> None:
        self.held, self.raw, self.intake = head, raw, intake

    def read(self, size: int = -1) -> bytes:
        """Return up to ``size`` bytes."""
        if not self.held:
            self.held = next(self.raw, b"")
            if self.intake is not None:
                self.intake.take(self.held)
        out, self.held = (self.held[:size], self.held[size:]) if size >= 0 else (self.held, b"")
        return out

    def close(self) -> None:
        """Leave the file to whoever opened it."""


def recoded(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Text in any encoding that its first bytes tell, as UTF-8."""
    head = next(pieces, b"")
    encoding = encoding_of(head)
    if encoding is None:
        yield from _chained(head, pieces)
        return
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    for data in _chained(head, pieces):
        if text := decoder.decode(data):
            yield text.encode("utf-8", "surrogatepass")
    if text := decoder.decode(b"", final=True):
        yield text.encode("utf-8", "surrogatepass")


def encoding_of(head: bytes) -> str | None:
    """Name the encoding of a text that is not UTF-8, by its mark, its zeros, or as it declares; None: unknown."""
    marked = next((name for mark, name in _MARKS if head.startswith(mark)), None)
    if marked is not None:
        return None if marked == "utf-8-sig" else marked
    some = head[: HEAD // 4 * 4]
    for name, width, place in (("utf-32-le", 4, 0), ("utf-32-be", 4, 3), ("utf-16-le", 2, 0), ("utf-16-be", 2, 1)):
        rest = [some[n::width] for n in range(width) if n != place]
        if len(some) >= 2 * width and all(r.count(0) > 0.7 * len(r) for r in rest) and 0 not in some[place::width]:
            return name
    return declared_in(head) if not is_utf8(head) else None


def is_utf8(head: bytes) -> bool:
    """Whether bytes are UTF-8, the last character perhaps cut off."""
    try:
        codecs.getincrementaldecoder("utf-8")("strict").decode(head)
    except UnicodeDecodeError:
        return False
    return True


def declared_in(head: bytes) -> str | None:
    """Name the encoding, other than UTF-8, that a text or its headers declare; None: none that is known."""
    for found in _DECLARED.finditer(head[:HEAD]):
        name = found[1].decode("ascii")
        try:
            b"".decode(name)
        except (LookupError, UnicodeError):
            continue
        if codecs.lookup(name).name != "utf-8":
            return name
    return None


def members(path: Path, how: str, folder: Path) -> Iterator[tuple[str, Path]]:
    """Name of each file in an archive, with a copy of it in ``folder`` that is there until the next is asked for."""
    if how == "zip":
        with zipfile.ZipFile(path) as archive:
            for entry in archive.infolist():
                if not entry.is_dir():
                    with archive.open(entry) as source:
                        yield entry.filename, _copied(source, folder / Path(entry.filename).name, path)
        return
    with path.open("rb") as stream:
        packed: Any = _Source(b"", unfolded(stream, Intake()), None)
        with tarfile.open(fileobj=packed, mode="r|") as tar:
            for member in tar:
                told = tar.extractfile(member) if member.isreg() else None
                if told is not None:
                    yield member.name, _copied(told, folder / Path(member.name).name, path)


def bare_name(path: Path) -> str:
    """Name of a file without the suffix of its packing."""
    return path.stem if path.suffix.lower() in _SUFFIXES else path.name


def unpacked(path: Path, folder: Path, name: str) -> Path:
    """Give a copy of a file in ``folder``, unpacked and, where it is text, in UTF-8."""
    target = folder / name
    with path.open("rb") as stream, target.open("wb") as sink:
        pieces = unfolded(stream, Intake(size=path.stat().st_size))
        for data in pieces if name.startswith("rows.") else recoded(pieces):
            sink.write(data)
    return target


def _copied(source: IO[bytes], target: Path, archive: Path) -> Path:
    out, size = 0, archive.stat().st_size
    with target.open("wb") as sink:
        for data in iter(lambda: source.read(BLOCK), b""):
            out += len(data)
            _check_bomb(out, size)
            sink.write(data)
    return target


def _chained(head: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    if head:
        yield head
    yield from rest
