"""Medbullets: 308 questions in the style of USMLE Step 2 and 3, five options (Chen et al. 2024).

``medbullets@op4`` leaves one wrong option out. Layout: medbullets/medbullets_op5.csv of the authors' repository
(``link``, ``question``, ``opa`` to ``ope``, ``answer_idx``, ``answer``, ``explanation``). Rule: the option's letter.
"""

from rarl_eval import prompts
from rarl_eval.answers import verify_choice
from rarl_eval.types import Item, Known, Row, Source, Task
from rarl_eval.windows import variant

COMMIT = "dc1bc9f6923ea0ecafe2a033346b8f898e8a622c"


def item(row: Row) -> Item:
    """Read one question; a letter without text is no option."""
    choices = tuple(text for letter in "abcde" if (text := (row.get(f"op{letter}") or "").strip()))
    return Item(
        id="",
        question=row["question"].strip(),
        choices=choices,
        gold=row["answer_idx"].strip(),
        solution=row.get("explanation") or None,
    )


def source(form: str) -> Source:
    """Name the file with four or five options."""
    return Source(
        path="github:HanjieChen/ChallengeClinicalQA",
        split=form,
        licence="unknown",
        released="2024-02-28",
        revision=COMMIT,
        files=(f"medbullets/medbullets_{form}.csv",),
        known=(Known(items=308, of=f"github:HanjieChen/ChallengeClinicalQA@{COMMIT[:8]}"),),
    )


def edition(text: str) -> Task:
    """Return the task of the form with four options."""
    return variant(TASK, {form: source(form) for form in ("op4", "op5")}, text)


TASK = Task(
    name="medbullets",
    domain="medicine",
    source=source("op5"),
    item=item,
    verify=verify_choice,
    window=edition,
    prompt=prompts.choice,
    paper="https://arxiv.org/abs/2402.18060",
)
