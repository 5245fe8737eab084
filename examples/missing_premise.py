"""Questions beside the same questions without a premise that they need: and who notices.

    rarl-eval run -t examples/missing_premise.py --source missing_premise=rows.jsonl ...

A row is `{"question": "Ann has 3 apples and buys 2. How many ...?", "insufficient_question": "Ann has 3 apples and buys
some. How many ...?", "answer": "5"}`. Each makes two items; the report holds one against the other.
"""

from rarl_eval import prompts
from rarl_eval.answers import parse_number, verify_math, verify_number
from rarl_eval.types import UNANSWERABLE, Item, Row, Source, Task, Verdict


def rows(row: Row) -> list[Row]:
    """Split a row into the whole question and the one that lacks a premise."""
    return [{**row, "lacking": False}, {**row, "lacking": True}]


def item(row: Row) -> Item:
    """Read one of the two; the one that lacks a premise names its twin by content, wherever that was asked."""
    gold = row["answer"].rpartition("####")[2].strip()
    whole = Item(id="", question=row["question"], gold=gold)
    if not row["lacking"]:
        return whole
    return Item(id="", question=row["insufficient_question"], gold=UNANSWERABLE, twin=whole.key)


def verify(item: Item, answer: str) -> Verdict:
    """Judge numbers as word problems do, other golds as mathematics; who declines is told apart for every task."""
    return (verify_number if parse_number(item.gold) else verify_math)(item, answer)


TASK = Task(
    name="missing_premise",
    domain="general",
    source=Source(path="you/missing-premise", split="test", licence="CC0-1.0", released="2026-01-01"),
    item=item,
    rows=rows,
    verify=verify,
    prompt=prompts.worked,
    paper="https://arxiv.org/abs/2504.06514",
)
