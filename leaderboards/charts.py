"""Inline SVG drawn from numbers: whiskers in tables, and accuracy against length with its Pareto front.

Colours and sizes come from the style sheet by class; nothing here needs a script or a style attribute.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from rarl_eval.leaderboards.names import shortened
from rarl_eval.report import figures
from rarl_eval.stats import Interval

WHISKER_WIDTH = 98
"""Drawing units, which are pixels: the style sheet gives whiskers this width and spares each its own frame."""
WIDTH, HEIGHT = 640, 340
LEFT, RIGHT, TOP, BOTTOM = 44, 16, 14, 44
LABEL_LIMIT = 26
NAMED = 12
"""Points beside the front that are named where there is room; of more the front alone."""
LABEL_WIDTH = 6.4
"""Width of a label's character in drawing units, generously."""


@dataclass(frozen=True)
class Point:
    """A model in the plot."""

    name: str
    length: float
    accuracy: float
    interval: Interval
    href: str = ""
    spread: Interval | None = None
    """Interval of the length."""
    struck: float | None = None
    """A headline that is not to be believed, drawn as a cross above what is."""


def scale(intervals: Iterable[Interval | None]) -> tuple[float, float]:
    """Axis that holds all intervals, ends on whole tenths: (0.8, 1.0) for accuracies from .83 to .96."""
    known = [x for i in intervals if i for x in (i.low, i.value, i.high) if x is not None]
    if not known:
        return 0.0, 1.0
    low = max(0.0, math.floor(min(known) * 10 + 1e-9) / 10)
    high = min(1.0, math.ceil(max(known) * 10 - 1e-9) / 10)
    return (low, high) if high - low > 0.05 else (max(0.0, high - 0.1), max(high, 0.1))


def whisker(interval: Interval | None, ends: tuple[float, float]) -> Markup:
    """Draw the interval as a bar and the estimate as a tick on the axis given; nothing where it is unknown."""
    if interval is None:
        return Markup("")
    at = [_on(x, ends) for x in (interval.low, interval.value, interval.high) if x is not None]
    return Markup('<svg><path d="M{} 5H{}M{} 1v8"/></svg>').format(at[0], at[-1], _on(interval.value, ends))


def difference(interval: Interval, half: float) -> Markup:
    """Draw a difference on the axis from ``-half`` to ``half``, with a stroke at 0."""
    ends = (-half, half)
    at = [_on(x, ends) for x in (interval.low, interval.value, interval.high) if x is not None]
    return Markup('<svg><path class="zero" d="M{} 0v10"/><path d="M{} 5H{}M{} 1v8"/></svg>').format(
        _on(0.0, ends), at[0], at[-1], _on(interval.value, ends)
    )


def _on(value: float, ends: tuple[float, float]) -> str:
    share = (value - ends[0]) / (ends[1] - ends[0])
    return f"{1 + min(1.0, max(0.0, share)) * (WHISKER_WIDTH - 2):.0f}"


def front(points: Iterable[Point]) -> list[Point]:
    """Points that no other beats: at most as long and more accurate, or shorter and as accurate; by length."""
    kept: list[Point] = []
    for point in sorted(points, key=lambda p: (p.length, -p.accuracy, p.name)):
        if not kept or point.accuracy > kept[-1].accuracy:
            kept.append(point)
    return kept


def pareto(points: Sequence[Point], *, unit: str, detail: bool) -> Markup:
    """Accuracy against mean length on a log axis; the front is drawn as a step line and named.

    With ``detail`` every dot is a link with a tooltip and its accuracy interval; without, dots only.
    """
    shown = sorted((p for p in points if p.length > 0), key=lambda p: (p.length, p.accuracy, p.name))
    if not shown:
        return Markup("")
    frame = Frame.around(shown)
    best = front(shown)
    parts = [
        *axes(frame, f"mean {unit} per answer (log scale)"),
        _step(frame, best),
        *_labels(frame, [*reversed(best), *_rest(shown, best)], shown),
        *_crosses(frame, shown),
        *([_dot(frame, p) for p in shown] if detail else [_dots(frame, shown)]),
        _dots(frame, best, "front"),
    ]
    summary = "; ".join(f"{shortened(p.name, 40)} {figures.percent(p.accuracy)} % at {amount(p.length)}" for p in best)
    return Markup('<svg class="plot" viewBox="0 0 {} {}" role="{}" aria-label="{}">{}</svg>').format(
        WIDTH,
        HEIGHT,
        "group" if detail else "img",
        f"Accuracy against mean length in {unit}. Pareto front: {summary}.",
        Markup("\n").join(parts),
    )


@dataclass(frozen=True)
class Frame:
    """Mapping from lengths (log) and accuracies to drawing units."""

    lengths: tuple[float, float]
    accuracies: tuple[float, float]

    @classmethod
    def around(cls, points: Sequence[Point]) -> "Frame":
        """Frame with a margin around points and their intervals."""
        spreads = [p.spread for p in points if p.spread]
        ends = [x for spread in spreads for x in (spread.low, spread.high) if x is not None and x > 0]
        lengths = [*(p.length for p in points), *ends]
        pad = 1.12
        headlines = [Interval(p.struck) for p in points if p.struck is not None]
        return cls((min(lengths) / pad, max(lengths) * pad), scale([*(p.interval for p in points), *headlines]))

    def x(self, length: float) -> float:
        """Place of a length."""
        low, high = (math.log(v) for v in self.lengths)
        return LEFT + (math.log(length) - low) / (high - low) * (WIDTH - LEFT - RIGHT)

    def y(self, accuracy: float) -> float:
        """Place of an accuracy."""
        low, high = self.accuracies
        share = min(1.0, max(0.0, (accuracy - low) / (high - low)))
        return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)


def axes(frame: Frame, label: str) -> list[Markup]:
    """Grid, ticks and the label of the axis of lengths."""
    grid, parts = "", []
    for value in _accuracy_ticks(frame.accuracies):
        y = frame.y(value)
        grid += f"M{LEFT} {y:.0f}H{WIDTH - RIGHT}"
        parts.append(text_at(LEFT - 6, y + 4, f"{100 * value:.0f}", "y"))
    for value in _length_ticks(frame.lengths):
        x = frame.x(value)
        grid += f"M{x:.0f} {HEIGHT - BOTTOM}v5"
        parts.append(text_at(x, HEIGHT - BOTTOM + 18, amount(value), "x"))
    parts.append(text_at((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, label, "x"))
    return [Markup('<path class="grid" d="{}"/>').format(grid), *parts]


def _accuracy_ticks(ends: tuple[float, float]) -> list[float]:
    low, high = (round(e * 100) for e in ends)
    step = next(s for s in (2, 5, 10, 20) if (high - low) / s <= 6)
    return [v / 100 for v in range(-(-low // step) * step, high + 1, step)]


def _length_ticks(ends: tuple[float, float]) -> list[float]:
    """Ticks at 1, 2 and 5 times the powers of ten; all nine of each decade where the axis is short."""
    decades = range(math.floor(math.log10(ends[0])), math.ceil(math.log10(ends[1])) + 1)
    for steps in ((1.0, 3.0), (1.0, 2.0, 5.0), tuple(map(float, range(1, 10))), tuple(s / 4 for s in range(4, 40))):
        ticks = [s * 10.0**d for d in decades for s in steps if ends[0] <= s * 10.0**d <= ends[1]]
        if len(ticks) >= 3:
            return ticks[:: math.ceil(len(ticks) / 9)]
    return ticks


def _step(frame: Frame, best: Sequence[Point]) -> Markup:
    path = f"M{frame.x(best[0].length):.0f} {frame.y(best[0].accuracy):.0f}"
    for point in best[1:]:
        path += f"H{frame.x(point.length):.0f}V{frame.y(point.accuracy):.0f}"
    return Markup('<path class="step" d="{}H{}"/>').format(path, WIDTH - RIGHT)


def _dots(frame: Frame, points: Sequence[Point], kind: str = "") -> Markup:
    """All dots as one path of zero-length strokes with round caps: a tenth of the bytes of circles."""
    path = "".join(f"M{frame.x(p.length):.0f} {frame.y(p.accuracy):.0f}h0" for p in points)
    return Markup('<path class="dots {}" d="{}"/>').format(kind, path)


def _crosses(frame: Frame, points: Sequence[Point]) -> list[Markup]:
    """Headlines that are not to be believed, each with a line to what is."""
    path = ""
    for point in points:
        if point.struck is not None:
            x, y = frame.x(point.length), frame.y(point.struck)
            path += f"M{x - 4:.0f} {y - 4:.0f}l8 8m0-8l-8 8M{x:.0f} {y:.0f}V{frame.y(point.accuracy):.0f}"
    return [Markup('<path class="struck" d="{}"/>').format(path)] if path else []


def _dot(frame: Frame, point: Point) -> Markup:
    x, y = f"{frame.x(point.length):.1f}", f"{frame.y(point.accuracy):.1f}"
    low, high = point.interval.low, point.interval.high
    whisker_path = Markup("")
    if low is not None and high is not None:
        whisker_path = Markup('<path class="bar" d="M{} {:.1f}V{:.1f}"/>').format(x, frame.y(low), frame.y(high))
    short, long = (point.spread.low, point.spread.high) if point.spread else (None, None)
    if short is not None and long is not None and short > 0:
        whisker_path += Markup('<path class="bar" d="M{:.1f} {}H{:.1f}"/>').format(frame.x(short), y, frame.x(long))
    headline = "" if point.struck is None else f", not {figures.percent(point.struck)} %,"
    title = f"{shortened(point.name, 80)}: {figures.percent(point.accuracy)} %{headline} at {amount(point.length)}"
    return Markup('<a href="{}" aria-label="{}"><title>{}</title>{}<circle cx="{}" cy="{}" r="4.5"/></a>').format(
        point.href, title, title, whisker_path, x, y
    )


Box = tuple[float, float, float, float]


def _rest(shown: Sequence[Point], best: Sequence[Point]) -> list[Point]:
    """Points that the front leaves, where they are few enough to be named; the most accurate first."""
    rest = [point for point in shown if point not in best]
    return sorted(rest, key=lambda p: (-p.accuracy, p.name)) if len(rest) <= NAMED else []


def _labels(frame: Frame, points: Sequence[Point], shown: Sequence[Point]) -> list[Markup]:
    """Name points, the first ones first, where there is room: off other labels, and over as few dots as can be."""
    dots = [_around(frame.x(p.length), frame.y(p.accuracy)) for p in shown]
    taken: list[Box] = []
    parts = []
    for point in points:
        text = shortened(point.name, LABEL_LIMIT)
        free = [box for box in _places(frame, point, LABEL_WIDTH * len(text)) if not hits(box, taken)]
        if free:
            box = min(free, key=lambda b: hits(b, dots))
            taken.append(box)
            parts.append(text_at(box[0], box[3] - 3, text, "name"))
    return parts


def _places(frame: Frame, point: Point, width: float) -> list[Box]:
    """Boxes for a label around a dot that stay inside the drawing, the best first: the front leaves up-left free."""
    x, y = frame.x(point.length), frame.y(point.accuracy)
    corners = [(x - 7 - width, y - 18), (x - 7 - width, y - 7), (x + 8, y + 4), (x + 8, y - 18), (x - 7 - width, y + 4)]
    boxes = [(left, top, left + width, top + 14) for left, top in corners]
    return [b for b in boxes if b[0] >= LEFT and b[2] <= WIDTH and b[1] >= 0 and b[3] <= HEIGHT - BOTTOM]


def _around(x: float, y: float) -> Box:
    return x - 5, y - 5, x + 5, y + 5


def hits(box: Box, others: Sequence[Box]) -> int:
    """Count the boxes that a box overlaps."""
    return sum(_overlap(box, other) for other in others)


def _overlap(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def text_at(x: float, y: float, text: str, kind: str) -> Markup:
    """Draw a text; its CSS class says how it is anchored."""
    return Markup('<text class="{}" x="{:.0f}" y="{:.0f}">{}</text>').format(kind, x, y, text)


def amount(value: float) -> str:
    """Length as an axis shows it."""
    return f"{value:,.0f}" if value >= 10 else f"{value:g}"
