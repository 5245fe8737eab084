"""MATH: the 5,000 test problems of competition mathematics (Hendrycks et al. 2021).

The answer is what the last box of the worked solution holds, as LaTeX. (``math`` is the group of all math tasks.)
"""

from dataclasses import replace

from rarl_eval import prompts
from rarl_eval.answers import final_answer, verify_math
from rarl_eval.types import Item, Known, Row, Shots, Source, Task


def item(row: Row) -> Item:
    """Read one problem and the answer that its solution boxes."""
    final = final_answer(row["solution"])
    if final is None or not final.text:
        raise ValueError(f"solution without a boxed answer: {row['solution'][-60:]!r}")
    meta = {"subject": row["type"], "level": row["level"]}
    gold = " ".join(final.text.split())
    return Item(id="", question=row["problem"], gold=gold, solution=row["solution"], meta=meta)


def source(split: str) -> Source:
    """Name a split."""
    return Source(
        path="DigitalLearningGmbH/MATH-lighteval",
        split=split,
        licence="MIT",
        released="2021-03-05",
        local=("math/math_full_and_500/math.jsonl",) if split == "test" else (),
    )


TASK = Task(
    name="hendrycks_math",
    domain="math",
    version=3,
    source=replace(
        source("test"),
        known=(
            Known(
                items=5000,
                of="github:ZubinGou/math-evaluation-harness@db77bc6b",
                fingerprint="a61ed49967e3e8db08dcde0adfc299ee",
            ),
        ),
    ),
    item=item,
    verify=verify_math,
    prompt=prompts.worked,
    shots=Shots(source=source("train"), places=(0, 1, 2, 3)),
    paper="https://arxiv.org/abs/2103.03874",
)
