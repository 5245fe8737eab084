"""report.json, report.md and report.csv, each whole or not there."""

import csv
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rarl_eval.errors import BadInput
from rarl_eval.files.atomic import write_atomically
from rarl_eval.files.text import csv_cell, markdown
from rarl_eval.report.cells import Table
from rarl_eval.report.tables import captions, tables

_INTERVALS = ("accuracy", "gain", "gain_relative")
_PARTS = ("clean", "flagged", "unscanned")
_LENGTH = (
    "unit",
    "median",
    "p95",
    "median_correct",
    "median_wrong",
    "median_common_correct",
    "per_correct",
    "truncated",
    "delta",
)


def write_report(report: Mapping[str, Any], out: Path) -> None:
    """Write a built report into the folder ``out``; raises BadInput where that cannot be written to."""
    files = {
        "report.csv": _csv(report),
        "report.md": _markdown(report),
        # Last: who finds report.json finds the other two beside it, of the same report.
        "report.json": json.dumps(report, indent=1, ensure_ascii=False, allow_nan=False) + "\n",
    }
    try:
        for name, text in files.items():
            write_atomically(out / name, text.encode("utf-8", "backslashreplace"))
    except OSError as error:
        raise BadInput(f"{out} cannot be written to: {error}; choose another --out") from error


def _markdown(report: Mapping[str, Any]) -> str:
    parts = ["# Report", *captions(report), *map(_markdown_table, tables(report))]
    return "\n\n".join(parts) + "\n"


def _markdown_table(table: Table) -> str:
    aligned = ["---" if i < table.labels else "---:" for i in range(len(table.header))]
    lines = [
        f"## {markdown(table.title)}",
        "",
        f"| {' | '.join(table.header)} |",
        f"| {' | '.join(aligned)} |",
        *(f"| {' | '.join(map(markdown, row))} |" for row in table.rows),
    ]
    return "\n".join(lines)


def _csv(report: Mapping[str, Any]) -> str:
    rows = [_flat(row) for row in report["rows"]]
    stream = io.StringIO(newline="")
    names = list(dict.fromkeys(name for row in rows for name in row))
    writer = csv.DictWriter(stream, names, lineterminator="\n", restval="")
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue()


def _flat(row: Mapping[str, Any]) -> dict[str, Any]:
    """One line of report.csv: names, counts, each interval as three columns, lengths and stops."""
    names = ("model", "task", "run", "domain", "prompt_style", "asked", "n", "traces", "errors", "unjudged")
    flat: dict[str, Any] = {name: row[name] for name in names}
    for name in _INTERVALS:
        flat |= _bounds(name, row[name])
    for name in _PARTS:
        flat |= {f"{name}_n": row[name]["n"], **_bounds(f"{name}_accuracy", row[name]["accuracy"])}
    flat |= {"no_answer": row["no_answer"], **_bounds("length_mean", row["length"]["mean"])}
    flat |= {"abstained": row["abstention"]["n"], **_bounds("abstained_share", row["abstention"]["share"])}
    flat |= _bounds("attempted_accuracy", row["abstention"]["accuracy_attempted"])
    flat |= _lacking(row["abstention"]["missing_premise"])
    flat |= _bounds("unsupported_share", (row["unsupported"] or {}).get("share"))
    flat |= {f"length_{name}": row["length"][name] for name in _LENGTH}
    flat |= _asked_for(row["length"])
    flat |= {f"stop_{name}": count for name, count in row["stops"].items()}
    return {name: csv_cell(value) if isinstance(value, str) else value for name, value in flat.items()}


def _asked_for(length: Mapping[str, Any]) -> dict[str, Any]:
    """Scores and the reference tokenizer's lengths that the report was asked for; empty where it was not."""
    reference, adhered = length["reference"] or {}, length["adherence"] or {}
    return {
        **_bounds("reference_mean", reference.get("mean")),
        **_bounds("reference_per_correct", reference.get("per_correct")),
        **_bounds("auc_oaa", (length["auc_oaa"] or {}).get("area")),
        **_bounds("within_budget", adhered.get("within")),
        "beyond_budget": adhered.get("beyond"),
        **_bounds("aes", (length["aes"] or {}).get("score")),
    }


def _lacking(found: Mapping[str, Any] | None) -> dict[str, Any]:
    """Questions that lack a premise; empty where a row has none."""
    lacking = found or {}
    twins = lacking.get("twins") or {}
    return {
        "lacking_n": lacking.get("items"),
        **_bounds("lacking_answered", lacking.get("answered")),
        **_bounds("lacking_per_abstention", lacking.get("per_abstention")),
        **_bounds("lacking_length_ratio", twins.get("ratio")),
    }


def _bounds(name: str, found: Mapping[str, float | None] | None) -> dict[str, float | None]:
    bounds = found or {}
    return {name: bounds.get("value"), f"{name}_low": bounds.get("low"), f"{name}_high": bounds.get("high")}
