"""Tables of the site: which columns over which rows, as cells for the page and as values for the downloads."""

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import compress, groupby
from typing import Any, TypeVar

from rarl_eval.leaderboards import figures
from rarl_eval.leaderboards.columns import Cell, Column, Scalar, flat, name_column, plain, with_interval, words
from rarl_eval.leaderboards.figures import amount, count, decimal, percent
from rarl_eval.leaderboards.names import shown
from rarl_eval.leaderboards.report import Agreement, Counts, Interval, Length, Report, Row, Scan, accuracy

R = TypeVar("R")

MAX_COLUMNS = 15
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
    told = [any(cell.told for cell in column) for column in cells]
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


Entrant = tuple[str, str]


def overview(report: Report, tasks: Sequence[str], href: Callable[[str], str]) -> Table:
    """Models against tasks: accuracy, below it accuracy on clean items; best mean over all tasks first."""
    found = {(row.entrant, row.task): row for row in report.rows}
    domains = {row.task: row.domain for row in report.rows}
    means = {who: _mean([found.get((who, task)) for task in tasks]) for who in report.entrants}
    entrants = sorted(means, key=lambda who: (means[who] is None, -(means[who] or 0.0), who))
    columns: list[Column[Entrant]] = [
        name_column("model", "Model", lambda w: w[0], lambda w: href(w[0]), lambda w: w[1]),
        replace(plain("mean", "Mean of tasks", lambda w: means[w], percent), order="descending"),
        *(_overview_column(task, found, domains[task]) for task in tasks),
    ]
    caption = "Accuracy by task, per cent; below it, accuracy on clean items"
    return table("overview", caption, columns, entrants, "data/overview")


def _overview_column(task: str, found: Mapping[tuple[Entrant, str], Row], domain: str) -> Column[Entrant]:
    def parts(who: Entrant) -> tuple[Interval | None, Interval | None]:
        row = found.get((who, task))
        return (row.accuracy, row.clean.accuracy if row.clean else None) if row else (None, None)

    def cell(who: Entrant) -> Cell:
        everything, clean = parts(who)
        return Cell(figures.estimate(everything, percent), f"clean {figures.estimate(clean, percent)}" if clean else "")

    def values(who: Entrant) -> dict[str, Scalar]:
        everything, clean = parts(who)
        return {**flat(task, everything), f"{task}_clean": clean.value if clean else None}

    return Column(f"t-{task}", task, cell, values, domain)


def _mean(rows: Sequence[Row | None]) -> float | None:
    """Unweighted mean over the tasks; None unless all are known: means over different tasks do not compare."""
    known = [value for row in rows if row and (value := accuracy(row)) is not None]
    return sum(sorted(known)) / len(rows) if len(known) == len(rows) else None


def lengths(id_: str, header: Sequence[Column[Row]], rows: Sequence[Row], data: str) -> Table | None:
    """Show how long the answers are; None where no row says."""
    known = [row for row in rows if row.length]
    if not known:
        return None
    columns: list[Column[Row]] = [
        *header,
        words("unit", "Unit", lambda r: _length(r).unit),
        words("counted_by", "Counted by", lambda r: _length(r).counted_by),
        words("hidden", "Reasoning", lambda r: "hidden" if _length(r).hidden else None),
        with_interval("mean", "Mean", lambda r: _length(r).mean, amount, "All answers"),
        _measured("median", "Median", amount, "All answers"),
        _measured("p95", "95th percentile", amount, "All answers"),
        plain("median_correct", "Correct", lambda r: _length(r).median_correct, amount, "Median of"),
        plain("median_wrong", "Wrong", lambda r: _length(r).median_wrong, amount, "Median of"),
        plain(
            "median_common_correct", "Common correct", lambda r: _length(r).median_common_correct, amount, "Median of"
        ),
        _measured("per_correct", "Per correct", amount),
        plain("truncated", "Cut off,\u00a0%", lambda r: _length(r).truncated, percent),
        _measured("delta", "Cliff's δ", decimal),
    ]
    return table(id_, "Length of the answers", columns, known, data)


def _measured(name: str, label: str, form: figures.Format, group: str = "") -> Column[Row]:
    return with_interval(name, label, lambda r: _length(r).with_interval(name), form, group)


def _length(row: Row) -> Length:
    return row.length or Length()


Entry = tuple[Row, Agreement]


def agreements(id_: str, header: Sequence[Column[Row]], rows: Sequence[Row], data: str) -> Table | None:
    """Show how each reward agrees with the verdicts; None where no row has a reward."""
    entries: list[Entry] = [(row, entry) for row in rows for entry in row.agreement or ()]
    if not entries:
        return None
    columns: list[Column[Entry]] = [
        *(Column(c.key, c.label, _of_first(c.cell), _of_first(c.values), c.group, text=c.text) for c in header),
        words("reward", "Reward", lambda e: e[1].reward),
        words("judge", "Judge", lambda e: e[1].judge),
        plain("n", "Traces", lambda e: e[1].n, count),
        plain("base_rate", "Right,\u00a0%", lambda e: e[1].base_rate, percent, "Without the reward"),
        plain("constant", "Constant,\u00a0%", lambda e: e[1].constant, percent, "Without the reward"),
        with_interval("auroc", "AUROC", lambda e: e[1].auroc, decimal, "Ranks right above wrong"),
        with_interval("auroc_within", "within items", lambda e: e[1].auroc_within, decimal, "Ranks right above wrong"),
        with_interval("pairwise", "pairs", lambda e: e[1].pairwise, decimal, "Ranks right above wrong"),
        with_interval("kappa", "κ", lambda e: e[1].kappa, decimal, "Says what the verdict says"),
        with_interval("mcc", "MCC", lambda e: e[1].mcc, decimal, "Says what the verdict says"),
        with_interval("ac1", "AC1", lambda e: e[1].ac1, decimal, "Says what the verdict says"),
        with_interval("brier", "Brier", lambda e: e[1].brier, decimal, "Calibration"),
        with_interval("ece", "ECE", lambda e: e[1].ece, decimal, "Calibration"),
        with_interval("false_pass", "False pass,\u00a0%", lambda e: e[1].false_pass, percent, "Errs"),
        with_interval("false_fail", "False fail,\u00a0%", lambda e: e[1].false_fail, percent, "Errs"),
        words("note", "Note", lambda e: e[1].note),
    ]
    return table(id_, "Agreement of rewards with the verdicts", columns, entries, data)


def _of_first(function: Callable[[Row], Any]) -> Callable[[Entry], Any]:
    return lambda entry: function(entry[0])


def stops(id_: str, header: Sequence[Column[Row]], rows: Sequence[Row], data: str) -> Table | None:
    """Show how the traces ended, as counts; None where no row says."""
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
    """Show what each scan found of each task; None where nothing was scanned."""
    if not found:
        return None
    columns: list[Column[Found]] = [
        name_column("task", "Benchmark", lambda f: f[0], lambda f: href(f[0])),
        words("corpus", "Corpus", lambda f: f[1].label),
        plain("n", "Items", lambda f: f[2].n, count),
        plain("flagged_share", "Found,\u00a0%", lambda f: f[2].flagged_share, percent, "Found in the corpus"),
        plain("exact", "Exact", lambda f: f[2].exact, count, "Found in the corpus"),
        plain("near", "Near", lambda f: f[2].near, count, "Found in the corpus"),
        plain("variant", "Variant", lambda f: f[2].variant, count, "Other traces"),
        plain("partial", "Partial", lambda f: f[2].partial, count, "Other traces"),
        plain("too_short", "Too short", lambda f: f[2].too_short, count),
        plain("clean", "Nothing found", lambda f: f[2].clean, count),
    ]
    return table(id_, "Items of each benchmark found in each corpus", columns, found, data)


def as_csv(rows: Sequence[Mapping[str, Scalar]]) -> bytes:
    """Write records as CSV; a text that a spreadsheet would run as a formula gets an apostrophe in front."""
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
    """Write records as JSON, exact and ASCII only."""
    return (json.dumps(list(rows), indent=1) + "\n").encode()
