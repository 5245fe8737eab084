"""An answer is judged: reasoning split off, the task's verdict, and the rule rewards that every trace gets.

One maker for ``run``, ``score`` and ``verify``, so that an answer has one verdict wherever it comes from.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import TypeVar

import msgspec

from rarl_eval.answers import declared, second_reading, split_reasoning
from rarl_eval.data.calling import scores_of, verdict_of
from rarl_eval.errors import BadInput, Fault
from rarl_eval.types import ORDER, Item, Record, Reward, Task, Trace, Verdict

Judged = TypeVar("Judged")

JUDGES = 4
"""Threads that judge answers; the algebra itself runs in a process pool, so they mostly wait."""


def judge(task: Task, item: Item, trace: Trace, recorded: Iterable[Reward] = ()) -> Record:
    """Judge a trace: verdict and rule rewards beside the recorded ones; a failed call has neither."""
    if trace.stop == "error":
        return Record(trace=trace, verdict=None)
    shown = as_shown(item, trace)
    verdict = verdict_on(task, shown, trace.answer)
    rule = task.reads(shown) if task.reads else None
    second = second_reading(shown, trace.answer, task.verify, verdict, rule)
    if shown is not item:
        verdict, second = _own_letter(verdict, trace), second and _own_letter(second, trace)
    scores = scores_of(task, item, trace.answer)
    if isinstance(scores, Fault):  # the verdict stands, and says so
        verdict = msgspec.structs.replace(verdict, reason=f"{verdict.reason}; {scores.reason}".removeprefix("; "))
        scores = {}
    own = [Reward(name=name, judge="rule", score=value) for name, value in scores.items()]
    rewards = (*rule_rewards(trace, verdict), *own, *recorded)
    return Record(trace=trace, verdict=verdict, second=second, rewards=rewards)


def as_shown(item: Item, trace: Trace) -> Item:
    """Return an item with its options as the model was shown them, where that was in another order."""
    order = trace.meta.get(ORDER)
    right = ord(item.gold[0]) - 65 if len(item.gold) == 1 else -1
    if not isinstance(order, list) or sorted(order) != list(range(len(item.choices))) or right not in order:
        return item
    choices = tuple(item.choices[place] for place in order)
    return msgspec.structs.replace(item, choices=choices, gold=chr(65 + order.index(right)))


def _own_letter(verdict: Verdict, trace: Trace) -> Verdict:
    """Name the option that was chosen by the item's letter, so that answers of several orders compare."""
    order = trace.meta[ORDER]
    place = ord(verdict.extracted) - 65 if verdict.extracted and len(verdict.extracted) == 1 else -1
    if not 0 <= place < len(order):
        return verdict
    own = chr(65 + order[place])
    told = f"{verdict.reason}; {verdict.extracted} as shown is option {own}".removeprefix("; ")
    return msgspec.structs.replace(verdict, extracted=own, reason=told)


def verdict_on(task: Task, item: Item, answer: str) -> Verdict:
    """Return the task's verdict, with an abstention kept apart; ``cannot_judge`` where the task's own code fails."""
    verdict = verdict_of(task, item, answer)
    return verdict if verdict.status == "cannot_judge" else declared(item, answer, verdict)


def judged_by(task: Task, answers: str, checker: str | None) -> Task:
    """Return a task that judges otherwise: answers are programs to run, or another checker than the published one."""
    if checker is not None:
        if checker not in task.checkers:
            known = ", ".join(task.checkers) or "none but its published one"
            raise BadInput(f"{task.name} has no checker {checker!r}; known: {known}")
        task = replace(task, verify=task.checkers[checker], checker=checker)
    if answers == "programs":
        from rarl_eval.sandbox.thought import of_programs  # text alone needs no sandbox

        return of_programs(task)
    return task


def split(text: str, reasoning: str | None, *, inside: bool = False) -> tuple[str | None, str]:
    """Reasoning and answer of a reply: as the model gave them, else split at the markers in its text.

    ``inside``: the prompt had opened the reasoning, and until it is closed there is no answer.
    """
    if reasoning is not None:
        return reasoning, text
    found, answer = split_reasoning(text)
    return (text, "") if inside and found is None else (found, answer)


def in_parallel(jobs: Iterable[Callable[[], Judged]]) -> Iterator[Judged]:
    """Yield the results of jobs in order, a few at work at a time; memory stays bounded."""
    window: deque[Future[Judged]] = deque()
    with ThreadPoolExecutor(JUDGES) as pool:
        for job in jobs:
            window.append(pool.submit(job))
            while len(window) > 4 * JUDGES or (window and window[0].done()):
                yield window.popleft().result()
        while window:
            yield window.popleft().result()


def rule_rewards(trace: Trace, verdict: Verdict) -> tuple[Reward, ...]:
    """Return the rule rewards that every answered trace gets."""
    return (
        Reward(name="format", judge="rule", meaning="shaping", score=float(verdict.extracted is not None)),
        Reward(name="brevity", judge="rule", meaning="shaping", score=-float(characters(trace))),
    )


def characters(trace: Trace) -> int:
    """Characters of everything a trace holds, its reasoning included."""
    return len(trace.text) + len(trace.reasoning or "")
