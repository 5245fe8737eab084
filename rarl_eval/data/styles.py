"""Prompt styles, named and versioned: the same items asked with reasoning, without it, or after worked examples.

``cot`` asks for reasoning before the final line, ``zero-shot`` for the final line alone, ``few-shot`` shows examples of
the benchmark's own training or validation rows first, at fixed places, each as a turn with its worked solution. A task
has its own style (``Task.style``) and those for which it says how. Not here: the words of prompts (prompts.py).
"""

import re
import string
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any, get_args

import msgspec

from rarl_eval import data, prompts
from rarl_eval.data.locks import Locked
from rarl_eval.errors import BadInput
from rarl_eval.types import Benchmark, Item, Message, Shots, Style, Task

VERSIONS: dict[Style, int] = {"cot": 1, "zero-shot": 1, "few-shot": 1}
"""Bumped when the words or the form of a style change for all tasks; a task's own words are in its version."""

STYLES: tuple[Style, ...] = get_args(Style)

_DIRECT: dict[Any, Callable[[Item], list[Message]]] = {prompts.worked: prompts.boxed, prompts.choice: prompts.letter}


def styles_of(task: Task) -> list[Style]:
    """Return the styles in which a task can be asked, its own first."""
    others: list[Style] = ["zero-shot"] if _direct(task) else []
    return list(dict.fromkeys([task.style, *others, *(["few-shot"] if task.shots else [])]))  # type: ignore[list-item]


def fitting(tasks: Sequence[Task], style: Style | None) -> None:
    """Raise BadInput naming the tasks that cannot be asked in a style."""
    lacking = [task for task in tasks if style is not None and style not in styles_of(task)]
    if lacking:
        raise BadInput(
            f"--prompt-style {style}: {', '.join(task.name for task in lacking)} cannot be asked so; "
            f"{lacking[0].name} has {', '.join(styles_of(lacking[0]))}"
        )


def in_style(
    benchmarks: Sequence[Benchmark],
    style: Style | None,
    sources: Mapping[str, str] | None = None,
    lock: Mapping[str, Locked] | None = None,
) -> list[Benchmark]:
    """Return the benchmarks asked in ``style``; None leaves each its own.

    Examples are read as ``data.load`` reads rows, under the name ``TASK/few-shot``, and are held by the lock. Raises
    BadInput naming the tasks that have no such style.
    """
    fitting([b.task for b in benchmarks], style)
    return list(benchmarks) if style is None else [_asked(b, style, sources or {}, lock) for b in benchmarks]


def examples(
    task: Task,
    sources: Mapping[str, str] | None = None,
    lock: Mapping[str, Locked] | None = None,
    *,
    folder: bool = True,
) -> Benchmark | None:
    """Load the rows that a task's examples are taken from; None where it shows none."""
    if task.shots is None:
        return None
    apart = replace(
        task, name=f"{task.name}/few-shot", source=task.shots.source, item=task.shots.item or task.item, shots=None
    )
    return data.load(apart, sources, lock, folder=folder)


def described(benchmark: Benchmark) -> dict[str, Any]:
    """Return what a manifest says of the style: name, version, and the examples' number, origin and fingerprint."""
    return benchmark.style or {"name": benchmark.task.style, "version": VERSIONS[benchmark.task.style]}


def label(style: Mapping[str, Any] | None) -> str | None:
    """Write a described style as ``few-shot v1 (8)``; None for recorded outputs, whose prompts nobody knows."""
    if not style:
        return None
    shots = f" ({style['shots']})" if style.get("shots") else ""
    return f"{style['name']} v{style['version']}{shots}"


def task_in_style(task: Task, style: Mapping[str, Any] | None, sources: Mapping[str, str] | None = None) -> Task:
    """Return a task that asks as a manifest says; raises BadInput where its style is not that one any more."""
    name = style.get("name") if style else task.style
    if style is None or name == task.style:
        return task
    if name not in STYLES or style.get("version") != VERSIONS[name]:
        raise BadInput(f"the prompts were of style {label(style)}, which is not known here")
    empty = Benchmark(task=task, items=(), origin="", revision=None, fingerprint="")
    asked = _asked(empty, name, sources or {})
    if asked.style.get("fingerprint") != style.get("fingerprint"):
        raise BadInput(f"the examples of {task.name} are others now than those shown")
    return asked.task


def _asked(
    benchmark: Benchmark, style: Style, sources: Mapping[str, str], lock: Mapping[str, Locked] | None = None
) -> Benchmark:
    task, direct = benchmark.task, _direct(benchmark.task)
    known = {"name": style, "version": VERSIONS[style]}
    if style == task.style:
        return benchmark
    if style == "few-shot" and task.shots is not None:
        shown = _load(task, task.shots, sources, lock)
        asked = replace(task, prompt=_after(task, task.shots, shown.items))
        count = len(task.shots.places)
        more = {"shots": count, "origin": shown.origin, "fingerprint": shown.fingerprint}
        return replace(benchmark, task=asked, style={**known, **more})
    if style == "zero-shot" and direct is not None:
        return replace(benchmark, task=replace(task, prompt=direct), style=known)
    raise BadInput(f"{task.name} cannot be asked in the style {style}; it has {', '.join(styles_of(task))}")


def _direct(task: Task) -> Callable[[Item], list[Message]] | None:
    return task.direct or _DIRECT.get(task.prompt)


def _load(task: Task, shots: Shots, sources: Mapping[str, str], lock: Mapping[str, Locked] | None) -> Benchmark:
    """Load the rows that examples are taken from, and keep those at the places."""
    rows = examples(task, sources, lock)
    assert rows is not None, f"{task.name} has shots"
    chosen = tuple(item for group in _groups(rows.items, shots).values() for item in _at(group, shots, rows.origin))
    return replace(rows, items=chosen, fingerprint=data.fingerprint(chosen))


def _groups(items: Sequence[Item], shots: Shots) -> dict[Any, list[Item]]:
    """Items by the field that examples share with what they are shown for; one group where there is none."""
    groups: dict[Any, list[Item]] = {}
    for item in items:
        groups.setdefault(item.meta.get(shots.same) if shots.same else None, []).append(item)
    return groups


def _at(group: Sequence[Item], shots: Shots, origin: str) -> list[Item]:
    if len(group) <= max(shots.places):
        raise BadInput(f"{origin} holds {len(group)} examples, the style few-shot shows place {max(shots.places) + 1}")
    return [group[place] for place in shots.places]


def _after(task: Task, shots: Shots, shown: Sequence[Item]) -> Callable[[Item], list[Message]]:
    groups = _groups(shown, shots)
    answer = shots.answer or (lambda item: worked_answer(task, item))

    def prompt(item: Item) -> list[Message]:
        fitting = groups.get(item.meta.get(shots.same) if shots.same else None, [])
        turns: list[Message] = []
        for example in fitting:
            if not same_question(example, item):  # nobody is shown the answer to what is asked
                turns += [*task.prompt(example), Message(role="assistant", content=answer(example))]
        return [*turns, *task.prompt(item)]

    return prompt


def same_question(one: Item, other: Item) -> bool:
    """Whether two items ask the same in the same words, however the options are ordered, numbered or spelt.

    Case, spacing and punctuation aside. Of "Which of these is true?" the options decide: another right answer among
    other options is another question.
    """
    if one.key == other.key:
        return True
    if _words(one.question) != _words(other.question) or _words(one.context) != _words(other.context):
        return False
    options, others = ({_option(choice) for choice in item.choices} for item in (one, other))
    return not options or not others or options <= others or others <= options or _right(one) == _right(other)


@lru_cache(maxsize=64)
def _words(text: str) -> str:
    """Return what is compared: letters and digits, and signs that change what is meant."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(re.findall(r"[^\W_]+|[^\w\s.,;:!?'\"()\[\]{}*`_-]|(?<!\w)-(?=[\d.])|(?<=\d)[.,](?=\d)", folded))


def _option(text: str) -> str:
    """Return an option's words without the letter that it is told by."""
    return _words(re.sub(r"^\s*\(?[A-Ja-j][).:]\s*", "", text))


def _right(item: Item) -> str:
    """Return the words of the right option."""
    place = string.ascii_uppercase.find(item.gold.strip()) if len(item.gold.strip()) == 1 else -1
    return _option(item.choices[place] if 0 <= place < len(item.choices) else item.gold)


def worked_answer(task: Task, item: Item) -> str:
    """Write an example's answer: its worked solution, then the final line in the form that the task asks for."""
    boxed = task.prompt is prompts.worked
    last = f"The answer is \\boxed{{{item.gold}}}." if boxed else f"Answer: {_told(item.gold)}"
    solution = (item.solution or "").strip()
    return solution if "\\boxed" in solution else f"{solution}\n\n{last}".strip()


def _told(gold: str) -> str:
    """Write a gold as it is asked for: several spans with semicolons between them."""
    if not gold.startswith("["):
        return gold
    try:
        return "; ".join(map(str, msgspec.json.decode(gold, type=list[Any])))
    except msgspec.MsgspecError:
        return gold
