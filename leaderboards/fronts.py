"""Accuracy against length of a task's models, drawn with the front that no other beats."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from rarl_eval.leaderboards import charts
from rarl_eval.leaderboards.frame import Site
from rarl_eval.leaderboards.report import SiteRow


@dataclass(frozen=True)
class Plot:
    """Accuracy against length in one unit."""

    drawing: Markup
    counters: list[str]
    """Who counted; several of them may have counted differently."""


def plots(site: Site, rows: Sequence[SiteRow], *, root: str, detail: bool) -> list[Plot]:
    """One plot for each unit of length that at least two rows share."""
    drawn = []
    for unit in sorted({row.length.unit for row in rows if row.length and row.length.unit}):
        points = [p for row in rows if (p := _point(row, unit, site.model_href(row.model, root)))]
        counters = {r.length.counted_by for r in rows if r.length and r.length.unit == unit and r.length.counted_by}
        if len(points) > 1:
            drawn.append(Plot(charts.pareto(points, unit=unit, detail=detail), sorted(counters)))
    return drawn


def _point(row: SiteRow, unit: str, href: str) -> charts.Point | None:
    """Place a row in the plot; None where accuracy or length is unknown, or the length is not the whole length."""
    length = row.length
    if length is None or length.unit != unit or length.hidden or row.accuracy is None:
        return None
    mean = length.mean.value if length.mean else None
    name = f"{row.model} ({row.shown_run})" if row.shown_run else row.model
    return charts.Point(name, mean, row.accuracy.value, row.accuracy, href, length.mean) if mean else None
