"""The report as tables of text, shared by the terminal and report.md, so that both say the same.

Which columns they have stands in the catalogue; here are their titles, the rows that they show, and the sentences that
a reader needs. Not here: the tables of probes, scans and fresh twins are no rows', and are written out.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from rarl_eval.files.text import UNKNOWN, markdown
from rarl_eval.measures.columns import TwoReadings
from rarl_eval.measures.outcome import OwnScore
from rarl_eval.report.catalogue import REWARDS, in_text
from rarl_eval.report.column import Column, text_of, value
from rarl_eval.report.figures import DECIMAL, POINTS, told
from rarl_eval.report.remarks import remark
from rarl_eval.report.row_types import FreshEntry, ProbeEntry, ReportRow, ScanEntry, read_report

SHOWN = 24
"""Characters of an answer as read that a table shows."""


class Table(NamedTuple):
    """A table of text cells; the first ``labels`` columns are names, the rest figures."""

    title: str
    header: tuple[str, ...]
    rows: list[tuple[str, ...]]
    labels: int


def as_markdown(table: Table) -> str:
    """Write a table with its title as a section of a Markdown file."""
    aligned = ["---" if i < table.labels else "---:" for i in range(len(table.header))]
    lines = [
        f"## {markdown(table.title)}",
        "",
        f"| {' | '.join(table.header)} |",
        f"| {' | '.join(aligned)} |",
        *(f"| {' | '.join(map(markdown, row))} |" for row in table.rows),
    ]
    return "\n".join(lines)


def tables(report: Mapping[str, Any]) -> list[Table]:
    """Beliefs, accuracy, lengths and rewards of all rows, then the scans; columns without any figure are left out."""
    file = read_report(report)
    rows = file.rows
    units = {row.length.unit for row in rows if row.length}
    believed = sorted((row for row in rows if row.belief), key=_believed_first)
    found = [
        *_listed(_of_rows("belief", "what to believe, in percent", believed, rows)),
        _of_rows("accuracy", "accuracy", rows, rows),
        _of_rows("length", f"length of answers in {' or '.join(sorted(u for u in units if u))}", rows, rows),
    ]
    recorded = [row for row in rows if value(row, "origin.rows")]
    if recorded:
        found.append(_of_rows("rows", "recorded rows and their items", recorded, rows))
    known = [row for row in rows if value(row, "length.reference")]
    if known:
        title = f"tokens of the answers by {value(known[0], 'length.reference.tokenizer')}"
        found.append(_of_rows("reference", title, known, rows))
    if any(map(_scored, rows)):
        found.append(_of_rows("scores", "accuracy and length in one number", rows, rows))
    if any(value(row, "abstention.n") or value(row, "abstention.missing_premise") for row in rows):
        found.append(_of_rows("declining", "declining to answer", rows, rows))
    known = [row for row in rows if row.unsupported]
    if known:
        title = "answers with a number that the context does not support"
        found.append(_of_rows("unsupported", title, known, rows))
    found += [
        *_listed(_two_ways(rows)),
        *_listed(_own_scores(rows)),
        *_listed(_rewards(rows)),
        *_listed(_fresh(file.fresh or ())),
        *_listed(_probes(file.probes or ())),
        *_listed(_scans(file.scans or ())),
    ]
    return [_known(table) for table in found]


def _believed_first(row: ReportRow) -> tuple[str, float, str, str]:
    found = value(row, "belief.value")
    return row.task, -found.value if found else 1.0, row.model, row.run or ""


def _listed(table: Table) -> list[Table]:
    return [table] if table.rows else []


def _of_rows(table: str, title: str, shown: Sequence[ReportRow], rows: Sequence[ReportRow]) -> Table:
    """Table of the catalogue over the rows ``shown`` of all ``rows``."""
    columns = in_text(table)
    several = len({value(row, "length.unit") for row in rows}) > 1
    cells = [
        (
            row.task,
            f"{_name(row, rows)} *" if table == "length" and value(row, "length.hidden") else _name(row, rows),
            *(_cell(column, row, several=several) for column in columns),
        )
        for row in shown
    ]
    return Table(title, ("task", "model", *(column.heading for column in columns)), cells, 2)


def _cell(column: Column, row: ReportRow, *, several: bool) -> str:
    found = text_of(column, row)
    unit = value(row, "length.unit")
    return f"{found} {unit}" if column.in_unit and several and unit and found != UNKNOWN else found


def _name(row: ReportRow, rows: Sequence[ReportRow]) -> str:
    """Name a row by its model, and by its run too where the model has several."""
    several = sum((other.task, other.model) == (row.task, row.model) for other in rows) > 1
    name = f"{row.model} ({row.run})" if several else row.model
    return f"{name} ?" if remark(row) else name


def _scored(row: ReportRow) -> bool:
    return any(value(row, f"length.{score}") for score in ("auc_oaa", "adherence", "aes"))


def _two_ways(rows: Sequence[ReportRow]) -> Table:
    """One line for each kind of answer that a marked row reads in two ways, with the first of its cases."""
    cells: list[tuple[str, ...]] = []
    for row in rows:
        if row.doubt is not None and row.doubt.marked:
            first = {case.kind: case for case in reversed(row.doubt.cases)}
            cells += [
                (row.task, _name(row, rows), kind, first[kind].item, str(count), *_read(first[kind]))
                for kind, count in row.doubt.kinds.items()
            ]
    header = ("task", "model", "rule, lenient reading", "e.g. item", "n", "rule read", "lenient read")
    return Table("answers read in two ways", header, cells, 4)


def _read(case: TwoReadings) -> tuple[str, str]:
    """Return what the two readings took, cut to a few words."""
    first, second = (UNKNOWN if text is None else text[:SHOWN] for text in (case.first, case.second))
    return first, second


def _own_scores(rows: Sequence[ReportRow]) -> Table:
    def cells(row: ReportRow, score: OwnScore) -> tuple[str, ...]:
        return row.task, _name(row, rows), score.name, str(score.n), told(score.mean, DECIMAL)

    found = [cells(row, score) for row in rows for score in row.scores]
    return Table("the benchmark's own scores", ("task", "model", "metric, filter", "n", "mean"), found, 3)


def _rewards(rows: Sequence[ReportRow]) -> Table:
    """One line for each reward of each row, the rewards of a task one after another."""
    columns = in_text("rewards", REWARDS)
    entries = [(row, entry) for row in rows for entry in row.agreement or ()]
    pairs = list(dict.fromkeys((row.task, entry.reward) for row, entry in entries))
    entries.sort(key=lambda e: pairs.index((e[0].task, e[1].reward)))
    cells = [
        (row.task, entry.reward, _name(row, rows), *(text_of(column, entry) for column in columns))
        for row, entry in entries
    ]
    header = ("task", "reward", "model", *(column.heading for column in columns))
    return Table("rewards against the verdict", header, cells, 3)


def _probes(entries: Sequence[ProbeEntry]) -> Table:
    header = ("task", "model", "probe", "measure", "n", "mean", "fresh", "p", "suspicious", "against scan")
    cells: list[tuple[str, ...]] = [
        (
            found.task,
            entry.model,
            found.probe,
            found.measure,
            str(found.n),
            *map(_figure, (found.value, found.value_null, found.p_adjusted)),
            UNKNOWN if found.suspicious is None else ("yes" if found.suspicious else "no"),
            told(found.against_scan.auroc if found.against_scan else None, DECIMAL),
        )
        for entry in entries
        for found in entry.findings
        if found.n
    ]
    return Table("what the model has seen, asked of the model", header, cells, 4)


def _figure(value: float | None) -> str:
    return UNKNOWN if value is None else f"{value:.3g}"


def _fresh(entries: Sequence[FreshEntry]) -> Table:
    cells: list[tuple[str, ...]] = [
        (
            entry.public.task,
            entry.fresh.task,
            entry.model,
            str(entry.public.n),
            str(entry.fresh.n),
            told(entry.difference, POINTS),
        )
        for entry in entries
    ]
    return Table("public less fresh accuracy", ("public", "fresh", "model", "n", "n fresh", "difference"), cells, 3)


def _scans(scans: Sequence[ScanEntry]) -> Table:
    levels = ("exact", "near", "sibling", "variant", "partial", "too_short", "clean")
    rows = [
        (
            ", ".join(corpus.name for corpus in scan.corpora[:3]) or scan.path,
            task,
            str(counts.get("n", UNKNOWN)),
            *(str(counts.get(level, UNKNOWN)) for level in levels),
        )
        for scan in scans
        for task, counts in scan.tasks.items()
    ]
    return Table("scanned", ("corpus", "task", "n", *(level.replace("_", " ") for level in levels)), rows, 2)


def _failed(row: ReportRow, rows: Sequence[ReportRow]) -> str:
    """Say how many calls of a row failed, and why; "" where none did."""
    if not row.errors:
        return ""
    why = "; ".join(f"{count} x {reason[:160]}" for reason, count in (row.failures or {}).items())
    calls = "1 call" if row.errors == 1 else f"{row.errors} calls"
    return f"{_name(row, rows)} on {row.task}: {calls} failed: {why}"


def captions(report: Mapping[str, Any]) -> list[str]:
    """Sentences that a reader of the tables needs."""
    file = read_report(report)
    rows = file.rows
    notes = [
        f"? {_name(row, rows)[:-2]} on {row.task}: {said}; look at the cases before believing its accuracy."
        for row in rows
        if (said := remark(row))
    ]
    if file.synthetic:
        notes.append(
            "Synthetic: made for a demonstration or the laboratory, whose models are fixtures, no leaderboard entries."
        )
    notes.append(
        "Accuracy in percent with its 95 % interval; clean and flagged: of how many items; gain in points: all scanned "
        "items less the clean ones; relative: that less the other models' mean gain. A dash is unknown, never zero."
    )
    notes.append(
        "Lengths are medians unless named otherwise; common: of items that all models got right; turned: how many "
        "models right and common put on different sides of this one, for right sets hard questions of one against easy "
        "ones of another; per right: all that was written for each right answer; delta above 0: wrong answers are "
        "longer; front: chance in percent that no other is as accurate and as short; cut and none in percent."
    )
    if any(map(_scored, rows)):
        notes.append(_scores_caption(file.settings))
    if any(value(row, "abstention.missing_premise") for row in rows):
        notes.append(
            "Lacking: questions without a premise they need; answered all the same: percent of these; times twin: "
            "their length against the same questions with the premise; per decline: all written on them for each one."
        )
    notes += filter(None, (_failed(row, rows) for row in rows))
    if any(row.unjudged for row in rows):
        notes.append("Unjudged: answers in free text that no judge model has read; they are neither right nor wrong.")
    if any(row.agreement for row in rows):
        notes.append(
            "AUROC: chance that a right answer scores above a wrong one; in item: the same among answers to one "
            "question; AURC: mean share of wrong answers among the surest; false pass: share of the wrong answers that "
            "the reward passes."
        )
    if file.probes:
        notes.append(
            "Probes ask the model instead of its corpus: mean item score, the same of fresh items, one-sided p "
            "adjusted for the number of probes (Holm); suspicious at 5 %; against scan: chance that an item which the "
            "scans flag scores above one they find clean. What each can and cannot show is in docs/probe.md."
        )
    if len({value(row, "length.unit") for row in rows}) > 1:
        notes.append("Tokens and characters do not compare.")
    if any(value(row, "length.hidden") for row in rows):
        notes.append("* Reasoning is hidden: the visible length is not what was spent.")
    return notes


def _scores_caption(settings: Mapping[str, Any]) -> str:
    """Say what the optional scores were asked with."""
    told = {
        "oaa_cap": "AUC_OAA: mean share right within a budget, over budgets up to {:g}",
        "budget": "within budget: percent of answers no longer than {:g}; beyond it: mean length of the others over it",
        "aes_base": "AES against {}: length saved plus 3 x relative gain in accuracy, or less 5 x the loss",
    }
    parts = [text.format(settings[key]) for key, text in told.items() if settings.get(key) is not None]
    return "; ".join(parts) + "."


def _known(table: Table) -> Table:
    kept = [i for i in range(len(table.header)) if i < table.labels or any(row[i] != UNKNOWN for row in table.rows)]
    rows = [tuple(row[i] for i in kept) for row in table.rows]
    return table._replace(header=tuple(table.header[i] for i in kept), rows=rows)
