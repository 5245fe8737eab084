"""Tables of the site: which columns over which rows, as cells for the page and as values for the downloads."""

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress, groupby
from typing import Any, TypeVar

from rarl_eval.leaderboards import figures
from rarl_eval.leaderboards.columns import COLUMNS, Cell, Column, Scalar, View, flat, plain, with_interval, words
from rarl_eval.leaderboards.figures import amount, count, decimal, percent
from rarl_eval.leaderboards.names import shortened, shown
from rarl_eval.leaderboards.report import Agreement, Counts, Length, Report, Row, Scan

R = TypeVar("R")

MAX_COLUMNS = 17
"""A wider table scrolls inside its frame on every screen."""

STOPS = {
    "end": "Ended by itself",
    "length": "Cut off",
    "error": "Failed call",
    "unknown": "Not recorded",
    "no_answer": "No answer",
    "ambiguous": "Two answers",
    "loop": "Loop",
}


@dataclass(frozen=True)
class Table:
    """A table ready for a template."""

    id: str
    caption: str
    columns: Sequence[Column[Any]]
    groups: Sequence[tuple[str, int]]
    """Labels over runs of columns, with their widths; empty labels over columns without a group."""
    rows: Sequence[Sequence[Cell]]
    data: str
    """Path of the downloads without suffix, from the site's root."""
    records: Sequence[Mapping[str, Scalar]]

    @property
    def wide(self) -> bool:
        """Whether the table needs a scrolling frame even on a large screen."""
        return len(self.columns) > MAX_COLUMNS


def table(id_: str, caption: str, columns: Sequence[Column[R]], rows: Sequence[R], data: str) -> Table:
    """Put columns over rows. A column of which no row knows anything is left to the downloads."""
    cells = [[column.cell(row) for row in rows] for column in columns]
    told = [any(cell.text != figures.UNKNOWN for cell in column) for column in cells]
    columns_told = list(compress(columns, told))
    return Table(
        id=id_,
        caption=caption,
        columns=columns_told,
        groups=[(label, len(list(run))) for label, run in groupby(columns_told, key=lambda c: c.group)],
        rows=list(zip(*compress(cells, told), strict=True)),
        data=data,
        records=[{k: v for column in columns for k, v in column.values(row).items()} for row in rows],
    )


def results(names: Sequence[str], view: View, header: Sequence[Column[Row]]) -> list[Column[Row]]:
    """Return the columns a board names, with the row's header column behind the rank."""
    columns = [column for name in names for column in COLUMNS[name](view)]
    at = 1 if columns and columns[0].key == "rank" else 0
    return [*columns[:at], *header, *columns[at:]]


def name_column(key: str, label: str, name: Callable[[R], str], href: Callable[[R], str]) -> Column[R]:
    """Column of linked names; in the downloads the exact name."""

    def cell(row: R) -> Cell:
        text = shortened(name(row))
        return Cell(text, kind="h", href=href(row), full="" if text == name(row) else shortened(name(row), 300))

    return Column(key, label, cell, lambda r: {key: name(r)}, text=True)


def overview(report: Report, tasks: Sequence[str], href: Callable[[str], str]) -> Table:
    """Models against tasks: accuracy, below it accuracy on clean items; best mean over all tasks first."""
    found = {(row.model, row.task): row for row in report.rows}
    models = sorted(report.models, key=lambda m: _mean_first(_mean(found, m, tasks), m))
    columns: list[Column[str]] = [name_column("model", "Model", lambda m: m, href)]
    columns += [_overview_column(task, found) for task in tasks]
    if len(tasks) > 1:
        mean = plain("mean", "Mean of tasks", lambda m: _mean(found, m, tasks), percent)
        columns.append(Column(mean.key, mean.label, mean.cell, mean.values, order="descending"))
    return table(
        "overview", "Accuracy by task, per cent; below it, accuracy on clean items", columns, models, "data/overview"
    )


def _overview_column(task: str, found: Mapping[tuple[str, str], Row]) -> Column[str]:
    def cell(model: str) -> Cell:
        row = found.get((model, task))
        clean = row.clean.accuracy if row and row.clean else None
        return Cell(
            figures.estimate(row.accuracy if row else None, percent),
            f"clean {figures.estimate(clean, percent)}" if clean else "",
        )

    def values(model: str) -> dict[str, Scalar]:
        row = found.get((model, task))
        clean = row.clean.accuracy if row and row.clean else None
        return {**flat(task, row.accuracy if row else None), f"{task}_clean": clean.value if clean else None}

    return Column(f"t-{task}", task, cell, values)


def _mean(found: Mapping[tuple[str, str], Row], model: str, tasks: Sequence[str]) -> float | None:
    """Unweighted mean over the tasks; None unless all are known: means over different tasks do not compare."""
    rows = [found.get((model, task)) for task in tasks]
    values = [row.accuracy.value for row in rows if row and row.accuracy and row.accuracy.value is not None]
    return sum(sorted(values)) / len(tasks) if len(values) == len(tasks) else None


def _mean_first(mean: float | None, model: str) -> tuple[bool, float, str]:
    return mean is None, -(mean or 0.0), model


def lengths(id_: str, header: Sequence[Column[Row]], rows: Sequence[Row], data: str) -> Table | None:
    """How long the answers are; None where no row says."""
    known = [row for row in rows if row.length]
    if not known:
        return None
    columns: list[Column[Row]] = [
        *header,
        words("unit", "Unit", lambda r: _length(r).unit),
        words("counted_by", "Counted by", lambda r: _length(r).counted_by),
        with_interval("mean", "Mean", lambda r: _length(r).mean, amount, "All answers"),
        plain("median", "Median", lambda r: _length(r).median, amount, "All answers"),
        plain("p95", "95th percentile", lambda r: _length(r).p95, amount, "All answers"),
        plain("median_correct", "Correct", lambda r: _length(r).median_correct, amount, "Median of"),
        plain("median_wrong", "Wrong", lambda r: _length(r).median_wrong, amount, "Median of"),
        plain(
            "median_common_correct", "Common correct", lambda r: _length(r).median_common_correct, amount, "Median of"
        ),
        plain("per_correct", "Per correct", lambda r: _length(r).per_correct, amount),
        plain("truncated", "Cut off, %", lambda r: _length(r).truncated, percent),
        plain("delta", "Cliff's δ", lambda r: _length(r).delta, decimal),
    ]
    return table(id_, "Length of the answers", columns, known, data)


def _length(row: Row) -> Length:
    return row.length or Length()


Entry = tuple[Row, Agreement]


def agreements(id_: str, header: Sequence[Column[Row]], rows: Sequence[Row], data: str) -> Table | None:
    """How each reward agrees with the verdicts; None where no row has a reward."""
    entries: list[Entry] = [(row, entry) for row in rows for entry in row.agreement or ()]
    if not entries:
        return None
    columns: list[Column[Entry]] = [
        *(Column(c.key, c.label, _of_first(c.cell), _of_first(c.values), c.group, text=c.text) for c in header),
        words("reward", "Reward", lambda e: e[1].reward),
        words("judge", "Judge", lambda e: e[1].judge),
        plain("n", "Traces", lambda e: e[1].n, count),
        plain("base_rate", "Right, %", lambda e: e[1].base_rate, percent, "Without the reward"),
        plain("constant", "Constant, %", lambda e: e[1].constant, percent, "Without the reward"),
        with_interval("auroc", "AUROC", lambda e: e[1].auroc, decimal, "Ranks right above wrong"),
        with_interval("auroc_within", "within items", lambda e: e[1].auroc_within, decimal, "Ranks right above wrong"),
        with_interval("pairwise", "pairs", lambda e: e[1].pairwise, decimal, "Ranks right above wrong"),
        with_interval("kappa", "κ", lambda e: e[1].kappa, decimal, "Says what the verdict says"),
        with_interval("mcc", "MCC", lambda e: e[1].mcc, decimal, "Says what the verdict says"),
        with_interval("false_pass", "False pass, %", lambda e: e[1].false_pass, percent, "Errs"),
        with_interval("false_fail", "False fail, %", lambda e: e[1].false_fail, percent, "Errs"),
        words("note", "Note", lambda e: e[1].note),
    ]
    return table(id_, "Agreement of rewards with the verdicts", columns, entries, data)


def _of_first(function: Callable[[Row], Any]) -> Callable[[Entry], Any]:
    return lambda entry: function(entry[0])


def stops(id_: str, header: Sequence[Column[Row]], rows: Sequence[Row], data: str) -> Table | None:
    """How the traces ended, as counts; None where no row says."""
    known = [row for row in rows if row.stops]
    if not known:
        return None
    columns: list[Column[Row]] = [*header, plain("traces", "Traces", lambda r: r.traces, count)]
    columns += [_stop(name, label) for name, label in STOPS.items()]
    return table(id_, "How the answers ended, traces", columns, known, data)


def _stop(name: str, label: str) -> Column[Row]:
    return plain(name, label, lambda r: (r.stops or {}).get(name), count)


Found = tuple[str, Scan, Counts]


def scans(id_: str, found: Sequence[Found], href: Callable[[str], str], data: str) -> Table | None:
    """What each scan found of each task; None where nothing was scanned."""
    if not found:
        return None
    columns: list[Column[Found]] = [
        name_column("task", "Benchmark", lambda f: f[0], lambda f: href(f[0])),
        words("corpus", "Corpus", lambda f: f[1].label),
        plain("n", "Items", lambda f: f[2].n, count),
        plain("flagged_share", "Found, %", lambda f: f[2].flagged_share, percent, "Found in the corpus"),
        plain("exact", "Exact", lambda f: f[2].exact, count, "Found in the corpus"),
        plain("near", "Near", lambda f: f[2].near, count, "Found in the corpus"),
        plain("variant", "Variant", lambda f: f[2].variant, count, "Other traces"),
        plain("partial", "Partial", lambda f: f[2].partial, count, "Other traces"),
        plain("too_short", "Too short", lambda f: f[2].too_short, count),
        plain("clean", "Nothing found", lambda f: f[2].clean, count),
    ]
    return table(id_, "Items of each benchmark found in each corpus", columns, found, data)


def as_csv(rows: Sequence[Mapping[str, Scalar]]) -> bytes:
    """Records as CSV; a text that a spreadsheet would run as a formula gets an apostrophe in front."""
    out = io.StringIO(newline="")
    names = list(dict.fromkeys(name for row in rows for name in row))
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([_inert(name) for name in names])
    writer.writerows([_inert(row.get(name)) for name in names] for row in rows)
    return out.getvalue().encode()


def _inert(value: Scalar) -> Scalar:
    if not isinstance(value, str):
        return value
    # Full-width signs count too: spreadsheets of some locales take them for the plain ones.
    text = shown(value)
    return f"'{text}" if text.lstrip()[:1] in tuple("=+-@|%＝＋－＠") else text


def as_json(rows: Sequence[Mapping[str, Scalar]]) -> bytes:
    """Records as JSON, exact and ASCII only."""
    return (json.dumps(list(rows), indent=1) + "\n").encode()
