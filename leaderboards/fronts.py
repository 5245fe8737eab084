"""What to believe of a task's models against their length, drawn with the front that no other beats."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from rarl_eval.leaderboards import charts
from rarl_eval.leaderboards.frame import Site
from rarl_eval.leaderboards.names import shortened
from rarl_eval.leaderboards.report import SiteRow

NAMED = 5
"""Models that are told apart of those left out."""


@dataclass(frozen=True)
class Plot:
    """Accuracy against length in one unit."""

    drawing: Markup
    counters: list[str]
    """Who counted; several of them may have counted differently."""
    notes: list[str]
    """What the drawing needs said: struck headlines, and who is left out and why."""


def plots(site: Site, rows: Sequence[SiteRow], *, root: str, detail: bool) -> list[Plot]:
    """One plot for each unit of length that at least two rows share; rows on a part of the items are left out."""
    drawn = []
    left_out = [row for row in rows if row.standing is not None and row.standing.why]
    for unit in sorted({row.length.unit for row in rows if row.length and row.length.unit}):
        here = [row for row in rows if row.length and row.length.unit == unit]
        points = [p for row in here if row not in left_out and (p := _point(row, site.model_href(row.model, root)))]
        counters = {r.length.counted_by for r in here if r.length and r.length.counted_by}
        if len(points) > 1:
            notes = _notes(points, [row for row in left_out if row in here])
            drawn.append(Plot(charts.pareto(points, unit=unit, detail=detail), sorted(counters), notes))
    return drawn


def _point(row: SiteRow, href: str) -> charts.Point | None:
    """Place a row at what to believe of it; None where that or the length is unknown, or part of the length hidden.

    An inflated row keeps its headline beside it, struck.
    """
    length, value = row.length, row.belief.value if row.belief else row.accuracy
    mean = length.mean if length and not length.hidden else None
    if mean is None or value is None or not mean.value:
        return None
    inflated = row.belief is not None and row.belief.verdict == "inflated"
    struck = row.accuracy.value if inflated and row.accuracy else None
    name = f"{row.model} ({row.shown_run})" if row.shown_run else row.model
    return charts.Point(name, mean.value, value.value, value, href, mean, struck)


def _notes(points: Sequence[charts.Point], left_out: Sequence[SiteRow]) -> list[str]:
    said = []
    if any(point.struck is not None for point in points):
        said.append("A cross is an inflated headline; its dot is what to believe.")
    for row in left_out[:NAMED]:
        why = row.standing.why if row.standing else None
        said.append(f"{shortened(row.model, 40)} is not drawn: {why}.")
    if len(left_out) > NAMED:
        said.append(f"{len(left_out) - NAMED} more are not drawn, for such reasons.")
    return said
