"""The report as tables of text, shared by the terminal and report.md, so that both say the same."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from rarl_eval.report.text import number, percent

Row = Mapping[str, Any]


class Table(NamedTuple):
    """A table of text cells; the first ``labels`` columns are names, the rest figures."""

    title: str
    header: tuple[str, ...]
    rows: list[tuple[str, ...]]
    labels: int


def tables(report: Mapping[str, Any]) -> list[Table]:
    """One table of results for each task, then one of rewards where there are any, then the scans."""
    rows: Sequence[Row] = report["rows"]
    names = list(dict.fromkeys(row["task"] for row in rows))
    found = [_results(name, [row for row in rows if row["task"] == name]) for name in names]
    rewards = [(row, entry) for row in rows for entry in row["agreement"]]
    if rewards:
        found.append(_rewards(rewards))
    if report["scans"]:
        found.append(_scans(report["scans"]))
    return found


def captions(report: Mapping[str, Any]) -> list[str]:
    """Sentences that a reader of the tables needs."""
    notes = []
    if report["synthetic"]:
        notes.append("Synthetic: items and answers were written for a demonstration and say nothing about any model.")
    notes.append(
        "Accuracy in percent with its 95 % interval; gain in points: all scanned items less the clean ones. "
        "A dash is unknown, never zero."
    )
    units = {row["length"]["unit"] for row in report["rows"]}
    if len(units) > 1:
        notes.append("Lengths in tokens and in characters do not compare; the unit stands beside each.")
    if any(row["length"]["hidden"] for row in report["rows"]):
        notes.append("Rows marked * hide reasoning: the visible length is not what was spent.")
    return notes


def _results(task: str, rows: Sequence[Row]) -> Table:
    several = len({row["model"] for row in rows}) < len(rows)
    header = ("model", "n", "accuracy", "clean", "flagged", "gain", "length", "per right", "cut", "none")
    return Table(f"{task} ({rows[0]['domain']})", header, [_result(row, named=several) for row in rows], 1)


def _result(row: Row, *, named: bool) -> tuple[str, ...]:
    length = row["length"]
    unit = {"tokens": "tok", "characters": "ch"}[length["unit"]] + ("*" if length["hidden"] else "")
    return (
        f"{row['model']} ({row['run']})" if named else row["model"],
        str(row["n"]),
        interval(row["accuracy"]),
        _part(row["clean"]),
        _part(row["flagged"]),
        interval(row["gain"], signed=True),
        "-" if length["median"] is None else f"{number(length['median'])} {unit}",
        number(length["per_correct"]),
        percent(length["truncated"]),
        percent(row["no_answer"]),
    )


def interval(found: Mapping[str, float | None] | None, *, signed: bool = False, scale: float = 100) -> str:
    """Write an interval as ``value [low, high]``, in percent by default."""
    if found is None or found["value"] is None:
        return "-"
    digits = 1 if scale == 100 else 3
    value = f"{scale * found['value']:{'+' if signed else ''}.{digits}f}"
    if found["low"] is None or found["high"] is None:
        return value
    return f"{value} [{scale * found['low']:.{digits}f}, {scale * found['high']:.{digits}f}]"


def _part(part: Mapping[str, Any]) -> str:
    """Accuracy and number of items of a part; the interval stands in report.json."""
    return "-" if part["accuracy"] is None else f"{percent(part['accuracy']['value'])} ({part['n']})"


def _rewards(entries: Sequence[tuple[Row, Mapping[str, Any]]]) -> Table:
    header = ("model", "task", "reward", "n", "right", "AUROC", "in item", "kappa", "false pass", "false fail")
    rows: list[tuple[str, ...]] = [
        (
            row["model"],
            row["task"],
            entry["reward"],
            str(entry["n"]),
            percent(entry["base_rate"]),
            interval(entry["auroc"], scale=1),
            _plain(entry["auroc_within"]),
            _plain(entry["kappa"]),
            "-" if entry["false_pass"] is None else percent(entry["false_pass"]["value"]),
            "-" if entry["false_fail"] is None else percent(entry["false_fail"]["value"]),
        )
        for row, entry in entries
    ]
    return Table("rewards against verdicts", header, rows, 3)


def _plain(found: Mapping[str, float] | None) -> str:
    return "-" if found is None else f"{found['value']:.3f}"


def _scans(scans: Sequence[Mapping[str, Any]]) -> Table:
    levels = ("exact", "near", "variant", "partial", "too_short", "clean")
    rows = [
        (
            ", ".join(str(corpus["name"]) for corpus in scan["corpora"][:3]) or scan["path"],
            task,
            str(counts.get("n", "-")),
            *(str(counts.get(level, "-")) for level in levels),
        )
        for scan in scans
        for task, counts in scan["tasks"].items()
    ]
    return Table("scanned", ("corpus", "task", "n", *(level.replace("_", " ") for level in levels)), rows, 2)
