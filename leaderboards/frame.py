"""What every page of the site shares: the report, names and addresses of pages, and how a page is written."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import jinja2

from rarl_eval import registry
from rarl_eval.leaderboards import tables
from rarl_eval.leaderboards.boards import Board, logo, painted
from rarl_eval.leaderboards.columns import SiteColumn, name_column
from rarl_eval.leaderboards.feeds import FeedEntry, feed
from rarl_eval.leaderboards.methods import explanations, load_methods
from rarl_eval.leaderboards.names import slugs
from rarl_eval.leaderboards.report import Report, SiteRow
from rarl_eval.leaderboards.tables import Entrant, SiteTable
from rarl_eval.leaderboards.templating import rendered

Files = Iterator[tuple[str, bytes]]


@dataclass(frozen=True)
class Site:
    """The report with what pages need to refer to one another."""

    report: Report
    board: Board
    env: jinja2.Environment
    base_url: str | None
    tasks: list[str]
    """In order: domains as the registry has them, then by name."""
    task_slugs: dict[str, str]
    model_slugs: dict[str, str]
    parts: tuple[tuple[str, str], ...] = ()
    """Title and address of each further part of the site, for its head."""
    answered: Mapping[str, Mapping[tuple[str, str], str]] = field(default_factory=dict)
    """By task and entrant, where its answers stand on the pages of items; tasks without such pages are not there."""
    dates: dict[tuple[str, Entrant], str] = field(default_factory=dict)
    """By task and entrant, when its run ended, where the run was given and says so."""
    common: Mapping[str, Any] = field(default_factory=dict)
    """Values that every template may use."""

    @classmethod
    def of(
        cls, report: Report, board: Board, env: jinja2.Environment, base_url: str | None, home: str = "Leaderboard"
    ) -> "Site":
        """Put tasks in order and name the files of tasks and models; ``home`` is what the first page is called."""
        domains = {row.task: row.domain for row in report.rows}
        tasks = sorted(domains, key=lambda t: (_place(domains[t]), domains[t], t))
        common = {
            "synthetic_models": sorted({row.model for row in report.rows if row.synthetic}),
            "home": home,
            "logo": "",
            "painted": False,
            "all_synthetic": all(row.synthetic for row in report.rows),
        }
        return cls(report, board, env, base_url, tasks, slugs(tasks), slugs(report.models), common=common)

    def address(self, path: str) -> str | None:
        """Where a page will be published; None where nobody said."""
        return f"{self.base_url.rstrip('/')}/{path}" if self.base_url else None

    def items_href(self, task: str, root: str = "") -> str | None:
        """Address of the list of a task's items; None where no run of it was given."""
        return f"{root}items/{self.task_slugs[task]}.html" if task in self.answered else None

    def task_href(self, task: str, root: str = "") -> str:
        """Address of a task's page."""
        return f"{root}tasks/{self.task_slugs[task]}.html"

    def model_href(self, model: str, root: str = "") -> str:
        """Address of a model's page."""
        return f"{root}models/{self.model_slugs[model]}.html"

    def model_column(self, root: str = "") -> SiteColumn[SiteRow]:
        """Column of models, linked, that heads each row."""
        return name_column(
            "model", "Model", lambda r: r.model, lambda r: self.model_href(r.model, root), lambda r: r.shown_run
        )

    def task_column(self, root: str = "") -> SiteColumn[SiteRow]:
        """Column of tasks, linked, that heads each row."""
        return name_column(
            "task", "Task", lambda r: r.task, lambda r: self.task_href(r.task, root), lambda r: r.shown_run
        )


def _place(domain: str) -> int:
    return registry.DOMAINS.index(domain) if domain in registry.DOMAINS else len(registry.DOMAINS)


def dressed(site: Site, path: Path | None) -> tuple[Site, list[tuple[str, bytes]]]:
    """Give a site the logo and the colours of its board, which was read from ``path``: the site, and their files."""
    picture, colours = logo(site.board, path), painted(site.board)
    files = [picture] if picture else []
    files += [("static/board.css", colours)] if colours else []
    common = {**site.common, "logo": picture[0] if picture else "", "painted": bool(colours)}
    return replace(site, common=common), files


def page(site: Site, path: str, template: str, *, root: str = "", **values: Any) -> tuple[str, bytes]:
    """Render a page: its path and its bytes."""
    shared = {
        "board": site.board,
        "report": site.report,
        "parts": site.parts,
        "root": root,
        "path": path,
        "canonical": site.address(path),
        "scripts": (),
    }
    return path, rendered(site.env, template, {**shared, **site.common, **values})


def methods_files(site: Site) -> Files:
    """Yield the methods page, and the script that headers of tables take their explanations from."""
    yield page(site, "methods.html", "methods.html", methods=load_methods())
    yield "data/methods.js", script("methods", explanations())


def script(name: str, value: Any) -> bytes:
    """Write a classic script that puts ``value`` under ``name`` and does nothing else."""
    text = json.dumps(value, separators=(",", ":")).replace("<", "\\u003c")
    return f"(window.rarlEvalData = window.rarlEvalData || {{}})[{json.dumps(name)}] = {text};\n".encode()


def downloads(table: SiteTable | None) -> Files:
    """Yield the CSV, the JSON and the LaTeX beside a table, and its feed."""
    if table:
        yield f"{table.data}.csv", tables.as_csv(table.records)
        yield f"{table.data}.json", tables.as_json(table.records)
    if table and table.columns:
        yield f"{table.data}.tex", tables.as_latex(table)
    if table and table.feed:
        yield f"{table.data}.xml", table.feed


def with_feed(site: Site, table: SiteTable, title: str, entries: list[FeedEntry]) -> SiteTable:
    """Put a feed beside a table, where some entry has a date."""
    return replace(table, feed=feed(f"{site.board.title}: {title}", f"{table.data}.xml", entries, site.base_url))
