"""TAT-QA: questions over a table and paragraphs of a financial report (Zhu et al. 2021).

The test split with its gold answers (2024); a stored row is one passage with several questions. Rule: the paper's exact
match, two decimals times the scale, spans in any order (NExTplusplus/TAT-QA, tatqa_metric.py, commit c54088c). Ours
beyond it: a scale that the question fixes need not be repeated, "150 bps" is 1.5 %, a date is the same in any form.
"""

import json
from collections.abc import Callable

from rarl_eval.answers import verify_quantity, with_scale
from rarl_eval.types import Item, Known, Message, Row, Shots, Source, Task

FORM = (
    'a line of the form "Answer: X". Give a number with its scale (thousand, million, billion or %) where the report '
    "states one, rounded to two decimals; separate several answers by semicolons; copy words from the report as they "
    "stand."
)


def rows(row: Row) -> list[Row]:
    """Split a passage into its questions; the flat layout of other repositories holds one each already."""
    if "questions" not in row:
        return [row]
    return [{**question, "table": row["table"], "paragraphs": row["paragraphs"]} for question in row["questions"]]


def item(row: Row) -> Item:
    """Read one question with its table and paragraphs as text."""
    answer, scale = row["answer"], row["scale"]
    spans = [with_scale(span, scale) for span in (answer if isinstance(answer, list) else [answer]) if span != ""]
    flat = "paragraphs" not in row
    return Item(
        id=row["question_id"] if flat else row["uid"],
        question=row["question"].strip(),
        gold=spans[0] if len(spans) == 1 else json.dumps(spans, ensure_ascii=False),
        context=f"{row['table']}\n\n{row['text']}" if flat else _context(row),
        solution=row["derivation"] or None,
        group=None if flat else row["table"]["uid"],
        meta={"scale": scale, "answer_type": row["answer_type"]},
    )


def _context(row: Row) -> str:
    table = "\n".join(" | ".join(cells) for cells in row["table"]["table"])
    return "\n\n".join([table, *(p["text"] for p in sorted(row["paragraphs"], key=lambda p: int(p["order"])))])


def asking(lead: str) -> Callable[[Item], list[Message]]:
    """Ask for a final line that states the scale with the number."""
    return lambda item: [Message(role="user", content=f"{item.context}\n\nQuestion: {item.question}\n\n{lead} {FORM}")]


def source(split: str, known: tuple[Known, ...] = ()) -> Source:
    """Name a split."""
    return Source(
        path="next-tat/TAT-QA",
        split=split,
        licence="CC-BY-4.0",
        released="2021-05-17",
        files=(f"tatqa_dataset_{split}.json",),
        local=(f"finance/tatqa/tatqa_dataset_{split}.json",),
        known=known,
    )


WHOLE = Known(items=1663, of="github:NExTplusplus/TAT-QA@870accc4", fingerprint="0582dcb56d72bc9eba155a09277a489e")
TASK = Task(
    name="tatqa",
    domain="finance",
    version=2,
    source=source("test_gold", (WHOLE,)),
    item=item,
    rows=rows,
    verify=verify_quantity,
    prompt=asking("Reason step by step, then finish with"),
    direct=asking("Reply without an explanation, with"),
    shots=Shots(source=source("dev"), places=(0, 1, 2, 3)),
    paper="https://arxiv.org/abs/2105.07624",
)
