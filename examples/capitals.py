"""A benchmark of your own in one file: `rarl-eval run -t examples/capitals.py --source capitals=rows.jsonl ...`.

A row is `{"country": "Peru", "capital": "Lima", "others": ["Quito", "Bogota", "Sucre"]}`.
"""

from rarl_eval import prompts
from rarl_eval.answers import verify_choice
from rarl_eval.types import Item, Row, Source, Task


def item(row: Row) -> Item:
    """Put the right capital among the others, in alphabetical order."""
    choices = tuple(sorted([row["capital"], *row["others"]]))
    gold = "ABCDEFGH"[choices.index(row["capital"])]
    return Item(id=row["country"], question=f"What is the capital of {row['country']}?", choices=choices, gold=gold)


TASK = Task(
    name="capitals",
    domain="general",  # math, code, finance, medicine or general: reports group by it
    source=Source(path="you/capitals", split="test", licence="CC0-1.0", released="2026-01-01"),
    item=item,
    verify=verify_choice,
    prompt=prompts.choice,
    paper="https://example.org/capitals",
)
