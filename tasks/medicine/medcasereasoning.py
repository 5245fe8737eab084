"""MedCaseReasoning: name the diagnosis of a published case report, in free text (Wu et al. 2025); 897 test cases.

A judge model compares with the diagnosis that the report's authors made, as in the paper; without one answers are
unjudged. Cases of one article share a group.
"""

from rarl_eval import prompts
from rarl_eval.answers import verify_judged
from rarl_eval.types import Item, Known, Row, Source, Task

FORM = 'a line of the form "Answer: X", where X is the single most likely diagnosis'


def item(row: Row) -> Item:
    """Read one case: what was known before the diagnosis, and the diagnosis."""
    return Item(
        id="",
        question="What is the diagnosis?",
        gold=row["final_diagnosis"].strip(),
        context=row["case_prompt"].strip(),
        solution=row["diagnostic_reasoning"],
        released=(row["publication_date"] or "")[:10] or None,
        group=row["pmcid"],
    )


TASK = Task(
    name="medcasereasoning",
    domain="medicine",
    source=Source(
        known=(Known(items=897, of="the hub, as reported 2026-11-30"),),
        path="zou-lab/MedCaseReasoning",
        split="test",
        licence="CC-BY-4.0",
        released="2025-05-16",
    ),
    item=item,
    verify=verify_judged,
    judged=True,
    prompt=prompts.reasoned(FORM),
    direct=prompts.plain(FORM),
    paper="https://arxiv.org/abs/2505.11733",
)
