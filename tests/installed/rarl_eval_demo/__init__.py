"""Four small benchmarks of made-up items, answers of three imagined models, and a corpus that holds some items.

They are an installed package to the program: its entry points bring them. Their truth is known: each answer carries
the verdict it must get, and each document of the corpus says which item was planted in it and how. *careful* reasons at
length and knows as much of clean as of planted items; *memoriser* is short and right on what was planted; *rambler*
repeats itself and is often cut off.
"""

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from rarl_eval import prompts
from rarl_eval.answers import verify_choice, verify_literal, verify_number
from rarl_eval.types import Domain, Item, Message, Row, Source, Task

TASKS = "demo_math,demo_code,demo_finance,demo_medicine"
MODELS = ("demo-careful", "demo-memoriser", "demo-rambler")
SAMPLES = 3


def path(name: str) -> Path:
    """A file of this package."""
    return Path(__file__).with_name(name)


def rows(name: str) -> list[dict[str, Any]]:
    """Rows of a file of this package."""
    return [json.loads(line) for line in path(name).read_text("utf-8").split("\n") if line]


def item(row: Row) -> Item:
    """A question with a gold, and with options where it has them."""
    return Item(id=row["id"], question=row["question"], choices=tuple(row.get("choices", ())), gold=row["answer"])


def call(row: Row) -> Item:
    """A function with its input; its output is asked."""
    return Item(id=row["id"], question=f"{row['code']}\n\nassert f({row['input']}) ==", gold=row["output"])


def value(item: Item) -> list[Message]:
    """Ask for the value of a call as a Python literal."""
    asked = (
        f"```python\n{item.question}\n```\n\nWhat must stand after the last line? Think step by step, then finish with "
        '"The answer is" followed by the value as a Python literal.'
    )
    return [Message(role="user", content=asked)]


def made(domain: Domain, read: Callable[[Row], Item], verify: Callable[..., Any], prompt: Callable[..., Any]) -> Task:
    name = f"demo_{domain}"
    return Task(
        name=name,
        domain=domain,
        source=Source(path=f"made:{name}", split="all", licence="Apache-2.0", released="2026-11-23"),
        item=read,
        verify=verify,
        prompt=prompt,
        paper="https://arxiv.org/abs/2602.09305",
        generate=partial(rows, f"{name}.jsonl"),
    )


MATH = made("math", item, verify_number, prompts.worked)
CODE = made("code", call, verify_literal, value)
FINANCE = made("finance", item, verify_number, prompts.worked)
MEDICINE = made("medicine", item, verify_choice, prompts.choice)
