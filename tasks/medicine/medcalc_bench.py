"""MedCalc-Bench: what a clinical calculator gives for a patient note, 55 calculators (Khandekar et al. 2024).

The test split of version 1.0, 1,047 notes. Rule: measured values count within the row's own limits, the columns "Lower
Limit" and "Upper Limit" of the data, 5 % to either side of the gold; scores, dates and gestational ages count when met
exactly (the paper; ncbi-nlp/MedCalc-Bench, evaluation/run.py, commit d60e876, hands each row's limits to its check).
"""

from dataclasses import replace

from rarl_eval import prompts
from rarl_eval.answers import verify_calculated
from rarl_eval.types import Item, Known, Row, Shots, Source, Task

FORM = (
    'a line of the form "Answer: X". X is one number, a date as MM/DD/YYYY, or a gestational age as (W weeks, D days)'
)


def item(row: Row) -> Item:
    """Read one note with its question; numbers of some copies are stored as numbers."""
    gold = str(row["Ground Truth Answer"]).strip()
    return Item(
        id=str(row["Row Number"]),
        question=row["Question"].strip(),
        gold=gold.replace("'", ""),
        context=row["Patient Note"].strip(),
        solution=row["Ground Truth Explanation"],
        meta={
            "calculator": row["Calculator Name"],
            "output": row["Output Type"],
            "low": str(row["Lower Limit"]),
            "high": str(row["Upper Limit"]),
        },
    )


def source(split: str) -> Source:
    """Name a split."""
    return Source(
        path="ncbi/MedCalc-Bench-v1.0",
        split=split,
        licence="CC-BY-SA-4.0",
        released="2024-06-12",
    )


TASK = Task(
    name="medcalc_bench",
    domain="medicine",
    version=2,
    source=replace(
        source("test"),
        known=(Known(items=1047, of="the hub, as reported 2026-11-30"),),
    ),
    item=item,
    verify=verify_calculated,
    prompt=prompts.reasoned(FORM),
    direct=prompts.plain(FORM),
    # As in the paper, the example is of the calculator that is asked for; which one is ours.
    shots=Shots(source=source("train"), places=(0,), same="calculator"),
    paper="https://arxiv.org/abs/2406.12036",
)
