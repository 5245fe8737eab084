"""The text of one row: its strings and numbers in order, or only the fields that were asked for."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from rarl_eval.contamination.corpus.readers import Block

SEPARATOR = "\n\n"
DEEPEST = 64
"""Levels of nesting that are followed; what lies deeper is scanned as raw text."""

Place = tuple[str | int, ...]
"""Names and positions that lead from a row to one of its values."""

_decode = msgspec.json.Decoder().decode


def parse(line: bytes) -> Any:
    """Value of a JSON line; None for what cannot be parsed or nests without end."""
    try:
        return _decode(line)
    except (ValueError, RecursionError):
        try:  # msgspec refuses lone surrogates and NaN, which real files hold
            return json.loads(line.decode("utf-8", "replace"))
        except (ValueError, RecursionError):
            return None


def text_of(value: Any, fields: Sequence[str] = ()) -> str | None:
    """Strings and numbers of a row, a paragraph each so that no word goes on in the next; None if it nests too deep."""
    try:
        return SEPARATOR.join(text for _, text in leaves(value, fields))
    except RecursionError:
        return None


def has_field(value: Any, field: str) -> bool:
    """Whether a row has a field, given by name or as a path with dots; lists are entered."""
    return next((v for _, v in _at(value, field.split("."), ())), None) is not None


def text_fields(block: Block, most: int = 200) -> list[str]:
    """Names of the fields that hold text in the first rows of a block, for the user to see."""
    names: dict[str, None] = {}
    for line in block.data.split(b"\n", most)[:most]:
        value = parse(line) if line.strip() else None
        if isinstance(value, dict):
            names.update(
                (name, None) for name, v in value.items() if any(isinstance(x, str) for _, x in _values(v, ()))
            )
    return list(names)


def texts(block: Block, fields: Sequence[str] = ()) -> Iterator[tuple[int, str, str]]:
    """First byte, name and text of each document of a block; one that cannot be parsed is its own raw text.

    Nothing is given of a document that lacks the fields asked for. What comes in pieces is a document a piece.
    """
    if not block.json:
        if not fields:
            yield 0, block.name, block.data.decode("utf-8", "replace")
        return
    begin = 0
    for number, line in enumerate(block.data.split(b"\n"), start=block.line or 0):
        if line.strip():
            value = None if block.piece else parse(line)
            text = text_of(value, fields) if value is not None else None
            if text is None and not fields:
                text = line.decode("utf-8", "replace")
            if text:
                yield begin, f"{block.name}:{number}" if block.line is not None else block.name, text
        begin += len(line) + 1


def leaves(value: Any, fields: Sequence[str] = ()) -> Iterator[tuple[Place, str]]:
    """Strings and numbers of a row in order, as text, with where they are; RecursionError where it nests too deep."""
    roots = (found for field in fields for found in _at(value, field.split("."), ())) if fields else [((), value)]
    for root, inner in roots:
        for place, leaf in _values(inner, root):
            if isinstance(leaf, str):
                yield place, leaf
            elif isinstance(leaf, int | float) and not isinstance(leaf, bool):
                yield place, str(leaf)


def _values(value: Any, place: Place) -> Iterator[tuple[Place, Any]]:
    if len(place) > DEEPEST:
        raise RecursionError
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _values(inner, (*place, name))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _values(inner, (*place, number))
    else:
        yield place, value


def _at(value: Any, path: list[str], place: Place) -> Iterator[tuple[Place, Any]]:
    if not path:
        yield place, value
    elif isinstance(value, list):
        for number, inner in enumerate(value[:100_000]):
            yield from _at(inner, path, (*place, number))
    elif isinstance(value, dict) and path[0] in value:
        yield from _at(value[path[0]], path[1:], (*place, path[0]))
