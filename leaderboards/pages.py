"""From reports to pages: every file of the site as bytes, by its path. Writes nothing."""

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any

from rarl_eval.errors import BadInput
from rarl_eval.leaderboards import behaviour, details, tables
from rarl_eval.leaderboards.audit import audit_pages
from rarl_eval.leaderboards.badges import Badge, badges
from rarl_eval.leaderboards.boards import load_board, select
from rarl_eval.leaderboards.columns import SiteColumn, name_column
from rarl_eval.leaderboards.compares import compare_page
from rarl_eval.leaderboards.comparing import compared
from rarl_eval.leaderboards.curves import curves
from rarl_eval.leaderboards.feeds import results as results_of
from rarl_eval.leaderboards.frame import Files, Site, downloads, dressed, methods_files, page, with_feed
from rarl_eval.leaderboards.fronts import Plot, plots
from rarl_eval.leaderboards.items import anchors, item_pages, list_pages
from rarl_eval.leaderboards.names import shortened
from rarl_eval.leaderboards.nights import history_pages, read_history
from rarl_eval.leaderboards.report import SiteRow, merge
from rarl_eval.leaderboards.results import ranked_on, results, reward_names
from rarl_eval.leaderboards.risks import risks
from rarl_eval.leaderboards.settings import About, RunTold, about, example, runs_of
from rarl_eval.leaderboards.sources import Sources, open_sources, parts_of
from rarl_eval.leaderboards.tables import SiteTable
from rarl_eval.leaderboards.tally import Tally
from rarl_eval.leaderboards.templating import asset, environment
from rarl_eval.leaderboards.trainings import given_trainings, listed, training_pages
from rarl_eval.leaderboards.view import View
from rarl_eval.report.fresh import public_minus_fresh
from rarl_eval.report.opening import GRAVEST, MOST, concluded_rows, counted_rows

ASSETS = ("site.css", "site.js", "shared.js", "tips.js", "grid.js", "items.js", "compare.js", "audit.js", "icon.svg")

WHOLE_ROWS, SHORT_ROWS = 240, 160
"""Rows of the leaderboard page: a board of more than the first shows the second, shared among its tasks."""

Tallying = Generator[tuple[str, bytes], None, Tally]


def render(
    reports: Mapping[str, dict[str, Any]],
    *,
    board: Path | None = None,
    templates: Path | None = None,
    base_url: str | None = None,
    runs: Sequence[Path] = (),
    scans: Sequence[Path] = (),
    history: Path | None = None,
    trainings: Sequence[str] = (),
    say: Callable[[str], None] = lambda _: None,
) -> Files:
    """Yield (path, content) of each file of the site, from parsed report.json files by where they were read.

    Raises BadInput for reports, boards, templates, addresses, runs, scans or histories that cannot be used.
    """
    if base_url is not None and not base_url.startswith(("https://", "http://")):
        raise BadInput(f"--base-url {base_url!r} is no web address; it must start with https:// or http://")
    definition = load_board(board)
    everything = merge(reports)
    site = Site.of(select(everything, definition), definition, environment(templates), base_url)
    site, dress = dressed(site, board)
    watched = given_trainings(trainings)
    past = read_history(history, definition) if history else {}
    with ExitStack() as stack:
        sources = open_sources(stack, everything, site.report, runs, scans)
        site = replace(site, answered=_anchors(site, sources), dates=sources.dates())
        site = replace(site, parts=tuple(parts_of(sources, past=bool(past), watched=bool(watched))))
        if sources.scans:
            yield from audit_pages(site, sources.scans)
        if watched:
            yield page(site, "trainings.html", "trainings.html", trainings=listed(watched))
            yield from training_pages(site, watched)
        tallies: dict[str, Tally] = {}
        for task in site.tasks:
            if task in sources.rows:
                tallies[task] = yield from _items(site, sources, task, say)
        told = {task: about(task, site.report.of_task(task), sources) for task in site.tasks}
        asked = {model: runs_of(sources, model) for model in site.report.models}
    found = compared(tallies)
    if found:
        yield from compare_page(site, found)
    if past:
        yield from history_pages(site, past)
    yield from _index(site)
    for task in site.tasks:
        yield from _task(site, task, told[task], example(site.task_slugs[task], tallies.get(task)))
    for model in site.report.models:
        yield from _model(site, model, asked[model], [one for one in listed(watched) if one[2] == model])
    yield from methods_files(site)
    for name in ASSETS:
        yield f"static/{name}", asset(name, templates)
    yield from dress


def _anchors(site: Site, sources: Sources) -> dict[str, dict[tuple[str, str], str]]:
    """Name the place of each row's answers on the pages of items, by task and entrant."""
    found = {}
    for task, behind in sources.rows.items():
        rows = [row for row, _ in behind]
        found[task] = {row.entrant: anchor for row, anchor in zip(rows, anchors(site, rows), strict=True)}
    return found


def _items(site: Site, sources: Sources, task: str, say: Callable[[str], None]) -> Tallying:
    """Pages of a task's items; returns who got which right."""
    rows = [row for row, _ in sources.rows[task]]
    tally = Tally(task, rows, list(site.answered[task].values()))
    yield from item_pages(site, sources, task, tally)
    tally.check()
    yield from list_pages(site, task, tally)
    say(f"items of {task}: {len(tally.lines):,} pages, {len(rows):,} models")
    return tally


@dataclass(frozen=True)
class Section:
    """A task as the leaderboard page shows it."""

    task: str
    domain: str
    id: str
    href: str
    badges: list[Badge]
    table: SiteTable
    plots: list[Plot]
    more_rewards: int
    items_href: str | None


def _index(site: Site) -> Files:
    """Leaderboard: overview, a section for each task, what was scanned; and one download of everything."""
    overview = tables.overview(site.report, site.tasks, site.model_href)
    sections = [_section(site, task) for task in site.tasks]
    found = [(task, scan, counts) for task in site.tasks for scan, counts in site.report.scans_of(task)]
    entries = [e for s in sections for e in results_of(site.report.of_task(s.task), site.dates, s.href)]
    overview = with_feed(site, overview, "all results", entries)
    scans = details.scans("contamination", found, site.task_href, "data/contamination")
    domains = [(domain, list(group)) for domain, group in groupby(sections, key=lambda s: s.domain)]
    beliefs = _beliefs(site)
    yield page(
        site,
        "index.html",
        "index.html",
        beliefs=beliefs,
        overview=overview,
        sections=sections,
        domains=domains,
        scans=scans,
    )
    for table in (overview, scans, _everything(site), *(s.table for s in sections)):
        yield from downloads(table)


def _beliefs(site: Site) -> list[tuple[str, str]]:
    """Verdicts and sentences of the first lines, the gravest where there are many; twins are told with theirs."""
    rows = site.report.rows
    twins = {(entry.model, entry.fresh.task, entry.fresh.run) for entry in public_minus_fresh(rows)}
    told = [row for row in rows if (row.model, row.task, row.run) not in twins]
    said = concluded_rows(told)
    if len(said) <= MOST:
        return said
    return [("", counted_rows([row for row in told if row.belief])),
            *sorted(said, key=lambda pair: GRAVEST.index(pair[0]))[:MOST]]  # fmt: skip


def _section(site: Site, task: str) -> Section:
    rows, slug = site.report.of_task(task), site.task_slugs[task]
    view = View(rows=tuple(rows), rewards=site.board.rewards)
    columns = results(site.board.columns, view, [site.model_column()])
    board = tables.table(f"b-{slug}", f"Models on {shortened(task)}", columns, rows, f"data/leaderboard/{slug}")
    board = tables.folded(replace(board, notes=(*ranked_on(rows, usual=False), *board.notes)))
    return Section(
        task=task,
        domain=rows[0].domain,
        id=f"t-{slug}",
        href=site.task_href(task),
        badges=badges(site.report, task, site.board.heavy),
        table=with_feed(site, _first(site, board), task, results_of(rows, site.dates, site.task_href(task))),
        plots=plots(site, rows, root="", detail=False),
        more_rewards=max(0, len(reward_names(rows)) - site.board.rewards),
        items_href=site.items_href(task),
    )


def _first(site: Site, table: SiteTable) -> SiteTable:
    """Keep the leaderboard page small: of a large board each task shows its first models; downloads hold all."""
    most = max(5, SHORT_ROWS // len(site.tasks))
    if len(site.report.rows) <= WHOLE_ROWS or len(table.rows) <= most:
        return table
    note = f"The first {most} of {len(table.rows)} models; all of them stand on the task's page and in the downloads."
    return replace(table, rows=table.rows[:most], notes=(*table.notes, note))


def _everything(site: Site) -> SiteTable:
    """All rows with all columns of the board's pages, for the download only."""
    rows = [row for task in site.tasks for row in site.report.of_task(task)]
    view = View(rows=tuple(rows))
    domain: SiteColumn[SiteRow] = name_column("domain", "Domain", lambda r: r.domain, lambda _: "")
    columns = results(site.board.page_columns, view, [site.model_column(), site.task_column(), domain, _run()])
    return tables.table("all", "All rows", columns, rows, "data/all")


def _run() -> SiteColumn[SiteRow]:
    return name_column("run", "Run", lambda r: r.run or "", lambda _: "")


def _task(site: Site, task: str, told: About, first: tuple[str, str, str] | None) -> Files:
    """Page of a task: the benchmark, all columns, the plot with every model, length, agreement, stops, scans."""
    rows, slug = site.report.of_task(task), site.task_slugs[task]
    found = [(task, scan, counts) for scan, counts in site.report.scans_of(task)]
    parts = _details(site, rows, f"data/tasks/{slug}", site.model_column("../"), ordered=True)
    if parts[0]:
        parts[0] = tables.folded(replace(parts[0], notes=(*ranked_on(rows), *parts[0].notes)))
        parts[0] = with_feed(site, parts[0], task, results_of(rows, site.dates, site.task_href(task)))
    parts.append(details.scans("scans", found, partial(site.task_href, root="../"), f"data/tasks/{slug}-scans"))
    asked = partial(site.model_href, root="../")
    parts.append(behaviour.probed("probes", site.report, task, asked, f"data/tasks/{slug}-probes"))
    drawn = curves(site.model_column("../"), rows, f"data/tasks/{slug}")
    yield page(
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
        plots=plots(site, rows, root="../", detail=True),
        items_href=site.items_href(task, "../"),
        scripts=("grid.js",) if task in site.answered else (),
        slug=slug,
        about=told,
        example=first,
        curves=drawn,
        risks=risks(rows),
    )
    for part in (*parts, *(one.table for one in drawn)):
        yield from downloads(part)


def _model(site: Site, model: str, asked: list[RunTold], trainings: list[tuple[str, str, str, str]]) -> Files:
    """Page of a model: whether to believe it and why, its runs and trainings, and of each table a row for each task."""
    rows, slug = site.report.of_model(model), site.model_slugs[model]
    rows.sort(key=lambda r: site.tasks.index(r.task))
    parts = _details(site, rows, f"data/models/{slug}", site.task_column("../"), ordered=False)
    if parts[0]:
        parts[0] = with_feed(site, parts[0], model, results_of(rows, site.dates, site.model_href(model)))
    synthetic = any(row.synthetic for row in rows)
    shown = [part for part in parts if part]
    yield page(
        site,
        site.model_href(model),
        "model.html",
        root="../",
        name=model,
        tables=shown,
        rows=rows,
        synthetic=synthetic,
        answers=_answers(site, rows),
        trainings=trainings,
        runs=asked,
    )
    for part in parts:
        yield from downloads(part)


def _answers(site: Site, rows: list[SiteRow]) -> list[tuple[str, str]]:
    """Name and address of each list that holds this model's answers, the model chosen."""
    links = {}
    for row in rows:
        href = site.items_href(row.task, "../")
        if href and row.entrant in site.answered[row.task]:
            links[row.task] = f"{href}#model={site.answered[row.task][row.entrant]}"
    return list(links.items())


def _details(
    site: Site, rows: list[SiteRow], data: str, header: SiteColumn[SiteRow], *, ordered: bool
) -> list[SiteTable | None]:
    view = View(rows=tuple(rows), ordered=ordered)
    columns = results(site.board.page_columns, view, [header])
    return [
        tables.table("results", "Results", columns, rows, data),
        details.lengths("length", [header], rows, f"{data}-length"),
        behaviour.declining("declining", [header], rows, f"{data}-declining"),
        details.agreements("agreement", [header], rows, f"{data}-agreement"),
        details.stops("stops", [header], rows, f"{data}-stops"),
    ]
