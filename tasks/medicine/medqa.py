"""MedQA, the USMLE subset with four options (Jin et al. 2020)."""

import string
from dataclasses import replace

from rarl_eval import prompts
from rarl_eval.answers import verify_choice
from rarl_eval.types import Item, Known, Row, Shots, Source, Task


def item(row: Row) -> Item:
    """Read the hub's layout (``sent1``, ``ending0`` ..., ``label``) or the repository's (``question``, ``options``)."""
    if "sent1" in row:
        choices = tuple(row[f"ending{i}"].strip() for i in range(4))
        gold = string.ascii_uppercase[row["label"]]
        return Item(id=str(row["id"]), question=row["sent1"].strip(), choices=choices, gold=gold)
    choices = tuple(row["options"][letter].strip() for letter in sorted(row["options"]))
    question = row["question"].strip()
    return Item(id=f"test-{row['realidx']:05d}", question=question, choices=choices, gold=row["answer_idx"])


def source(split: str) -> Source:
    """Name a split."""
    return Source(
        path="GBaker/MedQA-USMLE-4-options-hf",
        split=split,
        licence="MIT",
        released="2020-09-28",
        local=("medical/medagents_data/medqa.jsonl",) if split == "test" else (),
    )


TASK = Task(
    name="medqa",
    domain="medicine",
    version=2,
    source=replace(
        source("test"),
        known=(
            Known(
                items=1273,
                of="github:gersteinlab/medagents-benchmark@f5e50b69",
                fingerprint="1c20ee22491a656e20d6805f36ddbbef",
            ),
        ),
    ),
    item=item,
    verify=verify_choice,
    prompt=prompts.choice,
    shots=Shots(source=source("train"), places=(0, 1, 2, 3, 4)),
    paper="https://arxiv.org/abs/2009.13081",
)
