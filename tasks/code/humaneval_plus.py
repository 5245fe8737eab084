"""HumanEval+: HumanEval's problems with some eighty times as many tests (EvalPlus, Liu et al. 2023).

The tests hold their inputs and what the reference gives for them; numbers may differ as the benchmark's own
``assertion`` says. Judged as ``humaneval`` is; ten seconds a sample, for the tests are many.
"""

from dataclasses import replace

from rarl_eval.tasks.code.humaneval import TASK as HUMANEVAL
from rarl_eval.tasks.code.humaneval import completion
from rarl_eval.types import Item, Source, Verdict

SECONDS = 10.0


def verify(item: Item, answer: str) -> Verdict:
    """Run the problem's ``check`` on the completed function."""
    return completion(item, answer, SECONDS)


TASK = replace(
    HUMANEVAL,
    name="humaneval_plus",
    source=Source(
        path="evalplus/humanevalplus",
        split="test",
        licence="Apache-2.0",
        released="2023-05-02",
        local=("code/humaneval_plus/HumanEvalPlus.jsonl",),
    ),
    verify=verify,
    score=None,  # its tests are one loop
    version=1,
    paper="https://arxiv.org/abs/2305.01210",
)
