"""The fixed tables of a page: lengths, rewards, how answers ended, scans. Each is None where it would have no row."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from rarl_eval.leaderboards import figures
from rarl_eval.leaderboards.columns import Cell, Column, Scalar, name_column, plain, untold, with_interval, words
from rarl_eval.leaderboards.fields import Adherence, Agreement, Area, Budget, Efficiency, Front, Length, Reference
from rarl_eval.leaderboards.figures import amount, count, decimal, percent, whole_percent
from rarl_eval.leaderboards.names import shortened
from rarl_eval.leaderboards.report import Counts, Row, Scan
from rarl_eval.leaderboards.tables import Table, table

MAX_NOTES = 30
"""Notes shown below a table."""

REFERENCE = "Reference tokenizer"
SCORES = "Accuracy and length in one"

MAX_PAIRS = 8
"""Pairs of models named in a note."""

STOPS = {
    "end": "Ended by itself",
    "length": "Cut off",
    "error": "Failed call",
    "unknown": "Not recorded",
    "no_answer": "No answer",
    "ambiguous": "Two answers",
    "abstained": "Declined",
    "timeout": "Verifier timed out",
    "unparsable_gold": "Gold unreadable",
    "unjudged": "Not judged",
    "empty": "Empty reply",
    "loop": "Loop",
}
"""Labels of the ends; an end that is not here goes by its own name."""


def lengths(id_: str, header: Sequence[Column[Row]], rows: Sequence[Row], data: str) -> Table | None:
    """Show how long the answers are; None where no row says."""
    known = [row for row in rows if row.length]
    if not known:
        return None
    units, counters = ({getattr(row.length, name) for row in known} for name in ("unit", "counted_by"))
    unit: Column[Row] = words("unit", "Unit", lambda r: _length(r).unit)
    counter: Column[Row] = words("counted_by", "Counted by", lambda r: _length(r).counted_by)
    columns: list[Column[Row]] = [
        *header,
        untold(unit) if len(units) == 1 else unit,
        untold(counter) if len(counters) == 1 else counter,
        words("hidden", "Reasoning", lambda r: "hidden" if _length(r).hidden else None),
        with_interval("mean", "Mean", lambda r: _length(r).mean, amount, "All answers"),
        _measured("median", "Median", amount, "All answers"),
        _measured("p95", "95th percentile", amount, "All answers"),
        plain("median_correct", "Correct", lambda r: _length(r).median_correct, amount, "Median of"),
        plain("median_wrong", "Wrong", lambda r: _length(r).median_wrong, amount, "Median of"),
        _common(),
        _measured("per_correct", "Per correct", amount),
        plain("truncated", "Cut off,\u00a0%", lambda r: _length(r).truncated, percent),
        _measured("delta", "Cliff's δ", decimal),
        plain("front_chance", "On the front,\u00a0%", lambda r: (_length(r).pareto or Front()).chance, whole_percent),
        _area(),
        *_asked_for(),
    ]
    made = table(id_, _length_caption(units, counters), columns, known, data)
    return replace(made, notes=_length_notes(known))


def _asked_for() -> list[Column[Row]]:
    """Columns of what the report was asked for beside the usual; each is left out where it was not."""
    return [
        with_interval("reference_mean", "Mean", lambda r: _reference(r).mean, amount, REFERENCE),
        with_interval("reference_median", "Median", lambda r: _reference(r).median, amount, REFERENCE),
        with_interval("reference_per_correct", "Per correct", lambda r: _reference(r).per_correct, amount, REFERENCE),
        plain("ock_score", "OckScore", lambda r: _length(r).ock_score, amount, SCORES),
        with_interval("auc_oaa", "AUC_OAA", lambda r: _oaa(r).area, decimal, SCORES),
        with_interval("within_budget", "Within budget,\u00a0%", lambda r: _adherence(r).within, percent, SCORES),
        with_interval("aes", "AES", lambda r: (_length(r).aes or Efficiency()).score, decimal, SCORES),
    ]


def _length_notes(rows: Sequence[Row]) -> list[str]:
    """Say what the columns that were asked for were asked with, and what it means that an order turns."""
    notes = []
    pairs = sorted({tuple(sorted((row.model, other))) for row in rows for other in _length(row).order_flips or ()})
    if pairs:
        named = "; ".join(f"{shortened(one, 40)} and {shortened(other, 40)}" for one, other in pairs[:MAX_PAIRS])
        more = f"; {len(pairs) - MAX_PAIRS} more in the downloads" if len(pairs) > MAX_PAIRS else ""
        notes.append(
            "Turns: which of two models is shorter by own correct answers, which compare hard questions of one with "
            f"easy ones of the other, and by common correct ones differs for {named}{more}."
        )
    tokenizers = sorted({t for row in rows if (t := _reference(row).tokenizer)})
    notes += [f"Reference tokenizer: {shortened(name, 80)}." for name in tokenizers]
    caps = sorted({cap for row in rows if (cap := _oaa(row).cap) is not None})
    notes += [f"AUC_OAA: accuracy within a budget, mean over budgets from 0 to {amount(cap)}." for cap in caps]
    budgets = sorted({b for row in rows if (b := _adherence(row).budget) is not None})
    notes += [f"Budget: {amount(b)}." for b in budgets]
    bases = sorted({base for row in rows if (base := (_length(row).aes or Efficiency()).base)})
    return notes + [f"AES: accuracy-efficiency score against {shortened(base, 60)}." for base in bases]


def _reference(row: Row) -> Reference:
    return _length(row).reference or Reference()


def _oaa(row: Row) -> Area:
    return _length(row).auc_oaa or Area()


def _adherence(row: Row) -> Adherence:
    return _length(row).adherence or Adherence()


def _length_caption(units: set[str | None], counters: set[str | None]) -> str:
    """Say the unit and who counted, where all rows share them."""
    unit = f", {next(iter(units))}" if len(units) == 1 and None not in units else ""
    counter = f", counted by {next(iter(counters))}" if len(counters) == 1 and None not in counters else ""
    return f"Length of the answers{unit}{shortened(counter, 60)}"


def _measured(name: str, label: str, form: figures.Format, group: str = "") -> Column[Row]:
    return with_interval(name, label, lambda r: _length(r).with_interval(name), form, group)


def _common() -> Column[Row]:
    def cell(row: Row) -> Cell:
        n = _length(row).n_common_correct
        median = _length(row).median_common_correct
        turned = _length(row).order_flips or ()
        notes = ["" if n is None else f"n {count(n)}", f"turns with {len(turned)}" if turned else ""]
        return Cell(figures.number(median, amount), " · ".join(filter(None, notes)))

    def values(row: Row) -> dict[str, Scalar]:
        length = _length(row)
        flips = None if length.order_flips is None else ", ".join(length.order_flips)
        return {
            "median_common_correct": length.median_common_correct,
            "n_common_correct": length.n_common_correct,
            "order_flips": flips,
        }

    return Column("median_common_correct", "Common correct", cell, values, "Median of")


def _area() -> Column[Row]:
    def cell(row: Row) -> Cell:
        found = _length(row).budget or Budget()
        known = found.low is not None and found.high is not None
        ends = f"{figures.number(found.low, count)}–{figures.number(found.high, count)}" if known else ""
        return Cell(figures.number(found.area, percent), ends)

    def values(row: Row) -> dict[str, Scalar]:
        found = _length(row).budget or Budget()
        return {"budget_area": found.area, "budget_low": found.low, "budget_high": found.high}

    return Column("budget_area", "Budget area,\u00a0%", cell, values)


def _length(row: Row) -> Length:
    return row.length or Length()


Entry = tuple[Row, Agreement]


def agreements(id_: str, header: Sequence[Column[Row]], rows: Sequence[Row], data: str) -> Table | None:
    """Show how each reward agrees with the verdicts; None where no row has a reward."""
    entries: list[Entry] = [(row, entry) for row in rows for entry in row.agreement or ()]
    if not entries:
        return None
    columns: list[Column[Entry]] = [
        *(Column(c.key, c.label, _of_first(c.cell), _of_first(c.values), c.group, text=c.text) for c in header),
        words("reward", "Reward", lambda e: e[1].reward),
        words("judge", "Judge", lambda e: e[1].judge),
        plain("n", "Traces", lambda e: e[1].n, count),
        plain("base_rate", "Right,\u00a0%", lambda e: e[1].base_rate, percent, "Without the reward"),
        plain("constant", "Constant,\u00a0%", lambda e: e[1].constant, percent, "Without the reward"),
        with_interval("auroc", "AUROC", lambda e: e[1].auroc, decimal, "Ranks right above wrong"),
        with_interval("auroc_within", "within items", lambda e: e[1].auroc_within, decimal, "Ranks right above wrong"),
        with_interval("pairwise", "pairs", lambda e: e[1].pairwise, decimal, "Ranks right above wrong"),
        with_interval("accuracy", "Same,\u00a0%", lambda e: e[1].accuracy, percent, "Says what the verdict says"),
        with_interval("kappa", "κ", lambda e: e[1].kappa, decimal, "Says what the verdict says"),
        with_interval("mcc", "MCC", lambda e: e[1].mcc, decimal, "Says what the verdict says"),
        with_interval("ac1", "AC1", lambda e: e[1].ac1, decimal, "Says what the verdict says"),
        with_interval("aurc", "AURC", lambda e: e[1].aurc, decimal, "Wrong among the surest"),
        plain("aurc_best", "at best", lambda e: e[1].aurc_best, decimal, "Wrong among the surest"),
        with_interval("brier", "Brier", lambda e: e[1].brier, decimal, "Calibration"),
        with_interval("ece", "ECE", lambda e: e[1].ece, decimal, "Calibration"),
        with_interval("false_pass", "False pass,\u00a0%", lambda e: e[1].false_pass, percent, "Errs"),
        with_interval("false_fail", "False fail,\u00a0%", lambda e: e[1].false_fail, percent, "Errs"),
        untold(words("note", "Note", lambda e: e[1].note)),
    ]
    made = table(id_, "Agreement of rewards with the verdicts", columns, entries, data)
    return replace(made, notes=_notes(entries))


def _notes(entries: Sequence[Entry]) -> list[str]:
    """Return what the report says of the rewards, each sentence once, with the rows it holds for."""
    rows_of = Counter(entry.reward for _, entry in entries)
    held: dict[tuple[str, str], list[str]] = {}
    for row, entry in entries:
        if entry.note:
            held.setdefault((entry.reward, entry.note), []).append(" ".join(filter(None, row.entrant)))
    lines = [
        f"{shortened(reward, 40)}{'' if len(who) == rows_of[reward] else f' ({_some(who)})'}: {shortened(note, 400)}"
        for (reward, note), who in sorted(held.items())
    ]
    return lines if len(lines) <= MAX_NOTES else [*lines[:MAX_NOTES], "More notes stand in the downloads."]


def _some(names: Sequence[str]) -> str:
    unique = list(dict.fromkeys(names))
    more = f" and {len(unique) - 3} more" if len(unique) > 3 else ""
    return ", ".join(shortened(name, 40) for name in unique[:3]) + more


def _of_first(function: Callable[[Row], Any]) -> Callable[[Entry], Any]:
    return lambda entry: function(entry[0])


def stops(id_: str, header: Sequence[Column[Row]], rows: Sequence[Row], data: str) -> Table | None:
    """Show how the traces ended, as counts; None where no row says."""
    known = [row for row in rows if row.stops]
    if not known:
        return None
    columns: list[Column[Row]] = [*header, plain("traces", "Traces", lambda r: r.traces, count)]
    named = {name for row in known for name in row.stops or ()}
    others = {name: name for name in sorted(named - STOPS.keys())}
    columns += [_stop(name, label) for name, label in (STOPS | others).items()]
    return table(id_, "How the answers ended, traces", columns, known, data)


def _stop(name: str, label: str) -> Column[Row]:
    return plain(name, label, lambda r: (r.stops or {}).get(name), count)


Found = tuple[str, Scan, Counts]


def scans(id_: str, found: Sequence[Found], href: Callable[[str], str], data: str) -> Table | None:
    """Show what each scan found of each task; None where nothing was scanned."""
    if not found:
        return None
    columns: list[Column[Found]] = [
        name_column("task", "Benchmark", lambda f: f[0], lambda f: href(f[0])),
        words("corpus", "Corpus", lambda f: f[1].label),
        plain("n", "Items", lambda f: f[2].n, count),
        plain("flagged_share", "Found,\u00a0%", lambda f: f[2].flagged_share, percent, "Found in the corpus"),
        plain("exact", "Exact", lambda f: f[2].exact, count, "Found in the corpus"),
        plain("near", "Near", lambda f: f[2].near, count, "Found in the corpus"),
        plain("variant", "Variant", lambda f: f[2].variant, count, "Other traces"),
        plain("partial", "Partial", lambda f: f[2].partial, count, "Other traces"),
        plain("too_short", "Too short", lambda f: f[2].too_short, count),
        plain("clean", "Nothing found", lambda f: f[2].clean, count),
    ]
    return table(id_, "Items of each benchmark found in each corpus", columns, found, data)
