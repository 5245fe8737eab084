"""SVAMP: one-step word problems, varied so that shallow patterns fail (Patel et al. 2021).

All 1,000 of them; ``svamp@test`` are the 300 of the hub's test split, which others report.
"""

from dataclasses import replace

from rarl_eval import prompts
from rarl_eval.answers import verify_number
from rarl_eval.types import Item, Known, Row, Source, Task
from rarl_eval.windows import variant


def item(row: Row) -> Item:
    """Join body and question; golds such as 145.0 are whole numbers stored as floats."""
    body = row["Body"].strip()
    joined = (
        f"{body} {row['Question'].strip()}"
        if body.endswith((".", "?", "!", ","))
        else f"{body}. {row['Question'].strip()}"
    )
    gold = f"{float(row['Answer']):.12g}"
    return Item(id=row["ID"], question=joined, gold=gold, meta={"type": row["Type"]})


def edition(text: str) -> Task:
    """Return the task of the test split alone."""
    known = (Known(items=300, of="the hub, as reported 2026-11-30"),)
    return variant(TASK, {"test": replace(TASK.source, split="test", local=(), known=known)}, text)


TASK = Task(
    name="svamp",
    domain="math",
    version=2,
    source=Source(
        known=(
            Known(items=1000, of="github:arkilpatel/SVAMP@689d7cca", fingerprint="a626794defeac4b507ce5d36b89ec5c8"),
        ),
        path="ChilleD/SVAMP",
        split="train+test",
        licence="MIT",
        released="2021-03-12",
        local=("math/svamp_repo/SVAMP.json", "math/qwen_math_eval/svamp.test.jsonl"),
    ),
    item=item,
    verify=verify_number,
    window=edition,
    prompt=prompts.worked,
    paper="https://arxiv.org/abs/2103.07191",
)
