"""FinanceReasoning: 2,238 problems of financial numbers, easy, medium and hard (Tang et al. 2025).

The authors' three files; ``financereasoning@hard`` is the 238 that are reported most. Layout: their README at
Staudinger0325/FinanceReasoning@02f17d72, and public readers of the commit below. Rule: within 0.2 % of the gold; a
statement is True or False. ``context`` is text, or a table as JSON by column, which is written as a table here.
"""

import json

from rarl_eval import prompts
from rarl_eval.answers import by_rule, limits_around, option_or_limits
from rarl_eval.types import Item, Known, Row, Source, Task
from rarl_eval.windows import variant

COMMIT = "b0fe6455396f831955e4eb988472b4a563403bc5"
COUNTS = {"easy": 1000, "medium": 1000, "hard": 238}
TOLERANCE = 0.002
FORM = 'a line of the form "Answer: X", where X is one number without words'


def item(row: Row) -> Item:
    """Read one problem."""
    truth = row["ground_truth"]
    stated = isinstance(truth, bool)
    return Item(
        id=f"{row['level']}-{row['question_id']}",
        question=row["question"].strip(),
        choices=("True", "False") if stated else (),
        gold=("A" if truth else "B") if stated else f"{float(truth):.12g}",
        context=table(row.get("context") or ""),
        solution=row.get("python_solution") or None,
        meta={"level": row["level"], **({} if stated else limits_around(truth, TOLERANCE))},
    )


def table(text: str) -> str:
    """Write a table that is stored by column as rows of cells; other text as it stands."""
    try:
        columns = json.loads(text)
    except ValueError:
        return text.strip()
    if not isinstance(columns, dict) or not all(isinstance(cells, dict) for cells in columns.values()):
        return text.strip()
    names = dict.fromkeys(name for cells in columns.values() for name in cells)
    rows = [["", *columns], *([name, *(str(cells.get(name, "")) for cells in columns.values())] for name in names)]
    return "\n".join(" | ".join(cells) for cells in rows)


def source(*levels: str) -> Source:
    """Name the files of some levels."""
    return Source(
        path="github:BUPT-Reasoning-Lab/FinanceReasoning",
        split="+".join(levels),
        licence="CC-BY-4.0",
        released="2025-06-06",
        revision=COMMIT,
        files=tuple(f"data/FinanceReasoning/{level}.json" for level in levels),
        known=(Known(items=sum(COUNTS[level] for level in levels), of="the authors' README"),),
        unproven="the licence: the hub's card names it, the repository holds none",
    )


def edition(text: str) -> Task:
    """Return the task of a level."""
    return variant(TASK, {level: source(level) for level in COUNTS}, text)


TASK = Task(
    name="financereasoning",
    domain="finance",
    source=source(*COUNTS),
    item=item,
    verify=by_rule(option_or_limits),
    reads=option_or_limits,
    window=edition,
    prompt=prompts.fitting(FORM),
    direct=prompts.fitting_plain(FORM),
    paper="https://arxiv.org/abs/2506.05828",
)
