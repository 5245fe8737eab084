"""AIME 2025: the 30 problems of AIME I and II, whose answers are whole numbers from 0 to 999."""

from rarl_eval import prompts
from rarl_eval.answers import verify_number
from rarl_eval.types import Item, Known, Row, Source, Task


def item(row: Row) -> Item:
    """Read one problem; 033 and 33 are one answer."""
    return Item(id=str(row["id"]), question=row["problem"], gold=str(int(row["answer"])))


TASK = Task(
    name="aime25",
    domain="math",
    version=2,
    source=Source(
        known=(Known(items=30, of="the hub, as reported 2026-11-30"),),
        path="math-ai/aime25",
        split="test",
        licence="unknown",
        released="2025-02-12",
    ),
    item=item,
    verify=verify_number,
    prompt=prompts.worked,
    paper="https://artofproblemsolving.com/wiki/index.php/2025_AIME_I",
)
