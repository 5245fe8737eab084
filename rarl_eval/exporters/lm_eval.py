"""lm-eval's results: ``MODEL/results_DATE.json`` and ``samples_TASK_DATE.jsonl``, shaped as lm-eval 0.4.13 writes them.

One metric, ``acc``, under the filter ``none``: the mean over items of the share of right samples. lm-eval gives a
question one score however many texts it has; here that is the share of right ones among the judged.
"""

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from rarl_eval import __version__
from rarl_eval.files.atomic import write_atomically
from rarl_eval.importers.own import ENVELOPE, seal
from rarl_eval.runs.store import Run
from rarl_eval.runs.summary import TaskPart, accuracy_of, parts, portable, seconds_since_epoch, verdicts
from rarl_eval.types import Record


def write(run: Run, folder: Path) -> None:
    """Write one results file, and a samples file for each task."""
    found = list(parts(run))
    seconds = seconds_since_epoch(run.manifest)
    date = datetime.fromtimestamp(seconds, UTC).isoformat(timespec="microseconds").partition("+")[0].replace(":", "-")
    place = folder / portable(found[0].model.replace("/", "__"))
    for part in found:
        lines = [msgspec.json.encode(row) + b"\n" for row in _rows(part)]
        write_atomically(place / f"samples_{portable(part.task)}_{date}.jsonl", b"".join(lines))
    text = msgspec.json.format(msgspec.json.encode(_results(run, found, seconds)), indent=2)
    write_atomically(place / f"results_{date}.json", text + b"\n")


def _results(run: Run, found: list[TaskPart], seconds: float) -> dict[str, Any]:
    model = run.manifest.get("model", {})
    names = [part.task for part in found]
    return {
        "results": {part.task: _totals(part) for part in found},
        "group_subtasks": {name: [] for name in names},
        "configs": {part.task: _config(run, part) for part in found},
        "versions": {part.task: part.info.version for part in found},
        "n-shot": dict.fromkeys(names, 0),
        "higher_is_better": {name: {"acc": True} for name in names},
        "n-samples": {
            p.task: {"original": p.described.get("rows"), "effective": len({r.trace.key for r in p.records})}
            for p in found
        },
        "config": {
            "model": model.get("adapter"),
            "model_args": {name: value for name, value in sorted(model.items()) if name != "adapter"},
            "limit": run.manifest.get("limit"),
            "gen_kwargs": run.manifest.get("sampling"),
            "random_seed": run.manifest.get("seed"),
        },
        "git_hash": None,
        "date": seconds,
        "model_source": model.get("adapter"),
        "model_name": found[0].model,
        "model_name_sanitized": found[0].model.replace("/", "__"),
        "written_by": f"rarl-eval {__version__}",
    }


def _totals(part: TaskPart) -> dict[str, Any]:
    found = accuracy_of(part.records, part.info)
    error = None if found is None else _standard_error(part)
    return {
        "name": part.task,
        "alias": part.task,
        "sample_len": len({r.trace.key for r in part.records}),
        "acc,none": None if found is None else found.value,
        "acc_stderr,none": "N/A" if error is None else error,
    }


def _standard_error(part: TaskPart) -> float | None:
    """Return the sample standard deviation of the items' shares over the root of their number, as lm-eval does."""
    from statistics import stdev

    shares = [share for rows in _by_item(part).values() if (share := _share(rows)) is not None]
    return stdev(shares) / len(shares) ** 0.5 if len(shares) > 1 else None


def _config(run: Run, part: TaskPart) -> dict[str, Any]:
    return {
        "task": part.task,
        "dataset_path": part.described.get("origin"),
        "output_type": "generate_until",
        "repeats": run.manifest.get("samples") or 1,
        "generation_kwargs": run.manifest.get("sampling"),
        "metric_list": [{"metric": "acc", "aggregation": "mean", "higher_is_better": True}],
        "metadata": {
            "version": part.info.version,
            "fingerprint": part.info.fingerprint,
            "verdicts": verdicts(part.records),
        },
    }


def _by_item(part: TaskPart) -> dict[str, list[Record]]:
    rows: dict[str, list[Record]] = {}
    for record in part.records:
        rows.setdefault(record.trace.key, []).append(record)
    return rows


def _share(records: list[Record]) -> float | None:
    judged = [v for r in records if r.verdict and (v := r.verdict.correct) is not None]
    return sum(judged) / len(judged) if judged else None


def _rows(part: TaskPart) -> list[dict[str, Any]]:
    places = {key: place for place, key in enumerate(part.info.items)}
    return [_row(part, places[key], records) for key, records in _by_item(part).items()]


def _row(part: TaskPart, place: int, records: list[Record]) -> dict[str, Any]:
    item = part.info.items[records[0].trace.key]
    asked = f"{item.context}\n\n{item.question}" if item.context else item.question
    document = {"id": item.id, "key": item.key, "question": item.question, "context": item.context,
                "choices": list(item.choices), "answer": item.gold}  # fmt: skip
    return {
        "doc_id": place,
        "doc": document,
        "target": item.gold,
        "arguments": {"gen_args_0": {"arg_0": asked, "arg_1": {}}},
        "resps": [[r.trace.text for r in records]],
        "filtered_resps": [r.verdict.extracted if r.verdict else None for r in records],
        "filter": "none",
        "metrics": ["acc"],
        "doc_hash": hashlib.sha256(msgspec.json.encode(document)).hexdigest(),
        "prompt_hash": hashlib.sha256(asked.encode()).hexdigest(),
        "target_hash": hashlib.sha256(item.gold.encode()).hexdigest(),
        "acc": _share(records),
        "reasoning": [r.trace.reasoning for r in records],
        ENVELOPE: [seal(r) for r in records],
    }
