"""Plain data, as JSON holds it: one way to make it, and one to hash it."""

import hashlib
from math import isfinite
from pathlib import Path
from typing import Any

import msgspec

SIGNIFICANT_DIGITS = 10
"""Floats are rounded so that another order of summation inside a library cannot change a file."""


def digest(value: Any) -> str:
    """Hash any data that JSON can hold: blake2b of canonical JSON, 32 hex digits; the order of keys is nothing."""
    return hashlib.blake2b(msgspec.json.encode(value, order="sorted"), digest_size=16).hexdigest()


def file_hash(path: Path) -> str:
    """SHA-256 of a file's bytes, as hex digits."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def plain_data(found: Any) -> dict[str, Any]:
    """Make an object of structs plain, its floats rounded; raises ValueError for NaN and infinity."""
    plain: dict[str, Any] = _rounded(msgspec.to_builtins(found))
    return plain


def as_read(value: Any) -> Any:
    """Return data as it would be read back from a file."""
    return msgspec.json.decode(msgspec.json.encode(value))


def brief(value: Any, most: int = 160) -> str:
    """Show data in one line of at most so many characters."""
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return text if len(text) <= most else text[: most - 3] + "..."


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        if not isfinite(value):
            raise ValueError("a report may hold no NaN or infinity")
        return float(f"{value:.{SIGNIFICANT_DIGITS}g}")
    if isinstance(value, dict):
        return {key: _rounded(v) for key, v in value.items()}
    return [_rounded(v) for v in value] if isinstance(value, list | tuple) else value
