"""NeMo-Skills' ``output.jsonl`` and ``output-rs0.jsonl`` and so on, one file a seed.

A row is the row of the benchmark's own file with the generation put in, so the question's field is whatever the
benchmark calls it. With ``parse_reasoning`` the whole text stands in ``_full_generation``. No row names its model.
Its judge reads such a file and writes it anew with ``judgement``; what that file says of tokens, time and stop is the
judge's own then (dump_outputs). Read against NeMo-Skills 0.7's generation task, its math and multiple choice
evaluators, and its judge: NVIDIA/NeMo-Skills nemo_skills/inference/llm_math_judge.py at 03ef4c5eeba2,
nemo_skills/evaluation/metrics/utils.py at 02bdc3a591d0 and math_metrics.py beside it at 06a354d27dcb.
"""

from collections.abc import Iterator

from rarl_eval.errors import BadInput
from rarl_eval.importers import chat
from rarl_eval.importers.outputs import Output, count, found, number, score_of, text_of
from rarl_eval.importers.shipped import Row, Shipped

_OWN = {"predicted_answer", "symbolic_correct", "num_generated_tokens", "judgement", "generation_start_time",
        "expected_answer", "subset_for_metrics"}  # fmt: skip
_QUESTIONS = ("problem", "question")
_SCORES = ("symbolic_correct", "is_correct")
_JUDGED = "Judgement:"
_OF_CALL = {"num_input_tokens", "num_generated_tokens", "finish_reason", "generation_time", "reasoning_content"}
"""Fields of the last call, which is the judge's in a file that the judge wrote."""


def is_nemo_skills(row: Row) -> bool:
    """Whether a row is a generation of NeMo-Skills."""
    return isinstance(row.get("generation"), str | list) and bool(_OWN & row.keys())


def output(row: Row) -> Iterator[Output]:
    """Yield the generation of a row; raises BadInput where there is none."""
    said, whole = text_of(row.get("generation")), text_of(row.get("_full_generation"))
    if said is None:
        raise BadInput("it has no text in 'generation'; a talk of several turns is no answer to one question")
    # A judge that reasons leaves its own whole text there.
    text = whole if whole is not None and said.strip() in whole else said
    asked = row.get(found(row, _QUESTIONS) or "")
    call: Row = {} if isinstance(row.get("judgement"), str) else {name: row.get(name) for name in _OF_CALL}
    scores = _scores(row)
    answer = text_of(row.get("predicted_answer"))
    yield Output(
        text=text,
        reasoning=text_of(call.get("reasoning_content")),
        question=text_of(asked),
        gold=text_of(row.get("expected_answer")),
        item_id=text_of(row.get(found(row, ("id", "task_id", "question_id")) or "")),
        tokens=chat.tokens(
            {"input_tokens": call.get("num_input_tokens"), "output_tokens": count(call.get("num_generated_tokens"))}
        ),
        stop=chat.stop(call.get("finish_reason")),
        seconds=number(call.get("generation_time")),
        error=text_of(row.get("error")),
        scores=scores,
        answers={} if answer is None else dict.fromkeys(scores, answer),
    )


def _scores(row: Row) -> dict[str, float | None]:
    scores = {name: value for name in _SCORES if (value := score_of(row.get(name))) is not None}
    said = row.get("judgement")
    return {**scores, **({"judgement": _judged(said)} if isinstance(said, str) else {})}


def _judged(said: str) -> float:
    """Return what their own reading of a judgement is: what the last mark is followed by; anything but yes is wrong."""
    _, mark, verdict = said.rpartition(_JUDGED)
    return float(bool(mark) and verdict.strip().lower().startswith("yes"))


NEMO_SKILLS = Shipped(
    name="nemo-skills",
    what="file of NeMo-Skills: its rows have no 'generation' beside what it measures",
    recognises=is_nemo_skills,
    output=output,
)
