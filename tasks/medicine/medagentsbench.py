"""MedAgentsBench: 862 hard questions of nine medical benchmarks (Tang et al. 2025).

Those that at most half of the models solved (``test_hard``); the 32 of AfriMedQA are not in the authors' 862. They are
questions of medqa, medmcqa, pubmedqa and others, which this benchmark shares with their tasks. Layout: the authors'
repository, gersteinlab/medagents-benchmark@f5e50b69, data/*/test_hard.jsonl. Rule: the option's letter.
"""

from rarl_eval import prompts
from rarl_eval.answers import verify_choice
from rarl_eval.types import Item, Known, Row, Source, Task

PARTS = ("MedQA", "MedMCQA", "PubMedQA", "MedExQA", "MMLU-Pro", "MMLU", "MedBullets", "MedXpertQA-R", "MedXpertQA-U")


def item(row: Row) -> Item:
    """Read one question; of parts with fewer options the last letters hold nothing, or "n/a"."""
    stored = {letter: (text or "").strip() for letter, text in row["options"].items()}
    letters = sorted(stored)
    while letters and stored[letters[-1]].lower() in {"", "n/a"} and letters[-1] != row["answer_idx"]:
        letters.pop()
    return Item(
        id=str(row["realidx"]),
        question=row["question"].strip(),
        choices=tuple(stored[letter] for letter in letters),
        gold="ABCDEFGHIJ"[letters.index(row["answer_idx"])],
        solution=row.get("reason") or row.get("answer_rationale") or None,
    )


TASK = Task(
    name="medagentsbench",
    domain="medicine",
    source=Source(
        known=(Known(items=862, of="the paper's table of the hard set"),),
        path="super-dainiu/medagents-benchmark",
        split="test_hard",
        licence="MIT",
        released="2025-03-10",
        files=tuple(f"{part}/test_hard-00000-of-00001.parquet" for part in PARTS),
        unproven="that the hub's files hold the columns of the repository's",
    ),
    item=item,
    verify=verify_choice,
    prompt=prompts.choice,
    paper="https://arxiv.org/abs/2503.07459",
)
