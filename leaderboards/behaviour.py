"""Tables of who declines to answer, and of what models told when they were asked for what they have seen."""

from collections.abc import Callable, Sequence

from rarl_eval.leaderboards import figures
from rarl_eval.leaderboards.columns import Cell, Column, name_column, plain, with_interval, words
from rarl_eval.leaderboards.fields import Abstention, Finding, Interval, Lacking
from rarl_eval.leaderboards.figures import Format, amount, count, decimal, percent
from rarl_eval.leaderboards.report import Report, Row
from rarl_eval.leaderboards.tables import Table, table

LACKING = "Without a needed premise"
MODEL_SAYS = "Mean score"


def declining(id_: str, header: Sequence[Column[Row]], rows: Sequence[Row], data: str) -> Table | None:
    """Show who declines, and who answers what cannot be answered; None where nobody declines and nothing lacks."""
    if not any(_abstention(row).n or _abstention(row).missing_premise for row in rows):
        return None
    known = [row for row in rows if row.abstention]
    columns: list[Column[Row]] = [
        *header,
        _said("abstained", "Declined,\u00a0%", lambda r: _abstention(r).share),
        _said("attempted", "Right of the rest,\u00a0%", lambda r: _abstention(r).accuracy_attempted),
        plain("lacking", "Items", lambda r: _lacking(r).items, count, LACKING),
        _of_lacking("lacking_answered", "Answered all the same,\u00a0%", lambda r: _lacking(r).answered, percent),
        _of_lacking("lacking_length", "Mean length", lambda r: _lacking(r).length, amount),
        _of_lacking("lacking_ratio", "Times whole ones", _ratio, decimal),
        _of_lacking("lacking_cost", "Length per decline", lambda r: _lacking(r).per_abstention, amount),
    ]
    return table(id_, "Declining to answer", columns, known, data)


def _said(key: str, label: str, get: Callable[[Row], Interval | None]) -> Column[Row]:
    return with_interval(key, label, get, percent, "Questions that can be answered")


def _of_lacking(key: str, label: str, get: Callable[[Row], Interval | None], form: Format) -> Column[Row]:
    return with_interval(key, label, get, form, LACKING)


def _abstention(row: Row) -> Abstention:
    return row.abstention or Abstention()


def _lacking(row: Row) -> Lacking:
    return _abstention(row).missing_premise or Lacking()


def _ratio(row: Row) -> Interval | None:
    twins = _lacking(row).twins
    return twins.ratio if twins else None


Asked = tuple[str, Finding]


def probed(id_: str, report: Report, task: str, href: Callable[[str], str], data: str) -> Table | None:
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
    columns: list[Column[Asked]] = [
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


def _suspicion() -> Column[Asked]:
    def cell(asked: Asked) -> Cell:
        told = {True: "suspicious", False: "no sign", None: figures.UNKNOWN}
        return Cell(told[asked[1].suspicious], kind="t hot" if asked[1].suspicious else "t")

    return Column("suspicious", "Verdict at 5\u00a0%", cell, lambda a: {"suspicious": a[1].suspicious}, text=True)


def _against(asked: Asked) -> Interval | None:
    return asked[1].against_scan.auroc if asked[1].against_scan else None
