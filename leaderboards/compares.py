"""The page of comparisons: a table of neighbours in rank for each task, and every pair to choose from."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from rarl_eval.leaderboards import charts, tables
from rarl_eval.leaderboards.columns import Cell, SiteColumn, name_column, plain, with_interval
from rarl_eval.leaderboards.comparing import Compared
from rarl_eval.leaderboards.frame import Files, Site, downloads, page, script
from rarl_eval.leaderboards.names import shortened
from rarl_eval.leaderboards.tables import SiteTable
from rarl_eval.leaderboards.tally import Tally
from rarl_eval.measures.pairs import Pair
from rarl_eval.report.column import Scalar, bounds
from rarl_eval.report.figures import count, number, points


def compare_page(site: Site, found: Compared) -> Files:
    """Yield compare.html with a script of pairs for each task, and each task's downloads of all pairs."""
    sections = []
    for task in site.tasks:
        if task in found and found[task][1]:
            tally, pairs = found[task]
            neighbours = _table(site, task, tally, [pair for pair in pairs if pair.b == pair.a + 1])
            every = _table(site, task, tally, pairs)
            sections.append((task, site.task_href(task), neighbours))
            yield from downloads(every)
            slug = site.task_slugs[task]
            yield f"data/compare/{slug}.js", script(f"compare/{slug}", _shard(site, task, tally, pairs))
    yield page(
        site,
        "compare.html",
        "compare.html",
        scripts=("compare.js",),
        sections=sections,
        comparisons=sum(len(pairs) for _, pairs in found.values()),
        shards=" ".join(site.task_slugs[task] for task, _, _ in sections),
    )


def _table(site: Site, task: str, tally: Tally, pairs: Sequence[Pair]) -> SiteTable:
    slug = site.task_slugs[task]
    scale = _scale(pairs)
    differs: SiteColumn[Pair] = with_interval("difference", "Difference,\u00a0pts", lambda p: p.difference, points)
    whisker: SiteColumn[Pair] = SiteColumn(
        key="",
        label="",
        cell=lambda p: Cell("", chart=charts.difference(p.difference, scale)),
        values=lambda _: {},
        ends=(points(-scale), points(scale)),
    )
    columns: list[SiteColumn[Pair]] = [
        _entrant(site, tally, "Model", head=True),
        _entrant(site, tally, "against", head=False),
        plain("n", "Items", lambda p: p.n, count),
        differs,
        whisker,
        plain("only_a", "first only", lambda p: p.only_a, count, "Right"),
        plain("only_b", "second only", lambda p: p.only_b, count, "Right"),
        plain("p_value", "p", lambda p: p.p_value, _p, "Test"),
        plain("p_holm", "Holm's p", lambda p: p.p_holm, _p, "Test"),
        plain("minimum_detectable", "Finds,\u00a0pts", lambda p: p.minimum_detectable, _size),
    ]
    caption = f"Each model on {shortened(task)} against the next in rank"
    return tables.table(f"c-{slug}", caption, columns, pairs, f"data/compare/{slug}")


def _entrant(site: Site, tally: Tally, label: str, *, head: bool) -> SiteColumn[Pair]:
    side = "a" if head else "b"

    def who(pair: Pair) -> tuple[str, str]:
        return tally.rows[pair.a if head else pair.b].entrant

    def values(pair: Pair) -> dict[str, Scalar]:
        model, run = who(pair)
        return {f"model_{side}": model, f"run_{side}": run or None}

    if head:
        first: SiteColumn[Pair] = name_column(
            "model", label, lambda p: who(p)[0], lambda p: site.model_href(who(p)[0]), lambda p: who(p)[1]
        )
        return replace(first, values=values)
    other: SiteColumn[Pair] = SiteColumn(
        "other",
        label,
        lambda p: Cell(shortened(who(p)[0]), sub=shortened(who(p)[1], 80), kind="t"),
        values,
        text=True,
    )
    return other


def _scale(pairs: Sequence[Pair]) -> float:
    """Half the width of an axis around 0 that holds every interval, in whole steps of 5 points."""
    known = [abs(x) for p in pairs for x in (p.difference.low, p.difference.high) if x is not None]
    return min(1.0, 0.05 * (1 + int(max(known, default=0.0) / 0.05)))


def _p(value: float) -> str:
    return "<0.001" if value < 0.001 else f"{value:.3f}"


def _size(value: float) -> str:
    return f"{100 * value:.1f}"


def _shard(site: Site, task: str, tally: Tally, pairs: Sequence[Pair]) -> dict[str, Any]:
    """Return names and pairs for the script, numbers as the page shows them."""
    return {
        "task": shortened(task),
        "slug": site.task_slugs[task],
        "models": [
            [anchor, shortened(row.model), shortened(row.shown_run, 40)]
            for row, anchor in zip(tally.rows, tally.anchors, strict=True)
        ],
        "columns": ["a", "b", "n", "difference", "low", "high", "only_a", "only_b", "p", "p_holm", "finds"],
        "pairs": [_told(pair) for pair in pairs],
    }


def _told(pair: Pair) -> list[str | int | float | None]:
    values = bounds("d", pair.difference)
    ends = [None if v is None else round(100 * float(v), 2) for v in values.values()]
    finds = None if pair.minimum_detectable is None else round(100 * pair.minimum_detectable, 1)
    return [
        *(pair.a, pair.b, pair.n, *ends, pair.only_a, pair.only_b),
        *(number(pair.p_value, _p), number(pair.p_holm, _p), finds),
    ]
