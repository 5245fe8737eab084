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
from rarl_eval.types import Item, Record, Reward, Task, Trace, Verdict

Judged = TypeVar("Judged")

JUDGES = 4
"""Threads that judge answers; the algebra itself runs in a process pool, so they mostly wait."""


def judge(task: Task, item: Item, trace: Trace, recorded: Iterable[Reward] = ()) -> Record:
    """Judge a trace: verdict and rule rewards beside the recorded ones; a failed call has neither."""
    if trace.stop == "error":
        return Record(trace=trace, verdict=None)
    verdict = verdict_on(task, item, trace.answer)
    rule = task.reads(item) if task.reads else None
    second = second_reading(item, trace.answer, task.verify, verdict, rule)
    scores = scores_of(task, item, trace.answer)
    if isinstance(scores, Fault):  # the verdict stands, and says so
        verdict = msgspec.structs.replace(verdict, reason=f"{verdict.reason}; {scores.reason}".removeprefix("; "))
        scores = {}
    own = [Reward(name=name, judge="rule", score=value) for name, value in scores.items()]
    rewards = (*rule_rewards(trace, verdict), *own, *recorded)
    return Record(trace=trace, verdict=verdict, second=second, rewards=rewards)


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
