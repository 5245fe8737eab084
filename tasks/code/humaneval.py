"""HumanEval: complete a Python function from its signature and docstring (Chen et al. 2021).

The prompt's own helpers (``poly``, ``encode_cyclic``) judge the answer as the benchmark wrote them, whatever the
completion redefines. Three seconds a sample, as in the paper's harness; pass@k is in rarl_eval.stats.
"""

from rarl_eval.sandbox import Program
from rarl_eval.sandbox.grade import grade, passed
from rarl_eval.sandbox.replies import completed
from rarl_eval.types import Item, Known, Message, Row, Source, Task, Verdict


def item(row: Row) -> Item:
    """Read one problem; its gold is the whole reference program."""
    return Item(
        id=row["task_id"],
        question=row["prompt"],
        gold=row["prompt"] + row["canonical_solution"],
        tests=row["test"],
        meta={"entry": row["entry_point"]},
    )


def program(item: Item, answer: str) -> Program | None:
    """Return the prompt with the completion behind it, as the paper runs it, or with a whole function behind it."""
    whole, _ = completed(item.question, answer, item.meta["entry"])
    return None if whole is None else _tested(item, whole)


def _tested(item: Item, whole: str, seconds: float | None = None) -> Program:
    entry = item.meta["entry"]
    return Program(
        code=whole, tests=item.tests or "", entry=entry, preamble=item.question, names=(entry,), seconds=seconds
    )


def completion(item: Item, answer: str, seconds: float | None = None) -> Verdict:
    """Judge an answer by the problem's ``check``; ``seconds`` of processor time, the sandbox's where None."""
    whole, shown = completed(item.question, answer, item.meta["entry"])
    return grade(None if whole is None else _tested(item, whole, seconds), shown)


def verify(item: Item, answer: str) -> Verdict:
    """Run the problem's ``check`` on the completed function."""
    return completion(item, answer)


def score(item: Item, answer: str) -> dict[str, float | None]:
    """Return the share of the asserts of ``check`` that pass."""
    return passed(program(item, answer))


def prompt(item: Item) -> list[Message]:
    """Ask for the whole function in one fenced block."""
    asked = "Complete this Python function. Reply with the whole function in one ```python block.\n\n"
    return [Message(role="user", content=f"{asked}```python\n{item.question}\n```")]


TASK = Task(
    name="humaneval",
    domain="code",
    version=2,
    source=Source(
        known=(
            Known(items=164, of="github:openai/human-eval@6d43fb98", fingerprint="4d15acef522f1db003590cbb1fed4151"),
        ),
        path="openai/openai_humaneval",
        split="test",
        licence="MIT",
        released="2021-07-07",
        local=("code/humaneval/HumanEval.jsonl",),
    ),
    item=item,
    verify=verify,
    score=score,
    runs_code=True,
    prompt=prompt,
    style="zero-shot",
    paper="https://arxiv.org/abs/2107.03374",
)
