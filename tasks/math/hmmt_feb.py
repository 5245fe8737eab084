"""HMMT February, as MathArena publishes it: 2026 (33 problems), and ``hmmt_feb@2025`` (30).

Columns ``problem_idx``, ``problem``, ``answer`` and ``problem_type`` of the split ``train``, and the numbers of
problems: evalscope 1.14.1, benchmarks/hmmt/hmmt25_adapter.py and hmmt26_adapter.py; the date: eth-sri/matharena,
configs/competitions/hmmt/hmmt_feb_2026.yaml, commit 63f9e595. Rule: equal as mathematics.
"""

from rarl_eval import prompts
from rarl_eval.answers import verify_math
from rarl_eval.types import Item, Known, Row, Source, Task
from rarl_eval.windows import variant

COUNTED = "the hub, as evalscope 1.14.1 counts it"


def item(row: Row) -> Item:
    """Read one problem; its answer is LaTeX without delimiters."""
    return Item(
        id=str(row["problem_idx"]),
        question=row["problem"].strip(),
        gold=str(row["answer"]).strip(),
        meta={"type": row.get("problem_type")},
    )


def source(contest: str, problems: int, released: str | None) -> Source:
    """Name a contest's dataset."""
    return Source(
        path=f"MathArena/{contest}",
        split="train",
        licence="CC-BY-NC-SA-4.0",
        released=released,
        known=(Known(items=problems, of=COUNTED),),
    )


def edition(text: str) -> Task:
    """Return the task of another year."""
    return variant(TASK, {"2025": source("hmmt_feb_2025", 30, None), "2026": TASK.source}, text)


TASK = Task(
    name="hmmt_feb",
    domain="math",
    source=source("hmmt_feb_2026", 33, "2026-02-14"),
    item=item,
    verify=verify_math,
    window=edition,
    prompt=prompts.worked,
    paper="https://matharena.ai",
)
