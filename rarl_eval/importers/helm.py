"""HELM's ``scenario_state.json``, with the scores of ``display_predictions.json`` beside it; the latter also alone.

A run's folder holds the whole exchange in the first; the second has the text, the option that it was mapped to and the
scores of each instance, and its questions stand in ``instances.json``. Read against crfm-helm's RequestState and
DisplayPrediction. Instances that a perturbation has changed ask something else than the benchmark and are left out, as
are requests that only score an option's likelihood (``reference_index``).
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from rarl_eval.errors import BadInput
from rarl_eval.files.large import LargeList
from rarl_eval.files.rows import read_rows
from rarl_eval.importers import chat
from rarl_eval.importers.outputs import Output, count, mapping, number, plain, read_object, score_of, text_of
from rarl_eval.importers.shipped import Around, Row, Shipped
from rarl_eval.types import Tokens

_Key = tuple[str, int]


def is_state(row: Row) -> bool:
    """Whether the one object of a file is a scenario's state."""
    return "adapter_spec" in row and isinstance(row.get("request_states"), list | LargeList)


def is_display(row: Row) -> bool:
    """Whether a row is a displayed prediction."""
    return {"instance_id", "predicted_text", "stats"} <= row.keys()


def states(row: Row) -> Iterator[Row]:
    """Yield the exchanges of a scenario, each with the model's name."""
    model = text_of(mapping(row.get("adapter_spec")).get("model"))
    listed = row.get("request_states")
    yield from (
        {"model": model, **mapping(state)} for state in (listed if isinstance(listed, list | LargeList) else [])
    )


def state(row: Row) -> Iterator[Output]:
    """Yield the completions of an exchange; raises BadInput for one that is left out."""
    instance, request, result = (mapping(row.get(name)) for name in ("instance", "request", "result"))
    _kept(instance.get("perturbation"))
    if row.get("reference_index") is not None:
        raise BadInput("the request scores one option's likelihood and holds no text of the model")
    labels = mapping(row.get("output_mapping"))
    said = result.get("completions")
    done = list(map(mapping, said)) if isinstance(said, list) and said else [{}]
    failed = text_of(result.get("error")) or (None if said else "the log holds no completion of this request")
    for completion in done:
        yield Output(
            text=text_of(completion.get("text")) or "",
            reasoning=text_of(mapping(completion.get("thinking")).get("text")),
            question=text_of(mapping(instance.get("input")).get("text")),
            prompt=text_of(request.get("prompt")) or chat.asked(chat.turns(request.get("messages"))),
            choices=tuple(text_of(option) or "" for option in labels.values()),
            gold=_gold(instance, labels),
            item_id=text_of(instance.get("id")),
            model=text_of(row.get("model")) or text_of(request.get("model")),
            tokens=_tokens(completion),
            stop=chat.stop(mapping(completion.get("finish_reason")).get("reason")),
            seconds=number(result.get("request_time")) if len(done) == 1 else None,
            error=failed if failed or result.get("success") is not False else "the request failed",
            # A score of several completions says nothing of one of them.
            repeat=count(row.get("train_trial_index")) or 0 if len(done) == 1 else -1,
        )


def _kept(perturbation: Any) -> None:
    if perturbation is not None:
        raise BadInput(f"the instance is perturbed ({text_of(mapping(perturbation).get('name')) or 'unnamed'})")


def _gold(instance: Row, labels: Row) -> str | None:
    """Return the right reference's letter where the options have letters, else its text."""
    listed = instance.get("references")
    right = [
        text_of(mapping(mapping(reference).get("output")).get("text"))
        for reference in (listed if isinstance(listed, list | LargeList) else [])
        if isinstance(tags := mapping(reference).get("tags"), list) and "correct" in tags
    ]
    letters = [str(letter) for letter, option in labels.items() if right and option == right[0]]
    return letters[0] if letters else next(iter(right), None)


def _tokens(completion: Row) -> Tokens:
    listed = completion.get("tokens")
    generated = len(listed) if isinstance(listed, list) and listed else None
    return Tokens(completion=generated, counted_by=None if generated is None else "recorded")


def display(row: Row) -> Iterator[Output]:
    """Yield a displayed prediction; raises BadInput for one of a perturbed instance or of a scored option."""
    _kept(row.get("perturbation"))
    if row.get("reference_index") is not None:
        raise BadInput("the prediction is an option that was scored, no text of the model")
    text = text_of(row.get("predicted_text"))
    if text is None:
        raise BadInput("it has no text in 'predicted_text'")
    yield Output(
        text=text,
        reasoning=text_of(row.get("thinking_text")),
        item_id=text_of(row.get("instance_id")),
        repeat=count(row.get("train_trial_index")) or 0,
        **_scored(row),
    )


def _scored(row: Row) -> dict[str, Any]:
    scores = {str(name): value for name, v in mapping(row.get("stats")).items() if (value := score_of(v)) is not None}
    answer = text_of(row.get("mapped_output"))
    return {"scores": scores, "answers": {} if answer is None else dict.fromkeys(scores, answer)}


def around_state(path: Path, first: Row) -> Around:
    """Return the adapter's settings, and the scores of the displayed predictions beside the state."""
    known = {_key(row): _scored(row) for row in _beside(path, "display_predictions.json") if is_display(row)}

    def complete(output: Output) -> Output:
        return msgspec.structs.replace(output, **known.get((output.item_id or "", output.repeat), {}))

    adapter = mapping(first.get("adapter_spec"))
    named = {n: adapter.get(n) for n in ("method", "max_train_instances", "max_tokens", "temperature", "num_outputs")}
    settings = {name: plain(value) for name, value in named.items() if value is not None}
    return Around(settings=settings, complete=complete)


def around_display(path: Path, first: Row) -> Around:  # noqa: ARG001  as every format's
    """Return the questions and golds of the instances, and the model of the run's specification."""
    asked = {text_of(row.get("id")): row for row in _beside(path, "instances.json")}
    spec = path.with_name("run_spec.json")
    adapter = mapping(mapping(read_object(spec) if spec.is_file() else None).get("adapter_spec"))

    def complete(output: Output) -> Output:
        instance = mapping(asked.get(output.item_id))
        question = text_of(mapping(instance.get("input")).get("text"))
        known = {"question": question, "gold": _gold(instance, {}), "model": text_of(adapter.get("model"))}
        return msgspec.structs.replace(output, **known)

    return Around(complete=complete)


def _beside(path: Path, name: str) -> Iterator[Row]:
    file = path.with_name(name)
    if file.is_file():
        yield from (row for _, row in read_rows(file) if "perturbation" not in row)


def _key(row: Row) -> _Key:
    return text_of(row.get("instance_id")) or "", count(row.get("train_trial_index")) or 0


STATE = Shipped(
    name="helm",
    what="scenario of HELM: it has no 'adapter_spec' and 'request_states'",
    recognises=is_state,
    parts=states,
    output=state,
    around=around_state,
)
DISPLAY = Shipped(
    name="helm-display",
    what="file of predictions that HELM displays: its rows have no 'instance_id', 'predicted_text' and 'stats'",
    recognises=is_display,
    output=display,
    around=around_display,
    main=lambda path: path.absolute().with_name("scenario_state.json"),
)
