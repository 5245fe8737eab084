"""Arrays and numbers of numpy, and tables and series of pandas, as parts and back."""

import math
import re
import sys
from typing import Any

Parts = tuple[str, tuple[Any, ...]]

MAX_ARRAY_BYTES = 64 * 2**20
"""Largest numpy array: a short message can claim elements of a thousand bytes each."""


def numpy_parts(value: Any) -> Parts | None:
    """Type letters, shape and elements of a numpy number or array."""
    numpy = sys.modules.get("numpy")
    if numpy is None or not isinstance(value, (numpy.generic, numpy.ndarray)) or value.dtype.kind not in "biufcSUmM":
        return None
    if value.dtype.kind in "mM":
        shape = None if isinstance(value, numpy.generic) else tuple(value.shape)
        return "numpy time", (value.dtype.str, shape, numpy.asarray(value).view("i8").ravel().tolist())
    if isinstance(value, numpy.generic):
        return "numpy", (value.dtype.str, None, [value.item()])
    return "numpy", (value.dtype.str, tuple(value.shape), value.ravel().tolist())


def pandas_parts(value: Any) -> Parts | None:
    """Columns, index and values of a table or series of pandas; None of any other, or of columns of their own kind."""
    pandas = sys.modules.get("pandas")
    if pandas is None or type(value) not in {pandas.DataFrame, pandas.Series, pandas.Index, pandas.RangeIndex}:
        return None
    if isinstance(value, pandas.Index):
        return "pandas", ("Index", None, [_column(value)], [value.name])
    index = value.index
    if type(index) not in {pandas.Index, pandas.RangeIndex, pandas.DatetimeIndex}:
        return None
    whole = index.is_monotonic_increasing and type(index) is pandas.RangeIndex and index.start == 0 and index.step == 1
    rows = len(index) if whole else _column(index)
    if type(value) is pandas.Series:
        return "pandas", ("Series", rows, [_column(value)], [value.name])
    columns = [_column(value.iloc[:, n]) for n in range(value.shape[1])]
    return "pandas", ("DataFrame", rows, columns, value.columns.tolist())


def _column(values: Any) -> tuple[str, list[Any]]:
    """Name of the type, and values, of a column."""
    kind = str(values.dtype)
    return kind, values.to_numpy().view("i8").tolist() if kind.startswith(
        ("datetime64[", "timedelta64[")
    ) else values.tolist()


def array_of(dtype: str, shape: tuple[int, ...] | None, elements: list[Any]) -> Any:
    """Return an array or, without a shape, a number of numpy."""
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


def moments_of(dtype: str, shape: tuple[int, ...] | None, elements: list[Any]) -> Any:
    """Return an array of times or, without a shape, one."""
    if type(dtype) is not str or not re.fullmatch(r"[<>=][mM]8(?:\[\d{0,4}[A-Za-z]{1,2}\])?", dtype):
        raise ValueError("not an array of times")
    import numpy as np

    whole = array_of("<i8", (len(elements),) if shape is None else shape, elements).view(np.dtype(dtype))
    return whole[0] if shape is None else whole


def table_of(kind: str, rows: Any, columns: list[Any], names: list[Any]) -> Any:
    """Return a table, a series or an index."""
    import pandas as pd

    made = [pd.Series(_values(*column)) for column in columns]
    if kind == "Index":
        return pd.Index(made[0], name=names[0])
    if kind not in {"Series", "DataFrame"} or len(made) != len(names):
        raise ValueError("not a table")
    index = pd.RangeIndex(rows) if type(rows) is int else pd.Index(_values(*rows))
    if kind == "Series":
        return pd.Series(made[0].array, index=index, name=names[0])
    table = pd.DataFrame(dict(enumerate(column.array for column in made)), index=index)
    table.columns = pd.Index(names) if names else table.columns
    return table


def _values(kind: str, values: list[Any]) -> Any:
    import numpy as np
    import pandas as pd

    made: Any = pd.array
    if type(kind) is not str or type(values) is not list:
        raise TypeError("a column is made of a type and values")
    if kind.startswith(("datetime64[", "timedelta64[")) and "," not in kind:
        return np.array(values, "i8").view(kind)
    if kind in _DTYPES:
        return made(values, dtype=kind) if kind in {"object", "str", "bool"} else np.array(values, kind)
    raise ValueError("not a column")


_DTYPES = frozenset(
    {"object", "str", "bool", "float32", "float64"} | {f"{u}int{n}" for u in ("", "u") for n in (8, 16, 32, 64)}
)
