"""Every Eval Ever instance records (schema 0.3, every-eval-ever 0.3.0): JSONL with one record per sample and result.

A sample that counts in several results has a record in each; they are one output with several scores. Some of its
converters store the extracted answer where the model's text should be (lm-eval's does): such an output can be judged
only as that.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from rarl_eval.answers import opens_reasoning
from rarl_eval.errors import BadInput
from rarl_eval.files.rows import Numbered, bare_name
from rarl_eval.importers.outputs import (
    Log,
    Output,
    count,
    flat,
    mapping,
    number,
    options_of,
    plain,
    read_object,
    text_of,
)
from rarl_eval.importers.own import ENVELOPE, restore
from rarl_eval.types import Tokens


def is_eee(row: Mapping[str, Any]) -> bool:
    """Whether a row is an instance record."""
    return {"evaluation_id", "sample_id", "interaction_type", "input", "evaluation"} <= row.keys()


def is_aggregate(row: Mapping[str, Any]) -> bool:
    """Whether the one object of a file is an evaluation's aggregate."""
    return isinstance(row.get("evaluation_results"), list) and "model_info" in row


def read_eee(path: Path, rows: Iterable[Numbered]) -> Log:
    """Read an instance file; totals come from the aggregate beside it, where there is one."""
    beside = path.with_name(bare_name(path).removesuffix("_samples.jsonl") + ".json")
    aggregate = (read_object(beside) if beside != path and beside.is_file() else None) or {}
    results = list(map(mapping, aggregate["evaluation_results"])) if is_aggregate(aggregate) else []
    totals = {_name(r): number(mapping(r.get("score_details")).get("score")) for r in results}
    return Log(
        harness="eee",
        outputs=_outputs(path, rows),
        settings={
            "library": plain(aggregate.get("eval_library")),
            "generation": plain(results[0].get("generation_config")),
        }
        if results
        else {},
        reported={name: value for name, value in totals.items() if value is not None},
    )


def _name(row: Mapping[str, Any]) -> str:
    return text_of(row.get("evaluation_result_id")) or text_of(row.get("evaluation_name")) or "score"


_Group = list[tuple[int, int, Mapping[str, Any]]]


def _outputs(path: Path, rows: Iterable[Numbered]) -> Iterator[Output]:
    """Join the k-th record of a sample in one result with its k-th records in the others."""
    groups: dict[tuple[str, int], _Group] = {}
    seen: dict[tuple[str, str], int] = {}
    for position, (line, row) in enumerate(rows):
        if not is_eee(row):
            raise BadInput(f"{path} row {line} is no instance record as the rows before it; is the file mixed?")
        sample, name = repr(row["sample_id"]), _name(row)
        repeat = seen.get((sample, name), 0)
        seen[sample, name] = repeat + 1
        groups.setdefault((sample, repeat), []).append((position, line, row))
    for (_, repeat), group in groups.items():
        yield _output(path, group, repeat)


def _output(path: Path, group: _Group, repeat: int) -> Output:
    position, line, row = max(group, key=lambda member: len(_texts(member[2])[0]))  # the least cut down of the texts
    text, reasoning = _texts(row)
    asked = mapping(row.get("input"))
    prompt = text_of(asked.get("formatted"))
    usage = mapping(row.get("token_usage"))
    generated = count(usage.get("output_tokens"))
    output = Output(
        where=f"{path} row {line}",
        position=position,
        text=text,
        row={},
        item_id=text_of(row["sample_id"]),
        gold=next(iter(flat(asked.get("reference"))), None),
        question=text_of(asked.get("raw")),
        prompt=prompt or text_of(asked.get("raw")),
        choices=options_of(asked.get("choices")),
        inside=opens_reasoning(prompt),
        reasoning=reasoning,
        model=text_of(row.get("model_id")),
        tokens=Tokens()
        if generated is None
        else Tokens(
            prompt=count(usage.get("input_tokens")),
            reasoning=count(usage.get("reasoning_tokens")),
            completion=generated,
            counted_by="recorded",
        ),
        seconds=_seconds(mapping(row.get("performance"))),
        error=text_of(row.get("error")),
        # A score of another text, such as another filter's answer, says nothing of this one.
        scores={_name(r): _right(r) if _texts(r)[0] == text else None for _, _, r in group},
        answers={_name(r): answer for _, _, r in group if (answer := _extracted(r)) is not None},
        repeat=repeat,
    )
    return restore(output, mapping(row.get("metadata")).get(ENVELOPE))


def _texts(row: Mapping[str, Any]) -> tuple[str, str | None]:
    """Return text and reasoning: of the output, or of the last assistant's turn with content."""
    output = mapping(row.get("output"))
    turns = row.get("messages")
    if not output and isinstance(turns, list):
        said = [m for m in map(mapping, turns) if m.get("role") == "assistant" and isinstance(m.get("content"), str)]
        return (text_of(said[-1]["content"]) or "", text_of(said[-1].get("reasoning_trace"))) if said else ("", None)
    thoughts = flat(output.get("reasoning_trace"))
    return "\n".join(flat(output.get("raw"))), "\n".join(thoughts) if thoughts else None


def _seconds(performance: Mapping[str, Any]) -> float | None:
    milliseconds = number(performance.get("latency_ms"))
    return None if milliseconds is None else milliseconds / 1000


def _right(row: Mapping[str, Any]) -> float | None:
    evaluation = mapping(row.get("evaluation"))
    right = evaluation.get("is_correct")
    return float(right) if isinstance(right, bool) else number(evaluation.get("score"))


def _extracted(row: Mapping[str, Any]) -> str | None:
    listed = row.get("answer_attribution")
    last = mapping(listed[-1]) if isinstance(listed, list) and listed else {}
    return text_of(last.get("extracted_value"))
