"""The fixed tables of a page: lengths, rewards, how answers ended, scans. Each is None where it would have no row."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from rarl_eval.leaderboards.columns import Cell, SiteColumn, catalogued, name_column, plain, untold, words
from rarl_eval.leaderboards.names import shortened
from rarl_eval.leaderboards.report import Counts, Scan, SiteRow
from rarl_eval.leaderboards.tables import SiteTable, table
from rarl_eval.measures.rewarded import Rewarded
from rarl_eval.report import catalogue
from rarl_eval.report import column as report_column
from rarl_eval.report.column import Scalar, value
from rarl_eval.report.figures import amount, count, percent

MAX_NOTES = 30
"""Notes shown below a table."""

MAX_PAIRS = 8
"""Pairs of models named in a note."""


def lengths(id_: str, header: Sequence[SiteColumn[SiteRow]], rows: Sequence[SiteRow], data: str) -> SiteTable | None:
    """Show how long the answers are; None where no row says."""
    known = [row for row in rows if row.length]
    if not known:
        return None
    units, counters = ({value(row, f"length.{name}") for row in known} for name in ("unit", "counted_by"))
    columns = [*header, *(_column(column, known) for column in catalogue.on_page("length"))]
    made = table(id_, _length_caption(units, counters), columns, known, data)
    return replace(made, notes=_length_notes(known))


def _column(column: report_column.Column, rows: Sequence[SiteRow]) -> SiteColumn[SiteRow]:
    """Column of the catalogue; what is shown only where rows differ is else left to the downloads."""
    made: SiteColumn[SiteRow] = _SPECIAL.get(column.key, catalogued)(column)
    same = column.when == "various" and len({value(row, column.field) for row in rows}) == 1
    return untold(made) if same else made


def _length_notes(rows: Sequence[SiteRow]) -> list[str]:
    """Say what the columns that were asked for were asked with, and what it means that an order turns."""
    notes = []
    pairs = sorted(
        {tuple(sorted((row.model, other))) for row in rows for other in value(row, "length.order_flips") or ()}
    )
    if pairs:
        named = "; ".join(f"{shortened(one, 40)} and {shortened(other, 40)}" for one, other in pairs[:MAX_PAIRS])
        more = f"; {len(pairs) - MAX_PAIRS} more in the downloads" if len(pairs) > MAX_PAIRS else ""
        notes.append(
            "Turns: which of two models is shorter by own correct answers, which compare hard questions of one with "
            f"easy ones of the other, and by common correct ones differs for {named}{more}."
        )
    tokenizers = sorted({t for row in rows if (t := value(row, "length.reference.tokenizer"))})
    notes += [f"Reference tokenizer: {shortened(name, 80)}." for name in tokenizers]
    caps = sorted({cap for row in rows if (cap := value(row, "length.auc_oaa.cap")) is not None})
    notes += [f"AUC_OAA: accuracy within a budget, mean over budgets from 0 to {amount(cap)}." for cap in caps]
    budgets = sorted({b for row in rows if (b := value(row, "length.adherence.budget")) is not None})
    notes += [f"Budget: {amount(b)}." for b in budgets]
    bases = sorted({base for row in rows if (base := value(row, "length.aes.base"))})
    return notes + [f"AES: accuracy-efficiency score against {shortened(base, 60)}." for base in bases]


def _length_caption(units: set[str | None], counters: set[str | None]) -> str:
    """Say the unit and who counted, where all rows share them."""
    unit = f", {next(iter(units))}" if len(units) == 1 and None not in units else ""
    counter = f", counted by {next(iter(counters))}" if len(counters) == 1 and None not in counters else ""
    return f"Length of the answers{unit}{shortened(counter, 60)}"


def _hidden(column: report_column.Column) -> SiteColumn[SiteRow]:
    return words(column.key, column.label, lambda r: "hidden" if value(r, column.field) else None)


def _common(column: report_column.Column) -> SiteColumn[SiteRow]:
    """Median on common items, with their number and the models that it turns with."""
    made: SiteColumn[SiteRow] = catalogued(column)

    def cell(row: SiteRow) -> Cell:
        n, turned = value(row, "length.n_common_correct"), value(row, "length.order_flips") or ()
        notes = ["" if n is None else f"n {count(n)}", f"turns with {len(turned)}" if turned else ""]
        return replace(made.cell(row), sub=" · ".join(filter(None, notes)))

    def values(row: SiteRow) -> dict[str, Scalar]:
        flips = value(row, "length.order_flips")
        return {
            **made.values(row),
            "n_common_correct": value(row, "length.n_common_correct"),
            "order_flips": None if flips is None else ", ".join(flips),
        }

    return replace(made, cell=cell, values=values)


def _area(column: report_column.Column) -> SiteColumn[SiteRow]:
    """Area under the accuracy-budget curve, with the budgets that it runs over."""
    made: SiteColumn[SiteRow] = catalogued(column)

    def cell(row: SiteRow) -> Cell:
        found = value(row, "length.budget")
        return replace(made.cell(row), sub=f"{count(found.low)}–{count(found.high)}" if found else "")

    def values(row: SiteRow) -> dict[str, Scalar]:
        ends = {f"budget_{end}": value(row, f"length.budget.{end}") for end in ("low", "high")}
        return {**made.values(row), **ends}

    return replace(made, cell=cell, values=values)


_SPECIAL: Mapping[str, Callable[[report_column.Column], SiteColumn[SiteRow]]] = {
    "hidden": _hidden,
    "median_common_correct": _common,
    "budget_area": _area,
}
"""Columns that are more on a page than a figure with its interval."""


Entry = tuple[SiteRow, Rewarded]


def agreements(id_: str, header: Sequence[SiteColumn[SiteRow]], rows: Sequence[SiteRow], data: str) -> SiteTable | None:
    """Show how each reward agrees with the verdicts; None where no row has a reward."""
    entries: list[Entry] = [(row, entry) for row in rows for entry in row.agreement or ()]
    if not entries:
        return None
    columns: list[SiteColumn[Entry]] = [
        *(SiteColumn(c.key, c.label, _of_first(c.cell), _of_first(c.values), c.group, text=c.text) for c in header),
        *(_of_entry(column) for column in catalogue.on_page("agreement", catalogue.REWARDS)),
    ]
    made = table(id_, "Agreement of rewards with the verdicts", columns, entries, data)
    return replace(made, notes=_notes(entries))


def _of_entry(column: report_column.Column) -> SiteColumn[Entry]:
    made: SiteColumn[Any] = catalogued(column, Rewarded)
    return replace(made, cell=lambda e: made.cell(e[1]), values=lambda e: made.values(e[1]))


def _notes(entries: Sequence[Entry]) -> list[str]:
    """Return what the report says of the rewards, each sentence once, with the rows it holds for."""
    rows_of = Counter(entry.reward for _, entry in entries)
    held: dict[tuple[str, str], list[str]] = {}
    for row, entry in entries:
        if entry.note:
            held.setdefault((entry.reward, entry.note), []).append(" ".join(filter(None, row.entrant)))
    lines = [
        f"{shortened(reward, 40)}{'' if len(who) == rows_of[reward] else f' ({_some(who)})'}: {shortened(note, 400)}"
        for (reward, note), who in sorted(held.items())
    ]
    return lines if len(lines) <= MAX_NOTES else [*lines[:MAX_NOTES], "More notes stand in the downloads."]


def _some(names: Sequence[str]) -> str:
    unique = list(dict.fromkeys(names))
    more = f" and {len(unique) - 3} more" if len(unique) > 3 else ""
    return ", ".join(shortened(name, 40) for name in unique[:3]) + more


def _of_first(function: Callable[[SiteRow], Any]) -> Callable[[Entry], Any]:
    return lambda entry: function(entry[0])


def stops(id_: str, header: Sequence[SiteColumn[SiteRow]], rows: Sequence[SiteRow], data: str) -> SiteTable | None:
    """Show how the traces ended, as counts; None where no row says."""
    known = [row for row in rows if row.stops]
    if not known:
        return None
    columns: list[SiteColumn[SiteRow]] = [*header, *map(catalogued, catalogue.on_page("stops"))]
    named = {name for row in known for name in row.stops or ()}
    columns += [_stop(name) for name in sorted(named - {column.key for column in columns})]
    return table(id_, "How the answers ended, traces", columns, known, data)


def _stop(name: str) -> SiteColumn[SiteRow]:
    """Column of an end that the catalogue does not know, by its own name."""
    return plain(name, name, lambda r: (r.stops or {}).get(name), count)


Found = tuple[str, Scan, Counts]


def scans(id_: str, found: Sequence[Found], href: Callable[[str], str], data: str) -> SiteTable | None:
    """Show what each scan found of each task; None where nothing was scanned."""
    if not found:
        return None
    columns: list[SiteColumn[Found]] = [
        name_column("task", "Benchmark", lambda f: f[0], lambda f: href(f[0])),
        words("corpus", "Corpus", lambda f: f[1].label),
        plain("n", "Items", lambda f: f[2].n, count),
        plain("flagged_share", "Found,\u00a0%", lambda f: f[2].flagged_share, percent, "Found in the corpus"),
        plain("exact", "Exact", lambda f: f[2].exact, count, "Found in the corpus"),
        plain("near", "Near", lambda f: f[2].near, count, "Found in the corpus"),
        plain("sibling", "Sibling", lambda f: f[2].sibling, count, "Other traces"),
        plain("variant", "Variant", lambda f: f[2].variant, count, "Other traces"),
        plain("partial", "Partial", lambda f: f[2].partial, count, "Other traces"),
        plain("too_short", "Too short", lambda f: f[2].too_short, count),
        plain("clean", "Nothing found", lambda f: f[2].clean, count),
    ]
    return table(id_, "Items of each benchmark found in each corpus", columns, found, data)
