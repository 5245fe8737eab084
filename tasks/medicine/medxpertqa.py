"""MedXpertQA, text subset: expert-level questions with ten options (Zuo et al. 2025)."""

from rarl_eval import prompts
from rarl_eval.answers import verify_choice
from rarl_eval.types import Item, Row, Source, Task


def item(row: Row) -> Item:
    """Read one question; its text repeats the options, which are also stored by letter."""
    question = row["question"].split("\nAnswer Choices:")[0].strip()
    stored = row["options"]
    options = {o["letter"]: o["content"] for o in stored} if isinstance(stored, list) else stored
    choices = tuple(options[letter].strip() for letter in sorted(options) if options[letter])
    gold = row["label"][0] if isinstance(row["label"], list) else row["label"]
    meta = {key: row[key] for key in ("medical_task", "body_system", "question_type")}
    return Item(id=row["id"], question=question, choices=choices, gold=gold, meta=meta)


TASK = Task(
    name="medxpertqa",
    domain="medicine",
    version=2,
    source=Source(
        path="TsinghuaC3I/MedXpertQA",
        name="Text",
        split="test",
        licence="MIT",
        released="2025-01-30",
    ),
    item=item,
    verify=verify_choice,
    prompt=prompts.choice,
    paper="https://arxiv.org/abs/2501.18362",
)
