"""RewardBench's outputs: the texts that a reward model scored, with its scores (``eval-set-scores/ORG/MODEL.json``).

The file is one object of columns with the model's name beside them; ``rewardbench --save_all`` writes rows. Version 1
has a chosen and a rejected text, version 2 a list of texts of which the first ``num_correct`` are right. Each text is
an output whose recorded reward is the model's score; whether the benchmark prefers it is its score ``chosen``. Read
against reward-bench's run_rm.py and run_v2.py.
"""

from collections.abc import Iterator
from typing import Any

from rarl_eval.errors import BadInput
from rarl_eval.importers import chat
from rarl_eval.importers.outputs import Output, count, element, flat, number, text_of
from rarl_eval.importers.shipped import Row, Shipped

_PAIR = {"text_chosen", "text_rejected", "scores_chosen", "scores_rejected"}
_MANY = {"text", "scores", "num_correct"}


def is_rewardbench(row: Row) -> bool:
    """Whether a row is a scored set of texts, or the object of all of them."""
    return row.keys() >= _PAIR or (row.keys() >= _MANY and isinstance(row["text"], list))


def parts(row: Row) -> Iterator[Row]:
    """Yield the rows of an object of columns, each with the reward model's name; a row is itself."""
    columns = {name: value for name, value in row.items() if isinstance(value, list)}
    whole = {"scores_chosen", "num_correct"} & columns.keys() and (
        isinstance(row.get("subset"), list) or isinstance(row.get("id"), list) or "model" in row
    )
    if not whole:
        yield row
        return
    apart = {name: value for name, value in row.items() if name not in columns}
    many = max(map(len, columns.values()), default=0)
    yield from (apart | {name: element(value, k) for name, value in columns.items()} for k in range(many))


def output(row: Row) -> Iterator[Output]:
    """Yield each text of a row with its reward."""
    judge = text_of(row.get("model")) or "reward"
    listed = list(_scored(row))
    if not listed:
        raise BadInput("it has no texts with scores")
    for text, score, right in listed:
        prompt, said = _split(text)
        yield Output(
            text=said,
            prompt=prompt,
            item_id=text_of(row.get("id")),
            rewards={judge: score},
            scores={"chosen": float(right)},
        )


def _scored(row: Row) -> Iterator[tuple[Any, float | None, bool]]:
    """Yield each text, its score and whether it is a preferred one."""
    if "text_chosen" in row:
        yield row["text_chosen"], _score(row.get("scores_chosen")), True
        yield row.get("text_rejected"), _score(row.get("scores_rejected")), False
        return
    right = count(row.get("num_correct")) or 0
    texts = row.get("text")
    for k, text in enumerate(texts if isinstance(texts, list) else []):
        yield text, _score(element(row.get("scores"), k)), k < right


def _score(value: Any) -> float | None:
    """Read a score, which some models give in a list of one."""
    return number(element(value, 0) if isinstance(value, list) else value)


def _split(text: Any) -> tuple[str | None, str]:
    """Prompt and answer of a dialogue, or of a text that a chat template made."""
    dialogue = chat.turns(text)
    if not dialogue:
        return chat.unmarked(next(iter(flat(text)), ""))
    prompt, said = chat.answered(dialogue)
    return prompt, said.text if said else ""


REWARDBENCH = Shipped(
    name="rewardbench",
    what="file of RewardBench: it has no 'text_chosen', 'text_rejected' and their scores, nor 'text' and 'scores'",
    recognises=is_rewardbench,
    parts=parts,
    output=output,
)
