"""Synthetic dosing and bedside calculations that ship with the package, for the demo; four options each."""

from rarl_eval import prompts
from rarl_eval.answers import verify_choice
from rarl_eval.types import Item, Row, Source, Task


def item(row: Row) -> Item:
    """Read one generated problem."""
    return Item(id=row["id"], question=row["question"], choices=tuple(row["choices"]), gold=row["answer"])


TASK = Task(
    name="demo_medicine",
    domain="medicine",
    source=Source(path="embedded:demo_medicine.jsonl", split="all", licence="Apache-2.0", released="2026-11-23"),
    item=item,
    verify=verify_choice,
    prompt=prompts.choice,
    paper="https://arxiv.org/abs/2602.09305",
)
