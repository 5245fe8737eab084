"""Columns of the tables: what a cell shows, and which plain values stand behind it in the downloads.

``COLUMNS`` names what a board may ask for. The fixed tables (length, agreement, stops, scans) are in tables.py.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from markupsafe import Markup

from rarl_eval.leaderboards import charts, figures
from rarl_eval.leaderboards.figures import Format, amount, count, decimal, percent, points
from rarl_eval.leaderboards.names import shortened
from rarl_eval.leaderboards.report import Agreement, Interval, Part, Row

R = TypeVar("R")
Scalar = str | int | float | bool | None


@dataclass(frozen=True)
class Cell:
    """What stands in one cell of a table."""

    text: str
    sub: str = ""
    """Second, smaller line: an interval, a count."""
    kind: str = ""
    """CSS class: ``t`` text, ``hot`` worth a look, ``w`` whisker."""
    chart: Markup = Markup("")
    href: str = ""
    full: str = ""
    """Tooltip, where the text was shortened."""


@dataclass(frozen=True)
class Column(Generic[R]):
    """One column: its header, and what it makes of a row."""

    key: str
    """Names the column in permalinks and, unless ``values`` says otherwise, in downloads."""
    label: str
    cell: Callable[[R], Cell]
    values: Callable[[R], Mapping[str, Scalar]]
    group: str = ""
    ends: tuple[str, str] | None = None
    """Ends of a whisker column's axis."""
    order: str = ""
    """``descending`` or ``ascending`` where the table comes sorted by it."""
    text: bool = False


@dataclass(frozen=True)
class View:
    """What the columns of one table need to know beside the row."""

    rows: tuple[Row, ...]
    ranks: Mapping[tuple[str, str], int]
    """Rank by (task, model)."""
    rewards: int | None = None
    """Most rewards shown; None is all."""
    ordered: bool = True
    """Whether the rows come by falling accuracy."""


def plain(key: str, label: str, get: Callable[[R], float | None], form: Format, group: str = "") -> Column[R]:
    """Column of single numbers."""
    return Column(key, label, lambda r: Cell(figures.number(get(r), form)), lambda r: {key: get(r)}, group)


def with_interval(
    key: str, label: str, get: Callable[[R], Interval | None], form: Format, group: str = ""
) -> Column[R]:
    """Column of estimates with their intervals below."""
    return Column(
        key,
        label,
        lambda r: Cell(figures.estimate(get(r), form), figures.span(get(r), form)),
        lambda r: flat(key, get(r)),
        group,
    )


def words(key: str, label: str, get: Callable[[R], str | None], group: str = "") -> Column[R]:
    """Column of short texts."""
    return Column(
        key, label, lambda r: Cell(shortened(get(r) or figures.UNKNOWN, 200), kind="t"), lambda r: {key: get(r)}, group,
        text=True,
    )  # fmt: skip


def flat(key: str, interval: Interval | None) -> dict[str, Scalar]:
    """Interval as three values: ``key``, ``key_low``, ``key_high``."""
    i = interval or Interval()
    return {key: i.value, f"{key}_low": i.low, f"{key}_high": i.high}


def _rank(view: View) -> list[Column[Row]]:
    return [plain("rank", "Rank", lambda r: view.ranks.get((r.task, r.model)), count)]


def _n(_: View) -> list[Column[Row]]:
    return [plain("n", "Items", lambda r: r.n, count)]


def _accuracy(view: View) -> list[Column[Row]]:
    scale = charts.scale([r.accuracy for r in view.rows])
    figure = with_interval("accuracy", "Accuracy, %", lambda r: r.accuracy, percent, "All items")
    whisker: Column[Row] = Column(
        key="",
        label="",
        cell=lambda r: Cell("", kind="w", chart=charts.whisker(r.accuracy, scale)),
        values=lambda _: {},
        group="All items",
        ends=(f"{100 * scale[0]:.0f}", f"{100 * scale[1]:.0f}"),
    )
    order = "descending" if view.ordered else ""
    return [Column(figure.key, figure.label, figure.cell, figure.values, figure.group, order=order), whisker]


def _part(key: str, label: str, get: Callable[[Row], Part | None]) -> Column[Row]:
    def cell(row: Row) -> Cell:
        part = get(row) or Part()
        n = "" if part.n is None else f"n {count(part.n)}"
        sub = " · ".join(filter(None, (figures.span(part.accuracy, percent), n)))
        return Cell(figures.estimate(part.accuracy, percent), sub)

    def values(row: Row) -> dict[str, Scalar]:
        part = get(row) or Part()
        return {f"{key}_n": part.n, **flat(f"{key}_accuracy", part.accuracy)}

    return Column(key, label, cell, values, "Contamination")


def _clean(_: View) -> list[Column[Row]]:
    return [_part("clean", "Clean, %", lambda r: r.clean)]


def _flagged(_: View) -> list[Column[Row]]:
    return [_part("flagged", "Flagged, %", lambda r: r.flagged)]


def _gain(_: View) -> list[Column[Row]]:
    def cell(row: Row) -> Cell:
        gain = row.gain or Interval()
        beyond = gain.low is not None and gain.low > 0
        return Cell(figures.estimate(gain, points), figures.span(gain, points), "hot" if beyond else "")

    return [Column("gain", "Gain, pts", cell, lambda r: flat("gain", r.gain), "Contamination")]


def _unscanned(_: View) -> list[Column[Row]]:
    def values(row: Row) -> dict[str, Scalar]:
        part = row.unscanned or Part()
        return {"unscanned_n": part.n, **flat("unscanned_accuracy", part.accuracy)}

    def cell(row: Row) -> Cell:
        return Cell(figures.number(row.unscanned.n if row.unscanned else None, count))

    return [Column("unscanned", "Unscanned", cell, values, "Contamination")]


def reward_names(rows: Iterable[Row]) -> list[str]:
    """Names of the rewards in the rows, sorted."""
    return sorted({entry.reward for row in rows for entry in row.agreement or ()})


def _agreement(view: View) -> list[Column[Row]]:
    names = reward_names(view.rows)
    return [_reward(name) for name in names[: view.rewards]]


def _reward(name: str) -> Column[Row]:
    def find(row: Row) -> Agreement:
        return next((a for a in row.agreement or () if a.reward == name), Agreement(reward=name))

    def cell(row: Row) -> Cell:
        entry = find(row)
        kappa = f"κ {figures.estimate(entry.kappa, decimal)}" if entry.kappa else ""
        return Cell(figures.estimate(entry.auroc, decimal), kappa)

    def values(row: Row) -> dict[str, Scalar]:
        entry = find(row)
        return {**flat(f"auroc_{name}", entry.auroc), **flat(f"kappa_{name}", entry.kappa)}

    return Column(f"auroc-{name}", shortened(name, 24), cell, values, "Agreement, AUROC")


def unit_of(rows: Iterable[Row]) -> str | None:
    """Return the unit of length that all rows share; None where they differ or none is known."""
    units = {row.length.unit for row in rows if row.length}
    return units.pop() if len(units) == 1 else None


def _length(view: View) -> list[Column[Row]]:
    unit = unit_of(view.rows)

    def cell(row: Row) -> Cell:
        if row.length is None:
            return Cell(figures.UNKNOWN)
        mean = f"mean {figures.estimate(row.length.mean, amount)}"
        return Cell(figures.number(row.length.median, amount), mean if unit else f"{mean} {row.length.unit or ''}")

    def values(row: Row) -> dict[str, Scalar]:
        length = row.length
        known = {"length_unit": length.unit, "length_counted_by": length.counted_by} if length else {}
        return {
            "length_unit": None,
            "length_counted_by": None,
            **known,
            "length_median": length.median if length else None,
            **flat("length_mean", length.mean if length else None),
        }

    return [Column("length", "Median", cell, values, f"Length, {unit}" if unit else "Length")]


def _per_correct(view: View) -> list[Column[Row]]:
    unit = unit_of(view.rows)
    group = f"Length, {unit}" if unit else "Length"
    return [plain("per_correct", "Per correct", lambda r: r.length.per_correct if r.length else None, amount, group)]


def stop_count(row: Row, name: str) -> int | None:
    """Return how many traces ended in a way; None where the report does not say."""
    return (row.stops or {}).get(name)


def _share(key: str, label: str, name: str) -> Column[Row]:
    """Column of the share of traces that ended in a way, with their number below."""

    def share(row: Row) -> float | None:
        n = stop_count(row, name)
        return n / row.traces if n is not None and row.traces else None

    def cell(row: Row) -> Cell:
        return Cell(figures.number(share(row), percent))

    return Column(key, label, cell, lambda r: {f"{key}_share": share(r), key: stop_count(r, name)}, "Ended, %")


def _no_answer(_: View) -> list[Column[Row]]:
    return [_share("no_answer", "No answer", "no_answer")]


def _cut_off(_: View) -> list[Column[Row]]:
    """Share cut off at the length cap; unknown where no trace says how it ended."""

    def share(row: Row) -> float | None:
        if row.length and row.length.truncated is not None:
            return row.length.truncated
        cut, end = stop_count(row, "length"), stop_count(row, "end")
        return cut / (cut + end) if cut is not None and end is not None and cut + end else None

    return [
        Column(
            "cut_off",
            "Cut off",
            lambda r: Cell(figures.number(share(r), percent)),
            lambda r: {"cut_off_share": share(r), "cut_off": stop_count(r, "length")},
            "Ended, %",
        )
    ]


def _errors(_: View) -> list[Column[Row]]:
    return [plain("errors", "Failed calls", lambda r: r.errors, count)]


COLUMNS: dict[str, Callable[[View], list[Column[Any]]]] = {
    "rank": _rank,
    "n": _n,
    "accuracy": _accuracy,
    "clean": _clean,
    "flagged": _flagged,
    "gain": _gain,
    "unscanned": _unscanned,
    "agreement": _agreement,
    "length": _length,
    "per_correct": _per_correct,
    "no_answer": _no_answer,
    "cut_off": _cut_off,
    "errors": _errors,
}
"""What a board may name, in any order."""
