"""LiveCodeBench, code generation: dated contest problems, by standard input or as a method (Jain et al. 2024).

There is no reference solution: the gold names the public outputs. Private tests are read without running their pickle.
Each release is a file of the dataset (``livecodebench@v6``, rarl_eval/windows.py).
"""

import json

from rarl_eval.sandbox import Program
from rarl_eval.sandbox.contest import contest_program, private_tests
from rarl_eval.sandbox.grade import by_checkers, grade
from rarl_eval.sandbox.replies import code_in
from rarl_eval.sandbox.sources import stands
from rarl_eval.types import Item, Known, Message, Row, Source, Task, Verdict
from rarl_eval.windows import window


def item(row: Row) -> Item:
    """Read one problem with all its tests."""
    public = json.loads(row["public_test_cases"])
    entry = json.loads(row.get("metadata") or "{}").get("func_name")
    asked = f"{row['question_content']}\n\n{row['starter_code']}".strip()
    return Item(
        id=row["question_id"],
        question=asked,
        gold=json.dumps([test["output"] for test in public]),
        tests=json.dumps(public + private_tests(row["private_test_cases"])),
        released=str(row["contest_date"])[:10],
        meta={"entry": entry, "difficulty": row["difficulty"], "platform": row["platform"]},
    )


def verify(item: Item, answer: str) -> Verdict:
    """Run every test on the last block of code, by the benchmark's own checker: numbers exactly."""
    return grade(*program(item, answer))


def verify_contest(item: Item, answer: str) -> Verdict:
    """Run every test by the contests' checkers: numbers with a point within 1e-6, of methods within 1e-5."""
    return grade(*program(item, answer, tolerant=True))


def score(item: Item, answer: str) -> dict[str, float | None]:
    """Return the share of tests that pass by the benchmark's checker, and whether all do by either checker."""
    return by_checkers(program(item, answer)[0], "contest", lambda: program(item, answer, tolerant=True)[0])


def program(item: Item, answer: str, *, tolerant: bool = False) -> tuple[Program | None, str]:
    """Return what is run, None where the answer holds no code, and the code."""
    entry = item.meta["entry"]
    code = code_in(answer, "Solution" if entry else None)
    if entry and not stands(code, "Solution"):
        code = code_in(answer, entry) or code
    tested = contest_program(code, item.tests or "[]", entry, tolerant=tolerant) if code.strip() else None
    return tested, code


def prompt(item: Item) -> list[Message]:
    """Return the problem, and where the answer goes."""
    form = "with the class given" if item.meta["entry"] else "reading standard input and writing standard output"
    asked = f"{item.question}\n\nWrite a correct Python program, {form}. Reply with it in one ```python block."
    return [Message(role="user", content=asked)]


def part(text: str) -> Task:
    """Return the task of some releases or of a span of contest dates."""
    return window(TASK, text)


TASK = Task(
    name="livecodebench",
    domain="code",
    version=2,
    source=Source(
        known=(Known(items=1055, of="the hub, as reported 2026-11-30"),),
        path="livecodebench/code_generation_lite",
        split="test",
        licence="unknown",
        released="2024-03-12",
        files=("test.jsonl", *(f"test{n}.jsonl" for n in range(2, 7))),
    ),
    item=item,
    verify=verify,
    score=score,
    checkers={"contest": verify_contest},
    window=part,
    runs_code=True,
    prompt=prompt,
    style="zero-shot",
    paper="https://arxiv.org/abs/2403.07974",
)
