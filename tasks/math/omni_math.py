"""Omni-MATH: 4,428 olympiad problems with answers in any form (Gao et al. 2024).

Columns: OpenCompass 0.5.4, datasets/omni_math.py (``KbsdJames/Omni-MATH``, test). The authors let a model judge
(Omni-Judge). Here an answer that equals the gold as mathematics is right, and a judge model decides the rest
(``--judge``), as OpenCompass's ``omni_math_cascade_eval`` does; without one the rest is unjudged.
"""

from rarl_eval import prompts
from rarl_eval.answers import verify_or_wait
from rarl_eval.types import Item, Known, Row, Source, Task


def item(row: Row) -> Item:
    """Read one problem."""
    return Item(
        id="",
        question=row["problem"].strip(),
        gold=str(row["answer"]).strip(),
        solution=row.get("solution") or None,
        meta={"difficulty": row.get("difficulty"), "domain": row.get("domain"), "source": row.get("source")},
    )


TASK = Task(
    name="omni_math",
    domain="math",
    source=Source(
        known=(Known(items=4428, of="the hub's viewer, as others report it"),),
        path="KbsdJames/Omni-MATH",
        split="test",
        licence="Apache-2.0",
        released="2024-10-10",
    ),
    item=item,
    verify=verify_or_wait,
    judged=True,
    prompt=prompts.worked,
    paper="https://arxiv.org/abs/2410.07985",
)
