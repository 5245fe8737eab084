"""AMC 2023: the 40 problems of AMC 12A and 12B whose answer is a number."""

from rarl_eval import prompts
from rarl_eval.answers import verify_number
from rarl_eval.types import Item, Known, Row, Source, Task


def item(row: Row) -> Item:
    """Read one problem, whose column is ``question`` on the hub; golds such as 27.0 are whole numbers as floats."""
    return Item(
        id=str(row["id"]),
        question=row["question" if "question" in row else "problem"],
        gold=f"{float(row['answer']):.12g}",
    )


TASK = Task(
    name="amc23",
    domain="math",
    version=2,
    source=Source(
        known=(
            Known(items=40, of="github:QwenLM/Qwen2.5-Math@a45202bd", fingerprint="3d67674196761d3c2a4c514869344c89"),
        ),
        path="math-ai/amc23",
        split="test",
        licence="unknown",
        released="2023-11-14",
        local=("math/qwen_math_eval/amc23.test.jsonl",),
    ),
    item=item,
    verify=verify_number,
    prompt=prompts.worked,
    paper="https://artofproblemsolving.com/wiki/index.php/2023_AMC_12A",
)
