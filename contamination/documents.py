"""The text of one row: its strings and numbers in order, or only the fields that were asked for."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from rarl_eval.contamination.readers import Block

DEEPEST = 64
"""Levels of nesting that are followed; what lies deeper is scanned as raw text."""

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
        return "\n\n".join(_leaves(value, 0) if not fields else _chosen(value, fields))
    except RecursionError:
        return None


def has_field(value: Any, field: str) -> bool:
    """Whether a row has a field, given by name or as a path with dots; lists are entered."""
    return next(_at(value, field.split(".")), None) is not None


def text_fields(block: Block, most: int = 200) -> list[str]:
    """Names of the fields that hold text in the first rows of a block, for the user to see."""
    names: dict[str, None] = {}
    for line in block.data.split(b"\n", most)[:most]:
        value = parse(line) if line.strip() else None
        if isinstance(value, dict):
            names.update((name, None) for name, v in value.items() if any(isinstance(x, str) for x in _values(v, 0)))
    return list(names)


def _values(value: Any, depth: int) -> Iterator[Any]:
    if depth > DEEPEST:
        raise RecursionError
    if isinstance(value, dict):
        for inner in value.values():
            yield from _values(inner, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            yield from _values(inner, depth + 1)
    else:
        yield value


def _leaves(value: Any, depth: int) -> Iterator[str]:
    for leaf in _values(value, depth):
        if isinstance(leaf, str):
            yield leaf
        elif isinstance(leaf, int | float) and not isinstance(leaf, bool):
            yield str(leaf)


def _chosen(value: Any, fields: Sequence[str]) -> Iterator[str]:
    for field in fields:
        for found in _at(value, field.split(".")):
            yield from _leaves(found, 0)


def _at(value: Any, path: list[str]) -> Iterator[Any]:
    if not path:
        yield value
    elif isinstance(value, list):
        for inner in value[:100_000]:
            yield from _at(inner, path)
    elif isinstance(value, dict) and path[0] in value:
        yield from _at(value[path[0]], path[1:])
