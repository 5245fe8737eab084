"""From reports to pages: every file of the site as bytes, by its path. Writes nothing."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from rarl_eval import registry
from rarl_eval.errors import BadInput
from rarl_eval.leaderboards import charts, details, tables
from rarl_eval.leaderboards.badges import Badge, badges
from rarl_eval.leaderboards.boards import Board, load_board, select
from rarl_eval.leaderboards.columns import Column, name_column
from rarl_eval.leaderboards.methods import load_methods
from rarl_eval.leaderboards.names import shortened, slugs
from rarl_eval.leaderboards.report import Interval, Report, Row, accuracy, merge
from rarl_eval.leaderboards.results import Ranks, View, results, reward_names
from rarl_eval.leaderboards.tables import Table
from rarl_eval.leaderboards.templating import asset, environment, rendered

ASSETS = ("site.css", "site.js", "icon.svg")

Files = Iterator[tuple[str, bytes]]


def render(
    reports: Mapping[str, dict[str, Any]],
    *,
    board: Path | None = None,
    templates: Path | None = None,
    base_url: str | None = None,
) -> Files:
    """Yield (path, content) of each file of the site, from parsed report.json files by where they were read.

    Raises BadInput for reports, boards, templates or addresses that cannot be used.
    """
    if base_url is not None and not base_url.startswith(("https://", "http://")):
        raise BadInput(f"--base-url {base_url!r} is no web address; it must start with https:// or http://")
    definition = load_board(board)
    site = _Site.of(select(merge(reports), definition), definition, environment(templates), base_url)
    yield from _index(site)
    for task in site.tasks:
        yield from _task(site, task)
    for model in site.report.models:
        yield from _model(site, model)
    yield _page(site, "methods.html", "methods.html", methods=load_methods())
    for name in ASSETS:
        yield f"static/{name}", asset(name, templates)


@dataclass(frozen=True)
class _Site:
    """The report with what pages need to refer to one another."""

    report: Report
    board: Board
    env: jinja2.Environment
    base_url: str | None
    tasks: list[str]
    """In order: domains as the registry has them, then by name."""
    ranks: Ranks
    task_slugs: dict[str, str]
    model_slugs: dict[str, str]

    @classmethod
    def of(cls, report: Report, board: Board, env: jinja2.Environment, base_url: str | None) -> "_Site":
        domains = {row.task: row.domain for row in report.rows}
        tasks = sorted(domains, key=lambda t: (_place(domains[t]), domains[t], t))
        ranks = {(task, who): rank for task in tasks for who, rank in _ranks(report.of_task(task)).items()}
        return cls(report, board, env, base_url, tasks, ranks, slugs(tasks), slugs(report.models))

    def task_href(self, task: str, root: str = "") -> str:
        return f"{root}tasks/{self.task_slugs[task]}.html"

    def model_href(self, model: str, root: str = "") -> str:
        return f"{root}models/{self.model_slugs[model]}.html"

    def model_column(self, root: str = "") -> Column[Row]:
        return name_column(
            "model", "Model", lambda r: r.model, lambda r: self.model_href(r.model, root), lambda r: r.shown_run
        )

    def task_column(self, root: str = "") -> Column[Row]:
        return name_column(
            "task", "Task", lambda r: r.task, lambda r: self.task_href(r.task, root), lambda r: r.shown_run
        )


@dataclass(frozen=True)
class Plot:
    """Accuracy against length in one unit."""

    drawing: Markup
    counters: list[str]
    """Who counted; several of them may have counted differently."""


@dataclass(frozen=True)
class Section:
    """A task as the leaderboard page shows it."""

    task: str
    domain: str
    id: str
    href: str
    badges: list[Badge]
    table: Table
    plots: list[Plot]
    more_rewards: int


def _place(domain: str) -> int:
    return registry.DOMAINS.index(domain) if domain in registry.DOMAINS else len(registry.DOMAINS)


def _ranks(rows: list[Row]) -> dict[tuple[str, str], int]:
    """Rank by accuracy, best first; equals share a rank, unknown accuracy has none."""
    known = {row.entrant: value for row in rows if (value := accuracy(row)) is not None}
    return {who: 1 + sum(other > value for other in known.values()) for who, value in known.items()}


def _index(site: _Site) -> Files:
    """Leaderboard: overview, a section for each task, what was scanned; and one download of everything."""
    overview = tables.overview(site.report, site.tasks, site.model_href)
    sections = [_section(site, task) for task in site.tasks]
    found = [(task, scan, counts) for task in site.tasks for scan, counts in site.report.scans_of(task)]
    scans = details.scans("contamination", found, site.task_href, "data/contamination")
    domains = [(domain, list(group)) for domain, group in groupby(sections, key=lambda s: s.domain)]
    yield _page(site, "index.html", "index.html", overview=overview, sections=sections, domains=domains, scans=scans)
    for table in (overview, scans, _everything(site), *(s.table for s in sections)):
        yield from _downloads(table)


def _section(site: _Site, task: str) -> Section:
    rows, slug = site.report.of_task(task), site.task_slugs[task]
    view = View(rows=tuple(rows), ranks=site.ranks, rewards=site.board.rewards)
    columns = results(site.board.columns, view, [site.model_column()])
    return Section(
        task=task,
        domain=rows[0].domain,
        id=f"t-{slug}",
        href=site.task_href(task),
        badges=badges(site.report, task, site.board.heavy),
        table=tables.table(f"b-{slug}", f"Models on {shortened(task)}", columns, rows, f"data/leaderboard/{slug}"),
        plots=_plots(site, rows, root="", detail=False),
        more_rewards=max(0, len(reward_names(rows)) - site.board.rewards),
    )


def _everything(site: _Site) -> Table:
    """All rows with all columns of the board's pages, for the download only."""
    rows = [row for task in site.tasks for row in site.report.of_task(task)]
    view = View(rows=tuple(rows), ranks=site.ranks)
    domain: Column[Row] = name_column("domain", "Domain", lambda r: r.domain, lambda _: "")
    columns = results(site.board.page_columns, view, [site.model_column(), site.task_column(), domain, _run()])
    return tables.table("all", "All rows", columns, rows, "data/all")


def _run() -> Column[Row]:
    return name_column("run", "Run", lambda r: r.run or "", lambda _: "")


def _plots(site: _Site, rows: list[Row], *, root: str, detail: bool) -> list[Plot]:
    """One plot for each unit of length that at least two rows share."""
    drawn = []
    for unit in sorted({row.length.unit for row in rows if row.length and row.length.unit}):
        points = [p for row in rows if (p := _point(row, unit, site.model_href(row.model, root)))]
        counters = {r.length.counted_by for r in rows if r.length and r.length.unit == unit and r.length.counted_by}
        if len(points) > 1:
            drawn.append(Plot(charts.pareto(points, unit=unit, detail=detail), sorted(counters)))
    return drawn


def _point(row: Row, unit: str, href: str) -> charts.Point | None:
    """Place a row in the plot; None where accuracy or length is unknown, or the length is not the whole length."""
    length, value = row.length, accuracy(row)
    if length is None or length.unit != unit or length.hidden or value is None:
        return None
    mean = length.mean.value if length.mean else None
    name = f"{row.model} ({row.shown_run})" if row.shown_run else row.model
    return charts.Point(name, mean, value, row.accuracy or Interval(), href) if mean else None


def _task(site: _Site, task: str) -> Files:
    """Page of a task: all columns, the plot with every model, length, agreement, stops, scans."""
    rows, slug = site.report.of_task(task), site.task_slugs[task]
    found = [(task, scan, counts) for scan, counts in site.report.scans_of(task)]
    parts = _details(site, rows, f"data/tasks/{slug}", site.model_column("../"), ordered=True)
    parts.append(details.scans("scans", found, partial(site.task_href, root="../"), f"data/tasks/{slug}-scans"))
    yield _page(
        site,
        site.task_href(task),
        "task.html",
        root="../",
        name=task,
        domain=rows[0].domain,
        rows=rows,
        badges=badges(site.report, task, site.board.heavy),
        scans=site.report.scans_of(task),
        tables=[part for part in parts if part],
        plots=_plots(site, rows, root="../", detail=True),
    )
    for part in parts:
        yield from _downloads(part)


def _model(site: _Site, model: str) -> Files:
    """Page of a model: the same tables, with a row for each task."""
    rows, slug = site.report.of_model(model), site.model_slugs[model]
    rows.sort(key=lambda r: site.tasks.index(r.task))
    parts = _details(site, rows, f"data/models/{slug}", site.task_column("../"), ordered=False)
    synthetic = any(row.synthetic for row in rows)
    shown = [part for part in parts if part]
    yield _page(
        site, site.model_href(model), "model.html", root="../", name=model, tables=shown, rows=rows, synthetic=synthetic
    )
    for part in parts:
        yield from _downloads(part)


def _details(site: _Site, rows: list[Row], data: str, header: Column[Row], *, ordered: bool) -> list[Table | None]:
    view = View(rows=tuple(rows), ranks=site.ranks, ordered=ordered)
    columns = results(site.board.page_columns, view, [header])
    return [
        tables.table("results", "Results", columns, rows, data),
        details.lengths("length", [header], rows, f"{data}-length"),
        details.agreements("agreement", [header], rows, f"{data}-agreement"),
        details.stops("stops", [header], rows, f"{data}-stops"),
    ]


def _page(site: _Site, path: str, template: str, *, root: str = "", **values: Any) -> tuple[str, bytes]:
    common = {
        "board": site.board,
        "report": site.report,
        "root": root,
        "path": path,
        "canonical": f"{site.base_url.rstrip('/')}/{path}" if site.base_url else None,
        "synthetic_models": sorted({row.model for row in site.report.rows if row.synthetic}),
        "all_synthetic": all(row.synthetic for row in site.report.rows),
    }
    return path, rendered(site.env, template, common | values)


def _downloads(table: Table | None) -> Files:
    if table:
        yield f"{table.data}.csv", tables.as_csv(table.records)
        yield f"{table.data}.json", tables.as_json(table.records)
