"""What is true of a rollout: an item made of its own prompt and gold, or one of a registered task, and the verdict.

A task's item is joined by the identity rules of imports: what a row's question contradicts is no answer to the item.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rarl_eval.answers import opens_reasoning, verify_choice, verify_math, verify_number
from rarl_eval.errors import BadInput
from rarl_eval.files.modules import load_file
from rarl_eval.identity.decide import decide
from rarl_eval.identity.index import ItemIndex
from rarl_eval.identity.match import bare
from rarl_eval.identity.turns import last_turn
from rarl_eval.importers.outputs import Output, text_of
from rarl_eval.judge import split, verdict_on
from rarl_eval.training.rollouts import Rollout
from rarl_eval.types import Benchmark, Item, Message, Row, Source, Task, Trace, Verdict

Verify = Callable[[Item, str], Verdict]
KNOWN = ("math", "number", "choice", "code")
MOST_READ = 50_000
"""Characters of an answer that are read, from its end: a replay of a runaway generation may not hold up a training."""
_LETTERS = tuple(f"({letter})" for letter in "ABCDEFGHIJ")
"""Options of a question whose own are not logged: their letters alone are read."""


def verifier(name: str) -> Task:
    """Return a task that judges by a rule of this program's or of ``./file.py``; raises BadInput for any other name.

    The file holds ``TASK``, or ``verify``, a function of item and answer that returns a Verdict.
    """
    rules: dict[str, Verify] = {"math": verify_math, "number": verify_number, "choice": verify_choice, "code": _program}
    if name in rules:
        return _task(name, rules[name], code=name == "code")
    if not name.endswith(".py"):
        raise BadInput(f"--verify {name}: known are {', '.join(KNOWN)}, and a file of yours, ./file.py")
    module = load_file(Path(name), "verify(item, answer) or TASK")
    task, verify = getattr(module, "TASK", None), getattr(module, "verify", None)
    if isinstance(task, Task):
        return task
    if not callable(verify):
        raise BadInput(f"{name} defines neither verify(item, answer) nor TASK")
    return _task(Path(name).stem, verify, made_by=verify)


def _task(name: str, verify: Verify, *, code: bool = False, made_by: Any = None) -> Task:
    return Task(
        name=f"training:{name}",
        domain="code" if code else "general",
        source=Source(path="rollouts", split="train", licence="", released=None),
        item=made_by or _no_row,  # whose module says whether the rule is ours
        verify=verify,
        prompt=lambda item: [Message(role="user", content=item.question)],
        paper="",
        runs_code=code,
    )


def _no_row(row: Row) -> Item | None:  # noqa: ARG001
    return None


def _program(item: Item, answer: str) -> Verdict:
    """Run the gold, which is tests, against the program in an answer."""
    from rarl_eval.sandbox import Program
    from rarl_eval.sandbox.grade import grade
    from rarl_eval.sandbox.replies import code_in

    code = code_in(answer)
    return grade(Program(code=code, tests=item.tests or "") if code.strip() else None, code)


@dataclass(frozen=True)
class Truth:
    """What became of one rollout."""

    truth: bool | None
    status: str
    """The verdict's, or ``no gold``, ``other item``, ``failed``."""
    answer: str | None = None
    reasoning: int | None = None
    """Characters of marked reasoning."""


@dataclass(frozen=True)
class Truths:
    """How rollouts are judged."""

    task: Task
    index: ItemIndex | None = None
    """Of the registered task that the rollouts are of; None where items are made of their own golds."""
    rule: str | None = None
    """The name of a rule of this program's, by which another process may judge alike."""

    @property
    def name(self) -> str:
        """What decides a verdict, for the cache: another rule or version is another truth."""
        fingerprint = self.index.benchmark.fingerprint if self.index else ""
        return f"{self.task.name}/{self.task.version}/{fingerprint}"

    def item(self, rollout: Rollout) -> Item | str:
        """Return the item that a rollout answers, or why there is none."""
        asked = last_turn(rollout.prompt) or ""
        if self.index is not None:
            prompt = asked or (rollout.prompt if isinstance(rollout.prompt, str) else None)
            gold = text_of(rollout.gold) if not isinstance(rollout.gold, list) else None
            found = decide(Output(text=rollout.text, prompt=prompt, gold=gold), self.index)
            sure = found.item is not None and found.state in {"proved", "consistent"} and not bare(found)
            return found.item if sure and found.item is not None else "other item"
        gold = gold_of(rollout.gold)
        if gold is None:
            return "no gold"
        return self.own(asked, gold, rollout.choices)

    def own(self, question: str, gold: str, choices: tuple[str, ...] = ()) -> Item:
        """Make an item of a question and its gold."""
        if self.task.verify is verify_choice:
            gold, choices = gold.strip(" ().").upper(), choices or _LETTERS
        code = self.task.runs_code
        return Item(id="", question=question, gold=gold, choices=choices, tests=gold if code else None)

    def judged(self, rollout: Rollout) -> Truth:
        """Judge a rollout; its reasoning is split off as for any answer, one that the prompt had opened, too."""
        trace = self.trace(rollout)
        thought = None if trace.reasoning is None else len(trace.reasoning)
        item = "failed" if trace.stop == "error" else self.item(rollout)
        if isinstance(item, str):
            return Truth(None, item, reasoning=thought)
        verdict = verdict_on(self.task, item, trace.answer if self.task.runs_code else _end(trace.answer))
        return Truth(verdict.correct, verdict.status, verdict.answer, thought)

    def trace(self, rollout: Rollout) -> Trace:
        """Return what a rollout is to every other part of the program."""
        opened = isinstance(rollout.prompt, str) and opens_reasoning(rollout.prompt)
        reasoning, answer = split(rollout.text, rollout.reasoning, inside=opened)
        return Trace(
            key="",
            task=self.task.name,
            item_id="",
            model="",
            step=rollout.step,
            group=rollout.group,
            text=rollout.text,
            reasoning=reasoning,
            answer=answer,
            stop=rollout.stop,
        )


def _end(answer: str) -> str:
    """Return what is read of an answer: megabytes in one reply are a loop, and the answer stands at its end."""
    return answer if len(answer) <= MOST_READ else answer[-MOST_READ:]


def truths(verify: str | None, benchmark: Benchmark | None) -> Truths:
    """Return how to judge: by a registered task's items, or by a rule and the rollouts' golds (mathematics)."""
    if benchmark is not None:
        if verify is not None:
            raise BadInput("--verify and --task exclude each other: a task has its own rule")
        return Truths(benchmark.task, ItemIndex(benchmark))
    name = verify or "math"
    return Truths(verifier(name), rule=name if name in {"math", "number", "choice"} else None)


def gold_of(value: Any) -> str | None:
    """Return a gold as text: of a list of one, of the JSON of one, behind GSM8K's mark; None where there is none."""
    if isinstance(value, dict):
        value = value.get("ground_truth", value.get("answer", value.get("target")))
    if isinstance(value, str) and value.startswith('["') and value.endswith("]"):
        try:
            value = json.loads(value)
        except ValueError:
            return str(value)
    if isinstance(value, list):
        return gold_of(value[0]) if len(value) == 1 else None
    text: str | None = text_of(value)
    if text is None or not text.strip():
        return None
    return text.rpartition("\n#### ")[2].strip() if "\n#### " in text else text.removeprefix("#### ").strip()


def content_key(name: str, question: str, rollout: Rollout) -> bytes:
    """Hash of everything that a rollout's truth depends on."""
    parts = (name, question, repr(rollout.gold), rollout.text, rollout.reasoning or "\x00", rollout.stop == "error",
             rollout.choices)  # fmt: skip
    return hashlib.blake2b(repr(parts).encode("utf-8", "backslashreplace"), digest_size=16).digest()
