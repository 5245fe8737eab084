"""GPQA Diamond: 198 questions of biology, physics and chemistry written by experts, four options (Rein et al. 2023).

The source names the right option first, so that options must be put in an order: here by a hash of SEED and question,
the same in every run and on every machine; ``Item.meta["permutation"]`` holds it. Others shuffle by other seeds
(openai/simple-evals, gpqa_eval.py, commit 0ac027d5: ``Random(0)`` over the file; lm-eval 0.4.13, gpqa/cot_zeroshot:
unseeded). Columns: the same two files. Rule: the option's letter.
"""

import hashlib

from rarl_eval import prompts
from rarl_eval.answers import verify_choice
from rarl_eval.types import Item, Known, Row, Source, Task

SEED = 0
COLUMNS = ("Correct Answer", "Incorrect Answer 1", "Incorrect Answer 2", "Incorrect Answer 3")


def permutation(question: str) -> list[int]:
    """Order the four stored options, the right one being 0."""
    return sorted(range(4), key=lambda place: hashlib.blake2b(f"{SEED}/{question}/{place}".encode()).digest())


def item(row: Row) -> Item:
    """Read one question and put its options in order."""
    question = row["Question"].strip()
    order = permutation(question)
    return Item(
        id=str(row.get("Record ID") or ""),
        question=question,
        choices=tuple(row[COLUMNS[place]].strip() for place in order),
        gold="ABCD"[order.index(0)],
        solution=row.get("Explanation") or None,
        meta={"seed": SEED, "permutation": order, "subject": row.get("High-level domain")},
    )


TASK = Task(
    name="gpqa_diamond",
    domain="science",
    source=Source(
        known=(Known(items=198, of="the hub, as evalscope 1.14.1 counts it"),),
        path="Idavidrein/gpqa",
        name="gpqa_diamond",
        split="train",
        licence="CC-BY-4.0",
        released="2023-11-20",
        gated=True,
    ),
    item=item,
    verify=verify_choice,
    prompt=prompts.choice,
    paper="https://arxiv.org/abs/2311.12022",
)
