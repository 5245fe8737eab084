"""GSM-Plus: each question of GSM8K's test changed in eight ways (Li et al. 2024).

Columns: lighteval 0.13.0, tasks/gsm_plus.py, lm-eval 0.4.13, tasks/gsm_plus, and NVIDIA-NeMo/Skills,
nemo_skills/dataset/gsm-plus/prepare.py, commit c11236ae. Where the change took a premise away ("critical thinking")
the answer is ``None``: to say that it cannot be determined is right, as in NeMo-Skills; lighteval leaves those out.
Changes of one question share a group.
"""

import hashlib
from collections.abc import Callable

from rarl_eval import prompts
from rarl_eval.answers import by_rule, verify_number, verify_unanswerable
from rarl_eval.types import UNANSWERABLE, Item, Row, Source, Task, Verdict


def item(row: Row) -> Item:
    """Read one changed question."""
    answer = str(row["answer"]).strip()
    return Item(
        id="",
        question=row["question"].strip(),
        gold=UNANSWERABLE if answer in {"None", ""} else answer,
        solution=row.get("solution") or None,
        group=hashlib.blake2b(row["seed_question"].strip().encode(), digest_size=8).hexdigest(),
        meta={"perturbation": row["perturbation_type"]},
    )


def rule(item: Item) -> Callable[[Item, str], Verdict]:
    """Return how an item is judged: by its number, or by whether the reply declines."""
    return verify_unanswerable if item.gold == UNANSWERABLE else verify_number


TASK = Task(
    name="gsm_plus",
    domain="math",
    source=Source(
        path="qintongli/GSM-Plus",
        split="test",
        licence="CC-BY-SA-4.0",
        released="2024-02-29",
        unproven="its number of rows, and its licence",
    ),
    item=item,
    verify=by_rule(rule),
    reads=rule,
    prompt=prompts.worked,
    paper="https://arxiv.org/abs/2402.19255",
)
