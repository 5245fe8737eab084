"""FinanceMath: problems of finance that need its formulas, some with tables (Zhao et al. 2024; once KnowledgeMath).

The validation split, since the test split's answers are not public. The authors' code (utils/evaluation_utils.py,
commit 3166a77) counts a number within 4 % of the gold as right, and also one a hundred, a thousand or a million times
too large or too small, and the other sign; those are wrong here. Whether the paper states a tolerance was not checked.
"""

from rarl_eval import prompts
from rarl_eval.answers import limits_around, verify_within
from rarl_eval.types import Item, Row, Source, Task

TOLERANCE = 0.04
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
    source=Source(
        path="yale-nlp/FinanceMath",
        split="validation",
        licence="MIT",
        released="2023-11-16",
    ),
    item=item,
    verify=verify_within,
    prompt=prompts.reasoned(FORM),
    direct=prompts.plain(FORM),
    paper="https://arxiv.org/abs/2311.09797",
)
