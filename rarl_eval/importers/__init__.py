"""Outputs that another harness recorded, read as they are: one Output per text a model wrote.

lm-eval's ``samples_*.jsonl`` is recognised by its fields; anything else is rows with a text field, found by name or
given. Which item an output answers is matched separately (match.py).
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

import msgspec

from rarl_eval.errors import BadInput, MissingField
from rarl_eval.rows import read_rows
from rarl_eval.types import Tokens

Format = Literal["auto", "jsonl", "lm-eval"]

TEXT_FIELDS = ("text", "output", "response", "completion", "generation", "generated", "model_answer", "prediction")
"""Where a model's text stands in recorded rows, in the order tried."""

MODEL_FIELDS = ("model", "generator", "model_name", "model_id")
ID_FIELDS = ("key", "id", "item_id", "doc_id", "task_id", "question_id", "idx")


class Fields(msgspec.Struct, frozen=True, kw_only=True):
    """Which field means what; None is found out. A dotted name reaches into objects: ``175b.solution``."""

    text: str | None = None
    id: str | None = None
    gold: str | None = None
    question: str | None = None
    reasoning: str | None = None
    tokens: str | None = None
    stop: str | None = None
    rewards: dict[str, str] = {}
    """Reward name to the field of its recorded score."""


class Output(msgspec.Struct, frozen=True, kw_only=True):
    """One recorded text, before it is matched to an item."""

    where: str
    """File and row, for messages."""
    position: int
    """Row position in its file, from 0, demonstrations and blank lines included."""
    text: str
    row: dict[str, Any]
    item_id: str | None = None
    gold: str | None = None
    question: str | None = None
    reasoning: str | None = None
    model: str | None = None
    tokens: Tokens = Tokens()
    stop: str | None = None
    rewards: dict[str, float | None] = {}
    repeat: int = 0
    """Which of several texts of one row."""


def read_outputs(path: Path, form: Format = "auto", fields: Fields | None = None) -> Iterator[Output]:
    """Yield every output of a file; raises BadInput or MissingField naming file and row."""
    fields = fields or Fields()
    rows = read_rows(path)
    first = next(rows, None)
    if first is None:
        raise BadInput(f"{path} holds no rows")
    is_lm_eval = {"resps", "doc"} <= first[1].keys()
    if form == "lm-eval" and not is_lm_eval:
        raise BadInput(
            f"{path} is no lm-eval samples file: its rows have no 'resps' and 'doc' (--log_samples writes them)"
        )
    # A field named by the user wins over what the file looks like.
    if is_lm_eval and form != "jsonl" and fields.text is None:
        return _lm_eval(path, _again(first, rows), fields)
    return _generic(path, _again(first, rows), fields)


def value_at(row: Mapping[str, Any], name: str) -> Any:
    """Value at a dotted path; a key that itself holds dots wins. None where there is none."""
    if name in row:
        return row[name]
    value: Any = row
    for part in name.split("."):
        if not isinstance(value, Mapping) or part not in value:
            return None
        value = value[part]
    return value


def _again(
    first: tuple[int, dict[str, Any]], rest: Iterator[tuple[int, dict[str, Any]]]
) -> Iterator[tuple[int, dict[str, Any]]]:
    yield first
    yield from rest


def _lm_eval(path: Path, rows: Iterable[tuple[int, dict[str, Any]]], fields: Fields) -> Iterator[Output]:
    """lm-eval writes a row per filter with the same texts; the first filter's row stands for all."""
    seen: set[Any] = set()
    for position, (number, row) in enumerate(rows):
        doc_id = row.get("doc_id", position)
        if doc_id in seen:
            continue
        seen.add(doc_id)
        texts = _flat(row["resps"])
        if not texts:
            raise BadInput(f"{path} row {number} has no text in 'resps'; is it a generation task?")
        for repeat, text in enumerate(texts):
            yield Output(
                where=f"{path} row {number}",
                position=position,
                text=text,
                row=row,
                item_id=_text(value_at(row, fields.id)) if fields.id else _text(doc_id),
                gold=_text(value_at(row, fields.gold)) if fields.gold else None,
                question=_text(value_at(row, fields.question)) if fields.question else None,
                repeat=repeat,
            )


def _generic(path: Path, rows: Iterable[tuple[int, dict[str, Any]]], fields: Fields) -> Iterator[Output]:
    text_field = fields.text
    for position, (number, row) in enumerate(rows):
        text_field = text_field or _found(row, TEXT_FIELDS)
        if text_field is None:
            if position == 0 and len(row) == 1:  # some files open with the demonstration that was used
                continue
            raise MissingField(f"{path} row {number} has no text field ({_names(row)}); name it with --text-field")
        value = value_at(row, text_field)
        texts = _flat(value)
        if not texts:
            if position == 0 and len(row) == 1:
                continue
            raise MissingField(
                f"{path} row {number} has no text in field {text_field!r} ({_names(row)}); give --text-field"
            )
        for repeat, text in enumerate(texts):
            yield _output(path, number, position, row, fields, text, repeat)


def _output(
    path: Path, number: int, position: int, row: dict[str, Any], fields: Fields, text: str, repeat: int
) -> Output:
    id_field = fields.id or _found(row, ID_FIELDS)
    if fields.id and value_at(row, fields.id) is None:
        raise MissingField(f"{path} row {number} has no field {fields.id!r} ({_names(row)}); give --id-field")
    tokens = value_at(row, fields.tokens) if fields.tokens else None
    count = tokens if isinstance(tokens, int) and not isinstance(tokens, bool) else None
    return Output(
        where=f"{path} row {number}",
        position=position,
        text=text,
        row=row,
        item_id=_text(value_at(row, id_field)) if id_field else None,
        gold=_text(value_at(row, fields.gold)) if fields.gold else None,
        question=_text(value_at(row, fields.question)) if fields.question else None,
        reasoning=_text(value_at(row, fields.reasoning)) if fields.reasoning else None,
        model=_text(row.get(_found(row, MODEL_FIELDS) or "")),
        tokens=Tokens(completion=count, counted_by=None if count is None else "recorded"),
        stop=_text(value_at(row, fields.stop)) if fields.stop else None,
        rewards={name: _number(value_at(row, field)) for name, field in fields.rewards.items()},
        repeat=repeat,
    )


def _found(row: Mapping[str, Any], names: Iterable[str]) -> str | None:
    return next((name for name in names if row.get(name) is not None), None)


def _flat(value: Any) -> list[str]:
    """Texts in a string or in nested lists of strings, in order."""
    if isinstance(value, str):
        return [value]
    return [text for part in value for text in _flat(part)] if isinstance(value, list) else []


def _text(value: Any) -> str | None:
    return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else None


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def _names(row: Mapping[str, Any]) -> str:
    return "it has " + ", ".join(sorted(map(str, row))[:12])
