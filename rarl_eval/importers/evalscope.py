"""EvalScope's predictions and reviews: ``predictions/MODEL/TASK_SUBSET.jsonl`` and ``reviews/`` of the same name.

A prediction is the whole exchange and has neither gold nor score; its review has both, and of the exchange only the
text. Either is read; what the other knows comes along where it lies in the same tree. Read against evalscope 1.0's
ModelResult and ReviewResult, and the rows of 0.x, whose ``choices`` hold their review (modelscope/evalscope
evalscope/evaluator/evaluator.py at be1558adc7f1). ``index`` counts repeats as well, so it is no item's number where
there are several. 0.x keeps a row of the data set and no prompt: where it shuffled the options (its gpqa_adapter.py at
c1658ea643d1) nothing says in which order, and only the gold's letter tells that it was another.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from rarl_eval.errors import BadInput
from rarl_eval.files.rows import read_rows
from rarl_eval.importers import chat
from rarl_eval.importers.outputs import Output, flat, mapping, number, options_of, score_of, text_of
from rarl_eval.importers.shipped import Around, Row, Shipped, beside_tree


def is_prediction(row: Row) -> bool:
    """Whether a row is a prediction of 1.0."""
    return {"index", "model_output", "messages"} <= row.keys()


def is_review(row: Row) -> bool:
    """Whether a row is a review of 1.0."""
    return "index" in row and "score" in mapping(row.get("sample_score"))


def is_old(row: Row) -> bool:
    """Whether a row is a prediction or a review of 0.x."""
    return {"answer_id", "choices", "raw_input"} <= row.keys()


def prediction(row: Row) -> list[Output]:
    """Return the outputs of a prediction: the choices of its completion."""
    body = mapping(row.get("model_output"))
    prompt, said = chat.answered(chat.turns(row.get("messages")))
    failed = text_of(body.get("error")) or text_of(mapping(body.get("error")).get("message"))
    made = chat.choices(
        body,
        prompt=prompt,
        number=text_of(row.get("index")),
        model=text_of(row.get("model")) or text_of(body.get("model")),
        seconds=number(body.get("time")),
    )
    if not made and not failed and said is None:
        raise BadInput("it has no choices in 'model_output'")
    if not made:
        known: dict[str, Any] = {
            "prompt": prompt,
            "number": text_of(row.get("index")),
            "model": text_of(row.get("model")),
        }
        made = [Output(text=said.text if said else "", **known)]
    return [msgspec.structs.replace(output, error=failed) for output in made] if failed else made


def review(row: Row) -> Iterator[Output]:
    """Yield the output of a review; raises BadInput where it has no text."""
    score = mapping(mapping(row.get("sample_score")).get("score"))
    text = text_of(score.get("prediction"))
    if text is None:
        raise BadInput("it has no text in 'sample_score.score.prediction'")
    yield Output(text=text, number=text_of(row.get("index")), **_reviewed(row))


def _reviewed(row: Row) -> dict[str, Any]:
    """Gold, question and scores of a review."""
    score = mapping(mapping(row.get("sample_score")).get("score"))
    values = mapping(score.get("value"))
    scores = {str(name): value for name, v in values.items() if (value := score_of(v)) is not None}
    answer = text_of(score.get("extracted_prediction"))
    shown = text_of(row.get("input")) or chat.asked(chat.turns(row.get("input")))
    known = {"prompt": shown} if shown else {}
    answers = {} if answer is None else dict.fromkeys(scores, answer)
    return {"gold": text_of(row.get("target")), "scores": scores, "answers": answers, **known}


_ASKED = ("question", "Question", "problem", "query", "input")
"""Fields of a data set's row that state its question."""
_NO_GOLD = "*Same as Input*"
"""What 0.x writes where the whole row is the gold."""


def old(row: Row) -> list[Output]:
    """Return the outputs of a row of 0.x."""
    raw = mapping(row.get("raw_input"))
    asked = next((raw[name] for name in _ASKED if isinstance(raw.get(name), str)), None)
    lettered = [raw[letter] for letter in "ABCDEFGHIJ" if isinstance(raw.get(letter), str)]
    made = chat.choices(
        row,
        number=text_of(row.get("index")),
        question=text_of(asked),
        prompt=text_of(row.get("origin_prompt")),
        choices=options_of(raw.get("choices")) or options_of(lettered),
        model=text_of(row.get("model")) or text_of(mapping(row.get("model_spec")).get("model_id")),
    )
    if not made:
        raise BadInput("it has no 'choices'")
    judged = [mapping(mapping(choice).get("review")) for choice in row["choices"]]
    return [_with_review(output, found) for output, found in zip(made, judged, strict=True)]


def _with_review(output: Output, found: Row) -> Output:
    value = score_of(found.get("result"))
    answer = next(iter(flat(found.get("pred"))), None)
    gold = next(iter(flat(found.get("gold"))), None)
    return msgspec.structs.replace(
        output,
        gold=None if gold == _NO_GOLD else gold,
        scores={} if value is None else {"result": value},
        answers={} if value is None or answer is None else {"result": answer},
    )


def around_prediction(path: Path, first: Row) -> Around:  # noqa: ARG001  as every format's
    """Gold and scores come from the review."""
    return _joined(path, "predictions", "reviews", _reviewed)


def around_review(path: Path, first: Row) -> Around:  # noqa: ARG001  as every format's
    """Tokens, finish reason and model come from the prediction; without it the model is its folder's name."""
    around = _joined(path, "reviews", "predictions", _predicted)

    def complete(output: Output) -> Output:
        output = around.complete(output)
        return output if output.model else msgspec.structs.replace(output, model=_model(path, "reviews"))

    return Around(complete=complete)


def _predicted(row: Row) -> dict[str, Any]:
    made = prediction(row)
    if len(made) != 1:
        return {}
    known = made[0]
    return {"tokens": known.tokens, "stop": known.stop, "seconds": known.seconds, "reasoning": known.reasoning,
            "model": known.model, "error": known.error, "prompt": known.prompt}  # fmt: skip


def _joined(path: Path, mine: str, theirs: str, known: Callable[[Row], dict[str, Any]]) -> Around:
    """Join rows with those of the file of the same name in the tree's other half, by their ``index``."""
    twin = beside_tree(path, mine, theirs)
    rows = (row for _, row in read_rows(twin)) if twin else iter(())
    more = {text_of(row.get("index")): known(row) for row in rows if is_prediction(row) or is_review(row)}
    return Around(complete=lambda output: msgspec.structs.replace(output, **more.get(output.number, {})))


def _model(path: Path, mine: str) -> str | None:
    """Name of the folder between the tree's half and the file."""
    root = next((parent for parent in path.absolute().parents if parent.name == mine), None)
    return path.absolute().parent.relative_to(root).as_posix() if root and path.absolute().parent != root else None


PREDICTIONS = Shipped(
    name="evalscope",
    what="file of EvalScope's predictions: its rows have no 'index', 'model_output' and 'messages'",
    recognises=is_prediction,
    output=prediction,
    around=around_prediction,
)
REVIEWS = Shipped(
    name="evalscope-reviews",
    what="file of EvalScope's reviews: its rows have no 'index' and 'sample_score'",
    recognises=is_review,
    output=review,
    around=around_review,
    main=lambda path: beside_tree(path, "reviews", "predictions"),
)
OLD = Shipped(
    name="evalscope-0",
    what="file of EvalScope 0.x: its rows have no 'answer_id', 'choices' and 'raw_input'",
    recognises=is_old,
    output=old,
)
