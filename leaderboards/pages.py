"""From reports to pages: every file of the site as bytes, by its path. Writes nothing."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from importlib import resources
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from rarl_eval.errors import BadInput
from rarl_eval.leaderboards import charts, figures, tables
from rarl_eval.leaderboards.boards import Board, load_board, select
from rarl_eval.leaderboards.columns import View, reward_names
from rarl_eval.leaderboards.methods import load_methods
from rarl_eval.leaderboards.names import shortened, shown, slugs
from rarl_eval.leaderboards.report import Interval, Report, Row, merge
from rarl_eval.leaderboards.tables import Table

ASSETS = ("site.css", "site.js", "icon.svg")
PACKAGE = "rarl_eval.leaderboards"


def render(
    reports: Mapping[str, dict[str, Any]],
    *,
    board: Path | None = None,
    templates: Path | None = None,
    base_url: str | None = None,
) -> Iterator[tuple[str, bytes]]:
    """Yield (path, content) of each file of the site, from parsed report.json files by where they were read.

    Raises BadInput for reports, boards, templates or addresses that cannot be used.
    """
    definition = load_board(board)
    report = select(merge(reports), definition)
    if base_url is not None and not base_url.startswith(("https://", "http://")):
        raise BadInput(f"--base-url {base_url!r} is no web address; it must start with https:// or http://")
    site = _Site.of(report, definition, templates, base_url)
    yield from site.index()
    for task in site.tasks:
        yield from site.task(task)
    for model in report.models:
        yield from site.model(model)
    yield site.page("methods.html", "methods.html", methods=load_methods())
    for name in ASSETS:
        yield f"static/{name}", _asset(name, templates)


@dataclass(frozen=True)
class Badge:
    """What a scan says of a benchmark, in a few words."""

    kind: str
    """CSS class: ``none``, ``some``, ``heavy``, ``unknown``."""
    text: str
    detail: str = ""


@dataclass(frozen=True)
class Section:
    """A task as the leaderboard page shows it."""

    task: str
    domain: str
    id: str
    href: str
    badges: list[Badge]
    table: Table
    plots: list[Markup]
    more_rewards: int


@dataclass(frozen=True)
class _Site:
    """The report with everything pages need to refer to one another."""

    report: Report
    board: Board
    env: jinja2.Environment
    base_url: str | None
    tasks: list[str]
    ranks: dict[tuple[str, str], int]
    task_slugs: dict[str, str]
    model_slugs: dict[str, str]

    @classmethod
    def of(cls, report: Report, board: Board, templates: Path | None, base_url: str | None) -> "_Site":
        domains = {row.task: row.domain for row in report.rows}
        tasks = sorted(domains, key=lambda t: (domains[t], t))
        ranks = {(task, model): rank for task in tasks for model, rank in _ranks(report.of_task(task)).items()}
        env = _environment(templates)
        return cls(report, board, env, base_url, tasks, ranks, slugs(tasks), slugs(report.models))

    def task_href(self, task: str, root: str = "") -> str:
        return f"{root}tasks/{self.task_slugs[task]}.html"

    def model_href(self, model: str, root: str = "") -> str:
        return f"{root}models/{self.model_slugs[model]}.html"

    def model_column(self, root: str) -> Any:
        return tables.name_column("model", "Model", lambda r: r.model, lambda r: self.model_href(r.model, root))

    def task_column(self, root: str) -> Any:
        return tables.name_column("task", "Task", lambda r: r.task, lambda r: self.task_href(r.task, root))

    def index(self) -> Iterator[tuple[str, bytes]]:
        """Leaderboard: overview, a section for each task, what was scanned."""
        overview = tables.overview(self.report, self.tasks, self.model_href)
        sections = [self.section(task) for task in self.tasks]
        found = [(task, scan, counts) for task in self.tasks for scan, counts in self.report.scans_of(task)]
        scans = tables.scans("contamination", found, self.task_href, "data/contamination")
        everything = list(_everything(self))
        yield self.page("index.html", "index.html", overview=overview, sections=sections, scans=scans)
        for one in (overview, scans, everything[0], *(s.table for s in sections)):
            yield from _downloads(one)

    def section(self, task: str) -> Section:
        rows = self.report.of_task(task)
        view = View(rows=tuple(rows), ranks=self.ranks, rewards=self.board.rewards)
        columns = tables.results(self.board.columns, view, [self.model_column("")])
        slug = self.task_slugs[task]
        return Section(
            task=task,
            domain=rows[0].domain,
            id=f"t-{slug}",
            href=self.task_href(task),
            badges=self.badges(task),
            table=tables.table(f"b-{slug}", f"{shortened(task)}: models", columns, rows, f"data/leaderboard/{slug}"),
            plots=self.plots(rows, root="", detail=False),
            more_rewards=max(0, len(reward_names(rows)) - self.board.rewards),
        )

    def badges(self, task: str) -> list[Badge]:
        scans = self.report.scans_of(task)
        if not scans:
            return [Badge("unknown", "not scanned", "No scan of this benchmark was given")]
        return [_badge(scan.label, counts, self.board.heavy) for scan, counts in scans]

    def plots(self, rows: list[Row], *, root: str, detail: bool) -> list[Markup]:
        """One plot for each unit of length that at least two models share."""
        units = sorted({row.length.unit for row in rows if row.length and row.length.unit})
        drawn = []
        for unit in units:
            points = [p for row in rows if (p := _point(row, unit, self.model_href(row.model, root)))]
            if len(points) > 1:
                drawn.append(charts.pareto(points, unit=unit, detail=detail))
        return drawn

    def task(self, task: str) -> Iterator[tuple[str, bytes]]:
        """Page of a task: all columns, the plot with every model, length, agreement, stops, scans."""
        rows, slug = self.report.of_task(task), self.task_slugs[task]
        found = [(task, scan, counts) for scan, counts in self.report.scans_of(task)]
        parts = self._details(rows, f"data/tasks/{slug}", self.model_column("../"), ordered=True)
        parts.append(tables.scans("scans", found, partial(self.task_href, root="../"), f"data/tasks/{slug}-scans"))
        kept = [part for part in parts if part]
        yield self.page(
            self.task_href(task),
            "task.html",
            root="../",
            name=task,
            domain=rows[0].domain,
            models=len(rows),
            badges=self.badges(task),
            scans=self.report.scans_of(task),
            tables=kept,
            plots=self.plots(rows, root="../", detail=True),
            counters=sorted({row.length.counted_by for row in rows if row.length and row.length.counted_by}),
        )
        for part in kept:
            yield from _downloads(part)

    def model(self, model: str) -> Iterator[tuple[str, bytes]]:
        """Page of a model: the same tables, with a row for each task."""
        rows, slug = self.report.of_model(model), self.model_slugs[model]
        parts = self._details(rows, f"data/models/{slug}", self.task_column("../"), ordered=False)
        kept = [part for part in parts if part]
        synthetic = any(row.synthetic for row in rows)
        yield self.page(
            self.model_href(model), "model.html", root="../", name=model, tables=kept, rows=rows, synthetic=synthetic
        )
        for part in kept:
            yield from _downloads(part)

    def _details(self, rows: list[Row], data: str, header: Any, *, ordered: bool) -> list[Table | None]:
        view = View(rows=tuple(rows), ranks=self.ranks, ordered=ordered)
        columns = tables.results(self.board.page_columns, view, [header])
        return [
            tables.table("results", "Results", columns, rows, data),
            tables.lengths("length", [header], rows, f"{data}-length"),
            tables.agreements("agreement", [header], rows, f"{data}-agreement"),
            tables.stops("stops", [header], rows, f"{data}-stops"),
        ]

    def page(self, path: str, template: str, *, root: str = "", **values: Any) -> tuple[str, bytes]:
        """Render a template to a page."""
        common = {
            "board": self.board,
            "report": self.report,
            "root": root,
            "path": path,
            "canonical": f"{self.base_url.rstrip('/')}/{path}" if self.base_url else None,
            "synthetic_models": sorted({row.model for row in self.report.rows if row.synthetic}),
            "all_synthetic": all(row.synthetic for row in self.report.rows),
        }
        try:
            text = self.env.get_template(template).render(common | values)
        except jinja2.TemplateSyntaxError as error:
            raise BadInput(f"template {error.name or template} line {error.lineno}: {error.message}") from error
        except jinja2.TemplateError as error:
            raise BadInput(f"template {template} cannot be rendered: {error}") from error
        return path, text.encode()


def _ranks(rows: list[Row]) -> dict[str, int]:
    """Rank by accuracy, best first; equals share a rank, unknown accuracy has none."""
    values = [row.accuracy.value for row in rows if row.accuracy and row.accuracy.value is not None]
    return {
        row.model: 1 + sum(v > row.accuracy.value for v in values)
        for row in rows
        if row.accuracy and row.accuracy.value is not None
    }


def _badge(label: str, counts: Any, heavy: float) -> Badge:
    share = counts.flagged_share
    name = shortened(label, 60)
    if share is None:
        return Badge("unknown", f"{name}: unknown")
    detail = (
        f"{figures.number(counts.exact, figures.count)} exact and {figures.number(counts.near, figures.count)} near "
        f"of {figures.count(counts.n)} items"
    )
    if share == 0:
        return Badge("none", f"{name}: none found", detail)
    text = f"{name}: {figures.percent(share)} % found"
    return Badge("heavy" if share >= heavy else "some", text, detail)


def _point(row: Row, unit: str, href: str) -> charts.Point | None:
    length, accuracy = row.length, row.accuracy or Interval()
    if length is None or length.unit != unit or accuracy.value is None:
        return None
    value = length.mean.value if length.mean else None
    return charts.Point(row.model, value, accuracy.value, accuracy, href) if value else None


def _everything(site: _Site) -> Iterator[Table]:
    """One download of all rows with all columns."""
    rows = [row for task in site.tasks for row in site.report.of_task(task)]
    view = View(rows=tuple(rows), ranks=site.ranks)
    domain = tables.name_column("domain", "Domain", lambda r: r.domain, lambda _: "")
    columns = tables.results(site.board.page_columns, view, [site.model_column(""), site.task_column(""), domain])
    yield tables.table("all", "All rows", columns, rows, "data/all")


def _downloads(table: Table | None) -> Iterator[tuple[str, bytes]]:
    if table:
        yield f"{table.data}.csv", tables.as_csv(table.records)
        yield f"{table.data}.json", tables.as_json(table.records)


def _environment(templates: Path | None) -> jinja2.Environment:
    """Templates of the package, with the user's taking precedence; everything printed is escaped and made visible."""
    if templates is not None and not templates.is_dir():
        raise BadInput(f"--templates {templates} is not a folder; name one that holds templates like index.html")
    own = resources.files(PACKAGE) / "templates"
    loaders: list[jinja2.BaseLoader] = [jinja2.FileSystemLoader(templates)] if templates else []
    loaders.append(jinja2.FunctionLoader(lambda name: _text(own / name)))
    env = jinja2.Environment(
        loader=jinja2.ChoiceLoader(loaders),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_visible,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.filters["short"] = shortened
    env.filters["count"] = figures.count
    return env


def _visible(value: Any) -> Any:
    return shown(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _text(file: Any) -> str | None:
    return file.read_text(encoding="utf-8") if file.is_file() else None


def _asset(name: str, templates: Path | None) -> bytes:
    own = templates / "static" / name if templates else None
    if own and own.is_file():
        return own.read_bytes()
    return (resources.files(PACKAGE) / "static" / name).read_bytes()
