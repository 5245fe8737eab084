"""GSM8K: grade-school word problems with whole-number answers (Cobbe et al. 2021).

The gold stands after ``####`` in the worked solution, whose ``<<a+b=c>>`` are calculator annotations.
"""

from rarl_eval import prompts
from rarl_eval.answers import verify_number
from rarl_eval.types import Item, Row, Source, Task


def item(row: Row) -> Item:
    """Read one problem; rows are numbered, since GSM8K has no ids of its own."""
    solution, _, gold = row["answer"].rpartition("####")
    if not solution:
        raise ValueError(f"answer without '####': {row['answer'][-60:]!r}")
    return Item(id="", question=row["question"], gold=gold.strip(), solution=row["answer"])


TASK = Task(
    name="gsm8k",
    domain="math",
    source=Source(
        path="openai/gsm8k",
        name="main",
        split="test",
        licence="MIT",
        released="2021-10-27",
        local=("math/gsm8k/test.jsonl",),
    ),
    item=item,
    verify=verify_number,
    prompt=prompts.worked,
    paper="https://arxiv.org/abs/2110.14168",
)
