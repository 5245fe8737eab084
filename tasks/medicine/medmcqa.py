"""MedMCQA: questions of Indian medical entrance exams with four options (Pal et al. 2022).

The validation split, as everybody reports it: the test split's answers are not public.
"""

import string
from dataclasses import replace

from rarl_eval import prompts
from rarl_eval.answers import verify_choice
from rarl_eval.types import Item, Known, Row, Shots, Source, Task


def item(row: Row) -> Item | None:
    """Read the hub's layout (``opa`` to ``opd``, ``cop``) or MIRAGE's, whose file holds other benchmarks too."""
    if row.get("_part", "medmcqa") != "medmcqa":
        return None
    if "opa" in row:
        choices = tuple(row[f"op{letter}"].strip() for letter in "abcd")
        gold, note = string.ascii_uppercase[row["cop"]], row.get("exp") or None
        return Item(id=row["id"], question=row["question"].strip(), choices=choices, gold=gold, solution=note)
    choices = tuple(row["options"][letter].strip() for letter in "ABCD")
    identifier = row["_id"].rpartition("/")[2]
    return Item(id=identifier, question=row["question"].strip(), choices=choices, gold=row["answer"])


def source(split: str) -> Source:
    """Name a split."""
    return Source(
        path="openlifescienceai/medmcqa",
        split=split,
        licence="Apache-2.0",
        released="2022-03-27",
        local=("medical/mirage_benchmark/benchmark.json",) if split == "validation" else (),
    )


TASK = Task(
    name="medmcqa",
    domain="medicine",
    version=2,
    source=replace(
        source("validation"),
        known=(
            Known(
                items=4183,
                of="github:QingxuanKong/FLARE-Med-New@7f8c971f",
                fingerprint="e5acc56f69fdd60e4224be4f4126acfe",
            ),
        ),
    ),
    item=item,
    verify=verify_choice,
    prompt=prompts.choice,
    shots=Shots(source=source("train"), places=(0, 1, 2, 3, 4)),
    paper="https://arxiv.org/abs/2203.14371",
)
