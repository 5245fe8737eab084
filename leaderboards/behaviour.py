"""Tables of who declines to answer, and of what models told when they were asked for what they have seen."""

from collections.abc import Callable, Sequence

from rarl_eval.leaderboards.columns import Cell, SiteColumn, catalogued, name_column, plain, with_interval, words
from rarl_eval.leaderboards.report import Report, SiteRow
from rarl_eval.leaderboards.tables import SiteTable, table
from rarl_eval.report import catalogue, figures
from rarl_eval.report.column import value
from rarl_eval.report.figures import count, decimal
from rarl_eval.report.row_types import ProbeFinding
from rarl_eval.stats import Interval

MODEL_SAYS = "Mean score"


def declining(id_: str, header: Sequence[SiteColumn[SiteRow]], rows: Sequence[SiteRow], data: str) -> SiteTable | None:
    """Show who declines, and who answers what cannot be answered; None where nobody declines and nothing lacks."""
    if not any(value(row, "abstention.n") or value(row, "abstention.missing_premise") for row in rows):
        return None
    columns: list[SiteColumn[SiteRow]] = [*header, *map(catalogued, catalogue.on_page("declining"))]
    return table(id_, "Declining to answer", columns, [row for row in rows if row.abstention], data)


Asked = tuple[str, ProbeFinding]


def probed(id_: str, report: Report, task: str, href: Callable[[str], str], data: str) -> SiteTable | None:
    """Show what probes found of each model on a task; None where none was made."""
    shown = set(report.models)
    found: list[Asked] = [
        (asked.model, finding)
        for asked in report.probes
        for finding in asked.findings
        if finding.task == task and finding.n and asked.model in shown
    ]
    if not found:
        return None
    columns: list[SiteColumn[Asked]] = [
        name_column("model", "Model", lambda a: a[0], lambda a: href(a[0])),
        words("probe", "Probe", lambda a: a[1].probe.replace("_", " ")),
        words("measure", "Measure", lambda a: (a[1].measure or "").replace("_", " ") or None),
        plain("n", "Items", lambda a: a[1].n, count),
        plain("value", "of the task", lambda a: a[1].value, decimal, MODEL_SAYS),
        plain("value_null", "of fresh items", lambda a: a[1].value_null, decimal, MODEL_SAYS),
        plain("p_adjusted", "p, adjusted", lambda a: a[1].p_adjusted, figures.chance),
        _suspicion(),
        with_interval("against_scan", "Found above clean, AUROC", _against, decimal),
    ]
    return table(id_, "What the models have seen, asked of them", columns, found, data)


def _suspicion() -> SiteColumn[Asked]:
    def cell(asked: Asked) -> Cell:
        told = {True: "suspicious", False: "no sign", None: figures.UNKNOWN}
        return Cell(told[asked[1].suspicious], kind="t hot" if asked[1].suspicious else "t")

    return SiteColumn("suspicious", "Verdict at 5\u00a0%", cell, lambda a: {"suspicious": a[1].suspicious}, text=True)


def _against(asked: Asked) -> Interval | None:
    return asked[1].against_scan.auroc if asked[1].against_scan else None
