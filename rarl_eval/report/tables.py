"""The report as tables of text, shared by the terminal and report.md, so that both say the same."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from rarl_eval.report.text import UNKNOWN, number, percent

Row = Mapping[str, Any]


class Table(NamedTuple):
    """A table of text cells; the first ``labels`` columns are names, the rest figures."""

    title: str
    header: tuple[str, ...]
    rows: list[tuple[str, ...]]
    labels: int


def tables(report: Mapping[str, Any]) -> list[Table]:
    """Accuracy, lengths and rewards of all rows, then the scans; columns without a single figure are left out."""
    rows: Sequence[Row] = report["rows"]
    found = [_results(rows), _lengths(rows)]
    if any(row["abstention"]["n"] or row["abstention"]["missing_premise"] for row in rows):
        found.append(_abstention(rows))
    if any(row["unsupported"] for row in rows):
        found.append(_unsupported(rows))
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
        "Lengths are medians unless named otherwise; common: of items that all models got right; per right: all that "
        "was written for each right answer; delta above 0: wrong answers are longer; front: chance "
        "in percent that no other is as accurate and as short; cut and none in percent."
    )
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


def _results(rows: Sequence[Row]) -> Table:
    header = ("task", "model", "n", "accuracy", "clean", "flagged", "gain", "relative", "unjudged", "prompt")
    cells: list[tuple[str, ...]] = [
        (
            row["task"],
            _name(row, rows),
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
        (row["task"], _name(row, rows), score["name"], str(score["n"]), interval(score["mean"], scale=1))
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


def _lengths(rows: Sequence[Row]) -> Table:
    header = ("task", "model", "median", "p95", "right", "wrong", "common", "per right", "delta", "front", "cut",
              "none", "loop")  # fmt: skip
    units = {row["length"]["unit"] for row in rows}
    cells = [
        (row["task"], *_length(row, _name(row, rows), "" if len(units) == 1 else f" {row['length']['unit']}"))
        for row in rows
    ]
    return Table(f"length of answers in {' or '.join(sorted(units))}", header, cells, 2)


def _length(row: Row, name: str, unit: str) -> tuple[str, ...]:
    length = row["length"]
    names = ("p95", "median_correct", "median_wrong", "median_common_correct", "per_correct")
    median = number(length["median"])
    return (
        f"{name} *" if length["hidden"] else name,
        median if median == UNKNOWN else median + unit,
        *(number(length[field]) for field in names),
        UNKNOWN if length["delta"] is None else f"{length['delta']:+.2f}",
        UNKNOWN if (front := length["pareto"]) is None else percent(front["chance"], 0),
        percent(length["truncated"]),
        percent(row["no_answer"]),
        str(row["stops"]["loop"]),
    )


def _abstention(rows: Sequence[Row]) -> Table:
    header = ("task", "model", "declined", "right of the rest", "lacking", "answered all the same", "length",
              "times twin", "twins right", "twins declined", "per decline")  # fmt: skip
    several = len({row["length"]["unit"] for row in rows}) > 1
    cells = [
        (row["task"], _name(row, rows), *_declined(row["abstention"], f" {row['length']['unit']}" if several else ""))
        for row in rows
    ]
    return Table("declining to answer", header, cells, 2)


def _declined(found: Row, unit: str) -> tuple[str, ...]:
    own = (interval(found["share"]), interval(found["accuracy_attempted"]))
    lacking = found["missing_premise"]
    if lacking is None:
        return *own, *[UNKNOWN] * 7
    twins = lacking["twins"] or {}
    return (
        *own,
        str(lacking["items"]),
        interval(lacking["answered"]),
        number(_of(lacking["length"])) + unit,
        interval(twins.get("ratio"), scale=1),
        interval(twins.get("accuracy")),
        interval(twins.get("abstained")),
        number(_of(lacking["per_abstention"])),
    )


def _unsupported(rows: Sequence[Row]) -> Table:
    cells: list[tuple[str, ...]] = [
        (row["task"], _name(row, rows), str(row["unsupported"]["n"]), interval(row["unsupported"]["share"]))
        for row in rows
        if row["unsupported"]
    ]
    return Table("answers with a number that the context does not support", ("task", "model", "n", "percent"), cells, 2)


def _of(found: Mapping[str, float] | None) -> float | None:
    return None if found is None else found["value"]


def _name(row: Row, rows: Sequence[Row]) -> str:
    """Name a row by its model, and by its run too where the model has several."""
    several = sum((other["task"], other["model"]) == (row["task"], row["model"]) for other in rows) > 1
    return f"{row['model']} ({row['run']})" if several else row["model"]


def interval(found: Mapping[str, float | None] | None, *, signed: bool = False, scale: float = 100) -> str:
    """Write an interval as ``value [low, high]``, in percent by default."""
    if found is None or found["value"] is None:
        return UNKNOWN
    digits = 1 if scale == 100 else 3
    value = f"{scale * found['value']:{'+' if signed else ''}.{digits}f}"
    if found["low"] is None or found["high"] is None:
        return value
    return f"{value} [{scale * found['low']:.{digits}f}, {scale * found['high']:.{digits}f}]"


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
            _name(row, rows),
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
