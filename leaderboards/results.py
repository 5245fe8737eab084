"""The columns a board may name: those of the catalogue's table ``results``, and what a page adds to some of them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from rarl_eval.leaderboards import charts
from rarl_eval.leaderboards.columns import Cell, SiteColumn, catalogued, marked, plain, untold
from rarl_eval.leaderboards.names import shortened
from rarl_eval.leaderboards.report import SiteRow
from rarl_eval.leaderboards.view import View
from rarl_eval.measures.rewarded import Rewarded
from rarl_eval.measures.splits import Split
from rarl_eval.report import catalogue, figures
from rarl_eval.report import column as report_column
from rarl_eval.report.column import Scalar, bounds, value, values_of
from rarl_eval.report.figures import amount, count, decimal, percent, points, whole_percent
from rarl_eval.stats import Interval

Catalogued = report_column.Column
Columns = list[SiteColumn[SiteRow]]

COLUMNS: Mapping[str, Catalogued] = {column.key: column for column in catalogue.on_page("results")}
"""What a board may name, in any order."""


def results(names: Sequence[str], view: View, header: Sequence[SiteColumn[SiteRow]]) -> list[SiteColumn[SiteRow]]:
    """Return the columns a board names, with the row's header columns behind the rank."""
    groups = {catalogue.IN_SCANS: _contamination(view), catalogue.LENGTH: _length_group(unit_of(view.rows))}
    columns = [
        replace(made, group=groups.get(made.group, made.group))
        for name in names
        for made in _SPECIAL.get(name, _usual)(COLUMNS[name], view)
    ]
    at = 1 if columns and columns[0].key == "rank" else 0
    return [*columns[:at], *header, *columns[at:]]


def _usual(column: Catalogued, view: View) -> Columns:
    """Column as the catalogue has it; one that is shown where some row has more than 0 is else left to downloads."""
    made: SiteColumn[SiteRow] = catalogued(column)
    shown = column.when != "some" or any(value(row, column.field) for row in view.rows)
    return [made if shown else untold(made)]


def _rank(column: Catalogued, view: View) -> Columns:
    """Rank, below it the ranks that the data leave open, or why there is none."""

    def cell(row: SiteRow) -> Cell:
        at = row.standing
        if at is None or at.rank is None:
            return Cell(figures.UNKNOWN, (at.why or "") if at else "", kind="why")
        return Cell(figures.number(at.rank, count), f"{at.low}–{at.high}")

    def values(row: SiteRow) -> dict[str, Scalar]:
        at = row.standing
        told = (None,) * 4 if at is None else (at.rank, at.low, at.high, at.why)
        return dict(zip(("rank", "rank_low", "rank_high", "rank_why"), told, strict=True))

    return [SiteColumn("rank", column.label, cell, values, order="ascending" if view.ordered else "")]


def ranked_on(rows: Sequence[SiteRow], *, usual: bool = True) -> tuple[str, ...]:
    """Say on which items a task's models are ranked, where they are two or more; ``usual``: also where on their own."""
    ranked = [row.standing for row in rows if row.standing and row.standing.rank is not None]
    if len(ranked) < 2:
        return ()
    most = max(row.n or 0 for row in rows)
    n = ranked[0].n
    if n is None:
        return ("Ranks are by the values to believe, each over its own items.",) if usual else ()
    if n == most:
        return (f"Ranks are on the {count(n)} items that all {len(ranked)} models answered.",)
    held = f"all {len(ranked)} models answered and that stand in the training data of none, as far as was looked"
    return (f"Ranks are on the {count(n)} of {count(most)} items that {held}.",)


def _belief(column: Catalogued, _: View) -> Columns:
    """Verdict, with its sentence."""
    figure: SiteColumn[SiteRow] = catalogued(column)

    def cell(row: SiteRow) -> Cell:
        made = figure.cell(row)
        if row.belief is None:
            return made
        kind = "t hot" if row.belief.verdict in {"inflated", "doubtful"} else "t"
        return replace(made, kind=kind, full=row.belief.told)

    return [replace(figure, cell=cell)]


def _n(column: Catalogued, view: View) -> Columns:
    """Items; where all rows share the number it stands in the header of the accuracy."""
    made: SiteColumn[SiteRow] = catalogued(column)
    return [untold(made) if _shared(r.n for r in view.rows) else made]


def _shared(sizes: Iterable[int | None]) -> str:
    """``n 1,319`` where all rows have that number of items; else empty."""
    found = set(sizes)
    n = found.pop() if len(found) == 1 else None
    return "" if n is None else f"n {count(n)}"


def _accuracy(column: Catalogued, view: View) -> Columns:
    scale = charts.scale([r.accuracy for r in view.rows])
    figure: SiteColumn[SiteRow] = catalogued(column)
    whisker: SiteColumn[SiteRow] = SiteColumn(
        key="",
        label="",
        cell=lambda r: Cell("", chart=charts.whisker(r.accuracy, scale)),
        values=lambda _: {},
        group=column.group,
        ends=(f"{100 * scale[0]:.0f}", f"{100 * scale[1]:.0f}"),
    )

    def cell(row: SiteRow) -> Cell:
        return marked(figure.cell(row), row)

    return [replace(figure, cell=cell, sub=_shared(r.n for r in view.rows)), whisker]


def _split(column: Catalogued, view: View) -> Columns:
    """Column of accuracy over a part of the items; their number stands in the header where all rows share it."""

    def part(row: SiteRow) -> Split:
        return value(row, column.field) or Split()

    shared = _shared(part(row).n for row in view.rows)

    def cell(row: SiteRow) -> Cell:
        found = part(row)
        size = "" if shared or found.n is None else f"n {count(found.n)}"
        sub = " · ".join(filter(None, (figures.span(found.accuracy, percent), size)))
        return Cell(figures.estimate(found.accuracy, percent), sub)

    return [SiteColumn(column.key, column.label, cell, _values(column), column.group, sub=shared)]


def _values(column: Catalogued) -> Callable[[SiteRow], Mapping[str, Scalar]]:
    return lambda row: values_of(column, column.key, row)


def _contamination(view: View) -> str:
    """Label of the group, with the number of unscanned items where all rows share it."""
    shared = _shared(row.unscanned.n if row.unscanned else None for row in view.rows)
    return f"{catalogue.IN_SCANS} ({shared.removeprefix('n ')} unscanned)" if shared else catalogue.IN_SCANS


def _difference(column: Catalogued, _: View) -> Columns:
    """Column of differences in points, set off where the whole interval lies above zero."""

    def cell(row: SiteRow) -> Cell:
        found: Interval | None = value(row, column.field)
        beyond = found is not None and found.low is not None and found.low > 0
        return Cell(figures.estimate(found, points), figures.span(found, points), "hot" if beyond else "")

    return [SiteColumn(column.key, column.label, cell, _values(column), column.group)]


def _unscanned(column: Catalogued, view: View) -> Columns:
    """Unscanned items; where all rows share the number the group's label tells it, or the badge "not scanned" does."""

    def n(row: SiteRow) -> int | None:
        return row.unscanned.n if row.unscanned else None

    made = replace(plain(column.key, column.label, n, count, column.group), values=_values(column))
    return [untold(made) if _shared(map(n, view.rows)) else made]


def reward_names(rows: Iterable[SiteRow]) -> list[str]:
    """Names of the rewards in the rows, sorted."""
    return sorted({entry.reward for row in rows for entry in row.agreement or ()})


def _agreement(column: Catalogued, view: View) -> Columns:
    return [_reward(name, column.group) for name in reward_names(view.rows)[: view.rewards]]


def _reward(name: str, group: str) -> SiteColumn[SiteRow]:
    def find(row: SiteRow) -> Rewarded:
        return next((a for a in row.agreement or () if a.reward == name), Rewarded(reward=name))

    def cell(row: SiteRow) -> Cell:
        entry = find(row)
        kappa = f"κ {figures.estimate(entry.kappa, decimal)}" if entry.kappa else ""
        return Cell(figures.estimate(entry.auroc, decimal), kappa)

    def values(row: SiteRow) -> dict[str, Scalar]:
        entry = find(row)
        return {**bounds(f"auroc_{name}", entry.auroc), **bounds(f"kappa_{name}", entry.kappa)}

    return SiteColumn(f"auroc-{name}", shortened(name, 24), cell, values, group, method="auroc")


def unit_of(rows: Iterable[SiteRow]) -> str | None:
    """Return the unit of length that all rows share; None where they differ or none is known."""
    units = {row.length.unit for row in rows if row.length}
    return units.pop() if len(units) == 1 else None


def _length(column: Catalogued, view: View) -> Columns:
    unit = unit_of(view.rows)

    def cell(row: SiteRow) -> Cell:
        if row.length is None:
            return Cell(figures.UNKNOWN)
        mean = f"mean {figures.estimate(row.length.mean, amount)}"
        notes = [mean, "" if unit else row.length.unit or "", "visible only" if row.length.hidden else ""]
        return Cell(figures.number(row.length.median, amount), " · ".join(filter(None, notes)))

    def values(row: SiteRow) -> dict[str, Scalar]:
        plain = {f"length_{name}": value(row, f"length.{name}") for name in ("unit", "counted_by", "hidden", "median")}
        return {**plain, **bounds("length_mean", value(row, "length.mean"))}

    return [SiteColumn(column.key, column.label, cell, values, column.group)]


def _length_group(unit: str | None) -> str:
    return f"{catalogue.LENGTH}, {unit}" if unit else catalogue.LENGTH


def _front(column: Catalogued, _: View) -> Columns:
    """Chance of being on the front of accuracy against length, set off where it is on it as measured."""

    def cell(row: SiteRow) -> Cell:
        chance = figures.number(value(row, "length.pareto.chance"), whole_percent)
        return Cell(chance, "on it" if value(row, "length.pareto.on") else "")

    def values(row: SiteRow) -> dict[str, Scalar]:
        return {"front": value(row, "length.pareto.on"), "front_chance": value(row, "length.pareto.chance")}

    return [SiteColumn(column.key, column.label, cell, values, column.group)]


def stop_count(row: SiteRow, name: str) -> int | None:
    """Return how many traces ended in a way; None where the report does not say."""
    return (row.stops or {}).get(name)


def _no_answer(column: Catalogued, _: View) -> Columns:
    """Share without an answer, with the number behind it in the downloads."""

    def share(row: SiteRow) -> float | None:
        n = stop_count(row, "no_answer")
        return n / row.traces if n is not None and row.traces else None

    return [_share(column, share, "no_answer")]


def _cut_off(column: Catalogued, _: View) -> Columns:
    """Share cut off at the length cap; unknown where no trace says how it ended."""

    def share(row: SiteRow) -> float | None:
        if row.length and row.length.truncated is not None:
            return row.length.truncated
        cut, end = stop_count(row, "length"), stop_count(row, "end")
        return cut / (cut + end) if cut is not None and end is not None and cut + end else None

    return [_share(column, share, "length")]


def _share(column: Catalogued, share: Callable[[SiteRow], float | None], stop: str) -> SiteColumn[SiteRow]:
    made = plain(column.key, column.label, share, percent, column.group)
    return replace(made, values=lambda r: {f"{column.key}_share": share(r), column.key: stop_count(r, stop)})


_SPECIAL: Mapping[str, Callable[[Catalogued, View], Columns]] = {
    "rank": _rank,
    "belief": _belief,
    "n": _n,
    "accuracy": _accuracy,
    "clean": _split,
    "flagged": _split,
    "gain": _difference,
    "gain_relative": _difference,
    "unscanned": _unscanned,
    "agreement": _agreement,
    "length": _length,
    "front": _front,
    "no_answer": _no_answer,
    "cut_off": _cut_off,
}
"""Columns that are more on a page than a figure with its interval."""
