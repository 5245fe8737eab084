"""A report's first lines: each model with its score, whether it can be believed, and what to believe instead."""

from collections.abc import Mapping, Sequence
from typing import Any

from rarl_eval.files.text import percent
from rarl_eval.report.row_types import ReportRow, read_report

MOST = 8
"""Sentences shown; all stand in report.md."""
GRAVEST = ("inflated", "understated", "doubtful", "holds", "unchecked")


def opening(report: Mapping[str, Any], most: int | None = MOST) -> list[str]:
    """Say of each row whether its score can be believed, the most believed value first.

    Rows of a fresh twin are told with their public rows. Rows of which the same is to be said share a sentence. Where
    there are more than ``most``, their numbers come first and then the gravest.
    """
    file = read_report(report)
    twins = {(entry.model, entry.fresh.task, entry.fresh.run) for entry in file.fresh or ()}
    rows = [row for row in file.rows if row.belief and (row.model, row.task, row.run) not in twins]
    said = concluded_rows(rows)
    if most is None or len(said) <= most:
        return [sentence for _, sentence in said]
    gravest = sorted(said, key=lambda pair: GRAVEST.index(pair[0]))[:most]
    return [counted_rows(rows), *(sentence for _, sentence in gravest), f"{len(said) - most} more stand in report.md."]


def concluded_rows(rows: Sequence[ReportRow]) -> list[tuple[str, str]]:
    """Return verdict and sentence of rows that have a belief; those of which the same is to be said share one."""
    ordered = _ordered([row for row in rows if row.belief])
    several = len({row.task for row in ordered}) > 1
    groups: dict[tuple[str, ...], list[ReportRow]] = {}
    for row in ordered:
        groups.setdefault(_alike(row), []).append(row)
    return [(key[0], _sentence(group, ordered, several=several)) for key, group in groups.items()]


def _alike(row: ReportRow) -> tuple[str, ...]:
    """Name what is said of a row, which of unchecked ones is the same for many."""
    assert row.belief is not None
    own = () if row.belief.verdict == "unchecked" else (row.model, row.run or "")
    return row.belief.verdict, row.belief.told, row.task, *own


def _ordered(rows: Sequence[ReportRow]) -> list[ReportRow]:
    def place(row: ReportRow) -> tuple[str, float, str, str]:
        value = row.belief.value if row.belief else None
        return row.task, -(value.value if value else -1.0), row.model, row.run or ""

    return sorted(rows, key=place)


def _sentence(group: Sequence[ReportRow], rows: Sequence[ReportRow], *, several: bool) -> str:
    first, belief = group[0], group[0].belief
    assert belief is not None
    where = f" on {first.task}" if several else ""
    if len(group) > 1:
        ends = f"{first.model} at {_headline(first)} to {group[-1].model} at {_headline(group[-1])}"
        return f"{len(group)} scores{where}, {ends}: {belief.verdict}. {belief.told}"
    twice = sum((other.task, other.model) == (first.task, first.model) for other in rows) > 1
    run = f" ({first.run})" if twice else ""
    return f"{first.model}{run}{where} {_headline(first)}: {belief.verdict}. {belief.told}"


def _headline(row: ReportRow) -> str:
    return "without a score" if row.accuracy is None else f"{percent(row.accuracy.value)} %"


def counted_rows(rows: Sequence[ReportRow]) -> str:
    """Say how many scores have which verdict."""
    counts = {verdict: sum(row.belief is not None and row.belief.verdict == verdict for row in rows)
              for verdict in GRAVEST}  # fmt: skip
    told = ", ".join(f"{n} {'hold' if verdict == 'holds' else verdict}" for verdict, n in counts.items() if n)
    return f"{len(rows)} scores: {told}."
