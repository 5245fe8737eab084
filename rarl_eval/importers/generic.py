"""Rows of no known harness: JSONL, JSON, CSV, Parquet or Arrow with a text field, found by name or given.

A row may hold several texts in a list; what stands beside it in lists of the same length is theirs one by one. A first
row of another shape (a demonstration, a header) is told and left out; any other row without a text ends the reading.
"""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from rarl_eval.errors import BadInput, MissingField
from rarl_eval.files.rows import Numbered
from rarl_eval.importers.outputs import (
    Fields,
    Log,
    Output,
    Unreadable,
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

TEXT_FIELDS = (
    "text", "output", "response", "completion", "generation", "generated", "model_answer", "prediction",
    "texts", "outputs", "responses", "completions", "generations", "predictions",
)  # fmt: skip
"""Where a model's text stands in recorded rows, in the order tried."""

MODEL_FIELDS = ("model", "generator", "model_name", "model_id")
ID_FIELDS = ("key", "id", "item_id", "doc_id", "task_id", "question_id", "idx")
REASONING_FIELDS = ("reasoning_content",)
"""What OpenAI-compatible servers call the reasoning that stands apart from the text."""
SCORE_FIELDS = ("is_correct", "correct", "passed")
"""The row's own verdict; only a truth value counts as one."""
STOP_FIELDS = ("finish_reason", "stop_reason", "finish_reasons", "stop_reasons")
ERROR_FIELDS = ("error", "error_message", "exception")
"""Why a call failed; it did where the text beside it is empty."""


def read_rows_of_texts(path: Path, rows: Iterable[Numbered], fields: Fields) -> Log:
    """Read rows; those that are told and left out are in ``Log.unread``."""
    unread: list[Unreadable] = []
    return Log(harness="jsonl", outputs=read_generic(path, rows, fields, unread), unread=unread)


def read_generic(
    path: Path, rows: Iterable[Numbered], fields: Fields, unread: list[Unreadable] | None = None
) -> Iterator[Output]:
    """Yield the outputs of rows; raises MissingField naming file and row for a row without a text.

    A first row of another shape goes into ``unread``; where the second has no text either, the first is named.
    """
    text_field, held = fields.text, None
    for position, (line, row) in enumerate(rows):
        text_field = text_field or found(row, TEXT_FIELDS)
        texts = _texts(value_at(row, text_field)) if text_field else []
        failed = None if any(text.strip() for text in texts) else _failed(row, fields)
        if texts or failed:
            if held is not None and unread is not None:
                unread.append(Unreadable(held[0], f"{held[1]}, as the rows after it have"))
            held = None
            texts = texts or [""]
            for repeat, text in enumerate(texts):
                yield _output(f"{path} row {line}", position, row, fields, text, repeat, len(texts))
            continue
        where = f"{path} row {line}"
        has = "has no text field" if text_field is None else f"has no text in field {text_field!r}"
        if held is None and position == 0:
            held = (where, f"{has} ({names(row)})")
            continue
        where, has = held or (where, f"{has} ({names(row)})")
        raise MissingField(f"{where} {has}; name it with --text-field")
    if held is not None:
        raise MissingField(f"{held[0]} {held[1]}; name it with --text-field")


def _texts(value: Any) -> list[str]:
    """Return the texts of a field; among several a null is a text that is missing, and keeps its place."""
    if isinstance(value, list) and None in value and any(isinstance(part, str) for part in value):
        value = ["" if part is None else part for part in value]
    return flat(value)


def _beside(where: str, row: dict[str, Any], name: str, repeat: int, of: int) -> Any:
    """Return what stands in a field for the k-th of a row's texts: its k-th element, where it is a list of as many."""
    value = value_at(row, name)
    if not isinstance(value, list) or (of == 1 and len(value) != 1):
        return value
    if len(value) != of:
        raise BadInput(f"{where} has {of} texts and {len(value)} values in {name!r}; both must be as many")
    return value[repeat]


def _failed(row: dict[str, Any], fields: Fields) -> str | None:
    name = fields.stop or found(row, STOP_FIELDS)
    return _error(row, text_of(value_at(row, name)) if name else None)


def _error(row: dict[str, Any], stop: str | None) -> str | None:
    """Why the call of a row without a text failed; None where nothing says that it did."""
    name = found(row, ERROR_FIELDS)
    if name is not None and row[name] not in ("", False, [], {}):
        return text_of(row[name]) or clean(str(row[name]))[:500]
    return "the log says that the call failed" if stop is not None and stop.lower() == "error" else None


def _output(where: str, position: int, row: dict[str, Any], fields: Fields, text: str, repeat: int, of: int) -> Output:
    id_field = fields.id or found(row, ID_FIELDS)
    if fields.id and value_at(row, fields.id) is None:
        raise MissingField(f"{where} has no field {fields.id!r} ({names(row)}); give --id-field")

    def beside(name: str | None) -> Any:
        return _beside(where, row, name, repeat, of) if name else None

    item_id = text_of(value_at(row, id_field)) if id_field else None
    tokens = count(beside(fields.tokens))
    stop = text_of(beside(fields.stop or found(row, STOP_FIELDS)))
    return Output(
        where=where,
        position=position,
        text=text,
        row=row,
        item_id=item_id,
        vouched=bool(fields.id and item_id and not item_id.strip().lstrip("-").isdecimal()),
        gold=text_of(value_at(row, fields.gold)) if fields.gold else None,
        question=text_of(value_at(row, fields.question)) if fields.question else None,
        reasoning=text_of(beside(fields.reasoning or found(row, REASONING_FIELDS))),
        model=text_of(row.get(found(row, MODEL_FIELDS) or "")),
        tokens=Tokens(completion=tokens, counted_by=None if tokens is None else "recorded"),
        stop=stop,
        error=None if text.strip() else _error(row, stop),
        rewards={clean(name): _reward(beside(field)) for name, field in fields.rewards.items()},
        scores=_scores(row, fields, beside),
        repeat=repeat,
    )


def _reward(value: Any) -> float | None:
    """Read a recorded reward; a CSV cell is text."""
    try:
        return number(float(value)) if isinstance(value, str) else number(value)
    except ValueError:
        return None


def _scores(row: dict[str, Any], fields: Fields, beside: Callable[[str], Any]) -> dict[str, float | None]:
    if fields.score:
        return {clean(fields.score): score_of(beside(fields.score))}
    known = ((name, beside(name)) for name in SCORE_FIELDS if isinstance(row.get(name), bool | list))
    return next(({name: float(value)} for name, value in known if isinstance(value, bool)), {})
