"""CRUXEval, input prediction: which arguments make a short Python function return a given value (Gu et al. 2024).

Any arguments will do. They are worked out in the sandbox and cross to the benchmark's own copy of the function as
plain data and nothing else, so that neither an answer such as ``f(x) or 'wanted'`` nor an object that answers what is
wanted gains anything; the paper runs the answer as it stands. Functions are taken where the recorded input holds one.
"""

from rarl_eval.sandbox import Program
from rarl_eval.sandbox.grade import call_arguments, grade
from rarl_eval.types import Item, Known, Message, Row, Source, Task, Verdict


def item(row: Row) -> Item:
    """Read one function with its output; the recorded input is one right answer."""
    return Item(
        id=row["id"],
        question=f"f(??) == {row['output']}",
        context=row["code"],
        gold=f"f({row['input']})",
        tests=f"args, kwargs = given()\nassert f(*args, **kwargs) == {row['output']}",
    )


def verify(item: Item, answer: str) -> Verdict:
    """Call the benchmark's function with the predicted arguments."""
    given = call_arguments(answer) if answer.strip() else None
    code = f"{item.context}\n\ndef given():\n    return (lambda *args, **kwargs: (args, kwargs))({given})\n"
    tested = Program(
        code=code,
        tests=item.tests or "",
        preamble=item.context,
        names=("given",),
        plain=True,
        functions="lambda" in item.gold,
    )
    return grade(tested if given is not None else None, f"f({given})")


def prompt(item: Item) -> list[Message]:
    """Ask for a call inside [ANSWER] tags."""
    asked = (
        f"Here is a Python function:\n\n```python\n{item.context}\n```\n\nFind arguments that make this "
        f"true: `{item.question}`. Reason step by step, then write the call, such as f(1, 'a'), between "
        "[ANSWER] and [/ANSWER]."
    )
    return [Message(role="user", content=asked)]


TASK = Task(
    name="cruxeval_input",
    domain="code",
    version=3,
    source=Source(
        known=(
            Known(
                items=800,
                of="github:facebookresearch/cruxeval@190faf16",
                fingerprint="7ad9067396e55a97e2169cb8b8a6e06b",
            ),
        ),
        path="cruxeval-org/cruxeval",
        split="test",
        licence="MIT",
        released="2024-01-05",
        local=("code/cruxeval/data__cruxeval.jsonl",),
    ),
    item=item,
    verify=verify,
    runs_code=True,
    prompt=prompt,
    paper="https://arxiv.org/abs/2401.03065",
)
