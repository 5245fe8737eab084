"""FinQA: questions about a page of an earnings report, answered by arithmetic (Chen et al. 2021).

The public test split with its golds. Rule: the paper's execution accuracy, the number rounded to five decimals, or yes
or no (czyssrs/FinQA, code/evaluate/evaluate.py, eval_program and evaluate_result, commit dfc5b72); that rule is of
programs, and how many digits a text must state is ours (rarl_eval/answers/executed.py). The hub's copies are loading
scripts; the authors' repository holds the file.
"""

from rarl_eval import prompts
from rarl_eval.answers import verify_executed
from rarl_eval.types import Item, Row, Shots, Source, Task

FORM = (
    'a line of the form "Answer: X". X is yes or no, or one number without words, in the units of the report, with '
    "five decimals where it has them; give a percentage as a fraction or with a percent sign"
)


def item(row: Row) -> Item:
    """Read one question with the page it is about: text, table, text."""
    asked = row["qa"]
    return Item(
        id=row["id"],
        question=asked["question"].strip(),
        gold=result(asked["exe_ans"]),
        context=page(row),
        solution=asked["program"],
        group=row["id"].rpartition("-")[0],
    )


def page(row: Row) -> str:
    """Write a page: the text before the table, its rows, the text after it."""
    table = "\n".join(" | ".join(cells) for cells in row["table"])
    return "\n\n".join(part for part in ("\n".join(row["pre_text"]), table, "\n".join(row["post_text"])) if part)


def result(value: float | str) -> str:
    """Write what a program gave: yes, no, or a number without an exponent."""
    return value.strip() if isinstance(value, str) else f"{value:.5f}".rstrip("0").rstrip(".")


def source(split: str) -> Source:
    """Name the file of a split."""
    return Source(
        path="github:czyssrs/FinQA",
        split=split,
        licence="MIT",
        released="2021-09-01",
        revision="0f16e2867befa6840783e58be38c9efb9229d742",
        files=(f"dataset/{split}.json",),
        local=(f"finance/finqa/{split}.json",),
    )


TASK = Task(
    name="finqa",
    domain="finance",
    version=2,
    source=source("test"),
    item=item,
    verify=verify_executed,
    prompt=prompts.reasoned(FORM),
    direct=prompts.plain(FORM),
    shots=Shots(source=source("train"), places=(0, 1, 2, 3)),
    paper="https://arxiv.org/abs/2109.00122",
)
