"""OlympiadBench: English olympiad problems of mathematics with open answers and no picture (He et al. 2024)."""

from rarl_eval import prompts
from rarl_eval.answers import verify_math
from rarl_eval.types import Item, Known, Row, Source, Task


def item(row: Row) -> Item:
    """Read one problem; its answers are LaTeX in delimiters, its unit is told to the solver and may be left out."""
    return Item(
        id=str(row["id"]),
        question=row["question"],
        context=row.get("context") or "",
        gold=", ".join(row["final_answer"]),
        solution="\n".join(row["solution"]),
        meta={"answer_type": row["answer_type"], "unit": row.get("unit") or ""},
    )


TASK = Task(
    name="olympiadbench",
    domain="math",
    version=3,
    source=Source(
        known=(
            Known(items=675, of="github:QwenLM/Qwen2.5-Math@a45202bd", fingerprint="a007e025dcec2e48f4a27eeab964f0de"),
            Known(items=674, of="the hub's OE_TO_maths_en_COMP, as reported 2026-11-30"),
        ),
        path="Hothan/OlympiadBench",
        name="OE_TO_maths_en_COMP",
        split="train",
        licence="Apache-2.0",
        released="2024-02-21",
        local=("math/qwen_math_eval/olympiadbench.test.jsonl",),
    ),
    item=item,
    verify=verify_math,
    prompt=prompts.worked,
    paper="https://arxiv.org/abs/2402.14008",
)
