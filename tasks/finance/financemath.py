"""FinanceMath: problems of finance that need its formulas, some with tables (Zhao et al. 2024; once KnowledgeMath).

The validation split, since the test split's answers are not public, from the authors' repository: the hub gives the
same file only to those who accepted its terms. Rule: within 0.15 % of the gold, as in the authors'
code (yale-nlp/FinanceMath, utils/evaluation_utils.py, within_eps, commit bdddc58 of 2024-08-10, with which the paper's
table was made; an earlier one, 3166a77, had 4 %). That code also takes a number off by a power of ten, and one that is
the gold once both are rounded up to three decimals, without their signs; those are wrong here.
"""

from rarl_eval import prompts
from rarl_eval.answers import limits_around, verify_within
from rarl_eval.types import Item, Known, Row, Source, Task

TOLERANCE = 0.0015
FORM = 'a line of the form "Answer: X", where X is one number without words'


def item(row: Row) -> Item:
    """Read one problem; its tables are Markdown."""
    gold = f"{float(row['ground_truth']):.3f}".rstrip("0").rstrip(".")
    return Item(
        id=row["question_id"],
        question=row["question"].strip(),
        gold=gold,
        context="\n\n".join(table.strip() for table in row["tables"] or ()),
        solution=row["python_solution"],
        meta={"topic": row["topic"], **limits_around(gold, TOLERANCE)},
    )


TASK = Task(
    name="financemath",
    domain="finance",
    version=2,
    source=Source(
        known=(Known(items=200, of="the hub, as reported 2026-11-30"),),
        path="github:yale-nlp/FinanceMath",
        split="validation",
        licence="MIT",
        released="2023-11-16",
        revision="bdddc58655947475da852e241b96a7dbd1478742",
        files=("data/validation.json",),
    ),
    item=item,
    verify=verify_within,
    prompt=prompts.reasoned(FORM),
    direct=prompts.plain(FORM),
    paper="https://arxiv.org/abs/2311.09797",
)
