"""Subclasses as what they hold; numbers, dates and arrays, of the standard library and numpy, as parts and back.

Only exact types are taken apart, and ``make`` builds from checked parts alone: it is called on what an untrusted
program sent. A time zone crosses as its fixed offset; anything with a zone of its own kind is no plain data.
"""

import datetime as dt
import math
import re
import sys
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

MAX_ARRAY_BYTES = 64 * 2**20
"""Largest numpy array: a short message can claim elements of a thousand bytes each."""

Parts = tuple[str, tuple[Any, ...]]

BASES: tuple[type, ...] = (int, float, complex, str, bytes, bytearray, list, tuple, dict, set, frozenset)
"""A subclass of one of these crosses as a value of it."""


def parts(value: Any) -> Parts | None:
    """Name and parts of a value of a known type; None for any other."""
    kind = type(value)
    if kind is type and (named := next((name for name, known in _TYPES.items() if known is value), None)):
        return "type", (named,)
    if kind in _PARTS:
        taken = _PARTS[kind](value)
        return None if taken is None else (kind.__name__, taken)
    return _numpy_parts(value)


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
    if zone is None:
        offset = None
    elif type(zone) is dt.timezone:
        offset = zone.utcoffset(None).total_seconds()
    else:
        return None
    return value.hour, value.minute, value.second, value.microsecond, offset, value.fold


def _datetime(value: dt.datetime) -> tuple[Any, ...] | None:
    clock = _clock(value)
    return None if clock is None else (value.year, value.month, value.day, *clock)


def _numpy_parts(value: Any) -> Parts | None:
    """Type letters, shape and elements of a numpy number or array."""
    numpy = sys.modules.get("numpy")
    if numpy is None or not isinstance(value, (numpy.generic, numpy.ndarray)) or value.dtype.kind not in "biufcSU":
        return None
    if isinstance(value, numpy.generic):
        return "numpy", (value.dtype.str, None, [value.item()])
    return "numpy", (value.dtype.str, tuple(value.shape), value.ravel().tolist())


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


def _timezone(offset: float | None) -> dt.timezone | None:
    return None if offset is None else dt.timezone(dt.timedelta(seconds=offset))


def _time(hour: int, minute: int, second: int, micro: int, offset: float | None, fold: int) -> dt.time:
    return dt.time(hour, minute, second, micro, _timezone(offset), fold=fold)


def _moment(year: int, month: int, day: int, *clock: Any) -> dt.datetime:
    time = _time(*clock)
    return dt.datetime.combine(dt.date(year, month, day), time)


def _array(dtype: str, shape: tuple[int, ...] | None, elements: list[Any]) -> Any:
    if type(dtype) is not str or not re.fullmatch(r"[<>|=][biufcSU]\d{1,3}", dtype) or type(elements) is not list:
        raise ValueError("not an array")
    import numpy as np

    kind = np.dtype(dtype)
    if kind.itemsize * len(elements) > MAX_ARRAY_BYTES:
        raise ValueError(f"an array of more than {MAX_ARRAY_BYTES} bytes")
    if any(type(e) not in {int, float, bool, complex, str, bytes} for e in elements):
        raise ValueError("an array holds numbers or text")
    if shape is None:
        return np.array(elements[0], kind)[()]
    if type(shape) is not tuple or len(shape) > 32 or not all(type(n) is int and n >= 0 for n in shape):
        raise ValueError("not a shape")
    if math.prod(shape) != len(elements):
        raise ValueError("an array's shape does not fit its elements")
    return np.array(elements, kind).reshape(shape)


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
    "numpy": _array,
}
