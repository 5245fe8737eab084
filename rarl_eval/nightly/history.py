"""The history of nights: append-only Parquet that DuckDB, pandas and others read as it stands.

    HISTORY/items/NIGHT.parquet      one row for each cell and item: how many samples, how many right
    HISTORY/results/NIGHT.parquet    one row for each cell: accuracy, tests, tokens; its presence ends a night

A cell is a model on a task with a budget. A file once written is never changed. Not here: what a night does.
"""

import io
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from rarl_eval.errors import BadInput, SchemaMismatch
from rarl_eval.files.atomic import write_atomically

if TYPE_CHECKING:
    import pyarrow as pa

SCHEMA = 1

Cell = tuple[str, str, int | None]
"""Model label, task, and the budget of generated tokens a sample (None: the model's own)."""


class ItemRow(msgspec.Struct, frozen=True, kw_only=True):
    """One item of one cell in one night."""

    night: str
    model: str
    task: str
    budget: int | None
    task_version: int
    key: str
    item_id: str
    unit: str
    """What is exchanged as a whole: ``g:`` and the passage, else ``k:`` and the key."""
    samples: int
    right: int
    tokens: int | None
    """Generated, over all samples; None unless all are counted."""

    @property
    def cell(self) -> Cell:
        """Which cell this is of."""
        return self.model, self.task, self.budget


class ResultRow(msgspec.Struct, frozen=True, kw_only=True):
    """One cell in one night."""

    night: str
    started: str
    """ISO time, UTC."""
    model: str
    task: str
    budget: int | None
    task_version: int
    fingerprint: str
    status: str
    """``ok``, ``regression`` or ``failure``."""
    reason: str
    n: int
    traces: int
    errors: int
    accuracy: float | None
    accuracy_low: float | None
    accuracy_high: float | None
    no_answer: float | None
    truncated: float | None
    mean_tokens: float | None
    clean: float | None
    flagged: float | None
    gain: float | None
    baseline_difference: float | None
    baseline_p: float | None
    recent_difference: float | None
    recent_p: float | None
    """p-values are Holm's, over all tests of the night."""
    rewards: str
    """JSON object: reward name to AUROC against the verdict, or null."""

    @property
    def cell(self) -> Cell:
        """Which cell this is of."""
        return self.model, self.task, self.budget


def append(folder: Path, results: Sequence[ResultRow], items: Iterable[ItemRow]) -> None:
    """Add a night, items first; raises BadInput if the night is there already or the folder cannot be written to."""
    night = results[0].night
    if night in nights(folder):
        raise BadInput(f"{folder} already holds the night {night}; a night is never changed: give another --night")
    try:
        _write(folder / "items" / f"{night}.parquet", list(items), ItemRow, replace=True)
        _write(folder / "results" / f"{night}.parquet", results, ResultRow, replace=False)
    except FileExistsError:
        raise BadInput(f"{folder} already holds the night {night}; a night is never changed") from None
    except OSError as error:
        raise BadInput(f"{folder} cannot be written to ({error}); mend it and run again") from error


def nights(folder: Path) -> list[str]:
    """Names of the finished nights, in order of time as their names tell it."""
    return sorted(path.stem for path in (folder / "results").glob("*.parquet"))


def read_results(folder: Path, wanted: Iterable[str] | None = None) -> list[ResultRow]:
    """Results of the nights ``wanted`` (default: all), by night and in the order written."""
    chosen = nights(folder) if wanted is None else wanted
    return [row for night in chosen for row in _read(folder / "results" / f"{night}.parquet", ResultRow)]


def read_items(folder: Path, night: str) -> list[ItemRow]:
    """Items of one night."""
    return list(_read(folder / "items" / f"{night}.parquet", ItemRow))


def _write(path: Path, rows: Sequence[msgspec.Struct], kind: type[msgspec.Struct], *, replace: bool) -> None:
    """Write whole or not at all; without ``replace`` a file that is there stays and FileExistsError is raised."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.Table.from_pylist([msgspec.structs.asdict(row) for row in rows], schema=_schema(kind))
    written = io.BytesIO()
    pq.write_table(table, written, compression="zstd")
    write_atomically(path, written.getvalue(), replace=replace)


def _read(path: Path, kind: type[Any]) -> Iterator[Any]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(path)
    except (pa.ArrowException, OSError) as error:
        raise BadInput(f"{path} cannot be read ({error}); restore it from a copy, or begin a new history") from error
    found = (table.schema.metadata or {}).get(b"rarl_eval_history", b"none").decode("ascii", "replace")
    if found != str(SCHEMA):
        raise SchemaMismatch(f"{path} has history schema {found}, this version reads {SCHEMA}; begin a new history")
    try:
        for row in table.to_pylist():
            yield msgspec.convert(row, kind)
    except msgspec.ValidationError as error:
        raise BadInput(f"{path} is no history file ({error}); restore it from a copy") from error


@cache
def _schema(kind: type[msgspec.Struct]) -> "pa.Schema":
    """Columns of a row type, in order, with the schema's version beside them."""
    import pyarrow as pa

    columns = {str: pa.string(), int: pa.int64(), float: pa.float64()}
    fields = []
    for field in msgspec.structs.fields(kind):
        optional = getattr(field.type, "__args__", None)
        base = field.type if optional is None else next(t for t in optional if t is not type(None))
        fields.append(pa.field(field.name, columns[base], nullable=optional is not None))
    return pa.schema(fields, metadata={"rarl_eval_history": str(SCHEMA)})
