"""Cells of the report's text tables: names, intervals, and the table they stand in."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from rarl_eval.files.text import UNKNOWN

Row = Mapping[str, Any]


class Table(NamedTuple):
    """A table of text cells; the first ``labels`` columns are names, the rest figures."""

    title: str
    header: tuple[str, ...]
    rows: list[tuple[str, ...]]
    labels: int


def name(row: Row, rows: Sequence[Row]) -> str:
    """Name a row by its model, and by its run too where the model has several."""
    several = sum((other["task"], other["model"]) == (row["task"], row["model"]) for other in rows) > 1
    return f"{row['model']} ({row['run']})" if several else row["model"]


def interval(found: Mapping[str, float | None] | None, *, signed: bool = False, scale: float = 100) -> str:
    """Write an interval as ``value [low, high]``, in percent by default."""
    if found is None or found["value"] is None:
        return UNKNOWN
    digits = 1 if scale == 100 else 3
    value = f"{scale * found['value']:{'+' if signed else ''}.{digits}f}"
    if found["low"] is None or found["high"] is None:
        return value
    return f"{value} [{scale * found['low']:.{digits}f}, {scale * found['high']:.{digits}f}]"
