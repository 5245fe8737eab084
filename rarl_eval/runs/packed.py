"""How a record lies in a run's database: its text once, as it is, behind what is said of it.

Reasoning and answer are mostly parts of the text. Where they are, only their places are written: the record,
``[reasoning from, to, answer from, to]`` and the text, each from a line's beginning (JSON as it is written here holds
no line end). Older databases, whose records are whole JSON, are read as well; older versions refuse the new ones and do
not misread them.
"""

import msgspec

from rarl_eval.types import Record

_RECORD = msgspec.json.Decoder(Record)
_PLACES = msgspec.json.Decoder(tuple[int, int, int, int])
_LINE = b"\n"
_APART = (-1, -1)
"""What is no part of the text stands in the record."""


def packed(record: Record) -> bytes:
    """Return what is written for a record."""
    trace = record.trace
    if not trace.text:
        return msgspec.json.encode(record)
    thought = _APART if trace.reasoning is None else _place(trace.text, trace.reasoning)
    said = _place(trace.text, trace.answer)
    bare = msgspec.structs.replace(
        trace,
        text="",
        reasoning=trace.reasoning if thought == _APART else None,
        answer=trace.answer if said == _APART else "",
    )
    head = msgspec.json.encode(msgspec.structs.replace(record, trace=bare))
    return _LINE.join((head, msgspec.json.encode((*thought, *said)), trace.text.encode()))


def unpacked(blob: bytes | str) -> Record:
    """Return the record of what was written; raises msgspec.MsgspecError for what is none.

    A damaged database may hold text where bytes were written.
    """
    blob = blob.encode() if isinstance(blob, str) else blob
    head, apart, rest = blob.partition(_LINE)
    record = _RECORD.decode(head)
    if not apart:
        return record
    places, _, raw = rest.partition(_LINE)
    thought_from, thought_to, said_from, said_to = _PLACES.decode(places)
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        raise msgspec.DecodeError(f"its text is not UTF-8: {error}") from error
    trace = msgspec.structs.replace(
        record.trace,
        text=text,
        reasoning=record.trace.reasoning if thought_from < 0 else text[thought_from:thought_to],
        answer=record.trace.answer if said_from < 0 else text[said_from:said_to],
    )
    return msgspec.structs.replace(record, trace=trace)


def _place(text: str, part: str) -> tuple[int, int]:
    """Where a part stands in a text: at its end, where answers stand, else the first copy."""
    begins = len(text) - len(part) if text.endswith(part) else text.find(part)
    return _APART if begins < 0 else (begins, begins + len(part))
