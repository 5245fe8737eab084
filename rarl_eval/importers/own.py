"""The program's own exports: what no other format has a place for travels in one JSON string, the envelope.

``seal`` writes it and ``restore`` reads it back, so that an export imported again is the same records. The texts are
not in it: they stand where the format has them, and are what is judged.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from rarl_eval.errors import BadInput
from rarl_eval.files.rows import Numbered
from rarl_eval.importers.outputs import Log, Output, text_of
from rarl_eval.types import Record

ENVELOPE = "rarl_eval"
"""Name of the field or column that holds the envelope."""


class Envelope(msgspec.Struct, frozen=True, kw_only=True):
    """What of a record other formats cannot hold."""

    record: Record
    """The record with its three texts left empty."""
    apart: bool
    """Whether the reasoning was given apart from the text, not marked in it."""
    inside: bool
    """Whether the whole text is reasoning that the prompt had opened and nothing closed."""


_decode = msgspec.json.Decoder(Envelope).decode


def seal(record: Record) -> str:
    """Return a record's envelope as JSON."""
    trace = record.trace
    bare = msgspec.structs.replace(trace, text="", answer="", reasoning=None)
    inside = trace.text != "" and trace.answer == "" and trace.reasoning == trace.text
    apart = trace.reasoning is not None and trace.answer == trace.text
    envelope = Envelope(record=msgspec.structs.replace(record, trace=bare), apart=apart, inside=inside)
    return msgspec.json.encode(envelope).decode()


def restore(output: Output, envelope: Any) -> Output:
    """Return the output with the record of its envelope; as it is where there is none that can be read."""
    if not isinstance(envelope, str):
        return output
    try:
        found = _decode(envelope)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):  # edited or foreign: the plain fields still stand
        return output
    trace = found.record.trace
    right = found.record.verdict.correct if found.record.verdict else None
    return msgspec.structs.replace(
        output,
        item_id=trace.key,
        question=None,
        prompt=None,
        row={},
        inside=found.inside,
        reasoning=output.reasoning if found.apart else None,
        model=trace.model,
        scores={} if right is None else {"rarl-eval": float(right)},
        answers={},
        recorded=found.record,
    )


def is_own(row: dict[str, Any]) -> bool:
    """Whether a row is one of this program's exported tables."""
    return {ENVELOPE, "text", "key", "sample"} <= row.keys()


def read_own(path: Path, rows: Iterable[Numbered]) -> Log:
    """Read an exported table."""
    return Log(harness="rarl-eval", outputs=_outputs(path, rows))


def _outputs(path: Path, rows: Iterable[Numbered]) -> Iterator[Output]:
    for position, (line, row) in enumerate(rows):
        where = f"{path} row {line}"
        if not isinstance(row.get("text"), str):
            raise BadInput(f"{where} has no text; was the export edited?")
        output = Output(
            where=where,
            position=position,
            text=text_of(row["text"]) or "",
            row={},
            item_id=text_of(row.get("key")),
            reasoning=text_of(row.get("reasoning")),
            model=text_of(row.get("model")),
        )
        yield restore(output, row.get(ENVELOPE))
