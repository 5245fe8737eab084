"""The report as tables of text, shared by the terminal and report.md, so that both say the same."""

from collections.abc import Mapping, Sequence
from typing import Any

from rarl_eval.files.text import UNKNOWN, percent
from rarl_eval.report.cells import Row, Table, interval, name
from rarl_eval.report.costs import abstention, lengths, optional, reference, unsupported


def tables(report: Mapping[str, Any]) -> list[Table]:
    """Accuracy, lengths and rewards of all rows, then the scans; columns without a single figure are left out."""
    rows: Sequence[Row] = report["rows"]
    found = [_results(rows), lengths(rows)]
    if any(row["length"]["reference"] for row in rows):
        found.append(reference(rows))
    if any(row["length"][score] for row in rows for score in ("auc_oaa", "adherence", "aes")):
        found.append(optional(rows))
    if any(row["abstention"]["n"] or row["abstention"]["missing_premise"] for row in rows):
        found.append(abstention(rows))
    if any(row["unsupported"] for row in rows):
        found.append(unsupported(rows))
    if any(row["scores"] for row in rows):
        found.append(_scores(rows))
    if any(row["agreement"] for row in rows):
        found.append(_rewards(rows))
    if report.get("fresh"):
        found.append(_fresh(report["fresh"]))
    if report.get("probes"):
        found.append(_probes(report["probes"]))
    if report["scans"]:
        found.append(_scans(report["scans"]))
    return [_known(table) for table in found]


def captions(report: Mapping[str, Any]) -> list[str]:
    """Sentences that a reader of the tables needs."""
    rows = report["rows"]
    notes = []
    if report["synthetic"]:
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
    if any(row["length"][score] for row in rows for score in ("auc_oaa", "adherence", "aes")):
        notes.append(_scores_caption(report["settings"]))
    if any(row["abstention"]["missing_premise"] for row in rows):
        notes.append(
            "Lacking: questions without a premise they need; answered all the same: percent of these; times twin: "
            "their length against the same questions with the premise; per decline: all written on them for each one."
        )
    if any(row["unjudged"] for row in rows):
        notes.append("Unjudged: answers in free text that no judge model has read; they are neither right nor wrong.")
    if any(row["agreement"] for row in rows):
        notes.append(
            "AUROC: chance that a right answer scores above a wrong one; in item: the same among answers to one "
            "question; AURC: mean share of wrong answers among the surest; false pass: share of the wrong answers that "
            "the reward passes."
        )
    if report.get("probes"):
        notes.append(
            "Probes ask the model instead of its corpus: mean item score, the same of fresh items, one-sided p "
            "adjusted for the number of probes (Holm); suspicious at 5 %; against scan: chance that an item which the "
            "scans flag scores above one they find clean. What each can and cannot show is in docs/probe.md."
        )
    if len({row["length"]["unit"] for row in rows}) > 1:
        notes.append("Tokens and characters do not compare.")
    if any(row["length"]["hidden"] for row in rows):
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


def _results(rows: Sequence[Row]) -> Table:
    header = ("task", "model", "n", "accuracy", "clean", "flagged", "gain", "relative", "unjudged", "prompt")
    cells: list[tuple[str, ...]] = [
        (
            row["task"],
            name(row, rows),
            str(row["n"]) if row["n"] == row["asked"] else f"{row['n']} of {row['asked']}",
            interval(row["accuracy"]),
            _part(row["clean"]),
            _part(row["flagged"]),
            interval(row["gain"], signed=True),
            UNKNOWN if row["gain_relative"] is None else f"{100 * row['gain_relative']['value']:+.1f}",
            str(row["unjudged"]) if row["unjudged"] else UNKNOWN,
            row["prompt_style"] or UNKNOWN,
        )
        for row in rows
    ]
    return Table("accuracy", header, cells, 2)


def _scores(rows: Sequence[Row]) -> Table:
    cells: list[tuple[str, ...]] = [
        (row["task"], name(row, rows), score["name"], str(score["n"]), interval(score["mean"], scale=1))
        for row in rows
        for score in row["scores"]
    ]
    return Table("the benchmark's own scores", ("task", "model", "metric, filter", "n", "mean"), cells, 3)


def _probes(entries: Sequence[Row]) -> Table:
    header = ("task", "model", "probe", "measure", "n", "mean", "fresh", "p", "suspicious", "against scan")
    cells: list[tuple[str, ...]] = [
        (
            found["task"],
            entry["model"],
            found["probe"],
            found["measure"],
            str(found["n"]),
            _figure(found["value"]),
            _figure(found["value_null"]),
            _figure(found["p_adjusted"]),
            UNKNOWN if found["suspicious"] is None else ("yes" if found["suspicious"] else "no"),
            interval((found["against_scan"] or {}).get("auroc"), scale=1),
        )
        for entry in entries
        for found in entry["findings"]
        if found["n"]
    ]
    return Table("what the model has seen, asked of the model", header, cells, 4)


def _figure(value: float | None) -> str:
    return UNKNOWN if value is None else f"{value:.3g}"


def _fresh(entries: Sequence[Row]) -> Table:
    cells: list[tuple[str, ...]] = [
        (
            entry["public"]["task"],
            entry["fresh"]["task"],
            entry["model"],
            str(entry["public"]["n"]),
            str(entry["fresh"]["n"]),
            interval(entry["difference"], signed=True),
        )
        for entry in entries
    ]
    return Table("public less fresh accuracy", ("public", "fresh", "model", "n", "n fresh", "difference"), cells, 3)


def _part(part: Mapping[str, Any]) -> str:
    """Accuracy of a part of the items with its interval, and how many items they are."""
    return UNKNOWN if part["accuracy"] is None else f"{interval(part['accuracy'])} of {part['n']}"


def _rewards(rows: Sequence[Row]) -> Table:
    """One line for each reward of each row, the rewards of a task one after another."""
    header = (
        "task",
        "reward",
        "model",
        "n",
        "right",
        "AUROC",
        "in item",
        "AURC",
        "ECE",
        "kappa",
        "false pass",
        "false fail",
    )
    pairs = dict.fromkeys((row["task"], entry["reward"]) for row in rows for entry in row["agreement"])
    cells: list[tuple[str, ...]] = [
        (
            task,
            reward,
            name(row, rows),
            str(entry["n"]),
            percent(entry["base_rate"]),
            interval(entry["auroc"], scale=1),
            *(_decimal(entry[name]) for name in ("auroc_within", "aurc", "ece", "kappa")),
            *(percent(None if (e := entry[name]) is None else e["value"]) for name in ("false_pass", "false_fail")),
        )
        for task, reward in pairs
        for row in rows
        for entry in row["agreement"]
        if (row["task"], entry["reward"]) == (task, reward)
    ]
    return Table("rewards against the verdict", header, cells, 3)


def _decimal(found: Mapping[str, float] | None) -> str:
    return UNKNOWN if found is None else f"{found['value']:.3f}"


def _scans(scans: Sequence[Mapping[str, Any]]) -> Table:
    levels = ("exact", "near", "variant", "partial", "too_short", "clean")
    rows = [
        (
            ", ".join(str(corpus["name"]) for corpus in scan["corpora"][:3]) or scan["path"],
            task,
            str(counts.get("n", UNKNOWN)),
            *(str(counts.get(level, UNKNOWN)) for level in levels),
        )
        for scan in scans
        for task, counts in scan["tasks"].items()
    ]
    return Table("scanned", ("corpus", "task", "n", *(level.replace("_", " ") for level in levels)), rows, 2)


def _known(table: Table) -> Table:
    kept = [i for i in range(len(table.header)) if i < table.labels or any(row[i] != UNKNOWN for row in table.rows)]
    rows = [tuple(row[i] for i in kept) for row in table.rows]
    return table._replace(header=tuple(table.header[i] for i in kept), rows=rows)
