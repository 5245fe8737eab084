"""GSM-Symbolic: GSM8K's questions as templates with other names and numbers (Mirzadeh et al. 2024).

``gsm_symbolic@p1`` and ``@p2`` add one and two clauses. Columns ``question``, ``answer`` and ``original_question`` as
public loaders of ``apple/GSM-Symbolic`` read them; the answer stands after ``####``, as in GSM8K. Instances of one
question share a group.
"""

import hashlib

from rarl_eval import prompts
from rarl_eval.answers import verify_number
from rarl_eval.tasks.math.gsm8k import shown
from rarl_eval.types import Item, Row, Source, Task
from rarl_eval.windows import variant


def item(row: Row) -> Item:
    """Read one instance of a template."""
    solution, _, gold = row["answer"].rpartition("####")
    if not solution:
        raise ValueError(f"answer without '####': {row['answer'][-60:]!r}")
    original = row.get("original_question") or ""
    return Item(
        id="",
        question=row["question"].strip(),
        gold=gold.strip(),
        solution=shown(Item(id="", question="", gold=gold.strip(), solution=row["answer"])),
        group=hashlib.blake2b(original.encode(), digest_size=8).hexdigest() if original else None,
    )


def source(level: str) -> Source:
    """Name a level of difficulty."""
    return Source(
        path="apple/GSM-Symbolic",
        name=level,
        split="test",
        licence="unknown",
        released="2024-10-07",
        unproven="its number of rows, and its licence",
    )


def edition(text: str) -> Task:
    """Return the task of a harder level."""
    return variant(TASK, {level: source(level) for level in ("main", "p1", "p2")}, text)


TASK = Task(
    name="gsm_symbolic",
    domain="math",
    source=source("main"),
    item=item,
    verify=verify_number,
    window=edition,
    prompt=prompts.worked,
    paper="https://arxiv.org/abs/2410.05229",
)
