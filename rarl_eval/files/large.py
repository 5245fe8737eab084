"""JSON files too large to hold: one list, or one object with long lists or many members, gone through part by part.

One reading finds where each part stands; a second gives the parts, one at a time. What does not look like either is
left to whoever reads files whole. A part is parsed only when it is asked for.
"""

import re
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec

LARGE_BYTES = 32 * 2**20
"""Smaller files are read whole."""
_COMPRESSED = 8
"""A compressed file unfolds to about so many times its size."""
_BLOCK_BYTES = 2**22
_SIGN = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|[\[\]{}"]', re.DOTALL)

_LISTS = (b'"samples"', b'"request_states"')
"""Lists that hold most of a log: inspect's and HELM's."""

Open = Callable[[Path], Any]
Parse = Callable[[Path, str, bytes], Any]


@dataclass
class _Spans:
    """Where the objects in one list, or the members of one object, begin and end."""

    begins: "array[int]" = field(default_factory=lambda: array("Q"))
    ends: "array[int]" = field(default_factory=lambda: array("Q"))
    keys: list[bytes] = field(default_factory=list)
    mixed: bool = False
    """Whether something else stands among the objects."""

    def add(self, begin: int, end: int, key: bytes | None = None) -> None:
        """Note one more."""
        self.begins.append(begin)
        self.ends.append(end)
        if key is not None:
            self.keys.append(key)

    @property
    def size(self) -> int:
        return self.ends[-1] - self.begins[0] if self.ends else 0


class LargeList:
    """The objects of a list in a file, parsed while they are gone through."""

    def __init__(self, path: Path, spans: _Spans, opened: Open, parse: Parse) -> None:
        self._path, self._spans, self._open, self._parse = path, spans, opened, parse

    def __len__(self) -> int:
        return len(self._spans.begins)

    def __iter__(self) -> Iterator[Any]:
        at = self._spans.begins[0] if len(self) else 0
        with self._open(self._path) as stream:
            _skip(stream, at)
            for place, (begin, end) in enumerate(zip(self._spans.begins, self._spans.ends, strict=True), start=1):
                _skip(stream, begin - at)
                at = end
                yield self._parse(self._path, f"row {place}", stream.read(end - begin))

    def members(self) -> Iterator[tuple[str, Any]]:
        """Yield the members of an object by name."""
        names = (str(self._parse(self._path, "name", key)) for key in self._spans.keys)
        yield from zip(names, self, strict=True)


@dataclass
class Large:
    """What a large file is: a list of objects, an object, or an object whose members are objects."""

    rows: LargeList | None = None
    whole: dict[str, Any] | None = None
    """The object; what is long in it is a LargeList."""
    members: LargeList | None = None


def large(path: Path, opened: Open, parse: Parse) -> Large | None:
    """Return a large JSON file as parts; None for one that is small, or of another form.

    ``opened`` opens a file for bytes, ``parse`` reads JSON and raises BadInput naming what it is told.
    """
    size = path.stat().st_size
    with path.open("rb") as probe:
        packed = not re.match(rb"(?:\xef\xbb\xbf)?\s*[\[{]", probe.read(64))
    if size * (_COMPRESSED if packed else 1) < LARGE_BYTES:
        return None
    return _large(path, opened, parse, size, path.stat().st_mtime_ns)


@lru_cache(4)
def _large(path: Path, opened: Open, parse: Parse, size: int, changed: int) -> Large | None:  # noqa: ARG001  of the cache
    with opened(path) as stream:
        found = _scanned(stream)
    if found is None:
        return None
    top, lists, members = found
    if top is not None:
        return Large(rows=LargeList(path, top, opened, parse)) if top.ends and not top.mixed else None
    long = {key: spans for key, spans in lists.items() if key in _LISTS and spans.ends and not spans.mixed}
    if long:
        return Large(whole=_whole(path, long, opened, parse))
    each = LargeList(path, members, opened, parse)
    return None if members.mixed or not members.ends or _nested(next(iter(each))) else Large(members=each)


def forget() -> None:
    """Forget which files were looked at; a file that changes is looked at again in any case."""
    _large.cache_clear()


def _nested(first: dict[str, Any]) -> bool:
    """Whether an object's members are columns by row number, or parts that hold the rows: it is read whole."""
    return all(name.isdigit() for name in first) or all(isinstance(value, dict) for value in first.values())


def _whole(path: Path, long: dict[bytes, _Spans], opened: Open, parse: Parse) -> dict[str, Any]:
    """Read the object around the long lists."""
    pieces, at = [], 0
    with opened(path) as stream:
        for spans in sorted(long.values(), key=lambda spans: spans.begins[0]):
            pieces.append(stream.read(spans.begins[0] - at))
            _skip(stream, spans.size)
            at = spans.ends[-1]
        pieces.append(stream.read())
    value = parse(path, "as a whole", b"".join(pieces))
    for key, spans in long.items():
        value[parse(path, "name", key)] = LargeList(path, spans, opened, parse)
    return dict(value)


def _skip(stream: Any, count: int) -> None:
    while count > 0 and (read := len(stream.read(min(count, _BLOCK_BYTES)))):
        count -= read


_Found = tuple[_Spans | None, dict[bytes, _Spans], _Spans]
"""Objects of the one list, else those of each list in the one object, and the members of it that are objects."""


def _scanned(stream: Any) -> _Found | None:
    """Find where the parts stand; None for what is not one list or object, whole, and nothing behind it."""
    text = _Cursor(stream)
    top, lists, members = _Spans(), dict[bytes, _Spans](), _Spans()
    try:
        kind = text.peek()
        if kind == b"[":
            _elements(text, top)
        elif kind == b"{":
            for key in _names(text):
                if text.peek() == b"[":
                    members.mixed = True
                    _elements(text, lists.setdefault(key, _Spans()))
                else:
                    begin, end = text.value()
                    members.mixed |= text.first != b"{"
                    members.add(begin, end, key)
        return (top if kind == b"[" else None, lists, members) if not text.peek() else None
    except _Broken:
        return None


def _names(text: "_Cursor") -> Iterator[bytes]:
    """Yield the name of each member of an object; whoever asks goes over its value."""
    text.over(b"{")
    while (sign := text.peek()) != b"}":
        if sign == b",":
            text.over(b",")
            continue
        begin, end = text.value()
        name = text.between(begin, end).rstrip()
        text.peek()
        text.over(b":")
        yield name
    text.over(b"}")


def _elements(text: "_Cursor", spans: _Spans) -> None:
    """Note where the objects in a list stand."""
    text.over(b"[")
    while (sign := text.peek()) != b"]":
        if sign == b",":
            text.over(b",")
            continue
        begin, end = text.value()
        spans.mixed |= text.first != b"{"
        spans.add(begin, end)
    text.over(b"]")


class _Broken(Exception):
    """It is no JSON, or it breaks off."""


class _Cursor:
    """A place in a stream of JSON, of which a part is held."""

    def __init__(self, stream: Any) -> None:
        self._stream, self._held, self._base, self._at = stream, b"", 0, 0
        self.first = b""
        """First byte of the last value."""

    def peek(self) -> bytes:
        """Go to the next byte that is no white space, and return it; b"" at the end."""
        while True:
            blank = _BLANK.match(self._held, self._at)
            self._at = blank.end() if blank else self._at
            if self._at < len(self._held) or not self._more():
                return self._held[self._at : self._at + 1]

    def over(self, sign: bytes) -> None:
        """Go over a sign that must stand here."""
        if self._held[self._at : self._at + 1] != sign:
            raise _Broken
        self._at += 1

    def value(self) -> tuple[int, int]:
        """Go over one value; return where it begins and ends in the stream."""
        self.first = self._held[self._at : self._at + 1]
        while (size := self._size()) is None:
            if not self._more():
                raise _Broken
        begin = self._base + self._at
        self._at += size
        return begin, begin + size

    def between(self, begin: int, end: int) -> bytes:
        """Return what stands in a part of the stream that is still held."""
        return self._held[begin - self._base : end - self._base]

    def _size(self) -> int | None:
        """Bytes of the value here, which the parser tells where it stops; None where more must be read to know."""
        try:
            _parsed(memoryview(self._held)[self._at :])
        except msgspec.DecodeError as error:
            told = _TRAILING.search(str(error))
            if told:
                return int(told[1]) - 1
            return None if "truncated" in str(error) else self._bracketed()
        return len(self._held) - self._at if self.first in b'[{"' else None

    def _bracketed(self) -> int | None:
        """Bytes of an object or list that only the standard library reads (NaN), by its brackets."""
        if self.first not in b"[{":
            raise _Broken
        depth = 0
        for sign in _SIGN.finditer(self._held, self._at):
            if sign[0] == b'"':  # it goes on behind what is held
                return None
            depth += (sign[0] in b"[{") - (sign[0] in b"]}")
            if depth == 0:
                return sign.end() - self._at
        return None

    def _more(self) -> bool:
        """Hold as much again as is held, and drop what was gone over."""
        read = self._stream.read(max(_BLOCK_BYTES, len(self._held) - self._at))
        self._held, self._base, self._at = self._held[self._at :] + read, self._base + self._at, 0
        return bool(read)


_parsed = msgspec.json.Decoder(msgspec.Raw).decode
_BLANK = re.compile(rb"(?:\xef\xbb\xbf)?[ \t\r\n]*")
_TRAILING = re.compile(r"trailing characters \(byte (\d+)\)")
