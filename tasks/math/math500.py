"""MATH-500: 500 problems of MATH's test set, chosen by Lightman et al. 2023 as held out.

The problems themselves have been public since MATH (Hendrycks et al., 2021-03-05), which is the date given here.
"""

from rarl_eval import prompts
from rarl_eval.answers import verify_math
from rarl_eval.types import Item, Known, Row, Source, Task


def item(row: Row) -> Item:
    """Read one problem; its answer is LaTeX without delimiters."""
    meta = {"subject": row["subject"], "level": row["level"]}
    return Item(id=row["unique_id"], question=row["problem"], gold=row["answer"], solution=row["solution"], meta=meta)


TASK = Task(
    name="math500",
    domain="math",
    version=3,
    source=Source(
        known=(
            Known(
                items=500,
                of="github:ZubinGou/math-evaluation-harness@db77bc6b",
                fingerprint="d5075407a4c798cf95012b9783cf3eb4",
            ),
        ),
        path="HuggingFaceH4/MATH-500",
        split="test",
        licence="MIT",
        released="2021-03-05",
        local=("math/math_full_and_500/math_oai.jsonl",),
    ),
    item=item,
    verify=verify_math,
    prompt=prompts.worked,
    paper="https://arxiv.org/abs/2305.20050",
)
