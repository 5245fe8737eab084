"""MBPP: short Python functions from a sentence and three asserts (Austin et al. 2021); the test split, tasks 11-510.

What the tests take from the program are the names that the reference defines and the tests use, also where one is a
built-in's (``sum``, ``min``). Ten seconds a sample, since one reference takes three.
"""

import ast
from dataclasses import replace

from rarl_eval.sandbox import Program
from rarl_eval.sandbox.grade import grade, passed
from rarl_eval.sandbox.prepare import parsed
from rarl_eval.sandbox.replies import code_in
from rarl_eval.types import Item, Known, Message, Row, Shots, Source, Task, Verdict

_TEST_SPLIT = range(11, 511)


_EXAMPLES = (2, 3, 4)


def item(row: Row) -> Item | None:
    """Read one problem of the test split; local files hold all splits."""
    return _item(row) if int(row["task_id"]) in _TEST_SPLIT else None


def example(row: Row) -> Item | None:
    """Read one of the problems that the paper shows as examples."""
    return _item(row) if int(row["task_id"]) in _EXAMPLES else None


def _item(row: Row) -> Item:
    code = row["code"].replace("\r", "")
    tests = "\n".join([row["test_setup_code"].replace("\r", ""), *(test.strip() for test in row["test_list"])])
    return Item(
        id=str(row["task_id"]),
        question=row["text"],
        gold=code,
        tests=tests,
        meta={"names": asked_for(code, tests), "shown": list(row["test_list"])},
    )


def asked_for(code: str, tests: str) -> list[str]:
    """Return the names that a reference defines and tests use."""
    used = {node.id for node in ast.walk(parsed(tests)) if isinstance(node, ast.Name)}
    defined = {node.name for node in parsed(code).body if isinstance(node, (ast.FunctionDef, ast.ClassDef))}
    return sorted(used & defined)


def program(item: Item, answer: str, seconds: float = 10) -> tuple[Program | None, str]:
    """Return what is run, None where the answer holds no code, and the code."""
    names = item.meta["names"]
    code = code_in(answer, names[0] if names else None)
    tested = Program(code=code, tests=item.tests or "", names=tuple(names), seconds=seconds) if code.strip() else None
    return tested, code


def verify(item: Item, answer: str) -> Verdict:
    """Run the asserts on what the answer defines."""
    return grade(*program(item, answer))


def score(item: Item, answer: str) -> dict[str, float | None]:
    """Return the share of the asserts that pass."""
    return passed(program(item, answer)[0])


def prompt(item: Item) -> list[Message]:
    """Return the sentence and the asserts, as in the paper, without examples."""
    tests = "\n".join(item.meta["shown"])
    asked = f"{item.question}\n\nYour code should pass these tests:\n\n```python\n{tests}\n```\n\n"
    return [Message(role="user", content=f"{asked}Reply with the code in one ```python block.")]


def shown(item: Item) -> str:
    """Write an example's answer."""
    return f"```python\n{item.gold.strip()}\n```"


def source(split: str) -> Source:
    """Name a split of the hub's; a local file holds all."""
    return Source(
        path="google-research-datasets/mbpp",
        name="full",
        split=split,
        licence="CC-BY-4.0",
        released="2021-08-16",
        local=("code/mbpp/mbpp.jsonl",),
    )


TASK = Task(
    name="mbpp",
    domain="code",
    version=2,
    source=replace(
        source("test"),
        known=(
            Known(
                items=500,
                of="github:deepseek-ai/DeepSeek-Coder@2f9fd859",
                fingerprint="b1c6235fd596caa363b5ac86ca5e921c",
            ),
        ),
    ),
    item=item,
    verify=verify,
    score=score,
    runs_code=True,
    prompt=prompt,
    style="zero-shot",
    # The paper's own examples: tasks 2, 3 and 4.
    shots=Shots(source=source("prompt"), places=(0, 1, 2), item=example, answer=shown),
    paper="https://arxiv.org/abs/2108.07732",
)
