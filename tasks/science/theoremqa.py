"""TheoremQA: university questions that need a theorem, of mathematics, physics, EECS and finance (Chen et al. 2023).

The authors' file with its golds, less the questions about a picture. Rule: a decimal within 4 % of the gold, as in
their number_utils (as OpenCompass 0.5.4 keeps it, datasets/TheoremQA/number_utils.py); whole numbers, options and
True or False exactly, lists in any order. That code also takes 5.3 for a gold of 5; it is wrong here.
"""

from collections.abc import Callable

from rarl_eval import prompts
from rarl_eval.answers import by_rule, limits_around, verify_choice, verify_number, verify_numbers, verify_within
from rarl_eval.types import Item, Row, Source, Task, Verdict

TOLERANCE = 0.04
FORM = (
    'a line of the form "Answer: X", where X is one number without words, or a list of numbers such as [1, 2.5] where '
    "several are asked for"
)
CHOICES = {"bool": ("True", "False"), "option": tuple(f"({letter})" for letter in "abcdef")}


def item(row: Row) -> Item | None:
    """Read one question; None for one about a picture."""
    if row.get("Picture"):
        return None
    kind, answer = row["Answer_type"], row["Answer"]
    choices = CHOICES.get(kind, ())
    gold = str(answer)
    if kind == "bool":
        gold = "A" if str(answer).strip().lower() in {"true", "1", "1.0"} else "B"
    elif kind == "option":
        gold = str(answer).strip("() ").upper()
    decimal = kind == "float" and not float(answer).is_integer()
    return Item(
        id=str(row.get("id") or ""),
        question=row["Question"].strip(),
        choices=choices,
        gold=gold,
        meta={"type": kind, "share": TOLERANCE, "field": row.get("field")}
        | (limits_around(answer, TOLERANCE) if decimal else {}),
    )


def rule(item: Item) -> Callable[[Item, str], Verdict]:
    """Return the rule of an item's type of answer."""
    if item.choices:
        return verify_choice
    if item.meta["type"].startswith("list"):
        return verify_numbers
    return verify_within if "low" in item.meta else verify_number


TASK = Task(
    name="theoremqa",
    domain="science",
    source=Source(
        path="github:wenhuchen/TheoremQA",
        split="test",
        licence="MIT",
        released="2023-05-21",
        revision="18d680d029a4fbac5bdfd68ff32eab38f6f2223c",
        files=("theoremqa_test.json",),
        unproven="how many of its 800 questions are about no picture",
    ),
    item=item,
    verify=by_rule(rule),
    reads=rule,
    prompt=prompts.fitting(FORM),
    direct=prompts.fitting_plain(FORM),
    paper="https://arxiv.org/abs/2305.12524",
)
