"""What is true of an answer in the laboratory: whether it is right, and which of its steps is the first faulty one.

The templates leave one way to write a line of a worked solution, so a line that is not the reference's is faulty. What
reward models are trained on and held against is the same: steps are the lines that ``rarl_eval.rewards`` shows them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from rarl_eval.tasks.laboratory.worked import completion
from rarl_eval.types import Item, Record


@dataclass(frozen=True, kw_only=True)
class Solution:
    """A question and an answer to it whose truth is known."""

    question: str
    text: str
    """The whole answer: the reasoning, an empty line, the answer."""
    correct: bool
    first_error: int
    """Index of the first faulty step, -1 for none."""

    @property
    def steps(self) -> tuple[str, ...]:
        """The lines of the answer that hold something."""
        return tuple(piece.strip() for piece in self.text.split("\n") if piece.strip())


def solution(item: Item, record: Record) -> Solution:
    """Label an answer that a model wrote step by step."""
    trace = record.trace
    shown = f"{trace.reasoning}\n\n{trace.answer}".strip() if trace.reasoning else trace.answer or trace.text
    correct = record.verdict is not None and record.verdict.correct is True
    return _labelled(item, shown, correct=correct)


def planted(item: Item) -> Iterator[Solution]:
    """Yield the reference and the solution with one planted error, which goes on from it rightly."""
    for told, correct in ((item.meta, True), (item.meta["faulty"], False)):
        *work, answer = reference(told["steps"], told["answer"])
        yield _labelled(item, "\n\n".join(("\n".join(work), answer)), correct=correct)


def _labelled(item: Item, text: str, *, correct: bool) -> Solution:
    made = Solution(question=item.question, text=text, correct=correct, first_error=-1)
    fault = first_error(made.steps, reference(item.meta["steps"], item.meta["answer"]))
    return replace(made, first_error=fault)


def reference(steps: Sequence[str], answer: str) -> tuple[str, ...]:
    """Return the lines of a worked solution, the answer as the last."""
    text = completion(steps, str(answer)).removeprefix("<think>").replace("</think>", "\n")
    return tuple(piece for piece in text.split("\n") if piece)


def first_error(steps: Sequence[str], right: Sequence[str]) -> int:
    """Return the index of the first line that is not the reference's, -1 where all are; what is missing is a fault."""
    for number, step in enumerate(steps):
        if number >= len(right) or step != right[number]:
            return number
    return -1 if len(steps) == len(right) else len(steps) - 1
