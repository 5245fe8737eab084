"""FinanceBench: questions on companies' filings with answers in free text (Islam et al. 2023); the open 150.

Asked with the passages that hold the answer, the paper's "oracle" setting. Its authors read every answer themselves;
here a judge model compares with the reference answer, and without one answers are unjudged.
"""

from rarl_eval import prompts
from rarl_eval.answers import verify_judged
from rarl_eval.types import Item, Known, Row, Source, Task

FORM = "the answer in a sentence or two that can be read alone"


def item(row: Row) -> Item:
    """Read one question with the passages marked as its evidence."""
    passages = [part["evidence_text"].strip() for part in row["evidence"]]
    return Item(
        id=row["financebench_id"],
        question=row["question"].strip(),
        gold=row["answer"].strip(),
        context="\n\n".join(passages),
        solution=row.get("justification") or None,
        group=row["doc_name"],
        meta={"question_type": row["question_type"]},
    )


TASK = Task(
    name="financebench",
    domain="finance",
    source=Source(
        known=(Known(items=150, of="the hub, as reported 2026-11-30"),),
        path="PatronusAI/financebench",
        split="train",
        licence="CC-BY-NC-4.0",
        released="2023-11-20",
        files=("financebench_merged.jsonl",),
    ),
    item=item,
    verify=verify_judged,
    judged=True,
    prompt=prompts.reasoned(FORM),
    direct=prompts.plain(FORM),
    paper="https://arxiv.org/abs/2311.11944",
)
