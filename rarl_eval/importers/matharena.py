"""MathArena's outputs: ``outputs/COMPETITION/MODEL/N.json`` with every run of a problem, and its published tables.

A file of the first kind holds lists side by side, of which the k-th elements are run k: ``messages``, ``answers``,
``correct``, ``detailed_costs``. The tables (MathArena/*_outputs on the hub) have a row for each run. Read against
matharena's Runs and the tables' columns.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from rarl_eval.errors import BadInput
from rarl_eval.importers import chat
from rarl_eval.importers.outputs import Output, element, score_of, text_of
from rarl_eval.importers.shipped import Around, Row, Shipped


def is_problem(row: Row) -> bool:
    """Whether the one object of a file is a problem with its runs."""
    return {"idx", "messages", "answers", "correct"} <= row.keys()


def is_table(row: Row) -> bool:
    """Whether a row is one of a published table."""
    return {"problem_idx", "idx_answer", "answer", "model_name"} <= row.keys()


def problem(row: Row) -> Iterator[Output]:
    """Yield the runs of a problem; one that does not end in an answer is an empty text."""
    runs = row.get("messages")
    if not isinstance(runs, list) or not runs:
        raise BadInput("it has no runs in 'messages'")
    for k, run in enumerate(runs):
        prompt, said = chat.answered(chat.turns(run))
        yield Output(
            text=said.text if said else "",
            reasoning=said.reasoning if said else None,
            prompt=prompt,
            question=text_of(row.get("problem")),
            gold=text_of(row.get("gold_answer")),
            item_id=text_of(row.get("idx")),
            tokens=chat.tokens(_costs(row, k, len(runs))),
            **_scored(element(row.get("correct"), k), element(row.get("answers"), k)),
        )


def _costs(row: Row, k: int, of: int) -> Any:
    """Return the counts of one run; a file's total says nothing of one among several."""
    return element(row.get("detailed_costs"), k) or (row.get("cost") if of == 1 else None)


def table(row: Row) -> Iterator[Output]:
    """Yield the run of a row."""
    text = text_of(row.get("answer"))
    if text is None:
        raise BadInput("it has no text in 'answer'")
    yield Output(
        text=text,
        question=text_of(row.get("problem")),
        prompt=text_of(row.get("user_message")),
        gold=text_of(row.get("gold_answer")),
        item_id=text_of(row.get("problem_idx")),
        model=text_of(row.get("model_name")),
        tokens=chat.tokens(row),
        **_scored(row.get("correct"), row.get("parsed_answer")),
    )


def _scored(correct: Any, answer: Any) -> dict[str, Any]:
    value, read = score_of(correct), text_of(answer)
    answers = {} if value is None or read is None else {"correct": read}
    return {"scores": {} if value is None else {"correct": value}, "answers": answers}


def around(path: Path, first: Row) -> Around:  # noqa: ARG001  as every format's
    """Name the model by its folder, where the file still lies in the tree: ``outputs/COMPETITION/MODEL/N.json``."""
    where = path.absolute().parents
    inside = len(where) > 2 and where[2].name == "outputs"
    model = where[0].name if inside else None

    def complete(output: Output) -> Output:
        return msgspec.structs.replace(output, model=output.model or model)

    return Around(complete=complete)


PROBLEM = Shipped(
    name="matharena",
    what="file of MathArena: it has no 'idx', 'messages', 'answers' and 'correct'",
    recognises=is_problem,
    output=problem,
    around=around,
)
TABLE = Shipped(
    name="matharena-table",
    what="table of MathArena: its rows have no 'problem_idx', 'idx_answer', 'answer' and 'model_name'",
    recognises=is_table,
    output=table,
)
