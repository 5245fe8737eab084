"""Risk against coverage: the share of wrong answers among those that a signal is surest of, drawn for each signal."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from rarl_eval.leaderboards.charts import BOTTOM, HEIGHT, LABEL_LIMIT, LEFT, RIGHT, TOP, WIDTH, text_at
from rarl_eval.leaderboards.names import shortened
from rarl_eval.leaderboards.report import SiteRow
from rarl_eval.measures.rewarded import Rewarded
from rarl_eval.report.figures import number, percent

NAMED = 5
"""Models drawn in colour and named: those of the smallest area."""

MOST_REWARDS = 6
"""Drawings of one page; the table of agreement has the areas of all rewards."""

LABEL_HEIGHT = 14

Curve = tuple[SiteRow, Rewarded]


@dataclass(frozen=True)
class Risk:
    """The curves of one reward."""

    reward: str
    drawing: Markup


def risks(rows: Sequence[SiteRow]) -> list[Risk]:
    """Return the curves of each reward of which some row has one, by name."""
    by_reward: dict[str, list[Curve]] = {}
    for row in rows:
        for entry in row.agreement or ():
            if len(entry.risk) > 1:
                by_reward.setdefault(entry.reward, []).append((row, entry))
    return [Risk(name, _drawing(name, by_reward[name])) for name in sorted(by_reward)[:MOST_REWARDS]]


def _drawing(reward: str, curves: Sequence[Curve]) -> Markup:
    ordered = sorted(curves, key=lambda c: (_area(c) is None, _area(c) or 0.0, c[0].entrant))
    most = max(risk for _, entry in curves for _, risk in entry.risk)
    top = next(step for step in (0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0) if most <= step + 1e-9)
    parts = [
        *_axes(top),
        *(_line(c, top, "line") for c in ordered[NAMED:]),
        *(_line(c, top, f"line l{n}") for n, c in enumerate(ordered[:NAMED])),
        *_labels(ordered[:NAMED], top),
    ]
    told = "; ".join(f"{shortened(row.model, 40)} {number(_area((row, e)), percent)} %" for row, e in ordered[:NAMED])
    label = f"Wrong answers among the surest by {shortened(reward, 40)}. Smallest areas: {told}."
    return Markup('<svg class="plot" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>').format(
        WIDTH, HEIGHT, label, Markup("\n").join(parts)
    )


def _area(curve: Curve) -> float | None:
    return curve[1].aurc.value if curve[1].aurc else None


def _x(coverage: float) -> float:
    return LEFT + coverage * (WIDTH - LEFT - RIGHT)


def _y(risk: float, top: float) -> float:
    return HEIGHT - BOTTOM - min(1.0, risk / top) * (HEIGHT - TOP - BOTTOM)


def _axes(top: float) -> list[Markup]:
    grid, parts = "", []
    for tick in range(6):
        y, x = _y(top * tick / 5, top), _x(tick / 5)
        grid += f"M{LEFT} {y:.0f}H{WIDTH - RIGHT}M{x:.0f} {HEIGHT - BOTTOM}v5"
        parts += [text_at(LEFT - 6, y + 4, f"{100 * top * tick / 5:.0f}", "y")]
        parts += [text_at(x, HEIGHT - BOTTOM + 18, f"{20 * tick}", "x")]
    parts.append(text_at((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, "coverage, % of the answers, the surest first", "x"))
    return [Markup('<path class="grid" d="{}"/>').format(grid), *parts]


def _line(curve: Curve, top: float, kind: str) -> Markup:
    path = "L".join(f"{_x(coverage):.0f} {_y(risk, top):.0f}" for coverage, risk in curve[1].risk)
    return Markup('<path class="{}" d="M{}"><title>{}</title></path>').format(kind, path, shortened(curve[0].model, 80))


def _labels(curves: Sequence[Curve], top: float) -> list[Markup]:
    """Name the curves where they end, one above the other where they would overlap."""
    parts, last = [], float(HEIGHT)
    for y, place, row in sorted(((_y(e.risk[-1][1], top), n, row) for n, (row, e) in enumerate(curves)), reverse=True):
        last = min(y - 4, last - LABEL_HEIGHT)
        parts.append(text_at(WIDTH - RIGHT, last, shortened(row.model, LABEL_LIMIT), f"name end t{place}"))
    return parts
