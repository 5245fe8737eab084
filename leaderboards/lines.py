"""Inline SVG of figures over the steps of a training: lines with bands, an axis each way, and marked steps.

Colours come from the style sheet by class, as in charts.py; where a figure is unknown its line breaks.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from markupsafe import Markup

from rarl_eval.leaderboards.charts import text_at

WIDTH, HEIGHT = 720, 230
LEFT, RIGHT, TOP, BOTTOM = 52, 104, 16, 34
TICKS = 5
LABEL_HEIGHT = 14
"""Labels of two lines that end side by side keep this distance."""

Place = Callable[[float], float]


@dataclass(frozen=True)
class StepLine:
    """One figure over the steps, with its bounds where it has an interval."""

    name: str
    values: Sequence[float | None]
    low: Sequence[float | None] = ()
    high: Sequence[float | None] = ()


@dataclass(frozen=True)
class Mark:
    """A step that is marked, with what it is."""

    step: float
    label: str
    kind: str
    """``began`` or ``alarm``."""


def over_steps(
    told: str, steps: Sequence[int], lines: Sequence[StepLine], marks: Sequence[Mark], form: Callable[[float], str]
) -> Markup:
    """Draw lines over steps; ``told`` says the drawing in a sentence, ``form`` writes a value on the axis.

    Empty where no figure is known at two steps.
    """
    known = [v for line in lines for part in (line.values, line.low, line.high) for v in part if v is not None]
    if len(steps) < 2 or not known:
        return Markup("")
    low, high = _ends(min(known), max(known))
    first, last = steps[0], steps[-1]

    def x(step: float) -> float:
        return LEFT + (step - first) / (last - first) * (WIDTH - LEFT - RIGHT)

    def y(value: float) -> float:
        return HEIGHT - BOTTOM - (value - low) / (high - low) * (HEIGHT - TOP - BOTTOM)

    parts = [
        *_axes((low, high), steps, x, y, form),
        *(_mark(mark, x) for mark in marks if first <= mark.step <= last),
        *(_band(line, steps, x, y) for line in lines if line.low),
        *(_line(line, number, steps, x, y) for number, line in enumerate(lines)),
        *_names(lines, y),
    ]
    return Markup('<svg class="plot" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>').format(
        WIDTH, HEIGHT, told, Markup("").join(parts)
    )


def _ends(low: float, high: float) -> tuple[float, float]:
    """Widen ends that are one point, and put a little air around the others."""
    if high - low < 1e-9:
        return low - max(abs(low), 1.0) * 0.1, high + max(abs(high), 1.0) * 0.1
    return low - 0.04 * (high - low), high + 0.04 * (high - low)


def _axes(
    ends: tuple[float, float], steps: Sequence[int], x: Place, y: Place, form: Callable[[float], str]
) -> Iterator[Markup]:
    grid = ""
    for value in _ticks(*ends):
        grid += f"M{LEFT} {y(value):.1f}H{WIDTH - RIGHT}"
        yield text_at(LEFT - 6, y(value) + 4, form(value), "y")
    for value in _ticks(steps[0], steps[-1]):
        if value == round(value):
            grid += f"M{x(value):.1f} {HEIGHT - BOTTOM}v5"
            yield text_at(x(value), HEIGHT - BOTTOM + 18, f"{value:,.0f}", "x")
    yield text_at(LEFT - 6, HEIGHT - BOTTOM + 18, "step", "y")
    yield Markup('<path class="grid" d="{}"/>').format(grid)


def _ticks(low: float, high: float) -> list[float]:
    """Return round values between two ends: steps of 1, 2 or 5 times a power of ten."""
    raw = (high - low) / TICKS
    power = 10.0 ** int(f"{raw:e}".partition("e")[2])
    step = next(s * power for s in (1, 2, 5, 10) if s * power >= raw - 1e-12)
    first = -(-low // step)
    return [round((first + i) * step, 10) for i in range(int((high - first * step) / step + 1e-9) + 1)]


def _path(dots: Sequence[tuple[float, float]]) -> str:
    return "L".join(f"{a:.1f} {b:.1f}" for a, b in dots)


def _runs(steps: Sequence[int], *series: Sequence[float | None]) -> Iterator[list[tuple[int, ...]]]:
    """Yield the stretches of steps at which all series are known."""
    rows = list(zip(steps, *series, strict=True))
    for known, run in groupby(rows, key=lambda row: None not in row):
        if known:
            yield list(run)


def _line(line: StepLine, number: int, steps: Sequence[int], x: Place, y: Place) -> Markup:
    found = [[(x(step), y(value)) for step, value in run] for run in _runs(steps, line.values)]
    path = "".join(f"M{_path(dots)}{'h0' if len(dots) == 1 else ''}" for dots in found)
    return Markup('<path class="line l{}" d="{}"><title>{}</title></path>').format(number, path, line.name)


def _band(line: StepLine, steps: Sequence[int], x: Place, y: Place) -> Markup:
    path = ""
    for run in _runs(steps, line.low, line.high):
        below = [(x(step), y(low)) for step, low, _ in run]
        above = [(x(step), y(high)) for step, _, high in reversed(run)]
        path += f"M{_path([*below, *above])}Z"
    return Markup('<path class="band" d="{}"/>').format(path)


def _mark(mark: Mark, x: Place) -> Markup:
    """Draw a marked step; what began is named to its left, the alarm that follows to its right."""
    began = mark.kind == "began"
    at = x(mark.step)
    name = text_at(at - 3 if began else at + 3, TOP - 4, mark.label, f"{'y' if began else 'start'} mark {mark.kind}")
    path = Markup('<path class="at {}" d="M{:.1f} {}V{}"><title>{}</title></path>')
    return path.format(mark.kind, at, TOP, HEIGHT - BOTTOM, mark.label) + name


def _names(lines: Sequence[StepLine], y: Place) -> Iterator[Markup]:
    """Name each line where it ends, one below the other where they would overlap."""
    ends = [
        (y(known[-1]), n, line) for n, line in enumerate(lines) if (known := [v for v in line.values if v is not None])
    ]
    last = 0.0
    for at, number, line in sorted(ends, key=lambda e: e[:2]):
        last = max(at + 4, last + LABEL_HEIGHT)
        yield text_at(WIDTH - RIGHT + 6, last, line.name, f"name start t{number}")
