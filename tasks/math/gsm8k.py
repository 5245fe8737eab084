"""GSM8K: grade-school word problems with whole-number answers (Cobbe et al. 2021).

The gold stands after ``####`` in the worked solution, whose ``<<a+b=c>>`` are calculator annotations.
"""

import re
from dataclasses import replace

from rarl_eval import prompts
from rarl_eval.answers import verify_number
from rarl_eval.types import Item, Known, Row, Shots, Source, Task


def item(row: Row) -> Item:
    """Read one problem; rows are numbered, since GSM8K has no ids of its own."""
    solution, _, gold = row["answer"].rpartition("####")
    if not solution:
        raise ValueError(f"answer without '####': {row['answer'][-60:]!r}")
    return Item(id="", question=row["question"], gold=gold.strip(), solution=row["answer"])


def shown(item: Item) -> str:
    """Write an example's answer: its solution without calculator annotations, and the boxed number."""
    steps = re.sub(r"<<[^<>]*>>", "", (item.solution or "").rpartition("####")[0]).strip()
    return f"{steps}\n\nThe answer is \\boxed{{{item.gold}}}."


def source(split: str) -> Source:
    """Name a split."""
    return Source(
        path="openai/gsm8k",
        name="main",
        split=split,
        licence="MIT",
        released="2021-10-27",
        local=(f"math/gsm8k/{split}.jsonl",),
    )


TASK = Task(
    name="gsm8k",
    domain="math",
    version=2,
    source=replace(
        source("test"),
        known=(
            Known(
                items=1319,
                of="github:openai/grade-school-math@3101c7d5",
                fingerprint="acc4c968fadbdd2a9347c7086d8af5d9",
            ),
        ),
    ),
    item=item,
    verify=verify_number,
    prompt=prompts.worked,
    shots=Shots(source=source("train"), places=tuple(range(8)), answer=shown),
    paper="https://arxiv.org/abs/2110.14168",
)
