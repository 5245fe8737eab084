"""OpenCompass's predictions and details: ``predictions/MODEL/DATASET.json`` and ``results/MODEL/DATASET.json``.

Predictions hold prompt, text and gold of every sample, under its running number; a file that is being written, or a
part of one (``DATASET_0.json``), counts its own. Results hold details where they were asked for (``dump_details``):
what was right, and often only the answer that was read, not the text. Either is read; what is right comes along with
the predictions where both lie in the same tree. Read against opencompass 0.4's output handlers and evaluators.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from rarl_eval.errors import BadInput
from rarl_eval.importers import chat
from rarl_eval.importers.outputs import Output, count, element, flat, mapping, number, read_object, score_of, text_of
from rarl_eval.importers.shipped import Around, Row, Shipped, beside_tree

_PART = re.compile(r"_\d+$")
_GOLDS = ("references", "answer", "gold", "ref")
_RIGHT = ("correct", "is_correct", "cascade_correct")


def is_prediction(row: Row) -> bool:
    """Whether a row is one sample's prediction."""
    return {"origin_prompt", "prediction"} <= row.keys()


def is_details(row: Row) -> bool:
    """Whether the one object of a file is a result with details."""
    return any(_is_detail(row.get("details"), detail) for detail in _listed(row.get("details")))


def prediction(row: Row) -> Iterator[Output]:
    """Yield the text of a sample, or its several; raises BadInput where options were only scored."""
    texts = flat(row.get("prediction"))
    if not texts:
        raise BadInput("it has no text in 'prediction'; were its options only scored?")
    shown = row.get("origin_prompt")
    for text in texts:
        yield Output(
            text=text,
            prompt=text_of(shown) or chat.asked(chat.turns(shown)),
            gold=_gold(row.get("gold")),
            number=text_of(row.get("_id", row.get("idx"))),
            tokens=chat.tokens({"output_tokens": count(row.get("res_length"))}) if len(texts) == 1 else chat.tokens({}),
        )


def details(row: Row) -> Iterator[Row]:
    """Yield the samples of a result, each with its number."""
    listed = row.get("details")
    entries = listed.items() if isinstance(listed, dict) else enumerate(_listed(listed))
    yield from ({"_id": str(name), **detail} for name, detail in entries if isinstance(detail, dict))


def detail(row: Row) -> Iterator[Output]:
    """Yield the texts of a sample; where only the answers that were read are left, these."""
    texts = flat(row.get("origin_prediction")) or flat(row.get("pred")) or flat(row.get("predictions"))
    if not texts:
        raise BadInput("it has no text in 'origin_prediction', 'pred' or 'predictions'")
    shown = row.get("prompt", row.get("origin_prompt"))
    for k, text in enumerate(texts):
        yield Output(
            text=text,
            prompt=text_of(shown) or chat.asked(chat.turns(shown)),
            gold=_gold(next((row[name] for name in _GOLDS if row.get(name) is not None), None), k),
            number=_number(row),
            **_scored(row, k, len(texts)),
        )


def around_prediction(path: Path, first: Row) -> Around:  # noqa: ARG001  as every format's
    """Name the model by its folder; what was right comes from the result's details."""
    twin = beside_tree(path, "predictions", "results")
    result = (read_object(twin) if twin else None) or {}
    known = {_number(row): row for row in details(result)} if is_details(result) else {}
    model, part = _model(path, "predictions"), _PART.search(path.stem)

    def complete(output: Output) -> Output:
        right = _scored(known.get(output.number, {}), output.repeat, 1)
        number = None if part else output.number
        return msgspec.structs.replace(output, model=model, number=number, **right)

    return Around(complete=complete, reported=_totals(result))


def around_details(path: Path, first: Row) -> Around:
    """Name the model by its folder, and return the result's totals."""
    model = _model(path, "results")
    return Around(
        complete=lambda output: msgspec.structs.replace(output, model=model),
        reported=_totals(first),
    )


def _listed(value: Any) -> list[Any]:
    return list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []


def _is_detail(holder: Any, value: Any) -> bool:
    named = {"pred", "predictions", "origin_prediction"} & mapping(value).keys()
    return bool(named) and (isinstance(holder, list) or bool({*_GOLDS, *_RIGHT, "prompt"} & mapping(value).keys()))


def _number(row: Row) -> str | None:
    """Return a detail's number; ``example_abbr`` is ``SUBDIVISION_NUMBER``."""
    named = text_of(row.get("example_abbr"))
    return named.rpartition("_")[2] if named else text_of(row.get("_id"))


def _gold(value: Any, k: int = 0) -> str | None:
    """Return a gold as text; of several, that of the k-th text, or the first."""
    if isinstance(value, list):
        value = element(value, k) if element(value, k) is not None else element(value, 0)
    return next(iter(flat(value)), None) or text_of(value)


def _scored(row: Row, k: int, of: int) -> dict[str, Any]:
    name = next((n for n in _RIGHT if row.get(n) is not None), None)
    if name is None:
        return {}
    value = score_of(element(row[name], k) if isinstance(row[name], list) else row[name] if of == 1 else None)
    if value is None:
        return {}
    read = flat(row.get("pred")) or flat(row.get("predictions"))
    return {"scores": {name: value}, "answers": {name: read[k]} if k < len(read) else {}}


def _totals(result: Row) -> dict[str, float]:
    return {str(name): value for name, v in result.items() if (value := number(v)) is not None}


def _model(path: Path, half: str) -> str | None:
    where = path.absolute().parents
    return where[0].name if where[1].name == half else None


PREDICTIONS = Shipped(
    name="opencompass",
    what="file of OpenCompass's predictions: its rows have no 'origin_prompt' and 'prediction'",
    recognises=is_prediction,
    output=prediction,
    around=around_prediction,
)
DETAILS = Shipped(
    name="opencompass-details",
    what="result of OpenCompass with details: it has no 'details' with predictions",
    recognises=is_details,
    parts=details,
    output=detail,
    around=around_details,
    main=lambda path: beside_tree(path, "results", "predictions"),
)
