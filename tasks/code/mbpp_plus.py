"""MBPP+: a sane subset of MBPP with some thirty-five times as many tests (EvalPlus, Liu et al. 2023).

The tests hold their inputs and what the reference gives for them. Fifteen seconds a sample, for the tests are many.
"""

from rarl_eval.sandbox.grade import grade
from rarl_eval.tasks.code.mbpp import asked_for, program, prompt
from rarl_eval.types import Item, Row, Source, Task, Verdict

SECONDS = 15.0


def item(row: Row) -> Item:
    """Read one problem; the three asserts of MBPP are what the prompt shows."""
    shown = "\n".join(row["test_list"])
    return Item(
        id=str(row["task_id"]),
        question=row["prompt"],
        gold=row["code"].replace("\r", ""),
        tests="\n".join([*row.get("test_imports", ()), row["test"].replace("\r", "")]),
        meta={"names": asked_for(row["code"].replace("\r", ""), shown), "shown": list(row["test_list"])},
    )


def verify(item: Item, answer: str) -> Verdict:
    """Run the tests on what the answer defines."""
    return grade(*program(item, answer, SECONDS))


TASK = Task(
    name="mbpp_plus",
    domain="code",
    source=Source(path="evalplus/mbppplus", split="test", licence="Apache-2.0", released=None),
    item=item,
    verify=verify,
    runs_code=True,
    prompt=prompt,
    style="zero-shot",
    paper="https://arxiv.org/abs/2305.01210",
)
