r"""Bytes of a shard in blocks of bounded size, whatever its format: what the kernel streams.

JSONL is passed on raw, cut at line ends; rows of other formats are written as JSON lines; a text file is one document,
in pieces where it is large. Nothing here holds more than a block: a line longer than MAX_LINE goes on in pieces, and
an archive that unfolds without end is stopped.
"""

import hashlib
import sys
import zlib
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
import numpy as np

from rarl_eval.contamination.corpus.shards import Shard
from rarl_eval.contamination.words.lexer import line_ends
from rarl_eval.errors import BadInput
from rarl_eval.files.rows import read_rows, suffix_of

BLOCK = 4 * 2**20
MAX_LINE = 32 * 2**20
"""A longer line is scanned in pieces of this size, as raw text."""
OVERLAP = 64 * 2**10
"""Bytes that consecutive pieces of one document share, so that nothing falls between them."""
BOMB_BYTES = 256 * 2**20
BOMB_RATIO = 200
"""An archive that unfolds to more than BOMB_BYTES and BOMB_RATIO times its size is no text."""


@dataclass
class Intake:
    """What was read of a shard."""

    size: int = 0
    """On disk."""
    digest: Any = field(default_factory=hashlib.sha256)
    read: Callable[[int], None] = lambda _: None
    """Told of each piece of bytes on disk."""

    def take(self, data: bytes) -> None:
        """Count and hash what came from disk."""
        self.size += len(data)
        self.digest.update(data)
        self.read(len(data))


@dataclass(frozen=True)
class Block:
    """Some documents, or a piece of one."""

    data: bytes
    json: bool
    """Lines are documents, JSON each; else the whole is one text."""
    name: str
    line: int | None
    """Number of the first line or row; None for a text file."""
    piece: bool = False
    """Part of a document that is longer than a block."""
    characters: int = 0
    """Where a piece begins in its document."""
    lines: int = 0
    """How many line ends there are, where they were counted."""


def blocks(shard: Shard, intake: Intake) -> Iterator[Block]:
    """Blocks of a shard in order; raises BadInput naming the file for what cannot be read."""
    if shard.kind == "stdin":
        yield from _lines_or_text(sys.stdin.buffer, "-", intake)
    for path, name in zip(shard.files, shard.names, strict=True):
        yield from _file(path, name, shard.kind, intake)


def _file(path: Path, name: str, kind: str, intake: Intake) -> Iterator[Block]:
    try:
        if kind in {"jsonl", "text"} or (kind == "rows" and _is_json_lines(path)):
            with path.open("rb") as stream:
                yield from _lines_or_text(stream, name, intake, jsonl=None if kind == "text" else True)
        else:
            _hash_file(path, intake)
            yield from _rows(path, name)
    except (OSError, EOFError, zlib.error, ValueError, MemoryError) as error:
        raise BadInput(f"{path} cannot be read: {error}") from error


def _is_json_lines(path: Path) -> bool:
    """Whether a ``.json`` file begins with two lines that are objects."""
    if suffix_of(path) != ".json":
        return False
    with path.open("rb") as stream:
        head = next(_unfold(stream, Intake()), b"")
    lines = [line for line in head.split(b"\n") if line.strip()][:2]
    return len(lines) == 2 and all(_is_object(line) for line in lines)


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(msgspec.json.decode(line), dict)
    except (ValueError, RecursionError):
        return False


def _lines_or_text(stream: BinaryIO, name: str, intake: Intake, *, jsonl: bool | None = None) -> Iterator[Block]:
    pieces = _unfold(stream, intake)
    head = next(pieces, b"")
    if jsonl is None:
        first = head.lstrip().split(b"\n", 1)[0]
        jsonl = first.startswith(b"{") and _is_object(first)
    chain = _chained(head, pieces)
    yield from _jsonl(chain, name) if jsonl else _text(chain, name)


def _chained(head: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    if head:
        yield head
    yield from rest


def _jsonl(pieces: Iterator[bytes], name: str) -> Iterator[Block]:
    held, line = b"", 1
    for data in pieces:
        cut = data.rfind(b"\n") + 1
        if cut:
            block = b"".join((held, memoryview(data)[:cut]))
            lines = line_ends(np.frombuffer(block, np.uint8), 0, len(block))
            yield Block(block, json=True, name=name, line=line, lines=lines)
            line += lines
            held = data[cut:]
        else:
            held += data
            if len(held) > MAX_LINE:
                held = yield from _long_line(held, pieces, name, line)
                line += 1
    if held.strip():
        yield Block(held, json=True, name=name, line=line)


def _long_line(held: bytes, pieces: Iterator[bytes], name: str, line: int) -> Generator[Block, None, bytes]:
    """Scan a line that is too long to hold in pieces; returns what was read of the next."""
    before = 0
    while True:
        cut = held.find(b"\n")
        piece = held if cut < 0 else held[:cut]
        yield Block(piece, json=True, name=name, line=line, piece=True, characters=before)
        if cut >= 0:
            return held[cut + 1 :]
        before += len(piece) - OVERLAP
        more = b"".join(_up_to(pieces, MAX_LINE))
        if not more:
            return b""
        held = held[-OVERLAP:] + more


def _up_to(pieces: Iterator[bytes], most: int) -> Iterator[bytes]:
    size = 0
    for data in pieces:
        yield data
        size += len(data)
        if size >= most or b"\n" in data:
            return


def _text(pieces: Iterator[bytes], name: str) -> Iterator[Block]:
    """One text: whole if it fits a block, else in overlapping pieces cut at line ends."""
    held, before, cut_off = b"", 0, False
    for data in pieces:
        held += data
        if len(held) > 2 * BLOCK:
            cut = held.rfind(b"\n", BLOCK) + 1 or len(held)
            yield Block(held[:cut], json=False, name=name, line=None, piece=True, characters=before)
            keep = max(0, held.rfind(b"\n", 0, max(1, cut - OVERLAP)) + 1)
            keep = keep if keep > cut - 2 * OVERLAP else cut - OVERLAP
            before += _characters(held[:keep])
            held, cut_off = held[keep:], True
    if held.strip():
        yield Block(held, json=False, name=name, line=None, piece=cut_off, characters=before)


def _characters(data: bytes) -> int:
    return len(data.decode("utf-8", "replace"))


def _unfold(stream: BinaryIO, intake: Intake) -> Iterator[bytes]:
    """Decompressed bytes in pieces of at most BLOCK, gzip and zstd told by their first bytes."""
    raw = iter(lambda: stream.read(BLOCK), b"")
    head = next(raw, b"")
    intake.take(head)
    if head[:2] == b"\x1f\x8b":
        yield from _guarded(_gunzip(head, raw, intake), intake)
    elif head[:4] == b"\x28\xb5\x2f\xfd":
        yield from _guarded(_unzstd(head, raw, intake), intake)
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
        if out > BOMB_BYTES and out > BOMB_RATIO * intake.size:
            raise ValueError(
                f"it unfolds to more than {BOMB_RATIO} times its size; no text does, so it was not scanned"
            )
        yield data


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


def _unzstd(head: bytes, raw: Iterator[bytes], intake: Intake) -> Iterator[bytes]:
    """Frames one after another, by Arrow, which unlike zstandard's own reader sees that a frame is cut off."""
    import pyarrow as pa

    with pa.CompressedInputStream(pa.PythonFile(_Source(head, raw, intake), mode="r"), "zstd") as stream:
        while data := stream.read(BLOCK):
            yield data


class _Source:
    """The rest of a file as something that Arrow can read."""

    closed = False

    def __init__(self, head: bytes, raw: Iterator[bytes], intake: Intake) -> None:
        self.held, self.raw, self.intake = head, raw, intake

    def read(self, size: int = -1) -> bytes:
        """Return up to ``size`` bytes."""
        if not self.held:
            self.held = next(self.raw, b"")
            self.intake.take(self.held)
        out, self.held = (self.held[:size], self.held[size:]) if size >= 0 else (self.held, b"")
        return out

    def close(self) -> None:
        """Leave the file to whoever opened it."""


def _hash_file(path: Path, intake: Intake) -> None:
    with path.open("rb") as stream:
        for data in iter(lambda: stream.read(BLOCK), b""):
            intake.take(data)


def _rows(path: Path, name: str) -> Iterator[Block]:
    """Rows of JSON, CSV, Parquet and Arrow files as JSON lines."""
    held: list[bytes] = []
    size, first, last = 0, 1, 0
    for number, row in read_rows(path):
        line = msgspec.json.encode(row, enc_hook=str)
        if held and (number != last + 1 or size > BLOCK):
            yield Block(b"\n".join(held) + b"\n", json=True, name=name, line=first)
            held, size = [], 0
        if not held:
            first = number
        held.append(line)
        size += len(line)
        last = number
    if held:
        yield Block(b"\n".join(held) + b"\n", json=True, name=name, line=first)
