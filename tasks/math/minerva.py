"""Minerva's OCWCourses: 272 problems of MIT science courses; numbers or LaTeX (Lewkowycz et al. 2022)."""

from rarl_eval import prompts
from rarl_eval.answers import final_answer, verify_math
from rarl_eval.types import Item, Known, Row, Source, Task


def item(row: Row) -> Item:
    """Read the hub's layout (``question``, ``answer``) or the one whose ``solution`` boxes the answer."""
    if "answer" in row:
        return Item(id="", question=row["question"], gold=str(row["answer"]))
    final = final_answer(row["solution"])
    if final is None or not final.text:
        raise ValueError(f"solution without a boxed answer: {row['solution'][-60:]!r}")
    meta = {"course": row["type"]}
    return Item(id="", question=row["problem"], gold=final.text, solution=row["solution"], meta=meta)


TASK = Task(
    name="minerva",
    domain="math",
    version=3,
    source=Source(
        known=(
            Known(
                items=272,
                of="github:ZubinGou/math-evaluation-harness@db77bc6b",
                fingerprint="d39d6c85802f66e696bcd5fd94f55cbf",
            ),
        ),
        path="math-ai/minervamath",
        split="test",
        licence="unknown",
        released="2022-06-29",
        local=("math/math_full_and_500/ocw.jsonl",),
    ),
    item=item,
    verify=verify_math,
    prompt=prompts.worked,
    paper="https://arxiv.org/abs/2206.14858",
)
