"""Plain data as bytes and back: the only thing that crosses between a program and the tests that judge it.

What crosses is made of exact built-in types and a closed list of standard containers and numbers; a subclass is
sent as the built-in value it holds, so that none of its own methods can speak for it. Decoding builds values and
calls nothing: no pickle, no lookup of names, no code. Whatever is not plain data crosses as a ``Handle``, a number
that only the side that made it can use. Size, count and depth are bounded on both sides.
"""

import struct
import sys
from array import array
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable
from typing import Any

from . import standard
from .handles import ABILITIES, KINDS, Handle

MAX_BYTES = 96 * 2**20
"""Longest message: ten million numbers take 80 MB."""
MAX_ITEMS = 12_000_000
"""Most values in one message; the memory they take is bounded where they are built, as all of a process's is."""
MAX_DEPTH = 1000
"""Deepest nesting; both sides recurse two calls a level, for which the interpreter's limit is raised meanwhile."""
MAX_INT_BYTES = 2**20
"""Longest integer (eight million bits)."""
_CALLS = 4 * MAX_DEPTH
"""Room for the calls of one message, above the interpreter's usual limit."""


class CodecError(ValueError):
    """A value that is no plain data, or bytes that are no message."""


__all__ = ["ABILITIES", "KINDS", "CodecError", "Handle", "decode", "encode"]

Keep = Callable[[Any], Handle]

_SIZE, _INT, _FLOAT, _COMPLEX = map(struct.Struct, ("<I", "<q", "<d", "<dd"))
_NAMED = {None: b"N", True: b"T", False: b"F", Ellipsis: b"E", NotImplemented: b"X"}
_SEQUENCES: dict[type, bytes] = {list: b"l", tuple: b"t", set: b"S", frozenset: b"Z", deque: b"q"}
_MAPPINGS: dict[type, bytes] = {dict: b"d", OrderedDict: b"O", Counter: b"C", defaultdict: b"D"}


def encode(value: Any, keep: Keep | None = None, *, exact: bool = False) -> bytes:
    """Bytes of a value; what is not plain is handed to ``keep``, or refused with CodecError where there is none.

    ``exact`` refuses instances of subclasses, too, instead of sending what they hold.
    """
    out = bytearray()
    usual = sys.getrecursionlimit()
    sys.setrecursionlimit(usual + _CALLS)
    try:
        _Encoder(out, keep, exact=exact).put(value, 0)
    finally:
        sys.setrecursionlimit(usual)
    return bytes(out)


def decode(data: bytes, resolve: Callable[[Handle], Any] = lambda handle: handle) -> Any:
    """Value of bytes that may come from anyone; CodecError for whatever ``encode`` could not have written.

    ``resolve`` turns each handle into what stands for it here.
    """
    if len(data) > MAX_BYTES:
        raise CodecError(f"message of {len(data)} bytes; the limit is {MAX_BYTES}")
    reader = _Decoder(data, resolve)
    usual = sys.getrecursionlimit()
    sys.setrecursionlimit(usual + _CALLS)
    try:
        value = reader.get(0)
    except CodecError:
        raise
    except (struct.error, IndexError, TypeError, ValueError, OverflowError, ArithmeticError, MemoryError) as error:
        raise CodecError(f"not a message: {type(error).__name__}: {str(error)[:200]}") from None
    finally:
        sys.setrecursionlimit(usual)
    if reader.at != len(data):
        raise CodecError("not a message: bytes after its end")
    return value


class _Encoder:
    """One message being written: the bytes so far and how many values they hold."""

    def __init__(self, out: bytearray, keep: Keep | None, *, exact: bool = False) -> None:
        self.out = out
        self.keep = keep
        self.exact = exact
        self.items = 0

    def put(self, value: Any, depth: int) -> None:
        self.count(1)
        if depth > MAX_DEPTH:
            raise CodecError(f"nested deeper than {MAX_DEPTH} levels")
        kind = type(value)
        if value is None or kind is bool or value is Ellipsis or value is NotImplemented:
            self.out += _NAMED[value]
        elif kind in _SEQUENCES and not (kind is deque and value.maxlen is not None):
            self.sequence(value, _SEQUENCES[kind], depth)
        elif kind in _MAPPINGS and not (kind is defaultdict and standard.parts(value)):
            self.mapping(value, kind, depth)
        elif not self.scalar(value, kind):
            self.special(value, kind, depth)

    def count(self, more: int) -> None:
        self.items += more
        if self.items > MAX_ITEMS or len(self.out) > MAX_BYTES:
            raise CodecError(f"larger than {MAX_ITEMS} values or {MAX_BYTES} bytes")

    def scalar(self, value: Any, kind: type) -> bool:
        if kind is int:
            self.integer(value)
        elif kind is float:
            self.out += b"f" + _FLOAT.pack(value)
        elif kind is str:
            self.blob(b"s", value.encode("utf-8", "surrogatepass"))
        elif kind is bytes:
            self.blob(b"b", value)
        elif kind is bytearray:
            self.blob(b"y", bytes(value))
        elif kind is complex:
            self.out += b"c" + _COMPLEX.pack(value.real, value.imag)
        else:
            return False
        return True

    def integer(self, value: int) -> None:
        if -(2**63) <= value < 2**63:
            self.out += b"i" + _INT.pack(value)
            return
        size = value.bit_length() // 8 + 1
        if size > MAX_INT_BYTES:
            raise CodecError(f"an integer of {size} bytes; the limit is {MAX_INT_BYTES}")
        self.blob(b"I", value.to_bytes(size, "little", signed=True))

    def blob(self, tag: bytes, data: bytes) -> None:
        if len(data) > MAX_BYTES:
            raise CodecError(f"{len(data)} bytes of text; the limit is {MAX_BYTES}")
        self.out += tag + _SIZE.pack(len(data)) + data

    def sequence(self, value: Any, tag: bytes, depth: int) -> None:
        size = len(value)
        kinds = set(map(type, value)) if size > 3 else ()
        if kinds in ({float}, {int}):
            # Long runs of numbers travel as one array: the pace of C instead of a call per element.
            code = "d" if kinds == {float} else "q"
            try:
                packed = array(code, value).tobytes()
            except OverflowError:
                pass
            else:
                self.count(size)
                self.out += b"P" + tag + code.encode()
                self.blob(b"", packed)
                return
        self.out += tag + _SIZE.pack(size)
        for element in value:
            self.put(element, depth + 1)

    def mapping(self, value: Any, kind: type, depth: int) -> None:
        self.out += _MAPPINGS[kind] + _SIZE.pack(len(value))
        for key, element in dict.items(value):
            self.put(key, depth + 1)
            self.put(element, depth + 1)

    def special(self, value: Any, kind: type, depth: int) -> None:
        """Return what has no letter of its own: a range, a standard number or date, a subclass, or else a handle."""
        base = next((b for b in standard.BASES if issubclass(kind, b)), None)
        held = None if base is None or standard.outranks(kind) else base
        if kind is Handle:
            self.handle(value)
        elif self.exact and (held is not None or issubclass(kind, tuple)):
            raise CodecError(f"a {kind.__name__[:100]}, which is no plain data")
        elif held is not None:
            self.put(standard.plain(value, held), depth)
        elif (parts := standard.parts(value)) is not None:
            self.constructed(*parts, depth)
        elif self.keep is not None:
            self.handle(self.keep(value))
        else:
            raise CodecError(f"{kind.__name__} is not plain data")

    def constructed(self, name: str, parts: tuple[Any, ...], depth: int) -> None:
        self.blob(b"x", name.encode())
        self.put(parts, depth + 1)

    def handle(self, handle: Handle) -> None:
        self.out += b"h" + bytes([KINDS.index(handle.kind)]) + _SIZE.pack(handle.number) + _SIZE.pack(handle.can)
        self.blob(b"", handle.name[:300].encode("utf-8", "replace"))


class _Decoder:
    """One message being read: its bytes, the place, and how many values were built."""

    def __init__(self, data: bytes, resolve: Callable[[Handle], Any]) -> None:
        self.data = data
        self.resolve = resolve
        self.at = 0
        self.items = 0

    def get(self, depth: int) -> Any:
        self.count(1)
        if depth > MAX_DEPTH + 1:
            raise CodecError(f"nested deeper than {MAX_DEPTH} levels")
        tag = self.take(1)
        if tag in _FIXED:
            return _FIXED[tag]
        reader = _READERS.get(tag)
        if reader is None:
            raise CodecError(f"not a message: unknown letter {tag!r}")
        return reader(self, tag, depth)

    def count(self, more: int) -> None:
        self.items += more
        if self.items > MAX_ITEMS:
            raise CodecError(f"more than {MAX_ITEMS} values")

    def take(self, size: int) -> bytes:
        piece = self.data[self.at : self.at + size]
        if len(piece) != size:
            raise CodecError("not a message: it ends too early")
        self.at += size
        return piece

    def blob(self) -> bytes:
        return self.take(int(_SIZE.unpack(self.take(4))[0]))

    def text(self) -> str:
        return self.blob().decode("utf-8", "surrogatepass")

    def number(self, tag: bytes, _depth: int) -> Any:
        if tag == b"i":
            return _INT.unpack(self.take(8))[0]
        if tag == b"f":
            return _FLOAT.unpack(self.take(8))[0]
        if tag == b"c":
            return complex(*_COMPLEX.unpack(self.take(16)))
        data = self.blob()
        if len(data) > MAX_INT_BYTES:
            raise CodecError(f"an integer of {len(data)} bytes; the limit is {MAX_INT_BYTES}")
        return int.from_bytes(data, "little", signed=True)

    def string(self, tag: bytes, _depth: int) -> Any:
        if tag == b"s":
            return self.text()
        return self.blob() if tag == b"b" else bytearray(self.blob())

    def sequence(self, tag: bytes, depth: int) -> Any:
        return _BUILDERS[tag]([self.get(depth + 1) for _ in range(_SIZE.unpack(self.take(4))[0])])

    def packed(self, _tag: bytes, _depth: int) -> Any:
        tag, code = self.take(1), self.take(1)
        if tag not in _BUILDERS or code not in {b"q", b"d"}:
            raise CodecError("not a message: unknown kind of array")
        numbers = array(code.decode())
        numbers.frombytes(self.blob())
        self.count(len(numbers))
        return _BUILDERS[tag](numbers.tolist())

    def mapping(self, tag: bytes, depth: int) -> Any:
        pairs = [(self.get(depth + 1), self.get(depth + 1)) for _ in range(_SIZE.unpack(self.take(4))[0])]
        return _FILLERS[tag](pairs)

    def handle(self, _tag: bytes, _depth: int) -> Any:
        kind = KINDS[self.take(1)[0]]
        number, can = _SIZE.unpack(self.take(4))[0], _SIZE.unpack(self.take(4))[0]
        return self.resolve(Handle(kind, number, self.text()[:300], can))

    def constructed(self, _tag: bytes, depth: int) -> Any:
        name, parts = self.text(), self.get(depth + 1)
        if type(parts) is not tuple:
            raise CodecError("not a message: the parts of a value are a tuple")
        return standard.make(name, parts)


def _filled(empty: Callable[[], dict[Any, Any]]) -> Callable[[list[tuple[Any, Any]]], dict[Any, Any]]:
    """Return a function that fills a mapping as stored, past Counter's adding up."""

    def fill(pairs: list[tuple[Any, Any]]) -> dict[Any, Any]:
        mapping = empty()
        dict.update(mapping, pairs) if type(mapping) is not OrderedDict else mapping.update(pairs)
        return mapping

    return fill


_FIXED: dict[bytes, Any] = {letter: value for value, letter in _NAMED.items()}
_BUILDERS: dict[bytes, Callable[[list[Any]], Any]] = {letter: kind for kind, letter in _SEQUENCES.items()}
_FILLERS = {letter: _filled(kind) for kind, letter in _MAPPINGS.items()}
_READERS: dict[bytes, Callable[[_Decoder, bytes, int], Any]] = {
    **dict.fromkeys((b"i", b"f", b"c", b"I"), _Decoder.number),
    **dict.fromkeys((b"s", b"b", b"y"), _Decoder.string),
    **dict.fromkeys(_BUILDERS, _Decoder.sequence),
    **dict.fromkeys(_FILLERS, _Decoder.mapping),
    b"P": _Decoder.packed,
    b"h": _Decoder.handle,
    b"x": _Decoder.constructed,
}
