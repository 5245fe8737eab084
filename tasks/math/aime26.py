"""AIME 2026: the 30 problems of AIME I and II, whose answers are whole numbers from 0 to 999.

Columns: inspect_evals 0.28.0, aime2026.py, and evalscope 1.14.1, aime_adapter.py (``math-ai/aime26``, at 79037aeb in
the former); MathArena's copy (``MathArena/aime_2026``, eth-sri/matharena, configs/competitions/aime/aime_2026.yaml,
commit 63f9e595) numbers its problems by ``problem_idx`` and is read too.
"""

from rarl_eval import prompts
from rarl_eval.answers import verify_number
from rarl_eval.types import Item, Known, Row, Source, Task


def item(row: Row) -> Item:
    """Read one problem; 033 and 33 are one answer."""
    number = row["id" if "id" in row else "problem_idx"]
    return Item(id=str(number), question=row["problem"].strip(), gold=str(int(row["answer"])))


TASK = Task(
    name="aime26",
    domain="math",
    source=Source(
        known=(Known(items=30, of="the hub, as evalscope 1.14.1 counts it"),),
        path="math-ai/aime26",
        split="test",
        licence="unknown",
        released="2026-02-06",
    ),
    item=item,
    verify=verify_number,
    prompt=prompts.worked,
    paper="https://artofproblemsolving.com/wiki/index.php/2026_AIME_I",
)
