"""lighteval's details before 0.10: columns for prompt, predictions, gold and metrics, most of them as Python text.

Those versions wrote ``str`` of every cell (``"['four', 'five']"``); still older ones wrote the lists themselves. Both
are read. Model and totals come from the folders, as with the newer ones. Read against lighteval 0.8's DetailsLogger.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from rarl_eval.answers import opens_reasoning
from rarl_eval.errors import BadInput
from rarl_eval.importers.lighteval import beside
from rarl_eval.importers.outputs import Output, element, flat, mapping, number, text_of
from rarl_eval.importers.shipped import Around, Row, Shipped
from rarl_eval.types import Tokens

_METRIC = re.compile(r"'([^']{1,200})': (?:np\.\w{1,20}\()?(-?\d{1,20}(?:\.\d{1,20})?|True|False)")


def is_old(row: Row) -> bool:
    """Whether a row is one of the old details."""
    return {"full_prompt", "predictions"} <= row.keys() and bool({"gold", "gold_index", "metrics"} & row.keys())


def output(row: Row) -> Iterator[Output]:
    """Yield the predictions of a row; raises BadInput where options were only scored."""
    texts = _texts(row.get("predictions"))
    if not texts:
        raise BadInput("it has no text in 'predictions'; is it a generation task?")
    prompt, scores = text_of(row.get("full_prompt")), _scores(row.get("metrics"))
    for k, text in enumerate(texts):
        yield Output(
            text=text,
            prompt=prompt,
            gold=_gold(row),
            choices=tuple(_texts(row.get("choices"))),
            inside=opens_reasoning(prompt),
            tokens=_tokens(element(_list(row.get("cont_tokens")), k)),
            scores=scores if len(texts) == 1 else {},
        )


def _list(value: Any) -> list[Any]:
    """Return a list, or the list that a text spells."""
    if isinstance(value, str) and value.startswith("["):
        try:
            value = ast.literal_eval(value)
        except (ValueError, SyntaxError, MemoryError, RecursionError):  # tensors, NaN, or a text that begins so
            return []
    return value if isinstance(value, list) else []


def _texts(value: Any) -> list[str]:
    return flat(_list(value)) or (flat(value) if isinstance(value, str) and not value.startswith("[") else [])


def _gold(row: Row) -> str | None:
    stated = next(iter(_texts(row.get("gold"))), None)
    index = element(_list(row.get("gold_index")), 0)
    inside = isinstance(index, int) and not isinstance(index, bool)
    return stated or (text_of(element(_texts(row.get("choices")), index)) if inside else None)


def _tokens(ids: Any) -> Tokens:
    """Count the tokens of one prediction; -1 is padding."""
    many = len([token for token in ids if token != -1]) if isinstance(ids, list) and ids else None
    return Tokens(completion=many, counted_by=None if many is None else "recorded")


def _scores(value: Any) -> dict[str, float | None]:
    if isinstance(value, str):
        return {name: float(v == "True" if v in {"True", "False"} else v) for name, v in _METRIC.findall(value)}
    return {str(name): v for name, given in mapping(value).items() if (v := number(given)) is not None}


def around(path: Path, first: Row) -> Around:  # noqa: ARG001  as every format's
    """Return what the folders say."""
    told = beside(path)
    return Around(
        settings=told.settings,
        reported=told.reported,
        complete=lambda made: msgspec.structs.replace(made, model=told.model),
    )


OLD = Shipped(
    name="lighteval-old",
    what="old details file of lighteval: its rows have no 'full_prompt', 'predictions' and 'gold' or 'metrics'",
    recognises=is_old,
    output=output,
    around=around,
)
