"""MedCalc-Bench: what a clinical calculator gives for a patient note, 55 calculators (Khandekar et al. 2024).

The test split of version 1.2, 1,100 notes, which corrects golds: the authors keep 1.0 and 1.1 for reproduction alone.
``medcalc_bench@verified`` is the first author's later check of it (nikhilk7153/MedCalc-Bench-Verified, README, commit
01e1ea7b, which names the columns), ``@v1.0`` the first version (1,047, gated). Rule: measured values count within the
row's own limits, the columns "Lower Limit" and "Upper Limit" of the data, 5 % to either side of the gold; scores, dates
and gestational ages count when met exactly (the paper; ncbi-nlp/MedCalc-Bench, evaluation/run.py, commit d60e876,
hands each row's limits to its check).
"""

from dataclasses import replace

from rarl_eval import prompts
from rarl_eval.answers import verify_calculated
from rarl_eval.types import Item, Known, Row, Shots, Source, Task
from rarl_eval.windows import variant

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
    return Source(path="ncbi/MedCalc-Bench-v1.2", split=split, licence="CC-BY-SA-4.0", released="2024-06-12")


WHOLE = replace(source("test"), known=(Known(items=1100, of="the hub, as others count it"),))
OTHERS = {
    "v1.2": WHOLE,
    "verified": replace(
        WHOLE, path="nsk7153/MedCalc-Bench-Verified", known=(Known(items=1100, of="the authors' README"),)
    ),
    "v1.0": replace(
        WHOLE, path="ncbi/MedCalc-Bench-v1.0", gated=True, known=(Known(items=1047, of="the hub, as reported"),)
    ),
}


def edition(text: str) -> Task:
    """Return the task of another version."""
    return variant(TASK, OTHERS, text)


TASK = Task(
    name="medcalc_bench",
    domain="medicine",
    version=3,
    source=WHOLE,
    window=edition,
    item=item,
    verify=verify_calculated,
    prompt=prompts.reasoned(FORM),
    direct=prompts.plain(FORM),
    # As in the paper, the example is of the calculator that is asked for; which one is ours.
    shots=Shots(source=source("train"), places=(0,), same="calculator"),
    paper="https://arxiv.org/abs/2406.12036",
)
