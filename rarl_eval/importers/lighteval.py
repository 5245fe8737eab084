"""lighteval's details Parquet (``doc``, ``model_response``, ``metric``), read against lighteval 0.13's own files.

Its folders say the rest: ``details/MODEL/DATE/details_TASK_DATE.parquet`` and ``results/MODEL/results_DATE.json``.
It records no finish reason; a reply as long as its cap was cut off.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from rarl_eval.answers import opens_reasoning
from rarl_eval.errors import BadInput
from rarl_eval.files.rows import Numbered
from rarl_eval.importers.lm_eval import is_results
from rarl_eval.importers.outputs import (
    Log,
    Output,
    count,
    flat,
    mapping,
    number,
    options_of,
    plain,
    read_object,
    text_of,
)
from rarl_eval.types import Tokens


def is_lighteval(row: dict[str, Any]) -> bool:
    """Whether a row is one of lighteval's details."""
    return all(_column(row, name) is not None for name in ("doc", "model_response", "metric"))


def _column(row: dict[str, Any], name: str) -> Any:
    """Return a column by the name that its files have, or that lighteval's documentation gives it (``__doc__``)."""
    return row.get(name, row.get(f"__{name}__"))


class DetailsFolder(NamedTuple):
    """What the folders around a details file say."""

    model: str | None
    settings: dict[str, Any]
    reported: dict[str, float]


def read_lighteval(path: Path, rows: Iterable[Numbered]) -> Log:
    """Read a details file; model, settings and totals come from its folders, where it still lies in them."""
    told = beside(path)
    return Log(
        harness="lighteval",
        outputs=_outputs(path, rows, told.model),
        settings=told.settings,
        reported=told.reported,
    )


def beside(path: Path) -> DetailsFolder:
    """Return what the folders and the results file say of a details file, old or new."""
    model, results = _results(path)
    general = mapping(results.get("config_general"))
    task = path.stem.removeprefix("details_").removesuffix(f"_{path.parent.name}")
    totals = mapping(mapping(results.get("results")).get(task))
    return DetailsFolder(
        model=text_of(general.get("model_name")) or model,
        settings={"task": task, "model_config": plain(mapping(general.get("model_config")))} if results else {},
        reported={
            n: value for n, v in totals.items() if not n.endswith("_stderr") and (value := number(v)) is not None
        },
    )


def _results(path: Path) -> tuple[str | None, dict[str, Any]]:
    parents = list(path.absolute().parents)
    root = next((p for p in parents[1:] if p.name == "details"), None)
    if root is None:
        return None, {}
    model = parents[1].relative_to(root).as_posix()
    file = root.parent / "results" / model / f"results_{parents[0].name}.json"
    if not file.is_file():
        return model, {}
    row = read_object(file)
    return model, row if row is not None and is_results(row) else {}


def _outputs(path: Path, rows: Iterable[Numbered], model: str | None) -> Iterator[Output]:
    for position, (line, row) in enumerate(rows):
        where = f"{path} row {line}"
        doc, response = mapping(_column(row, "doc")), mapping(_column(row, "model_response"))
        texts, metric = flat(response.get("text")), mapping(_column(row, "metric"))
        if not texts:
            raise BadInput(f"{where} has no text in model_response; is it a generation task?")
        for repeat, text in enumerate(texts):
            yield _output(where, position, doc, response, metric, model, text, repeat, len(texts))


def _output(
    where: str, position: int, doc: Any, response: Any, metric: Any, model: str | None, text: str, repeat: int, of: int
) -> Output:
    prompt = text_of(response.get("input")) or text_of(doc.get("query"))
    generated = _length(_at(response.get("output_tokens"), repeat))
    cap = count(doc.get("generation_size"))
    scores = {str(name): value for name, v in metric.items() if (value := number(v)) is not None}
    return Output(
        where=where,
        position=position,
        text=text,
        row={},
        item_id=text_of(doc.get("id")),
        gold=_gold(doc),
        choices=options_of(doc.get("choices")),
        prompt=prompt,
        inside=opens_reasoning(prompt),
        reasoning=text_of(_at(response.get("reasonings"), repeat)),
        model=model,
        tokens=Tokens(
            prompt=_length(response.get("input_tokens")),
            completion=generated,
            counted_by=None if generated is None else "recorded",
        ),
        stop="length" if generated is not None and cap and generated >= cap else None,
        scores=dict(scores) if of == 1 else {},
        repeat=repeat,
    )


def _gold(doc: Any) -> str | None:
    choices, index = doc.get("choices"), doc.get("gold_index")
    index = index[0] if isinstance(index, list) and len(index) == 1 else index
    inside = isinstance(choices, list) and isinstance(index, int) and 0 <= index < len(choices)
    return text_of(choices[index]) if inside else None


def _at(value: Any, position: int) -> Any:
    return value[position] if isinstance(value, list) and position < len(value) else None


def _length(tokens: Any) -> int | None:
    return len(tokens) if isinstance(tokens, list) and tokens else None
