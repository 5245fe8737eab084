"""Repositories as the hub has them, small: each task's own rows of tests/tasks/fixtures in the files that hold its split.

Which files those are was read in public task files, dataset cards and other people's code; a task that is not named here
is in ``data/SPLIT-00000-of-00001.parquet``, or in that of its configuration, as most datasets of the hub are.
"""

import csv
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from hub_server import Hub

from rarl_eval.files.repositories import PREFIX
from rarl_eval.types import Source, Task

FIXTURES = Path(__file__).parent / "tasks" / "fixtures"
Rows = list[dict[str, Any]]
Files = dict[str, bytes]

LAYOUTS: dict[str, dict[str, str]] = {
    "aime24": {"train": "aime_2024_problems.parquet"},
    "aime25": {"test": "test.jsonl"},
    "cruxeval_input": {"test": "test.jsonl"},
    "cruxeval_output": {"test": "test.jsonl"},
    "financemath": {"validation": "validation.json", "test": "test.json"},
    "math500": {"test": "test.jsonl"},
    "medqa": {"train": "train.json", "validation": "dev.json", "test": "test.json"},
    "minerva": {"test": "test.jsonl"},
}
"""Files of repositories whose card names none, by split; rows of ``.json`` are JSON lines in one, a list in the other."""
PATTERNS: dict[str, str] = {
    "medxpertqa": "{config}/{split}.jsonl",
    "olympiadbench": "OlympiadBench/{config}/{config}.parquet",
}
"""Where the card's configurations say that files are, if not in ``CONFIG/SPLIT-00000-of-00001.parquet``."""


def rows_of(task: Task) -> Rows:
    """The task's rows in the hub's schema."""
    lines = (FIXTURES / f"{task.name}.jsonl").read_text("utf-8").split("\n")
    return [json.loads(line) for line in lines if line]


def put(hub: Hub, task: Task, rows: Rows | None = None) -> Task:
    """Put a task's rows on the hub, as a further revision where there is one."""
    files = layout(task, rows)
    if task.source.path.startswith(PREFIX):
        hub.raw |= files
    else:
        hub.repos.setdefault(task.source.path, []).append(files)
    return task


def layout(task: Task, rows: Rows | None = None) -> Files:
    """The files of the repository of a task's source, with other splits beside the one that is asked."""
    rows = rows_of(task) if rows is None else rows
    source = task.source
    if source.path.startswith(PREFIX):
        return _code(source, rows)
    if source.files:
        size = -(-len(rows) // len(source.files))
        parts = [rows[n * size : (n + 1) * size] for n in range(len(source.files))]
        return {"README.md": b"---\nlicense: mit\n---\n"} | {
            name: packed(name, part) for name, part in zip(source.files, parts, strict=True)
        }
    if task.name in LAYOUTS:
        files = {"README.md": b"---\nlicense: mit\n---\n# rows\n", ".gitattributes": b"*.parquet filter=lfs\n"}
        return files | {
            name: packed(name, rows if s == source.split else rows[:1]) for s, name in LAYOUTS[task.name].items()
        }
    return _configured(task, rows)


def packed(name: str, rows: Rows) -> bytes:
    """Rows as the bytes of a file of this name."""
    made = io.BytesIO()
    if name.endswith(".parquet"):
        pq.write_table(_table(rows), made)
    elif name.endswith(".csv"):
        text = io.StringIO()
        writer = csv.DictWriter(text, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
        return text.getvalue().encode()
    elif name.endswith(".json") and name not in {"train.json", "dev.json", "test.json"}:
        return json.dumps(rows).encode()
    else:
        return "".join(f"{json.dumps(row)}\n" for row in rows).encode()
    return made.getvalue()


def _table(rows: Rows) -> pa.Table:
    """Rows as a table; a column of numbers and words is one of words, as a table has one type for each."""
    kinds = {name: {type(row.get(name)) for row in rows} for name in (rows[0] if rows else ())}
    mixed = {name for name, found in kinds.items() if str in found and len(found) > 1 and found <= {str, int, float}}
    return pa.Table.from_pylist([row | {name: str(row[name]) for name in mixed} for row in rows])


def _configured(task: Task, rows: Rows) -> Files:
    source = task.source
    config = source.name or "default"
    pattern = PATTERNS.get(task.name, ("{config}" if source.name else "data") + "/{split}-00000-of-00001.parquet")
    wanted = source.split.split("+")
    size = -(-len(rows) // len(wanted))
    held = {s: rows[n * size : (n + 1) * size] for n, s in enumerate(wanted)} | (
        {"other": rows[:1]} if "{split}" in pattern else {}
    )
    files, listed = {}, ["---", "license: mit", "configs:"]
    for name, part in ((config, held), ("else", {wanted[0]: rows[:1]})):
        listed += [f"- config_name: {name}", *(["  default: true"] if name == config else []), "  data_files:"]
        for split, some in part.items():
            path = pattern.format(config=name, split=split)
            if name == "else" and not source.name:
                path = f"else/{split}-00000-of-00001.parquet"
            files[path] = packed(path, some)
            glob = path.replace("-00000-of-00001.parquet", "-*")
            listed += [f"  - split: {split}", f"    path: {glob}"]
    return {"README.md": "\n".join([*listed, "---", "# rows", ""]).encode()} | files


def _code(source: Source, rows: Rows) -> Files:
    files: Files = {}
    size = -(-len(rows) // len(source.files))
    for place, file in enumerate(source.files):
        name, _, member = file.partition("#")
        part = rows[place * size : (place + 1) * size]
        content = json.dumps(part).encode() if (member or name).endswith(".json") else packed(member or name, part)
        if member:
            made = io.BytesIO()
            with zipfile.ZipFile(made, "w") as archive:
                archive.writestr(f"data/{member}", content)
            content = made.getvalue()
        files[f"/{source.path.removeprefix(PREFIX)}/{source.revision or 'main'}/{name}"] = content
    return files
