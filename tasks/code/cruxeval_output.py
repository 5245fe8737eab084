"""CRUXEval, output prediction: what does a short Python function return (Gu et al. 2024).

Judged by equality of the predicted literal with the recorded output, types included; nothing is run. The paper runs
``assert f(input) == prediction``, to which 1 and True are equal and any expression will do.
"""

from rarl_eval.answers import verify_literal
from rarl_eval.types import Item, Known, Message, Row, Source, Task


def item(row: Row) -> Item:
    """Read one function with its input and output, both written as Python."""
    return Item(id=row["id"], question=f"f({row['input']})", context=row["code"], gold=row["output"])


def prompt(item: Item) -> list[Message]:
    """Ask for the output as a literal inside [ANSWER] tags."""
    asked = (
        f"Here is a Python function:\n\n```python\n{item.context}\n```\n\nWhat does `{item.question}` return? Reason "
        "step by step, then write the value as a Python literal between [ANSWER] and [/ANSWER]."
    )
    return [Message(role="user", content=asked)]


TASK = Task(
    name="cruxeval_output",
    domain="code",
    version=2,
    source=Source(
        known=(
            Known(
                items=800,
                of="github:facebookresearch/cruxeval@190faf16",
                fingerprint="202735c57e2cfcaec6c73961df313c21",
            ),
        ),
        path="cruxeval-org/cruxeval",
        split="test",
        licence="MIT",
        released="2024-01-05",
        local=("code/cruxeval/data__cruxeval.jsonl",),
    ),
    item=item,
    verify=verify_literal,
    prompt=prompt,
    paper="https://arxiv.org/abs/2401.03065",
)
