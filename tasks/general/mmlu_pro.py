"""MMLU-Pro: 12,032 questions of fourteen subjects with up to ten options (Wang et al. 2024).

Columns: lm-eval 0.4.13, tasks/mmlu_pro/utils.py, and evalscope 1.14.1, mmlu_pro_adapter.py. Rule: the option's letter.
Few-shot examples are the validation rows of the item's subject with their written reasoning, as everybody shows them.
"""

from dataclasses import replace

from rarl_eval import prompts
from rarl_eval.answers import verify_choice
from rarl_eval.types import Item, Known, Row, Shots, Source, Task

LEAD = "A: Let's think step by step."


def item(row: Row) -> Item:
    """Read one question; its options keep their order."""
    return Item(
        id=str(row["question_id"]),
        question=row["question"].strip(),
        choices=tuple(option.strip() for option in row["options"]),
        gold=row["answer"],
        solution=(row.get("cot_content") or "").removeprefix(LEAD).strip() or None,
        meta={"subject": row["category"].lower()},
    )


def source(split: str) -> Source:
    """Name a split."""
    return Source(path="TIGER-Lab/MMLU-Pro", split=split, licence="MIT", released="2024-06-03")


TASK = Task(
    name="mmlu_pro",
    domain="general",
    source=replace(source("test"), known=(Known(items=12032, of="the hub, as evalscope 1.14.1 counts it"),)),
    item=item,
    verify=verify_choice,
    prompt=prompts.choice,
    shots=Shots(source=source("validation"), places=(0, 1, 2, 3, 4), same="subject"),
    paper="https://arxiv.org/abs/2406.01574",
)
