"""lm-eval's ``samples_*.jsonl``, and the ``results_*.json`` beside it (read against lm-eval 0.4.13's own files).

lm-eval writes a row for each filter with the same texts. Its scores stay apart by filter, under the names that its
results file uses: ``exact_match,strict-match``. Texts are what its back-end returned: with ``think_end_token`` set,
reasoning was already thrown away, and a reply cut off before that token is all there, reasoning and all.
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from rarl_eval.answers import opens_reasoning
from rarl_eval.errors import BadInput
from rarl_eval.files.rows import Numbered, bare_name, read_rows
from rarl_eval.importers import chat
from rarl_eval.importers.outputs import (
    Fields,
    Log,
    Output,
    flat,
    mapping,
    number,
    plain,
    read_object,
    score_of,
    text_of,
    value_at,
)
from rarl_eval.importers.own import ENVELOPE, restore

_NOT_SCORES = {"doc_id", "doc", "target", "arguments", "resps", "filtered_resps", "filter", "metrics"}
_NAME = re.compile(r"samples_(?P<task>.+)_(?P<date>\d{4}-\d\d-\d\dT[\d.-]+?)\.jsonl")


def is_lm_eval(row: dict[str, Any]) -> bool:
    """Whether a row is one of lm-eval's samples."""
    return {"resps", "doc"} <= row.keys()


def is_results(row: dict[str, Any]) -> bool:
    """Whether the one row of a file is lm-eval's or lighteval's results: totals, and no texts."""
    return isinstance(row.get("results"), dict) and ("configs" in row or "config_general" in row)


def read_lm_eval(path: Path, rows: Iterable[Numbered], fields: Fields) -> Log:
    """Read a samples file; model, settings and totals come from the results file beside it, where there is one."""
    results, task = _results(path)
    model = text_of(results.get("model_name"))
    totals = mapping(mapping(results.get("results")).get(task))
    reported = {name: value for name, v in totals.items() if "," in name and "_stderr," not in name
                and (value := number(v)) is not None}  # fmt: skip
    return Log(
        harness="lm-eval",
        outputs=_outputs(path, rows, fields, model or None),
        settings=_settings(results, task),
        reported=reported,
    )


def _results(path: Path) -> tuple[dict[str, Any], str]:
    named = _NAME.fullmatch(bare_name(path))
    if named is None:
        return {}, ""
    beside = path.with_name(f"results_{named['date']}.json")
    if not beside.is_file():
        return {}, named["task"]
    row = read_object(beside)
    if row is None or not is_results(row):
        raise BadInput(f"{beside} stands beside {path.name} and is no results file of lm-eval; move it away")
    return row, named["task"]


def _settings(results: dict[str, Any], task: str) -> dict[str, Any]:
    config, of_task = mapping(results.get("config")), mapping(mapping(results.get("configs")).get(task))
    known = {
        "version": results.get("lm_eval_version"),
        "task": task or None,
        "task_version": mapping(results.get("versions")).get(task),
        "shots": mapping(results.get("n-shot")).get(task),
        "model_args": config.get("model_args"),
        "gen_kwargs": config.get("gen_kwargs"),
        "generation": of_task.get("generation_kwargs"),
        "chat_template_sha": results.get("chat_template_sha"),
        "system_instruction": results.get("system_instruction"),
    }
    return {name: plain(value) for name, value in known.items() if value not in (None, "")}


def _outputs(path: Path, rows: Iterable[Numbered], fields: Fields, model: str | None) -> Iterator[Output]:
    """Read the file twice, so that only scores are held: a document's other filters stand far behind its first."""
    held: dict[_Place, tuple[dict[str, float | None], dict[str, str]]] = {}
    for place, (line, row) in _placed(read_rows(path, lambda *_: None, _LONG)):
        if not is_lm_eval(row):
            raise BadInput(f"{path} row {line} has no 'resps' and 'doc' as the rows before it; is the file mixed?")
        scores, answers = held.setdefault(place, ({}, {}))
        more_scores, more_answers = _scores(row)
        scores.update(more_scores)
        answers.update(more_answers)
    for position, (place, (line, row)) in enumerate(_placed(rows)):
        if place in held:
            yield from _texts(f"{path} row {line}", position, row, fields, model, *held.pop(place))


_LONG = ("resps", "doc", "arguments", "target")
"""Fields that the first reading does without."""
_Place = tuple[str, int]
"""A document, and how many rows of the same filter it had before: two runs may stand in one file."""


def _placed(rows: Iterable[Numbered]) -> Iterator[tuple[_Place, Numbered]]:
    """Yield rows with their places; of rows that name no filter (lm-eval's issue 1687) the texts tell the copies."""
    seen: dict[tuple[str, str], int] = {}
    copies: dict[tuple[str, int], tuple[int, int]] = {}
    for position, (line, row) in enumerate(rows):
        document, name = repr(row.get("doc_id", position)), repr(row.get("filter"))
        if "filter" not in row:
            texts = document, hash(tuple(flat(_decoded(row.get("resps")))))
            place, copy = copies.get(texts, (seen.get((document, name), 0), 0))
            copies[texts] = place, copy + 1
            if copy:
                yield (document, place), (line, {**row, "filter": f"none {copy + 1}"})
                continue
        place = seen.get((document, name), 0)
        seen[document, name] = place + 1
        yield (document, place), (line, row)


def _decoded(value: Any) -> Any:
    return msgspec.json.decode(value) if isinstance(value, msgspec.Raw) else value


def _texts(
    where: str, position: int, row: dict[str, Any], fields: Fields, model: str | None,
    scores: dict[str, float | None], answers: dict[str, str],
) -> Iterator[Output]:  # fmt: skip
    prompt, asked = _request(row)
    texts = [] if isinstance(asked, str) else flat(row["resps"])
    if not texts:
        raise BadInput(f"{where} has no text in 'resps'; is it a generation task?")
    for repeat, text in enumerate(texts):
        one = len(texts) == 1  # a score over several texts says nothing of one of them
        output = Output(
            where=where,
            position=position,
            text=text,
            row=row,
            item_id=text_of(value_at(row, fields.id)) if fields.id else None,
            number=text_of(row.get("doc_id", position)),
            gold=text_of(value_at(row, fields.gold)) if fields.gold else None,
            question=text_of(value_at(row, fields.question)) if fields.question else None,
            prompt=prompt,
            inside=opens_reasoning(prompt),
            reasoning=text_of(_at(row.get("reasoning"), repeat)),
            model=model,
            scores=scores if one else {},
            answers=answers if one else {},
            repeat=repeat,
        )
        yield restore(output, _at(row.get(ENVELOPE), repeat))


def _at(value: Any, position: int) -> Any:
    return value[position] if isinstance(value, list) and position < len(value) else None


def _request(row: dict[str, Any]) -> tuple[str | None, Any]:
    """Return prompt and second argument of the first request: a string there is a continuation that was only scored."""
    arguments = row.get("arguments")
    if isinstance(arguments, dict):
        first = mapping(arguments.get("gen_args_0"))
        return _shown(first.get("arg_0")), first.get("arg_1")
    pair = arguments[0] if isinstance(arguments, list) and arguments else None
    if isinstance(pair, list) and len(pair) == 2:
        return _shown(pair[0]), pair[1]
    return None, None


def _shown(value: Any) -> str | None:
    """Return a prompt as text: of a chat, which chat models get as a list or its JSON, what was asked."""
    return chat.asked(chat.turns(value)) or next(iter(flat(value)), None)


def _scores(row: dict[str, Any]) -> tuple[dict[str, float | None], dict[str, str]]:
    """Scores of a row and the answer its filter left, by ``metric,filter``."""
    listed = row.get("metrics")
    metrics = (
        [m for m in listed if isinstance(m, str)] if isinstance(listed, list) else sorted(row.keys() - _NOT_SCORES)
    )
    suffix = text_of(row.get("filter")) or "none"
    scores = {f"{text_of(m)},{suffix}": score for m in metrics if (score := score_of(row.get(m))) is not None}
    left = flat(row.get("filtered_resps"))
    # A filter that leaves the text as it is has read nothing out of it.
    read = len(left) == 1 and not _is_only_text(row.get("resps"), left[0])
    return dict(scores), dict.fromkeys(scores, left[0]) if read else {}


_ESCAPED = 6
"""Bytes that JSON may spend on a character of the basic plane; beyond it are two, or four bytes as they are."""


def _is_only_text(resps: Any, text: str) -> bool:
    """Whether the one text in ``resps``, which may not be read yet, is this one."""
    if isinstance(resps, msgspec.Raw) and len(memoryview(resps)) > 2 * _ESCAPED * len(text) + 100:
        return False
    return flat(_decoded(resps)) == [text]
