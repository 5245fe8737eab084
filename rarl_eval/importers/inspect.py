"""inspect_ai's logs: ``.eval`` (a zip of JSON members) and ``.json``, read against inspect_ai 0.3.285's own files.

A sample's epoch is a repeat. Reasoning stands apart from the text in them; redacted reasoning is none. A sample that
ended in an error is a failed call. A log of a run that is not over has its samples and no totals.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from rarl_eval.errors import BadInput
from rarl_eval.files.large import LargeList
from rarl_eval.files.rows import parse_json
from rarl_eval.importers import chat
from rarl_eval.importers.archive import open_archive, read_member
from rarl_eval.importers.outputs import (
    Log,
    Output,
    clean,
    flat,
    mapping,
    number,
    options_of,
    plain,
    score_of,
    text_of,
)
from rarl_eval.types import Tokens

_MEMBER = re.compile(r"samples/(?P<id>.+)_epoch_(?P<epoch>\d{1,9})\.json")
_ATTACHED = "attachment://"


def is_inspect(row: Mapping[str, Any]) -> bool:
    """Whether the one object of a JSON file is an inspect log."""
    return isinstance(row.get("eval"), Mapping) and "status" in row and "version" in row


def is_archive(path: Path) -> bool:
    """Whether a file is a zip archive, by its first bytes."""
    with path.open("rb") as stream:
        return stream.read(4) in {b"PK\x03\x04", b"PK\x05\x06"}


def read_inspect_archive(path: Path) -> Log:
    """Read a ``.eval`` file."""
    with open_archive(path) as archive:
        names = set(archive.namelist())
        header = next((n for n in ("header.json", "_journal/start.json") if n in names), None)
        if header is None:
            raise BadInput(f"{path} is a zip archive without header.json; it is no inspect log")
        described = _object(path, header, read_member(path, archive, header))
        members = sorted(filter(_MEMBER.fullmatch, names), key=_order(described))
    if not members:
        raise BadInput(f"{path} holds no samples: was it written with --no-log-samples, or did its run end before any?")
    return _log(described, _members(path, members))


def read_inspect_json(path: Path, row: Mapping[str, Any]) -> Log:
    """Read a ``.json`` log from its one object."""
    samples = row.get("samples")
    if not isinstance(samples, list | LargeList) or not samples:
        raise BadInput(f"{path} holds no samples: was it written with --no-log-samples, or header only?")
    return _log(row, ((f"{path} sample {n}", mapping(sample)) for n, sample in enumerate(samples, start=1)))


def _order(described: Mapping[str, Any]) -> Any:
    """Sort members by the data set's order where the header lists it, then by epoch."""
    ids = mapping(mapping(described.get("eval")).get("dataset")).get("sample_ids")
    place = {str(i): n for n, i in enumerate(ids)} if isinstance(ids, list) else {}

    def key(name: str) -> tuple[int, str, int]:
        found = _MEMBER.fullmatch(name)
        identity, epoch = (found["id"], int(found["epoch"])) if found else (name, 0)
        return place.get(identity, len(place)), identity, epoch

    return key


def _members(path: Path, members: list[str]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    with open_archive(path) as archive:
        for name in members:
            yield f"{path} member {name}", _object(path, name, read_member(path, archive, name))


def _object(path: Path, name: str, data: bytes) -> Mapping[str, Any]:
    value = parse_json(path, f"member {name}", data)
    if not isinstance(value, dict):
        raise BadInput(f"{path} member {name} is no JSON object")
    return value


def _log(described: Mapping[str, Any], samples: Iterator[tuple[str, Mapping[str, Any]]]) -> Log:
    spec = mapping(described.get("eval"))
    known = {
        "version": mapping(spec.get("packages")).get("inspect_ai"),
        "status": described.get("status"),
        "task": spec.get("task"),
        "task_version": spec.get("task_version"),
        "model_args": spec.get("model_args"),
        "generation": mapping(described.get("plan")).get("config"),
        "created": spec.get("created"),
    }
    return Log(
        harness="inspect",
        outputs=_outputs(samples, text_of(spec.get("model"))),
        settings={name: plain(value) for name, value in known.items() if value not in (None, {})},
        reported=dict(_totals(described)),
    )


def _totals(described: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    """Accuracy or mean of each scorer, under the name its scores have in the samples."""
    scores = mapping(described.get("results")).get("scores")
    for score in map(mapping, scores if isinstance(scores, list) else []):
        metrics = mapping(score.get("metrics"))
        for metric in ("accuracy", "mean"):
            value = number(mapping(metrics.get(metric)).get("value"))
            name = text_of(score.get("name"))
            if value is not None and name:
                yield name, value
                break


def _outputs(samples: Iterator[tuple[str, Mapping[str, Any]]], model: str | None) -> Iterator[Output]:
    for position, (where, sample) in enumerate(samples):
        output = mapping(sample.get("output"))
        listed = output.get("choices")
        choices = list(map(mapping, listed)) if isinstance(listed, list) and listed else [{}]
        for repeat, choice in enumerate(choices):
            yield _output(where, position, sample, output, choice, model, repeat, len(choices))


def _output(
    where: str, position: int, sample: Mapping[str, Any], output: Mapping[str, Any], choice: Mapping[str, Any],
    model: str | None, repeat: int, of: int,
) -> Output:  # fmt: skip
    attached = mapping(sample.get("attachments"))
    text, reasoning = _content(mapping(choice.get("message")).get("content"), attached)
    failed = text_of(mapping(sample.get("error")).get("message")) or text_of(output.get("error"))
    if not choice and not failed:
        failed = "the log holds no output of this sample"
    scores, answers = _scores(mapping(sample.get("scores")), attached)
    one = of == 1
    return Output(
        where=where,
        position=position,
        text=text,
        row={},
        item_id=text_of(sample.get("id")),
        gold=next(iter(flat(sample.get("target"))), None),
        question=_question(sample.get("input"), attached),
        choices=options_of([_attachment(c, attached) for c in sample["choices"]])
        if isinstance(sample.get("choices"), list)
        else (),
        reasoning=reasoning,
        model=model,
        tokens=chat.tokens(output.get("usage")) if one else Tokens(),
        stop=chat.stop(choice.get("stop_reason")),
        seconds=number(output.get("time")) if one else None,
        error=failed,
        scores=scores if one else {},
        answers=answers if one else {},
        repeat=repeat,
    )


def _content(content: Any, attached: Mapping[str, Any]) -> tuple[str, str | None]:
    """Text and reasoning of a message: a string, or parts of which some are reasoning."""
    if isinstance(content, str):
        return _attachment(content, attached), None
    parts = list(map(mapping, content)) if isinstance(content, list) else []
    texts = [_attachment(p.get("text"), attached) for p in parts if p.get("type") == "text"]
    thoughts = [
        _attachment(p.get("reasoning"), attached)
        for p in parts
        if p.get("type") == "reasoning" and not p.get("redacted")
    ]
    return "\n".join(texts), "\n".join(thoughts) if thoughts else None


def _attachment(value: Any, attached: Mapping[str, Any]) -> str:
    """Return a text, or the text it refers to: long ones are stored once and referred to by hash."""
    text = text_of(value) or ""
    if not text.startswith(_ATTACHED):
        return text
    return text_of(attached.get(text.removeprefix(_ATTACHED))) or text


def _question(asked: Any, attached: Mapping[str, Any]) -> str | None:
    if isinstance(asked, str):
        return _attachment(asked, attached)
    messages = list(map(mapping, asked)) if isinstance(asked, list) else []
    users = [m for m in messages if m.get("role") == "user"]
    return _content(users[-1].get("content"), attached)[0] if users else None


def _scores(scores: Mapping[str, Any], attached: Mapping[str, Any]) -> tuple[dict[str, float | None], dict[str, str]]:
    """Return scores by scorer (``scorer.part`` where one gives several), and the answers they read."""
    values: dict[str, float | None] = {}
    answers: dict[str, str] = {}
    for name, score in ((clean(str(n)), mapping(s)) for n, s in scores.items()):
        value = score.get("value")
        parts = {f"{name}.{k}": v for k, v in value.items()} if isinstance(value, Mapping) else {name: value}
        values.update({str(n): score_of(v) for n, v in parts.items() if score_of(v) is not None})
        if score.get("answer"):
            answers.update(dict.fromkeys(parts, _attachment(score["answer"], attached)))
    return values, answers
