"""Accuracy against a budget of tokens: a drawing of all models of a task and the table behind it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup

from rarl_eval.leaderboards import charts, tables
from rarl_eval.leaderboards.charts import HEIGHT, LABEL_LIMIT, RIGHT, WIDTH, Frame, text_at
from rarl_eval.leaderboards.columns import SiteColumn, plain
from rarl_eval.leaderboards.names import shortened
from rarl_eval.leaderboards.report import SiteRow
from rarl_eval.leaderboards.tables import SiteTable
from rarl_eval.report.column import value
from rarl_eval.report.figures import amount, number, percent

NAMED = 5
"""Curves that are drawn in colour and named: those of the largest area."""

LABEL_HEIGHT = 14


@dataclass(frozen=True)
class Curves:
    """The curves of one task in one unit."""

    drawing: Markup
    table: SiteTable


def curves(header: SiteColumn[SiteRow], rows: Sequence[SiteRow], data: str) -> list[Curves]:
    """Return the curves of each unit of length that at least two rows share; hidden lengths do not compare."""
    drawn = []
    for unit in sorted({row.length.unit for row in rows if row.length and row.length.unit}):
        group = [row for row in rows if row.length and row.length.unit == unit and _curve(row)]
        if len(group) > 1:
            drawn.append(Curves(_drawing(group, unit), _table(header, group, unit, f"{data}-budget-{unit}")))
    return drawn


def _area(row: SiteRow) -> float | None:
    area: float | None = value(row, "length.budget.area")
    return area


def _curve(row: SiteRow) -> Sequence[tuple[float, float]]:
    """Points of a row's curve; none where part of the length cannot be seen."""
    return () if value(row, "length.hidden") else value(row, "length.budget.curve") or ()


def _table(header: SiteColumn[SiteRow], rows: Sequence[SiteRow], unit: str, data: str) -> SiteTable:
    marks = sorted({t for row in rows for t, _ in _curve(row)})
    columns: list[SiteColumn[SiteRow]] = [
        header,
        replace(plain("area", "Area,\u00a0%", _area, percent), method="budget_area"),
    ]
    columns += [_at(mark, unit) for mark in marks]
    caption = f"Accuracy in % if every answer longer than so many {unit} counted as wrong"
    return tables.table(f"budget-{unit}", caption, columns, rows, data)


def _at(mark: float, unit: str) -> SiteColumn[SiteRow]:
    def get(row: SiteRow) -> float | None:
        return dict(_curve(row)).get(mark)

    made: SiteColumn[SiteRow] = plain(f"at_{mark:g}", number(mark, amount), get, percent, f"Budget, {unit}")
    return replace(made, method="budget_area")


def _drawing(rows: Sequence[SiteRow], unit: str) -> Markup:
    ordered = sorted(rows, key=lambda r: (-(_area(r) or 0.0), r.entrant))
    best = max(a for row in rows for _, a in _curve(row))
    marks = [t for row in rows for t, _ in _curve(row)]
    frame = Frame((min(marks), max(marks)), (0.0, max(0.1, min(1.0, -(-best * 10 // 1) / 10))))
    parts = [
        *charts.axes(frame, f"budget, {unit} an answer (log scale)"),
        *(_line(frame, row, "line") for row in ordered[NAMED:]),
        *(_line(frame, row, f"line l{n}") for n, row in enumerate(ordered[:NAMED])),
        *_labels(frame, ordered[:NAMED]),
    ]
    told = "; ".join(f"{shortened(row.model, 40)} {number(_area(row), percent)} %" for row in ordered[:NAMED])
    return Markup('<svg class="plot" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>').format(
        WIDTH, HEIGHT, f"Accuracy against a budget of {unit}. Largest areas: {told}.", Markup("\n").join(parts)
    )


def _line(frame: Frame, row: SiteRow, kind: str) -> Markup:
    path = "L".join(f"{frame.x(t):.0f} {frame.y(a):.0f}" for t, a in _curve(row))
    return Markup('<path class="{}" d="M{}"><title>{}</title></path>').format(kind, path, shortened(row.model, 80))


def _labels(frame: Frame, rows: Sequence[SiteRow]) -> list[Markup]:
    """Name the curves where they end, one below the other where they would overlap."""
    parts, last = [], 0.0
    for y, number_, row in sorted((frame.y(_curve(row)[-1][1]), n, row) for n, row in enumerate(rows)):
        last = max(y - 4, last + LABEL_HEIGHT)
        parts.append(text_at(WIDTH - RIGHT, last, shortened(row.model, LABEL_LIMIT), f"name end t{number_}"))
    return parts
