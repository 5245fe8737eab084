"""Humanity's Last Exam, its 2,158 questions without a picture (Phan et al. 2025).

Columns and the empty ``image``: OpenCompass 0.5.4, datasets/hle.py, and evalscope 1.14.1, hle_adapter.py. As in the
authors' evaluation a judge model compares with the reference answer; without one answers are unjudged. Options of a
question stand in its text.
"""

from rarl_eval import prompts
from rarl_eval.answers import verify_judged
from rarl_eval.types import Item, Known, Row, Source, Task

FORM = (
    'a line of the form "Answer: X", where X is the final answer alone: a letter where the question gives options, '
    "else as short as it can be"
)


def item(row: Row) -> Item | None:
    """Read one question; None for one about a picture."""
    if row["image"]:
        return None
    return Item(
        id=row["id"],
        question=row["question"].strip(),
        gold=row["answer"].strip(),
        solution=row.get("rationale") or None,
        meta={"type": row["answer_type"], "subject": row["category"]},
    )


TASK = Task(
    name="hle",
    domain="general",
    source=Source(
        known=(Known(items=2158, of="cais/hle@5a81a4c7, as others count it"),),
        path="cais/hle",
        split="test",
        licence="MIT",
        released="2025-01-24",
        files=("data/test-00000-of-00001.parquet",),
        gated=True,
    ),
    item=item,
    verify=verify_judged,
    judged=True,
    prompt=prompts.reasoned(FORM),
    direct=prompts.plain(FORM),
    paper="https://arxiv.org/abs/2501.14249",
)
