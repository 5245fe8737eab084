"""The columns a board may name: rank, accuracy, contamination, agreement, length, how answers ended."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from rarl_eval.leaderboards import charts, figures
from rarl_eval.leaderboards.columns import Cell, Column, Scalar, flat, plain, untold, with_interval
from rarl_eval.leaderboards.fields import Agreement, Front, Interval, Part
from rarl_eval.leaderboards.figures import amount, count, decimal, percent, points, whole_percent
from rarl_eval.leaderboards.names import shortened
from rarl_eval.leaderboards.report import Row
from rarl_eval.leaderboards.view import View


def results(names: Sequence[str], view: View, header: Sequence[Column[Row]]) -> list[Column[Row]]:
    """Return the columns a board names, with the row's header columns behind the rank."""
    columns = [column for name in names for column in COLUMNS[name](view)]
    at = 1 if columns and columns[0].key == "rank" else 0
    return [*columns[:at], *header, *columns[at:]]


def _rank(view: View) -> list[Column[Row]]:
    """Rank by accuracy, below it the ranks that the data leave open."""

    def cell(row: Row) -> Cell:
        low, high = view.ranges.get((row.task, row.entrant), (0, 0))
        return Cell(figures.number(view.ranks.get((row.task, row.entrant)), count), f"{low}–{high}" if low else "")

    def values(row: Row) -> dict[str, Scalar]:
        low, high = view.ranges.get((row.task, row.entrant), (None, None))
        return {"rank": view.ranks.get((row.task, row.entrant)), "rank_low": low, "rank_high": high}

    return [Column("rank", "Rank", cell, values)]


def _n(view: View) -> list[Column[Row]]:
    """Items; where all rows share the number it stands in the header of the accuracy."""
    shared = _shared(r.n for r in view.rows)
    return [_told_above("n", "Items", lambda r: r.n, shared)]


def _told_above(key: str, label: str, get: Callable[[Row], int | None], shared: str, group: str = "") -> Column[Row]:
    """Column of counts that is left to the downloads where another header tells what all rows share."""
    column: Column[Row] = plain(key, label, get, count, group)
    return untold(column) if shared else column


def _shared(sizes: Iterable[int | None]) -> str:
    """``n 1,319`` where all rows have that number of items; else empty."""
    found = set(sizes)
    n = found.pop() if len(found) == 1 else None
    return "" if n is None else f"n {count(n)}"


def _accuracy(view: View) -> list[Column[Row]]:
    scale = charts.scale([r.accuracy for r in view.rows])
    n = _shared(r.n for r in view.rows)
    figure: Column[Row] = with_interval("accuracy", "Accuracy,\u00a0%", lambda r: r.accuracy, percent, "All items")
    whisker: Column[Row] = Column(
        key="",
        label="",
        cell=lambda r: Cell("", chart=charts.whisker(r.accuracy, scale)),
        values=lambda _: {},
        group="All items",
        ends=(f"{100 * scale[0]:.0f}", f"{100 * scale[1]:.0f}"),
    )
    return [replace(figure, order="descending" if view.ordered else "", sub=n), whisker]


def _part(key: str, label: str, get: Callable[[Row], Part | None], view: View) -> Column[Row]:
    """Column of accuracy over a part of the items; their number stands in the header where all rows share it."""
    shared = _shared((get(row) or Part()).n for row in view.rows)

    def cell(row: Row) -> Cell:
        part = get(row) or Part()
        size = "" if shared or part.n is None else f"n {count(part.n)}"
        sub = " · ".join(filter(None, (figures.span(part.accuracy, percent), size)))
        return Cell(figures.estimate(part.accuracy, percent), sub)

    def values(row: Row) -> dict[str, Scalar]:
        part = get(row) or Part()
        return {f"{key}_n": part.n, **flat(f"{key}_accuracy", part.accuracy)}

    return Column(key, label, cell, values, _contamination(view), sub=shared)


def _clean(view: View) -> list[Column[Row]]:
    return [_part("clean", "Clean,\u00a0%", lambda r: r.clean, view)]


def _flagged(view: View) -> list[Column[Row]]:
    return [_part("flagged", "Flagged,\u00a0%", lambda r: r.flagged, view)]


def _contamination(view: View) -> str:
    """Label of the group, with the number of unscanned items where all rows share it."""
    shared = _shared(row.unscanned.n if row.unscanned else None for row in view.rows)
    return f"Contamination ({shared.removeprefix('n ')} unscanned)" if shared else "Contamination"


def _gain(view: View) -> list[Column[Row]]:
    return [_difference("gain", "Gain,\u00a0pts", lambda r: r.gain, view)]


def _gain_relative(view: View) -> list[Column[Row]]:
    return [_difference("gain_relative", "Vs others,\u00a0pts", lambda r: r.gain_relative, view)]


def _difference(key: str, label: str, get: Callable[[Row], Interval | None], view: View) -> Column[Row]:
    """Column of differences in points, set off where the whole interval lies above zero."""

    def cell(row: Row) -> Cell:
        found = get(row) or Interval()
        beyond = found.low is not None and found.low > 0
        return Cell(figures.estimate(found, points), figures.span(found, points), "hot" if beyond else "")

    return Column(key, label, cell, lambda r: flat(key, get(r)), _contamination(view))


def _unscanned(view: View) -> list[Column[Row]]:
    """Unscanned items; where all rows share the number the group's label tells it, or the badge "not scanned" does."""

    def n(row: Row) -> int | None:
        return row.unscanned.n if row.unscanned else None

    def values(row: Row) -> dict[str, Scalar]:
        part = row.unscanned or Part()
        return {"unscanned_n": part.n, **flat("unscanned_accuracy", part.accuracy)}

    column = _told_above("unscanned", "Unscanned", n, _shared(map(n, view.rows)), _contamination(view))
    return [replace(column, values=values)]


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
        notes = [mean, "" if unit else row.length.unit or "", "visible only" if row.length.hidden else ""]
        return Cell(figures.number(row.length.median, amount), " · ".join(filter(None, notes)))

    return [Column("length", "Median", cell, _length_values, _length_group(unit))]


def _length_values(row: Row) -> dict[str, Scalar]:
    length = row.length
    return {
        "length_unit": length.unit if length else None,
        "length_counted_by": length.counted_by if length else None,
        "length_hidden": length.hidden if length else None,
        "length_median": length.median if length else None,
        **flat("length_mean", length.mean if length else None),
    }


def _length_group(unit: str | None) -> str:
    return f"Length, {unit}" if unit else "Length"


def _per_correct(view: View) -> list[Column[Row]]:
    group = _length_group(unit_of(view.rows))
    return [plain("per_correct", "Per correct", lambda r: r.length.per_correct if r.length else None, amount, group)]


def _front(view: View) -> list[Column[Row]]:
    """Chance of being on the front of accuracy against length, set off where it is on it as measured."""

    def front(row: Row) -> Front:
        return (row.length.pareto if row.length else None) or Front()

    def cell(row: Row) -> Cell:
        found = front(row)
        return Cell(figures.number(found.chance, whole_percent), "on it" if found.on else "")

    def values(row: Row) -> dict[str, Scalar]:
        return {"front": front(row).on, "front_chance": front(row).chance}

    return [Column("front", "On the front,\u00a0%", cell, values, _length_group(unit_of(view.rows)))]


def _declined(view: View) -> list[Column[Row]]:
    """Share of answers that decline; left to the downloads where no row declines anything."""
    column: Column[Row] = plain("declined", "Declined", _declined_share, percent, "Ended, %")
    return [column if any(map(_declined_share, view.rows)) else untold(column)]


def _declined_share(row: Row) -> float | None:
    return row.abstention.share.value if row.abstention and row.abstention.share else None


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


def _unjudged(_: View) -> list[Column[Row]]:
    return [plain("unjudged", "Not judged", lambda r: r.unjudged or None, count)]


COLUMNS: dict[str, Callable[[View], list[Column[Row]]]] = {
    "rank": _rank,
    "n": _n,
    "accuracy": _accuracy,
    "clean": _clean,
    "flagged": _flagged,
    "gain": _gain,
    "gain_relative": _gain_relative,
    "unscanned": _unscanned,
    "agreement": _agreement,
    "length": _length,
    "per_correct": _per_correct,
    "front": _front,
    "no_answer": _no_answer,
    "declined": _declined,
    "cut_off": _cut_off,
    "errors": _errors,
    "unjudged": _unjudged,
}
"""What a board may name, in any order."""
