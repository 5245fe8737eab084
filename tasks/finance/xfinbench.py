"""XFinBench: graduate-level finance, statements, options and calculations (Zhang et al. 2025); those without a figure.

The validation set, since the test set's golds are not public (the authors' README, commit 0944a6aa). Layout:
dataset/validation_set.csv at the commit below. Rule: the option; a number within 0.5 % (evaluate/eval_metrics.py,
commit 6f2198f9, which also takes a hundredth and a hundredfold; those are wrong here).
"""

import re

from rarl_eval import prompts
from rarl_eval.answers import by_rule, limits_around, option_or_limits
from rarl_eval.types import Item, Row, Source, Task

TOLERANCE = 0.005
FORM = 'a line of the form "Answer: X", where X is one number without words, in the unit that is asked for'


def item(row: Row) -> Item | None:
    """Read one question; None for one about a figure."""
    if (row["figure"] or "").strip():
        return None
    kind, truth = row["task"], row["ground_truth"].strip()
    meta = {"type": kind, "capability": row["fin_capability"]}
    gold, choices = truth, tuple[str, ...]()
    if kind == "bool":
        gold, choices = ("A" if float(truth) else "B"), ("True", "False")
    elif kind == "mcq":
        choices = tuple(part.strip() for part in re.split(r"(?:^|\n|\\n)\s*[A-Z]\.\s", row["choice"]) if part.strip())
    else:
        gold = f"{float(truth):.12g}"
        meta |= limits_around(gold, TOLERANCE)
    return Item(id=row["id"], question=row["question"].strip(), choices=choices, gold=gold, meta=meta)


TASK = Task(
    name="xfinbench",
    domain="finance",
    source=Source(
        path="github:Zhihan72/XFinBench",
        split="validation",
        licence="MIT",
        released=None,
        revision="2c208f8cd5d5eadea93214d460d47daaf180e9cd",
        files=("dataset/validation_set.csv",),
        unproven="how many of its 1,000 questions are about no figure",
    ),
    item=item,
    verify=by_rule(option_or_limits),
    reads=option_or_limits,
    prompt=prompts.fitting(FORM),
    direct=prompts.fitting_plain(FORM),
    paper="https://github.com/Zhihan72/XFinBench",
)
