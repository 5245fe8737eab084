"""Rows of no known harness: JSONL, JSON, CSV, Parquet or Arrow with a text field, found by name or given."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from rarl_eval.errors import BadInput, MissingField
from rarl_eval.files.rows import Numbered
from rarl_eval.importers.outputs import (
    Fields,
    Output,
    clean,
    count,
    flat,
    found,
    names,
    number,
    score_of,
    text_of,
    value_at,
)
from rarl_eval.types import Tokens

TEXT_FIELDS = ("text", "output", "response", "completion", "generation", "generated", "model_answer", "prediction")
"""Where a model's text stands in recorded rows, in the order tried."""

MODEL_FIELDS = ("model", "generator", "model_name", "model_id")
ID_FIELDS = ("key", "id", "item_id", "doc_id", "task_id", "question_id", "idx")
REASONING_FIELDS = ("reasoning_content",)
"""What OpenAI-compatible servers call the reasoning that stands apart from the text."""
SCORE_FIELDS = ("is_correct", "correct", "passed")
"""The row's own verdict; only a truth value counts as one."""


def read_generic(path: Path, rows: Iterable[Numbered], fields: Fields) -> Iterator[Output]:
    """Yield the outputs of rows; raises MissingField naming file and row for a row without a text."""
    text_field = fields.text
    for position, (line, row) in enumerate(rows):
        text_field = text_field or found(row, TEXT_FIELDS)
        if text_field is None:
            if position == 0 and len(row) == 1:  # some files open with the demonstration that was used
                continue
            raise MissingField(f"{path} row {line} has no text field ({names(row)}); name it with --text-field")
        texts = flat(value_at(row, text_field))
        if not texts:
            if position == 0 and len(row) == 1:
                continue
            raise MissingField(
                f"{path} row {line} has no text in field {text_field!r} ({names(row)}); give --text-field"
            )
        where = f"{path} row {line}"
        for repeat, text in enumerate(texts):
            yield _output(where, position, _of_sample(where, row, fields, repeat, len(texts)), fields, text, repeat)


def _output(where: str, position: int, row: dict[str, Any], fields: Fields, text: str, repeat: int) -> Output:
    id_field = fields.id or found(row, ID_FIELDS)
    if fields.id and value_at(row, fields.id) is None:
        raise MissingField(f"{where} has no field {fields.id!r} ({names(row)}); give --id-field")
    tokens = count(value_at(row, fields.tokens)) if fields.tokens else None
    reasoning = fields.reasoning or found(row, REASONING_FIELDS)
    return Output(
        where=where,
        position=position,
        text=text,
        row=row,
        item_id=text_of(value_at(row, id_field)) if id_field else None,
        gold=text_of(value_at(row, fields.gold)) if fields.gold else None,
        question=text_of(value_at(row, fields.question)) if fields.question else None,
        reasoning=text_of(value_at(row, reasoning)) if reasoning else None,
        model=text_of(row.get(found(row, MODEL_FIELDS) or "")),
        tokens=Tokens(completion=tokens, counted_by=None if tokens is None else "recorded"),
        stop=text_of(value_at(row, fields.stop)) if fields.stop else None,
        rewards={clean(name): _reward(value_at(row, field)) for name, field in fields.rewards.items()},
        scores=_scores(row, fields),
        repeat=repeat,
    )


def _of_sample(where: str, row: dict[str, Any], fields: Fields, repeat: int, texts: int) -> dict[str, Any]:
    """Return the row as it speaks of one of its texts: a list with one value for each gives that text's own.

    Raises BadInput for a list of another length in a field that was named.
    """
    named = [*fields.rewards.values(), fields.score, fields.tokens, fields.stop, fields.reasoning]
    lists = {n: v for n in [*named, *SCORE_FIELDS] if n and isinstance(v := value_at(row, n), list)}
    lists = {n: v for n, v in lists.items() if n in named or len(v) == texts}  # what nobody named may mean anything
    for name, value in lists.items():
        if len(value) != texts:
            raise BadInput(
                f"{where} has {len(value)} values in {name!r} and {texts} texts; give one for each text, or add scores "
                "of steps with rarl-eval reward -w recorded:FILE#COLUMN"
            )
    return {**row, **{name: value[repeat] for name, value in lists.items()}} if lists else row


def _reward(value: Any) -> float | None:
    """Read a recorded reward; a CSV cell is text."""
    try:
        return number(float(value)) if isinstance(value, str) else number(value)
    except ValueError:
        return None


def _scores(row: dict[str, Any], fields: Fields) -> dict[str, float | None]:
    if fields.score:
        return {clean(fields.score): score_of(value_at(row, fields.score))}
    name = next((n for n in SCORE_FIELDS if isinstance(row.get(n), bool)), None)
    return {name: float(row[name])} if name else {}
