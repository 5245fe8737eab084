"""HealthBench: 5,000 conversations about health, each with its own criteria and their points (Arora et al. 2025).

``healthbench@hard`` are 1,000 of them, ``@consensus`` 3,671 with criteria that physicians agreed on. A judge model says
of each criterion whether the reply meets it (``--judge``). The score is the points met by all that can be gained,
below 0 where faults outweigh (``score:criteria``; the paper clips the mean to 0 and 1); an answer of which one
criterion was not judged has none. Nothing is right or wrong. Layout, files and score: evalscope 1.14.1,
benchmarks/healthbench, and inspect_evals 0.28.0, healthbench/dataset.py.
"""

import json

from rarl_eval.answers import verify_judged
from rarl_eval.types import Item, Known, Message, Row, Source, Task
from rarl_eval.windows import variant

FILES = {
    "all": ("2025-05-07-06-14-12_oss_eval.jsonl", 5000),
    "hard": ("hard_2025-05-08-21-00-10.jsonl", 1000),
    "consensus": ("consensus_2025-05-09-20-00-46.jsonl", 3671),
}


def item(row: Row) -> Item:
    """Read one conversation; the last turn is what is asked, the turns before it are its context."""
    turns = [(turn["role"], turn["content"]) for turn in row["prompt"]]
    rubrics = [{"criterion": r["criterion"], "points": r["points"]} for r in row["rubrics"]]
    return Item(
        id=row["prompt_id"],
        question=turns[-1][1],
        context="\n".join(content for _, content in turns[:-1]),
        gold=json.dumps([r["criterion"] for r in rubrics], ensure_ascii=False),
        meta={"turns": turns, "rubrics": rubrics, "tags": list(row.get("example_tags") or ())},
    )


def prompt(item: Item) -> list[Message]:
    """Return the conversation as it stands."""
    return [Message(role=role, content=content) for role, content in item.meta["turns"]]


def source(part: str) -> Source:
    """Name the file of a part."""
    file, items = FILES[part]
    return Source(
        path="openai/healthbench",
        split=part,
        licence="MIT",
        released="2025-05-12",
        files=(file,),
        known=(Known(items=items, of="the paper, and evalscope 1.14.1 for consensus"),),
        unproven="the licence",
    )


def edition(text: str) -> Task:
    """Return the task of a part."""
    return variant(TASK, {part: source(part) for part in FILES}, text)


TASK = Task(
    name="healthbench",
    domain="medicine",
    source=source("all"),
    item=item,
    verify=verify_judged,
    judged=True,
    style="zero-shot",
    window=edition,
    prompt=prompt,
    paper="https://arxiv.org/abs/2505.08775",
)
