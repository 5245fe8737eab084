"""What the generating probes ask, and how a reply becomes a score; any model adapter can be asked these."""

import string
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from rarl_eval.answers import split_reasoning
from rarl_eval.answers.choice import verify_choice
from rarl_eval.contamination.probing.formulas import continuation, halves, rouge_l
from rarl_eval.data.calling import prompt_of, verdict_of
from rarl_eval.errors import Fault
from rarl_eval.models import Completion, Model, Request, Sampling
from rarl_eval.types import Item, Message, Task

Scores = dict[str, float]
"""Item key to score; higher is more suspicious. Items without a score are left out."""

Read = Callable[[str], float | None]
"""Score of a reply whose reasoning was split off."""


@dataclass(frozen=True)
class Question:
    """One thing asked of one item."""

    messages: tuple[Message, ...]
    read: Read


Asker = Callable[[Task, Item], Question | None]
"""What a probe asks of an item; None where the item does not allow it (too short, no options)."""


def question_half(task: Task, item: Item) -> Question | None:
    """Ask for the second half of the question (guided instruction: Golchin & Surdeanu, arXiv 2308.08493)."""
    cut = halves(item.question)
    if cut is None:
        return None
    told = (
        f"Below is the beginning of a question from the {task.source.split} split of the dataset {task.source.path}. "
        "Continue it word for word as it stands in the dataset. Write the rest of the question and nothing else."
    )
    return _completed(f"{told}\n\n{cut[0]}", cut)


def answer_half(task: Task, item: Item) -> Question | None:
    """Ask for the second half of the worked solution, given the question and the first half."""
    cut = halves(item.solution or "")
    if cut is None:
        return None
    told = (
        f"Below are a question from the {task.source.split} split of the dataset {task.source.path} and the beginning "
        "of its reference solution. Continue the solution word for word as it stands in the dataset. Write the rest of "
        "the solution and nothing else."
    )
    return _completed(f"{told}\n\nQuestion: {item.question}\n\nSolution: {cut[0]}", cut)


def options_alone(task: Task, item: Item) -> Question | None:
    """Ask which option is right without the question; 1 if the model names it."""
    if len(item.choices) < 2:
        return None
    letters = string.ascii_uppercase[: len(item.choices)]
    options = "\n".join(f"{letter}. {text}" for letter, text in zip(letters, item.choices, strict=True))
    told = (
        f"These are the options of a question from the {task.source.split} split of the dataset {task.source.path}. "
        f"The question is not shown. Which option is right?\n\n{options}\n\nFinish with a line of the form "
        f'"Answer: X", where X is one of the letters {", ".join(letters)}.'
    )

    def read(reply: str) -> float:
        return float(verify_choice(item, reply).status == "correct")

    return Question((Message("user", told),), read)


def own_question(task: Task, item: Item) -> Question | None:
    """Ask the item itself, as a run does; 1 if the answer is right, None where it cannot be judged."""

    def read(reply: str) -> float | None:
        right = verdict_of(task, item, reply).correct
        return None if right is None else float(right)

    asked = prompt_of(task, item)
    return None if isinstance(asked, Fault) else Question(asked, read)


def ask(
    model: Model, task: Task, items: Iterable[Item], asker: Asker, probe: str, *, max_tokens: int, seed: int
) -> tuple[Scores, int]:
    """Ask every item greedily; return the scores and how many calls failed."""
    asked: dict[str, Question] = {}

    def requests() -> Iterable[Request]:
        for item in items:
            question = asker(task, item)
            if question is not None:
                asked[item.key] = question
                yield _request(task, item, question, probe, max_tokens, seed)

    scores: Scores = {}
    failed = 0
    for completion in model.generate(requests()):
        failed += completion.stop == "error"
        score = _score(completion, asked)
        if score is not None:
            scores[completion.request.key] = score
    return dict(sorted(scores.items())), failed


def _completed(prompt: str, cut: tuple[str, str]) -> Question:
    given, held = cut
    wanted = len(held.split())
    return Question((Message("user", prompt),), lambda reply: rouge_l(continuation(reply, given, wanted), held))


def _request(task: Task, item: Item, question: Question, probe: str, max_tokens: int, seed: int) -> Request:
    sampling = Sampling(temperature=0.0, max_tokens=max_tokens)
    # The probe's name is part of the task's: what was asked differs, and so must its place in the cache.
    return Request(
        task=f"{task.name} {probe}", key=item.key, item_id=item.id, sample=0, messages=question.messages,
        sampling=sampling, seed=seed,
    )  # fmt: skip


def _score(completion: Completion, asked: Mapping[str, Question]) -> float | None:
    if completion.stop == "error":
        return None
    reply = completion.text if completion.reasoning is not None else split_reasoning(completion.text)[1]
    return asked[completion.request.key].read(reply)
