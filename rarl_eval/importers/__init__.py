"""Outputs that another harness recorded, read as they are: one Output per text a model wrote.

Logs of other programs and this program's own exports are recognised by what a file holds, not by its name, and none
of those packages is imported; anything else is rows with a text field, found by name or given. ``formats.py`` lists
the formats of one file each; those that take more (several rows an output, archives) are told apart here. Which item
an output answers is found out separately (identity/).
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, get_args

from rarl_eval.errors import BadInput
from rarl_eval.files.rows import Numbered, read_rows, suffix_of
from rarl_eval.importers import readers, shipped
from rarl_eval.importers.batches import is_request
from rarl_eval.importers.eee import is_aggregate, is_eee, read_eee
from rarl_eval.importers.formats import FORMATS, recognised, rows_of
from rarl_eval.importers.generic import TEXT_FIELDS, read_rows_of_texts
from rarl_eval.importers.inspect import is_archive, is_inspect, read_inspect_archive, read_inspect_json
from rarl_eval.importers.lighteval import is_lighteval, read_lighteval
from rarl_eval.importers.lm_eval import is_lm_eval, is_results, read_lm_eval
from rarl_eval.importers.outputs import Fields, Format, Log, Output, Unreadable, read_object, value_at
from rarl_eval.importers.own import is_own, read_own
from rarl_eval.importers.readers import LogReader

__all__ = [
    "TEXT_FIELDS",
    "TOTALS",
    "Fields",
    "Format",
    "Log",
    "LogReader",
    "Output",
    "read_log",
    "read_outputs",
    "value_at",
]

TOTALS = "totals"
"""Harness of a file without outputs that comes along with another: ``results_*.json``, an aggregate, requests."""

_TESTS = {"rarl-eval": is_own, "lm-eval": is_lm_eval, "lighteval": is_lighteval, "eee": is_eee}

_WHAT = {
    "lm-eval": "lm-eval samples file: its rows have no 'resps' and 'doc' (--log_samples writes them)",
    "inspect": "inspect log: it is neither a zip archive nor an object with 'eval' and 'samples'",
    "lighteval": "lighteval details file: its rows have no 'doc', 'model_response' and 'metric' (--save-details)",
    "eee": "Every Eval Ever instance file: its rows have no 'evaluation_id', 'sample_id' and 'evaluation'",
    "rarl-eval": "table exported by rarl-eval: its rows have no 'rarl_eval' column",
}
"""What a file is not, when its format was given and its content is another."""


def read_log(path: Path, form: str = "auto", fields: Fields | None = None) -> Log:
    """Open a file of recorded outputs; they are read as ``Log.outputs`` is consumed.

    ``form`` is a Format, one of FORMATS, the name of an installed reader, or the path of a file that holds one. Raises
    BadInput or MissingField naming file and row, then or while they are read.
    """
    fields = fields or Fields()
    if form not in {*get_args(Format), *FORMATS}:
        return readers.read(readers.named(form), path)
    if form == "auto" and fields.text is None:
        reader = readers.recognised(path, partial(_first, path))
        if reader is not None:
            return readers.read(reader, path)
    whole = _whole(path, form)
    if whole is not None and (form == "auto" or whole.harness in {form, TOTALS}):
        return whole
    torn: list[Unreadable] = []
    rows = rows_of(path, lambda line, why: torn.append(Unreadable(f"{path} line {line}", why)))
    first = next(rows, None)
    if first is None:
        raise BadInput(f"{path} holds no rows")
    return _told(_of_rows(path, form, fields, first[1], _again(first, rows)), torn)


def _of_rows(path: Path, form: str, fields: Fields, first: dict[str, Any], again: Iterator[Numbered]) -> Log:
    """Read a file of rows, by the first of them."""
    # A field named by the user wins over what the file looks like.
    seen = form if form in FORMATS else "jsonl" if fields.text is not None else _recognised(first)
    if seen == TOTALS:
        return Log(harness=TOTALS, outputs=iter(()))
    if seen in FORMATS and form in {"auto", seen}:
        return shipped.read(FORMATS[seen], path, again, fields)
    if form not in {"auto", "jsonl", seen}:
        raise BadInput(f"{path} is no {_WHAT[form]}")
    return _READ.get("jsonl" if form == "jsonl" else seen, read_rows_of_texts)(path, again, fields)


_READ: dict[str, Callable[[Path, Iterator[Numbered], Fields], Log]] = {
    "lm-eval": read_lm_eval,
    "lighteval": lambda path, rows, _: read_lighteval(path, rows),
    "eee": lambda path, rows, _: read_eee(path, rows),
    "rarl-eval": lambda path, rows, _: read_own(path, rows),
}


def _told(log: Log, torn: list[Unreadable]) -> Log:
    """Return a log that tells of a last line that breaks off, once it is read to its end."""

    def outputs() -> Iterator[Output]:
        yield from log.outputs
        log.unread.extend(torn)

    return replace(log, outputs=outputs())


def read_outputs(path: Path, form: str = "auto", fields: Fields | None = None) -> Iterator[Output]:
    """Yield every output of a file; raises BadInput or MissingField naming file and row."""
    return read_log(path, form, fields).outputs


def _whole(path: Path, form: str) -> Log | None:
    """Read a file that is one object or archive; None for a file of rows."""
    if form == "jsonl":
        return None
    if path.is_file() and is_archive(path):
        return read_inspect_archive(path)
    value = read_object(path) if suffix_of(path) == ".json" and path.is_file() else None
    if value is None:
        return None
    if is_results(value) or is_aggregate(value):
        return Log(harness=TOTALS, outputs=iter(()))
    return read_inspect_json(path, value) if is_inspect(value) else None


def _first(path: Path) -> dict[str, Any] | None:
    """First row of a file; None for one that is not rows."""
    try:
        return next((row for _, row in read_rows(path)), None)
    except BadInput:
        return None


def _recognised(row: dict[str, Any]) -> str:
    known = next((name for name, test in _TESTS.items() if test(row)), None)
    found = None if known else recognised(row)
    if known or found:
        return known or (found.name if found else "")
    return TOTALS if is_request(row) else "jsonl"


def _again(first: Numbered, rest: Iterator[Numbered]) -> Iterator[Numbered]:
    yield first
    yield from rest
