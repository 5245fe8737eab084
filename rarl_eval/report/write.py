"""report.json, report.md and report.csv, each whole or not there."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rarl_eval.errors import BadInput
from rarl_eval.files.atomic import write_atomically
from rarl_eval.files.text import csv_text, markdown
from rarl_eval.report.catalogue import ROWS
from rarl_eval.report.column import values_of
from rarl_eval.report.opening import opening
from rarl_eval.report.row_types import read_report
from rarl_eval.report.tables import as_markdown, captions, tables


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
    said = "\n".join(f"- {markdown(sentence)}" for sentence in opening(report, None))
    parts = ["# Report", *([said] if said else []), *captions(report), *map(as_markdown, tables(report))]
    return "\n\n".join(parts) + "\n"


def _csv(report: Mapping[str, Any]) -> str:
    """One line for each row: every column of the catalogue, intervals as three, lists as one."""
    columns = [(column.csv.format(column.key), column) for column in ROWS if column.csv and column.field]
    rows = [
        {name: cell for csv_name, column in columns for name, cell in values_of(column, csv_name, row).items()}
        for row in read_report(report).rows
    ]
    return csv_text(rows)
