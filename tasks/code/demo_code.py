"""Synthetic output prediction that ships with the package, for the demo: the value of a call is asked."""

from rarl_eval.answers import verify_literal
from rarl_eval.types import Item, Message, Row, Source, Task


def item(row: Row) -> Item:
    """Read one function with its input and output."""
    return Item(id=row["id"], question=f"{row['code']}\n\nassert f({row['input']}) ==", gold=row["output"])


def prompt(item: Item) -> list[Message]:
    """Ask for the value of a call as a Python literal."""
    asked = (
        f"```python\n{item.question}\n```\n\nWhat must stand after the last line? Think step by step, then finish with "
        '"The answer is" followed by the value as a Python literal.'
    )
    return [Message(role="user", content=asked)]


TASK = Task(
    name="demo_code",
    domain="code",
    source=Source(path="embedded:demo_code.jsonl", split="all", licence="Apache-2.0", released="2026-11-23"),
    item=item,
    verify=verify_literal,
    prompt=prompt,
    paper="https://arxiv.org/abs/2602.09305",
)
