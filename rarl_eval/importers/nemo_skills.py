"""NeMo-Skills' ``output.jsonl`` and ``output-rs0.jsonl`` and so on, one file a seed.

A row is the row of the benchmark's own file with the generation put in, so the question's field is whatever the
benchmark calls it. With ``parse_reasoning`` the whole text stands in ``_full_generation``. No row names its model.
Read against NeMo-Skills 0.7's generation task, its math and multiple choice evaluators and its judge.
"""

import re
from collections.abc import Iterator
from typing import Any

from rarl_eval.errors import BadInput
from rarl_eval.importers import chat
from rarl_eval.importers.outputs import Output, count, found, number, score_of, text_of
from rarl_eval.importers.shipped import Row, Shipped

_OWN = {"predicted_answer", "symbolic_correct", "num_generated_tokens", "judgement", "generation_start_time",
        "expected_answer", "subset_for_metrics"}  # fmt: skip
_QUESTIONS = ("problem", "question")
_SCORES = ("symbolic_correct", "is_correct")
_JUDGED = re.compile(r"judge?ment\W{0,5}(yes|no)\b", re.IGNORECASE)


def is_nemo_skills(row: Row) -> bool:
    """Whether a row is a generation of NeMo-Skills."""
    return isinstance(row.get("generation"), str) and bool(_OWN & row.keys())


def output(row: Row) -> Iterator[Output]:
    """Yield the generation of a row; raises BadInput where there is none."""
    text = text_of(row.get("_full_generation")) or text_of(row.get("generation"))
    if text is None:
        raise BadInput("it has no text in 'generation'")
    asked = row.get(found(row, _QUESTIONS) or "")
    scores = _scores(row)
    answer = text_of(row.get("predicted_answer"))
    yield Output(
        text=text,
        reasoning=text_of(row.get("reasoning_content")),
        question=text_of(asked),
        gold=text_of(row.get("expected_answer")),
        item_id=text_of(row.get(found(row, ("id", "task_id", "question_id")) or "")),
        tokens=chat.tokens(
            {"input_tokens": row.get("num_input_tokens"), "output_tokens": count(row.get("num_generated_tokens"))}
        ),
        stop=chat.stop(row.get("finish_reason")),
        seconds=number(row.get("generation_time")),
        error=text_of(row.get("error")),
        scores=scores,
        answers={} if answer is None else dict.fromkeys(scores, answer),
    )


def _scores(row: Row) -> dict[str, float | None]:
    scores = {name: value for name in _SCORES if (value := score_of(row.get(name))) is not None}
    said: Any = row.get("judgement")
    judged = list(_JUDGED.finditer(said)) if isinstance(said, str) else []
    return {**scores, **({"judgement": float(judged[-1][1].lower() == "yes")} if judged else {})}


NEMO_SKILLS = Shipped(
    name="nemo-skills",
    what="file of NeMo-Skills: its rows have no 'generation' beside what it measures",
    recognises=is_nemo_skills,
    output=output,
)
