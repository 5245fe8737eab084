"""History lines: for each task a page with the accuracy of every model night by night, and an overview of alarms."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

from rarl_eval.errors import BadInput
from rarl_eval.leaderboards import charts, tables
from rarl_eval.leaderboards.boards import Board, shows
from rarl_eval.leaderboards.columns import Cell, SiteColumn, plain, with_interval, words
from rarl_eval.leaderboards.feeds import FeedEntry
from rarl_eval.leaderboards.frame import Files, Site, downloads, page, with_feed
from rarl_eval.leaderboards.names import shortened, slugs
from rarl_eval.leaderboards.tables import SiteTable
from rarl_eval.nightly.history import ResultRow, nights, read_results
from rarl_eval.report import figures
from rarl_eval.report.figures import amount, count, percent, points
from rarl_eval.stats import Interval

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 900, 110, 40, 18, 8
MOST_ALARMS = 40
"""Alarms listed on the overview, the latest first."""


@dataclass(frozen=True)
class NightLine:
    """One model of a task with one budget, by night."""

    model: str
    budget: int | None
    rows: Sequence[ResultRow]
    href: str

    @property
    def last(self) -> ResultRow:
        """The latest night."""
        return self.rows[-1]


def read_history(folder: Path, board: Board) -> dict[str, list[ResultRow]]:
    """Read the nights that the board shows, by task; raises BadInput where there are none."""
    if not nights(folder):
        raise BadInput(f"{folder} holds no night (no results/*.parquet in it); name the history folder of a nightly")
    found: dict[str, list[ResultRow]] = defaultdict(list)
    for row in read_results(folder):
        if shows(board, row.task, row.model):
            found[row.task].append(row)
    if not found:
        raise BadInput(f"{folder}: board {board.title!r} shows no cell of this history")
    return dict(sorted(found.items()))


def history_pages(site: Site, found: Mapping[str, Sequence[ResultRow]]) -> Files:
    """Yield history.html and a page for each task."""
    names = slugs(found)
    rows = [row for group in found.values() for row in group]
    overview = with_feed(
        site, _overview(found, names), "nights", [e for t, group in found.items() for e in _entries(t, group)]
    )
    alarms = sorted((r for r in rows if r.status != "ok"), key=lambda r: (r.night, r.task, r.model), reverse=True)
    yield page(
        site,
        "history.html",
        "history.html",
        overview=overview,
        alarms=[(f"history/{names[r.task]}.html", r.night, r.task, r.model, r.status, r.reason) for r in alarms][
            :MOST_ALARMS
        ],
        n_alarms=len(alarms),
    )
    yield from downloads(overview)
    for task, group in found.items():
        yield from _task(site, task, names[task], group)


def _overview(found: Mapping[str, Sequence[ResultRow]], names: Mapping[str, str]) -> SiteTable:
    def last(task: str) -> list[ResultRow]:
        latest = max(row.night for row in found[task])
        return [row for row in found[task] if row.night == latest]

    def bad(task: str, status: str) -> int:
        return sum(row.status == status for row in last(task))

    def head(task: str) -> Cell:
        return Cell(shortened(task), kind="h", href=f"history/{names[task]}.html")

    columns: list[SiteColumn[str]] = [
        SiteColumn("task", "Task", head, lambda t: {"task": t}, text=True),
        plain("nights", "Nights", lambda t: len({row.night for row in found[t]}), count),
        words("last", "Latest", lambda t: max(row.night for row in found[t])),
        plain("cells", "Cells", lambda t: len(last(t)), count),
        plain("regressions", "Regressions", lambda t: bad(t, "regression"), count, "Latest night"),
        plain("failures", "Failures", lambda t: bad(t, "failure"), count, "Latest night"),
    ]
    return tables.table("nights", "Nights of each task", columns, list(found), "data/history/tasks")


def _entries(task: str, rows: Sequence[ResultRow]) -> list[FeedEntry]:
    """Return an entry for each night of a task."""
    by_night: dict[str, list[ResultRow]] = defaultdict(list)
    for row in rows:
        by_night[row.night].append(row)
    return [
        FeedEntry(f"{shortened(task)}, night {night}", _night(group), max(row.started for row in group), "history.html")
        for night, group in sorted(by_night.items())
    ]


def _night(rows: Sequence[ResultRow]) -> str:
    bad = [f"{shortened(row.model)}: {row.status}, {shortened(row.reason, 200)}" for row in rows if row.status != "ok"]
    return "; ".join(bad) or f"{len(rows)} cells, nothing fell"


def _task(site: Site, task: str, slug: str, rows: Sequence[ResultRow]) -> Files:
    order = sorted({row.night for row in rows})
    by_cell: dict[tuple[str, int | None], dict[str, ResultRow]] = defaultdict(dict)
    for row in rows:
        by_cell[row.model, row.budget][row.night] = row
    lines = [
        NightLine(
            model, budget, [by_cell[model, budget][n] for n in sorted(by_cell[model, budget])], _href(site, model)
        )
        for model, budget in sorted(by_cell, key=lambda c: (c[0], c[1] is not None, c[1] or 0))
    ]
    lines.sort(key=lambda x: -(x.last.accuracy if x.last.accuracy is not None else -1.0))
    latest = with_feed(site, _latest(lines, f"data/history/{slug}-latest"), f"nights of {task}", _entries(task, rows))
    every = _every(rows, f"data/history/{slug}")
    ends = charts.scale([_interval(row) for row in rows])
    place = {night: n for n, night in enumerate(order)}
    yield page(
        site,
        f"history/{slug}.html",
        "history_task.html",
        root="../",
        name=task,
        table=latest,
        nights=len(order),
        data=every.data,
        plots=[(_name(x), x.href, _drawing(x, place, ends)) for x in lines],
    )
    yield from downloads(latest)
    yield from downloads(every)


def _href(site: Site, model: str) -> str:
    return site.model_href(model, "../") if model in site.model_slugs else ""


def _name(line: NightLine) -> str:
    return line.model if line.budget is None else f"{line.model}, {line.budget:,} tokens"


def _interval(row: ResultRow) -> Interval | None:
    return None if row.accuracy is None else Interval(row.accuracy, row.accuracy_low, row.accuracy_high)


def _latest(lines: Sequence[NightLine], data: str) -> SiteTable:
    def head(line: NightLine) -> Cell:
        budget = "" if line.budget is None else f"{line.budget:,} tokens"
        return Cell(shortened(line.model), sub=budget, kind="h", href=line.href)

    columns: list[SiteColumn[NightLine]] = [
        SiteColumn("model", "Model", head, lambda x: {"model": x.model, "budget": x.budget}, text=True),
        words("night", "Night", lambda x: x.last.night),
        plain("n", "Items", lambda x: x.last.n, count),
        with_interval("accuracy", "Accuracy,\u00a0%", lambda x: _interval(x.last), percent),
        plain("baseline", "Baseline", lambda x: x.last.baseline_difference, points, "Change against, pts"),
        plain("recent", "last nights", lambda x: x.last.recent_difference, points, "Change against, pts"),
        plain("clean", "Clean,\u00a0%", lambda x: x.last.clean, percent),
        plain("gain", "Gain,\u00a0pts", lambda x: x.last.gain, points),
        plain("tokens", "Mean tokens", lambda x: x.last.mean_tokens, amount),
        words("status", "Status", lambda x: x.last.status),
    ]
    return tables.table("latest", "Latest night of each model", columns, lines, data)


def _every(rows: Sequence[ResultRow], data: str) -> SiteTable:
    """All nights, for the downloads only."""
    names = (
        "night",
        "started",
        "model",
        "budget",
        "status",
        "reason",
        "n",
        "accuracy",
        "accuracy_low",
        "accuracy_high",
    )
    more = ("clean", "gain", "mean_tokens", "no_answer", "truncated", "baseline_difference", "recent_difference")
    records = [{name: getattr(row, name) for name in (*names, *more)} for row in rows]
    return SiteTable("every", "All nights", [], [], [], data, records)


def _drawing(line: NightLine, place: Mapping[str, int], ends: tuple[float, float]) -> Markup:
    """Accuracy by night with its interval as a band; regressions and failures are marked."""
    last = max(1, len(place) - 1)

    def x(night: str) -> float:
        return LEFT + place[night] / last * (WIDTH - LEFT - 8)

    def y(value: float) -> float:
        share = min(1.0, max(0.0, (value - ends[0]) / (ends[1] - ends[0])))
        return HEIGHT - BOTTOM - share * (HEIGHT - BOTTOM - TOP)

    known = [row for row in line.rows if row.accuracy is not None]
    parts = [_grid(place, ends, y)]
    if known:
        band = [(x(r.night), y(v)) for r in known if (v := r.accuracy_low) is not None]
        band += [(x(r.night), y(v)) for r in reversed(known) if (v := r.accuracy_high) is not None]
        path = [(x(r.night), y(r.accuracy or 0.0)) for r in known]
        parts.append(Markup('<path class="band" d="M{}Z"/>').format(_path(band)) if band else Markup(""))
        parts.append(Markup('<path class="run" d="M{}{}"/>').format(_path(path), "h0" if len(path) == 1 else ""))
    for row in line.rows:
        if row.status != "ok":
            at = y(row.accuracy) if row.accuracy is not None else HEIGHT - BOTTOM
            title = f"{row.night}: {row.status}. {shortened(row.reason, 200)}"
            parts.append(
                Markup('<circle class="{}" cx="{:.1f}" cy="{:.1f}" r="4"><title>{}</title></circle>').format(
                    "alarm" if row.status == "regression" else "failed", x(row.night), at, title
                )
            )
    told = f"{shortened(line.model, 60)}: {len(known)} nights, latest {figures.number(line.last.accuracy, percent)} %"
    return Markup('<svg class="plot nights" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>').format(
        WIDTH, HEIGHT, told, Markup("").join(parts)
    )


def _path(dots: Sequence[tuple[float, float]]) -> str:
    return "L".join(f"{a:.1f} {b:.1f}" for a, b in dots)


def _grid(place: Mapping[str, int], ends: tuple[float, float], y: Callable[[float], float]) -> Markup:
    parts = [Markup('<path class="grid" d="{}"/>').format("".join(f"M{LEFT} {y(v):.1f}H{WIDTH - 8}" for v in ends))]
    parts += [charts.text_at(LEFT - 6, y(v) + 4, f"{100 * v:.0f}", "y") for v in ends]
    order = sorted(place, key=lambda night: place[night])
    parts.append(charts.text_at(LEFT, HEIGHT - 3, shortened(order[0], 20), "start"))
    if len(order) > 1:
        parts.append(charts.text_at(WIDTH - 8, HEIGHT - 3, shortened(order[-1], 20), "y"))
    return Markup("").join(parts)
