"""Every Eval Ever 0.3: an aggregate for each task, with its instance records, in the layout of its datastore.

Schemas: every-eval-ever 0.3.0, eval.schema.json and instance_level_eval.schema.json. They have no place for a call
that failed or a gold that cannot be judged against: such a record has ``error`` set, score 0, and is in no aggregate.
"""

import hashlib
import uuid
from pathlib import Path
from typing import Any

import msgspec

from rarl_eval import __version__
from rarl_eval.errors import BadInput
from rarl_eval.files.atomic import write_atomically
from rarl_eval.importers.own import ENVELOPE, seal
from rarl_eval.runs.store import Run
from rarl_eval.runs.summary import TaskPart, accuracy_of, parts, portable, seconds_since_epoch, verdicts
from rarl_eval.types import Item, Record, Trace

SCHEMA = "0.3.0"
_NO_DEVELOPER = "unspecified"
_SELF_DEPLOYED = {"gguf", "vllm", "lm-eval"}


def write(run: Run, folder: Path) -> None:
    """Write ``data/TASK/DEVELOPER/MODEL/UUID.json`` and ``UUID_samples.jsonl`` for each task."""
    for part in parts(run):
        developer, _, name = part.model.rpartition("/")
        developer = portable(developer) if developer else _NO_DEVELOPER
        place = f"data/{portable(part.task)}/{developer}/{portable(name)}"
        identity = f"{part.task}/{part.model}/{seconds_since_epoch(run.manifest):.0f}"
        rows = [msgspec.json.encode(_instance(part, record, identity)) + b"\n" for record in part.records]
        samples = b"".join(rows)
        # A version 4 UUID is what the layout asks for; it is drawn from the content, so that it stays the same.
        name = str(uuid.UUID(bytes=hashlib.blake2b(identity.encode() + samples, digest_size=16).digest(), version=4))
        pointer = {
            "format": "jsonl",
            "file_path": f"{place}/{name}_samples.jsonl",
            "hash_algorithm": "sha256",
            "checksum": hashlib.sha256(samples).hexdigest(),
            "total_rows": len(rows),
        }
        aggregate = _aggregate(run, part, identity, developer) | {"detailed_evaluation_results": pointer}
        write_atomically(folder / place / f"{name}_samples.jsonl", samples)
        write_atomically(folder / place / f"{name}.json", msgspec.json.format(msgspec.json.encode(aggregate)) + b"\n")


def _aggregate(run: Run, part: TaskPart, identity: str, developer: str) -> dict[str, Any]:
    adapter = str(run.manifest.get("model", {}).get("adapter"))
    seconds = f"{seconds_since_epoch(run.manifest):.0f}"
    return {
        "schema_version": SCHEMA,
        "evaluation_id": identity,
        "evaluation_timestamp": seconds,
        "retrieved_timestamp": seconds,
        "source_metadata": {
            "source_name": "rarl-eval",
            "source_type": "evaluation_run",
            "source_organization_name": "unknown",
            "evaluator_relationship": "other",
        },
        "eval_library": {"name": "rarl-eval", "version": __version__},
        "model_info": {
            "name": part.model,
            "id": part.model,
            "developer": developer,
            "additional_details": {
                "deployment_type": "self_deployed" if adapter in _SELF_DEPLOYED else "unknown",
                "model_availability": "unknown",
                "adapter": adapter,
            },
        },
        "evaluation_results": [_result(run, part)],
    }


def _result(run: Run, part: TaskPart) -> dict[str, Any]:
    found = accuracy_of(part.records, part.info)
    if found is None:
        raise BadInput(f"{run.path} has no judged answer of {part.task}; the format needs a score: export as parquet")
    uncertainty: dict[str, Any] = {"num_samples": len({r.trace.key for r in part.records if r.verdict})}
    if found.low is not None and found.high is not None:
        uncertainty["confidence_interval"] = {
            "lower": found.low, "upper": found.high, "confidence_level": 0.95, "method": "Wilson, clustered by item",
        }  # fmt: skip
    return {
        "evaluation_result_id": _result_id(part.task),
        "evaluation_name": part.task,
        "source_data": _source(part),
        "metric_config": {
            "evaluation_description": f"{part.task} version {part.info.version}",
            "metric_id": "accuracy",
            "metric_name": "Accuracy",
            "metric_kind": "accuracy",
            "metric_unit": "proportion",
            "lower_is_better": False,
            "score_type": "continuous",
            "min_score": 0,
            "max_score": 1,
        },
        "score_details": {
            "score": found.value,
            "details": {status: str(count) for status, count in verdicts(part.records).items()},
            "uncertainty": uncertainty,
        },
        "generation_config": _generation(run),
    }


def _generation(run: Run) -> dict[str, Any]:
    sampling = run.manifest.get("sampling") or {}
    known = {name: sampling.get(name) for name in ("temperature", "max_tokens")}
    more = {name: run.manifest.get(name) for name in ("seed", "samples")}
    return {
        "generation_args": {name: value for name, value in known.items() if value is not None},
        "additional_details": {name: str(value) for name, value in more.items() if value is not None},
    }


def _source(part: TaskPart) -> dict[str, Any]:
    origin = str(part.described.get("origin", ""))
    details = {"fingerprint": part.info.fingerprint, "items": str(len(part.info.items))}
    if not origin.startswith("hub:"):
        return {"dataset_name": part.task, "source_type": "other", "additional_details": details}
    path, _, revision = origin.removeprefix("hub:").partition("@")
    return {
        "dataset_name": part.task, "source_type": "hf_dataset", "hf_repo": path,
        "additional_details": details | {"revision": revision},
    }  # fmt: skip


def _result_id(task: str) -> str:
    return f"{task}:accuracy"


def _instance(part: TaskPart, record: Record, identity: str) -> dict[str, Any]:
    trace, item = record.trace, part.info.items[record.trace.key]
    correct = record.verdict.correct if record.verdict else None
    asked = f"{item.context}\n\n{item.question}" if item.context else item.question
    return {
        "schema_version": SCHEMA,
        "evaluation_id": identity,
        "model_id": trace.model,
        "evaluation_name": part.task,
        "evaluation_result_id": _result_id(part.task),
        "sample_id": trace.item_id,
        "sample_hash": hashlib.sha256((asked + item.gold).encode()).hexdigest(),
        "interaction_type": "single_turn",
        "input": {"raw": asked, "reference": [item.gold], "choices": list(item.choices) or None},
        "output": {
            "raw": [trace.text],
            "reasoning_trace": None if trace.reasoning is None else [trace.reasoning],
        },
        "messages": None,
        "answer_attribution": _attribution(part, record),
        "evaluation": {"score": float(bool(correct)), "is_correct": bool(correct)},
        "token_usage": _usage(trace),
        "performance": None if trace.seconds is None else {"latency_ms": trace.seconds * 1000},
        "error": _error(record),
        "metadata": _metadata(item, record),
    }


def _attribution(part: TaskPart, record: Record) -> list[dict[str, Any]]:
    if record.verdict is None or record.verdict.extracted is None:
        return []
    method = f"rarl-eval {part.task} version {part.info.version}"
    return [{"turn_idx": 0, "source": "output.raw", "extracted_value": record.verdict.extracted,
             "extraction_method": method, "is_terminal": True}]  # fmt: skip


def _usage(trace: Trace) -> dict[str, Any] | None:
    """Token counts, where both sides are known: the schema takes no half of them."""
    asked, written = trace.tokens.prompt, trace.tokens.completion
    if asked is None or written is None:
        return None
    return {
        "input_tokens": asked, "output_tokens": written, "total_tokens": asked + written,
        "reasoning_tokens": trace.tokens.reasoning,
    }  # fmt: skip


def _error(record: Record) -> str | None:
    if record.verdict is None:
        return record.trace.error or "the call failed"
    return "the gold answer cannot be judged against" if record.verdict.correct is None else None


def _metadata(item: Item, record: Record) -> dict[str, str]:
    status = record.verdict.status if record.verdict else "error"
    return {"item_key": item.key, "sample": str(record.trace.sample), "verdict": status, ENVELOPE: seal(record)}
