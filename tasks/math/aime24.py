"""AIME 2024: the 30 problems of AIME I and II, whose answers are whole numbers from 0 to 999."""

from rarl_eval import prompts
from rarl_eval.answers import verify_number
from rarl_eval.types import Item, Known, Row, Source, Task


def item(row: Row) -> Item:
    """Read the hub's layout (``ID``, ``Problem``, ``Answer``) or the lower-case one; 033 and 33 are one answer."""
    row = {key.lower(): value for key, value in row.items()}
    return Item(
        id=str(row["id"]), question=row["problem"], gold=str(int(row["answer"])), solution=row.get("solution") or None
    )


TASK = Task(
    name="aime24",
    domain="math",
    version=2,
    source=Source(
        known=(
            Known(items=30, of="github:QwenLM/Qwen2.5-Math@a45202bd", fingerprint="1dd162b37a8ebd1d19fd8c65c5904d46"),
        ),
        path="Maxwell-Jia/AIME_2024",
        split="train",
        licence="MIT",
        released="2024-02-07",
        local=("math/qwen_math_eval/aime24.test.jsonl",),
    ),
    item=item,
    verify=verify_number,
    prompt=prompts.worked,
    paper="https://artofproblemsolving.com/wiki/index.php/2024_AIME_I",
)
