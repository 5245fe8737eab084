"""PubMedQA: does the abstract answer the question with yes, no or maybe (Jin et al. 2019).

The 500 questions of the authors' test split, as the hub dataset below stores them; ``qiaojin/PubMedQA`` holds the
1,000 labelled questions without telling the split.
"""

from rarl_eval import prompts
from rarl_eval.answers import verify_choice
from rarl_eval.types import Item, Known, Row, Source, Task

OPTIONS = ("yes", "no", "maybe")


def item(row: Row) -> Item:
    """Read the hub's layout (``data`` with ``Question``, ``Context``), or one where the question ends its abstract."""
    if "data" in row:
        data = row["data"]
        question, context = data["Question"].strip(), "\n".join(part.strip() for part in data["Context"])
        decision, long_answer = data["Correct Answer"], data.get("Long Answer")
        identifier = row["id"]
    else:
        context, _, question = row["question"].strip().rpartition("\n")
        decision, long_answer = row["answer"], row["answer_rationale"]
        identifier = row["realidx"]
    gold = "ABC"[OPTIONS.index(decision.strip().lower())]
    return Item(
        id=str(identifier), question=question, context=context, choices=OPTIONS, gold=gold, solution=long_answer
    )


TASK = Task(
    name="pubmedqa",
    domain="medicine",
    version=2,
    source=Source(
        known=(
            Known(
                items=500,
                of="github:gersteinlab/medagents-benchmark@f5e50b69",
                fingerprint="49872213faf5ac5ce7be89ee20604429",
            ),
        ),
        path="openlifescienceai/pubmedqa",
        split="test",
        licence="MIT",
        released="2019-09-13",
        local=("medical/medagents_data/pubmedqa.jsonl",),
    ),
    item=item,
    verify=verify_choice,
    prompt=prompts.choice,
    paper="https://arxiv.org/abs/1909.06146",
)
