"""MATH-Perturb: 279 problems of MATH's level 5 changed so that the known solution fails (Huang et al. 2025).

``math_perturb`` is MATH-P-Hard, ``math_perturb@simple`` the same problems changed less, as a control. The authors'
files at the commit below hold ``problem_id``, ``problem``, ``answer`` (text or number), ``level``, ``type`` and
``original_split``, 279 rows each. They ask that it never be trained on. Rule: equal as mathematics.
"""

from rarl_eval import prompts
from rarl_eval.answers import verify_math
from rarl_eval.types import Item, Known, Row, Source, Task
from rarl_eval.windows import variant

COMMIT = "df4840f680fce405c9449008564574961c7f4df1"


def item(row: Row) -> Item:
    """Read one changed problem."""
    meta = {"subject": row["type"], "level": row["level"], "original_split": row["original_split"]}
    answer = str(row["answer"]).strip()
    return Item(id=str(row["problem_id"]), question=row["problem"].strip(), gold=answer, meta=meta)


def source(level: str) -> Source:
    """Name the file of a level."""
    return Source(
        path="github:Kaffaljidhmah2/MATH-Perturb",
        split=level,
        licence="Apache-2.0",
        released="2025-02-10",
        revision=COMMIT,
        files=(f"math_perturb/math_perturb_{level}.jsonl",),
        known=(Known(items=279, of=f"github:Kaffaljidhmah2/MATH-Perturb@{COMMIT[:8]}"),),
    )


def edition(text: str) -> Task:
    """Return the task of a level."""
    return variant(TASK, {"hard": TASK.source, "simple": source("simple")}, text)


TASK = Task(
    name="math_perturb",
    domain="math",
    source=source("hard"),
    item=item,
    verify=verify_math,
    window=edition,
    prompt=prompts.worked,
    paper="https://arxiv.org/abs/2502.06453",
)
