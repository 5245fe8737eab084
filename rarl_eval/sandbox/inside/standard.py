"""Subclasses as what they hold; numbers, dates and arrays, of the standard library and numpy, as parts and back.

Only exact types are taken apart, and ``make`` builds from checked parts alone: it is called on what an untrusted
program sent. A time zone crosses as its fixed offset; anything with a zone of its own kind is no plain data.
"""

import datetime as dt
import pathlib
import re
import sys
import types
import uuid
import zoneinfo
from array import array
from collections import ChainMap, defaultdict, deque, namedtuple
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Any

from . import arrays

Parts = tuple[str, tuple[Any, ...]]

BASES: tuple[type, ...] = (int, float, complex, str, bytes, bytearray, list, tuple, dict, set, frozenset)
"""A subclass of one of these crosses as a value of it."""


def parts(value: Any) -> Parts | None:
    """Name and parts of a value of a known type; None for any other."""
    kind = type(value)
    if kind is type and (named := next((name for name, known in _TYPES.items() if known is value), None)):
        return "type", (named,)
    if (view := _VIEWS.get(kind)) is not None:
        return view, (list(value),)
    if kind in _PARTS:
        taken = _PARTS[kind](value)
        return None if taken is None else (kind.__name__, taken)
    return _named_parts(value) or arrays.numpy_parts(value) or arrays.pandas_parts(value)


def outranks(kind: type) -> bool:
    """Whether a subclass of a built-in type crosses as itself: numpy's numbers, and tuples with names."""
    numpy = sys.modules.get("numpy")
    return (
        kind in _PARTS
        or (numpy is not None and kind.__module__ == "numpy" and issubclass(kind, numpy.generic))
        or (issubclass(kind, tuple) and type(getattr(kind, "_fields", None)) is tuple)
    )


def _named_parts(value: Any) -> Parts | None:
    """Name, fields and values of a named tuple, read past what its class may define."""
    kind = type(value)
    fields = kind.__dict__.get("_fields") if issubclass(kind, tuple) else None
    values = list(tuple.__iter__(value)) if issubclass(kind, tuple) else []
    if type(fields) is not tuple or len(fields) != len(values) or any(type(f) is not str for f in fields):
        return None
    return "namedtuple", (kind.__name__, list(fields), values)


def make(name: str, given: tuple[Any, ...]) -> Any:
    """Build a value from its parts; ValueError or TypeError for parts that ``parts`` would not have written."""
    maker = _MAKERS.get(name)
    if maker is None:
        raise ValueError(f"unknown type {name[:40]!r}")
    return maker(*given)


def plain(value: Any, base: type) -> Any:
    """Return the built-in value inside an instance of a subclass, read past any method the subclass defines."""
    if base in {bytes, bytearray}:
        return base(memoryview(value))
    reader = _BARE.get(base)
    return reader(value) if reader else base(base.__iter__(value))  # type: ignore[attr-defined]


_BARE: dict[type, Callable[[Any], Any]] = {
    int: int.__int__,
    float: float.__float__,
    complex: lambda c: complex(complex.__getattribute__(c, "real"), complex.__getattribute__(c, "imag")),
    str: str.__str__,
    dict: lambda d: dict(dict.items(d)),
}


def _type(name: str) -> type:
    if type(name) is not str or name not in _TYPES:
        raise ValueError("not a built-in type")
    return _TYPES[name]


def _clock(value: dt.time | dt.datetime) -> tuple[Any, ...] | None:
    zone = value.tzinfo
    offset: Any = None
    if type(zone) is zoneinfo.ZoneInfo and zone.key is not None:
        offset = zone.key
    elif type(zone) is dt.timezone:
        offset = zone.utcoffset(None).total_seconds()
    elif zone is not None:
        return None
    return value.hour, value.minute, value.second, value.microsecond, offset, value.fold


def _datetime(value: dt.datetime) -> tuple[Any, ...] | None:
    clock = _clock(value)
    return None if clock is None else (value.year, value.month, value.day, *clock)


def _range(start: int, stop: int, step: int) -> range:
    if not type(start) is type(stop) is type(step) is int:
        raise TypeError("a range is made of three integers")
    return range(start, stop, step)


def _decimal(text: str) -> Decimal:
    if type(text) is not str:
        raise TypeError("a Decimal is made of text")
    return Decimal(text)


def _fraction(numerator: int, denominator: int) -> Fraction:
    if not type(numerator) is type(denominator) is int:
        raise TypeError("a Fraction is made of two integers")
    return Fraction(numerator, denominator)


def _timezone(offset: float | str | None) -> dt.tzinfo | None:
    if type(offset) is str:
        return zoneinfo.ZoneInfo(offset)
    return None if offset is None else dt.timezone(dt.timedelta(seconds=offset))  # type: ignore[arg-type]


def _time(hour: int, minute: int, second: int, micro: int, offset: float | str | None, fold: int) -> dt.time:
    return dt.time(hour, minute, second, micro, _timezone(offset), fold=fold)


def _moment(year: int, month: int, day: int, *clock: Any) -> dt.datetime:
    time = _time(*clock)
    return dt.datetime.combine(dt.date(year, month, day), time)


def _pattern(text: str | bytes, flags: int) -> re.Pattern[Any]:
    if type(text) not in {str, bytes} or type(flags) is not int:
        raise TypeError("a pattern is made of text and flags")
    return re.compile(text, flags)


def _path(kind: type[pathlib.PurePath]) -> Callable[..., Any]:
    def make(*parts: str) -> pathlib.PurePath:
        if any(type(part) is not str for part in parts):
            raise TypeError("a path is made of text")
        return kind(*parts)

    return make


def _uuid(number: int) -> uuid.UUID:
    if type(number) is not int:
        raise TypeError("a UUID is made of an integer")
    return uuid.UUID(int=number)


def _numbers(code: str, values: list[Any]) -> array:  # type: ignore[type-arg]
    if type(code) is not str or len(code) != 1 or type(values) is not list:
        raise TypeError("an array is made of a letter and values")
    return array(code, values)


@cache
def _named(name: str, fields: tuple[str, ...]) -> type:
    return namedtuple(name, fields)  # noqa: PYI024 - made of what crossed


def _namedtuple(name: str, fields: list[str], values: list[Any]) -> Any:
    if type(name) is not str or type(fields) is not list or type(values) is not list:
        raise TypeError("a named tuple is made of a name, fields and values")
    return _named(name, tuple(fields))(*values)


def _buffer(content: bytes) -> memoryview:
    if type(content) is not bytes:
        raise TypeError("a memory view is made of bytes")
    return memoryview(content)


def _default(value: defaultdict[Any, Any]) -> tuple[Any, ...] | None:
    """Take a table apart whose missing keys a built-in type makes; None for any other."""
    return (value.default_factory, dict(value)) if value.default_factory in _TYPES.values() else None


_VIEWS: dict[type, str] = {type({}.keys()): "keys", type({}.values()): "values", type({}.items()): "items"}
"""Views of a dictionary, which cross as such views of another."""

_TYPES: dict[str, type] = {
    kind.__name__: kind
    for kind in (bool, int, float, complex, str, bytes, bytearray, list, tuple, dict, set, frozenset, range, type(None))
}
"""Types that may be handed over by name, as in ``remove(values, int)``."""

_PARTS: dict[type, Callable[[Any], tuple[Any, ...] | None]] = {
    range: lambda r: (r.start, r.stop, r.step),
    Decimal: lambda d: (str(d),),
    Fraction: lambda f: (f.numerator, f.denominator),
    dt.date: lambda d: (d.year, d.month, d.day),
    dt.timedelta: lambda d: (d.days, d.seconds, d.microseconds),
    dt.time: _clock,
    dt.datetime: _datetime,
    re.Pattern: lambda p: (p.pattern, p.flags),
    pathlib.PosixPath: lambda p: (str(p),),
    pathlib.PurePosixPath: lambda p: (str(p),),
    uuid.UUID: lambda u: (u.int,),
    array: lambda a: (a.typecode, a.tolist()),
    memoryview: lambda m: (bytes(m),),
    deque: lambda d: (list(d), d.maxlen),
    defaultdict: _default,
    ChainMap: lambda c: tuple(c.maps),
    types.MappingProxyType: lambda m: (dict(m),),
    slice: lambda s: (s.start, s.stop, s.step),
}

_MAKERS: dict[str, Callable[..., Any]] = {
    "type": _type,
    "range": _range,
    "Decimal": _decimal,
    "Fraction": _fraction,
    "date": dt.date,
    "timedelta": dt.timedelta,
    "time": _time,
    "datetime": _moment,
    "numpy": arrays.array_of,
    "numpy time": arrays.moments_of,
    "pandas": arrays.table_of,
    "Pattern": _pattern,
    "PosixPath": _path(pathlib.PosixPath),
    "PurePosixPath": _path(pathlib.PurePosixPath),
    "UUID": _uuid,
    "array": _numbers,
    "memoryview": _buffer,
    "slice": slice,
    "deque": deque,
    "defaultdict": defaultdict,
    "ChainMap": ChainMap,
    "mappingproxy": types.MappingProxyType,
    "namedtuple": _namedtuple,
    "keys": lambda keys: dict.fromkeys(keys).keys(),
    "values": lambda values: dict(enumerate(values)).values(),
    "items": lambda pairs: dict(pairs).items(),
}
