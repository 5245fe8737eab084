"""``--model-arg K=V`` pairs, typed as a back-end's Python arguments, and what a model given by its folder is called."""

import json
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from rarl_eval.errors import BadInput
from rarl_eval.files.plain import digest


def parse_arguments(options: Iterable[str]) -> dict[str, str]:
    """Read ``K=V`` options."""
    found: dict[str, str] = {}
    for option in options:
        name, equals, value = option.partition("=")
        if not name or not equals:
            raise BadInput(f"--model-arg {option!r} is not NAME=VALUE")
        found[name] = value
    return found


def parse_headers(options: Iterable[str]) -> dict[str, str]:
    """Read ``NAME:VALUE`` options; a value ``env:VARIABLE`` is taken from there, so that no key stands in a command."""
    found: dict[str, str] = {}
    for option in options:
        name, colon, value = (part.strip() for part in option.partition(":"))
        if value.startswith("env:"):
            value = os.environ.get(value.removeprefix("env:"), "")
        if not (colon and value and _HEADER.fullmatch(name) and value.isprintable()):
            raise BadInput(f"--header {name!r} is not NAME:VALUE, or its value is empty or not printable")
        found[name] = value
    return found


_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")


def typed(arguments: Mapping[str, str]) -> dict[str, Any]:
    """Read each value as JSON where it is JSON (numbers, ``true``, objects), else as text."""
    return {name: _value(text) for name, text in arguments.items()}


def label(name: str) -> str:
    """Return a model's name as reports show it: a local folder goes by its own name, not by where it lies."""
    return Path(name).resolve().name if Path(name).is_dir() else name


def files_hash(name: str) -> str | None:
    """Hash of names, sizes and times of a local folder's files, so that retrained weights are another model."""
    if not Path(name).is_dir():
        return None
    files = sorted(p for p in Path(name).rglob("*") if p.is_file())
    return digest([(str(p.relative_to(name)), p.stat().st_size, p.stat().st_mtime_ns) for p in files])


def _value(text: str) -> Any:
    try:
        return json.loads({"True": "true", "False": "false", "None": "null"}.get(text, text))
    except ValueError:
        return text
