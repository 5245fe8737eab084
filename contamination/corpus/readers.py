r"""Bytes of a shard in blocks of bounded size, whatever its format: what the kernel streams.

JSONL is passed on raw, cut at line ends; rows of other formats and records of the web are written as JSON lines; a text
file is one document, in pieces where it is large; files in an archive are read one after another. Nothing here holds
more than a block: a line longer than MAX_LINE goes on in pieces. Not here: what a file is packed as (unpack.py), and
whether what comes of it is text (text.py).
"""

import sys
import tempfile
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
import numpy as np

from rarl_eval.contamination.corpus.remote import given
from rarl_eval.contamination.corpus.shards import NOT_TEXT, Shard, kind_of
from rarl_eval.contamination.corpus.text import ENCODED, encoded, holds_text, no_text, opened, readable
from rarl_eval.contamination.corpus.unpack import (
    BLOCK,
    FAULTS,
    PACKED,
    UNREADABLE,
    Intake,
    bare_name,
    encoding_of,
    hash_file,
    head_of,
    members,
    packing,
    recoded,
    unfolded,
    unpacked,
)
from rarl_eval.contamination.corpus.web import WARC, records
from rarl_eval.contamination.words.lexer import line_ends
from rarl_eval.errors import BadInput
from rarl_eval.files.rows import read_rows, suffix_of

__all__ = ["BLOCK", "MAX_LINE", "OVERLAP", "Block", "Intake", "blocks"]

MAX_LINE = 32 * 2**20
"""A longer line is scanned in pieces of this size, as raw text."""
OVERLAP = 64 * 2**10
"""Bytes that consecutive pieces of one document share, so that nothing falls between them."""
DEEPEST = 3
"""Archives in archives that are read."""


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
    """Blocks of a shard in order, JSON in strings opened; raises BadInput for what cannot be read or is no text.

    One file of several does not keep the others from being read.
    """
    if shard.remote is not None:
        with given(shard.remote, lines=shard.kind in {"jsonl", "text"}) as source:
            yield from _read(_far(source, shard, intake), shard.name, intake)
        return
    if shard.kind == "stdin":
        yield from _read(_stream(sys.stdin.buffer, "-", intake), Path("-"), intake)
    told: BadInput | None = None
    for path, name in zip(shard.files, shard.names, strict=True):
        try:
            yield from _read(_file(path, name, shard.kind, intake, 0), path, intake)
        except BadInput as error:
            told = told or error
    if told is not None:
        raise told


def _far(source: Path | BinaryIO, shard: Shard, intake: Intake) -> Iterator[Block]:
    if isinstance(source, Path):
        return _file(source, shard.names[0], shard.kind, intake, 0)
    return _stream(source, shard.names[0], intake, jsonl=None if shard.kind == "text" else True)


def _read(found: Iterator[Block], path: Path | str, intake: Intake) -> Iterator[Block]:
    """Give the blocks of a file as far as it can be read and is text."""
    try:
        for block in found:
            why = no_text(block.data)
            if why is not None:
                raise ValueError(why)
            if encoded(block.data) > ENCODED:
                intake.notes.add("some of it is base64 or the like, which is not decoded")
            yield replace(block, data=opened(block.data)) if block.json and not block.piece else block
    except FAULTS as error:
        raise BadInput(f"{path} cannot be read: {str(error) or type(error).__name__}") from error


def _file(path: Path, name: str, kind: str, intake: Intake, depth: int) -> Iterator[Block]:
    how, inner = _content(path)
    if inner in UNREADABLE:
        raise ValueError(f"it is {inner}, which is not read; turn it into text, or unpack it")
    if inner in {"zip", "tar"}:
        hash_file(path, intake)
        yield from _archive(path, name, inner, intake, depth)
    elif inner in {"parquet", "arrow"} or (kind in {"rows", "table"} and not _is_json_lines(path)):
        hash_file(path, intake)
        with tempfile.TemporaryDirectory() as folder:
            yield from _rows(_as_rows(path, how, inner, Path(folder)), name, intake)
    else:
        with path.open("rb") as stream:
            yield from _stream(stream, name, intake, jsonl=None if kind == "text" else True)


def _content(path: Path) -> tuple[str | None, str | None]:
    """How a file is packed, and what is in it."""
    how = packing(head_of(path))
    if how not in PACKED:
        return None, how
    with path.open("rb") as stream:
        return how, packing(next(unfolded(stream, Intake()), b""))


def _as_rows(path: Path, how: str | None, inner: str | None, folder: Path) -> Path:
    """Give a file that ``read_rows`` can read: under a name that says what it is, unpacked, in UTF-8."""
    if inner in {"parquet", "arrow"}:
        if how is None and path.suffix.lower() == f".{inner}":
            return path
        return unpacked(path, folder, f"rows.{inner}")
    with path.open("rb") as stream:
        other = encoding_of(next(unfolded(stream, Intake()), b"")) if path.suffix.lower() != ".arrow" else None
    if how in {None, "gzip", "zstd"} and other is None:
        return path
    return unpacked(path, folder, bare_name(path))


def _archive(path: Path, name: str, how: str, intake: Intake, depth: int) -> Iterator[Block]:
    """Blocks of each file in an archive, named after both; one that cannot be read does not keep the rest from it."""
    if depth == DEEPEST:
        raise ValueError(f"it is an archive in {DEEPEST} others; unpack it")
    told: BadInput | None = None
    with tempfile.TemporaryDirectory() as folder:
        for member, copy in members(path, how, Path(folder)):
            if Path(member).suffix.lower() in NOT_TEXT:
                continue
            own = Intake()
            try:
                inside = _file(copy, f"{name}/{member}", kind_of(Path(member)), own, depth + 1)
                yield from _read(inside, Path(f"{path}/{member}"), own)
            except BadInput as error:
                told = told or error
            intake.notes |= own.notes
            copy.unlink()
    if told is not None:
        raise told


def _is_json_lines(path: Path) -> bool:
    """Whether a ``.json`` file begins with two lines that are objects."""
    if suffix_of(path) != ".json":
        return False
    with path.open("rb") as stream:
        head = next(recoded(unfolded(stream, Intake())), b"")
    lines = [line for line in head.split(b"\n") if line.strip()][:2]
    return len(lines) == 2 and all(_is_object(line) for line in lines)


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(msgspec.json.decode(line), dict)
    except (ValueError, RecursionError):
        return False


def _stream(stream: BinaryIO, name: str, intake: Intake, *, jsonl: bool | None = None) -> Iterator[Block]:
    """Blocks of JSON lines, records of the web, or one text; standard input is told apart by its first bytes."""
    pieces = recoded(unfolded(stream, intake))
    head = next(pieces, b"")
    inner = packing(head)
    if inner is not None:
        raise ValueError(f"it holds {inner}; give the file by its path, or unpack it")
    if head.lstrip(b"\r\n").startswith(WARC):
        yield from _lines(records(chain([head], pieces)), name)
        return
    if jsonl is None:
        first = head.lstrip().split(b"\n", 1)[0]
        jsonl = first.startswith(b"{") and _is_object(first)
    whole = chain([head] if head else [], pieces)
    yield from _jsonl(whole, name) if jsonl else _text(whole, name)


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
            before += characters(held[:keep])
            held, cut_off = held[keep:], True
    if held.strip():
        yield Block(held, json=False, name=name, line=None, piece=cut_off, characters=before)


def characters(data: bytes) -> int:
    """Return how many characters bytes hold, which may not all be UTF-8."""
    return len(data.decode("utf-8", "replace"))


def _rows(path: Path, name: str, intake: Intake) -> Iterator[Block]:
    """Rows of JSON, CSV, Parquet and Arrow files as JSON lines."""
    unread: set[str] = set()
    text = False

    def rows() -> Iterator[tuple[int, Any]]:
        nonlocal text
        for number, row in read_rows(path):
            told = readable(row, unread)
            text = text or holds_text(told)
            yield number, told

    yield from _lines(rows(), name)
    if unread and not text:
        raise ValueError(f"the column {min(unread)} holds bytes that are no text, and no other holds text")
    for column in sorted(unread):
        intake.notes.add(f"the column {column} holds bytes that are no text; they were not read")


def _lines(rows: Iterable[tuple[int, Any]], name: str) -> Iterator[Block]:
    """Numbered rows as JSON lines; a block ends where a number is missing."""
    held: list[bytes] = []
    size, first, last = 0, 1, 0
    for number, row in rows:
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
