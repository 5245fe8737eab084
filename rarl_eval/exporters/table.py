"""Records as a table: one Parquet file, or a folder that ``datasets.load_dataset`` opens, one configuration a task.

A column for each thing people filter by, and the envelope (importers/own.py) for the rest.
"""

from pathlib import Path
from typing import Any

import msgspec

from rarl_eval import __version__
from rarl_eval.importers.own import ENVELOPE, seal
from rarl_eval.runs.store import Run
from rarl_eval.runs.summary import TaskPart, accuracy_of, parts, portable
from rarl_eval.types import Record


def write_parquet(run: Run, folder: Path) -> None:
    """Write ``records.parquet`` with all tasks."""
    _write(folder / "records.parquet", [row for part in parts(run) for row in _rows(part)])


def write_datasets(run: Run, folder: Path) -> None:
    """Write ``data/TASK.parquet`` for each task and the ``README.md`` that names them as configurations."""
    found = list(parts(run))
    (folder / "data").mkdir()
    for part in found:
        _write(folder / "data" / f"{portable(part.task)}.parquet", _rows(part))
    (folder / "README.md").write_text(_card(run, found), "utf-8")


def _rows(part: TaskPart) -> list[dict[str, Any]]:
    return [_row(part, record) for record in part.records]


def _row(part: TaskPart, record: Record) -> dict[str, Any]:
    trace, verdict, item = record.trace, record.verdict, part.info.items[record.trace.key]
    return {
        "task": trace.task,
        "task_version": part.info.version,
        "model": trace.model,
        "key": trace.key,
        "item_id": trace.item_id,
        "sample": trace.sample,
        "context": item.context,
        "question": item.question,
        "choices": list(item.choices),
        "gold": item.gold,
        "text": trace.text,
        "reasoning": trace.reasoning,
        "answer": trace.answer,
        "verdict": verdict.status if verdict else None,
        "correct": verdict.correct if verdict else None,
        "extracted": verdict.extracted if verdict else None,
        "reason": verdict.reason if verdict else None,
        "prompt_tokens": trace.tokens.prompt,
        "reasoning_tokens": trace.tokens.reasoning,
        "answer_tokens": trace.tokens.answer,
        "completion_tokens": trace.tokens.completion,
        "counted_by": trace.tokens.counted_by,
        "stop": trace.stop,
        "error": trace.error,
        "seed": trace.seed,
        "seconds": trace.seconds,
        "rewards": msgspec.json.encode({r.name: r.score for r in record.rewards}, order="sorted").decode(),
        ENVELOPE: seal(record),
    }


def _write(path: Path, rows: list[dict[str, Any]]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    counts = [f"{name}_tokens" for name in ("prompt", "reasoning", "answer", "completion")]
    types = {
        **dict.fromkeys(["task_version", "sample", "seed", *counts], pa.int64()),
        "choices": pa.list_(pa.string()),
        "correct": pa.bool_(),
        "seconds": pa.float64(),
    }
    schema = pa.schema([(name, types.get(name, pa.string())) for name in rows[0]])
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), path)


def _card(run: Run, found: list[TaskPart]) -> str:
    configurations = "".join(
        f"- config_name: {portable(p.task)}\n  data_files: data/{portable(p.task)}.parquet\n" for p in found
    )
    lines = [f"| {p.task} | {len(p.records)} | {_share(p)} |" for p in found]
    synthetic = "\nItems or answers in it were made up for a demonstration.\n" if run.manifest.get("synthetic") else ""
    return (
        f"---\nconfigs:\n{configurations}---\n\n# Records of an evaluation run\n\n"
        f"Written by rarl-eval {__version__}. One row is what a model wrote for one item, once, and\n"
        "what it was judged.\n"
        f"{synthetic}\n| task | records | accuracy |\n|---|---|---|\n" + "\n".join(lines) + "\n"
    )


def _share(part: TaskPart) -> str:
    found = accuracy_of(part.records, part.info)
    return "-" if found is None else f"{found.value:.4f}"
