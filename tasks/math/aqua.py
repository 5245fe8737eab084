"""AQuA-RAT: algebra word problems with five options (Ling et al. 2017)."""

import re
from dataclasses import replace

from rarl_eval import prompts
from rarl_eval.answers import verify_choice
from rarl_eval.types import Item, Known, Row, Shots, Source, Task


def item(row: Row) -> Item:
    """Take the letter off each option, which is stored as ``A)5`` or ``A)  5``."""
    choices = tuple(re.sub(r"^\s*\(?[A-E]\s*\)\s*", "", option).strip() for option in row["options"])
    return Item(id="", question=row["question"], choices=choices, gold=row["correct"], solution=row["rationale"])


def source(split: str) -> Source:
    """Name a split."""
    return Source(
        path="deepmind/aqua_rat",
        name="raw",
        split=split,
        licence="Apache-2.0",
        released="2017-05-11",
        local=(f"math/qwen_math_eval/aqua.{split}.jsonl",),
    )


TASK = Task(
    name="aqua",
    domain="math",
    version=2,
    source=replace(
        source("test"),
        known=(
            Known(items=254, of="github:QwenLM/Qwen2.5-Math@a45202bd", fingerprint="89e7ab76fcd94b66a812742ce9477b86"),
        ),
    ),
    item=item,
    verify=verify_choice,
    prompt=prompts.choice,
    shots=Shots(source=source("validation"), places=(0, 1, 2, 3)),
    paper="https://arxiv.org/abs/1705.04146",
)
