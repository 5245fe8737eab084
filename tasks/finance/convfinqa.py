"""ConvFinQA: conversations about a page of an earnings report; each turn rests on those before it (Chen et al. 2022).

The development split, since the test split's golds are not public: every turn of the authors' turn-level file, or,
from the layout of another repository, the last turn of each conversation. A prompt shows the earlier questions without
their answers. Rule: as FinQA's, execution accuracy to five decimals (see finqa.py for source and commit).
"""

from dataclasses import replace

from rarl_eval import prompts
from rarl_eval.answers import verify_executed
from rarl_eval.tasks.finance.finqa import FORM as ONE_QUESTION
from rarl_eval.tasks.finance.finqa import page, result
from rarl_eval.types import Item, Known, Row, Shots, Source, Task

FORM = ONE_QUESTION.replace('"Answer: X".', '"Answer: X" for the last question.')


def item(row: Row) -> Item:
    """Read one turn with the questions before it."""
    last_only = "questions" in row
    turns = row["questions"] if last_only else row["annotation"]["cur_dial"]
    value = row["answer"] if last_only else row["annotation"]["exe_ans"]
    return Item(
        id=row["id"],
        question="\n".join(turn.strip() for turn in turns),
        gold=result(value),
        context=f"{row['text']}\n\n{row['table']}" if last_only else page(row),
        solution="\n".join(row["programs"]) if last_only else None,
        group=row["id"] if last_only else row["id"].rpartition("_")[0],
    )


def source(split: str) -> Source:
    """Name the file of a split."""
    return Source(
        path="github:czyssrs/ConvFinQA",
        split=split,
        licence="MIT",
        released="2022-10-07",
        files=(f"data.zip#{split}_turn.json",),
        local=(f"finance/convfinqa/{split}_turn.json", f"finance/pot_finance/convfinqa_{split}.json"),
    )


TASK = Task(
    name="convfinqa",
    domain="finance",
    version=2,
    source=replace(
        source("dev"),
        known=(
            Known(items=1490, of="github:czyssrs/ConvFinQA@cf3eed2d"),
            Known(
                items=421,
                of="github:TIGER-AI-Lab/Program-of-Thoughts@850399c3",
                fingerprint="fa9494d856d487bea1e08148b990729d",
            ),
        ),
    ),
    item=item,
    verify=verify_executed,
    prompt=prompts.reasoned(FORM),
    direct=prompts.plain(FORM),
    shots=Shots(source=source("train"), places=(0, 1, 2, 3)),
    paper="https://arxiv.org/abs/2210.03849",
)
