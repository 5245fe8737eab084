"""Answers that must not pass: two answers at once, chains that do not hold, foreign units, keys, what was cut off.

verifiers.py counts how many pass on the golds of real benchmarks; the tests hold the count at none.
"""

import re
from collections.abc import Iterator
from decimal import Decimal

from rarl_eval.answers import split_reasoning
from rarl_eval.types import Item, Task

KEYS = (
    "",
    ":",
    ".",
    ",",
    "Thought process:",
    "Let's solve this step by step.",
    "Solution",
    "Solution:",
    "解",
    "かいせつ",
    "Respuesta",
    "The answer is",
    "\\boxed{",
    "<think>",
)


def attacks(item: Item, task: Task) -> Iterator[str]:
    """Answers that hold the gold, or nothing, and must not pass."""
    gold, question = item.gold, item.question.lower()
    yield from (*KEYS, item.question)
    wrong = other(item)
    yield from (
        f"either {gold} or {wrong}",
        f"The answer is either {gold} or {wrong}.",
        f"\\boxed{{{gold} \\text{{ or }} {wrong}}}",
        f"\\boxed{{{wrong}={gold}}}",
        f"\\boxed{{{gold}={wrong}}}",
        f"\\boxed{{{gold}\\text{{ or anything}}}}",
        f"\\boxed{{{gold}}} or \\boxed{{{wrong}}}",
        f'{{"answer": "{wrong} or {gold}"}}',
        f"#### {gold} or {wrong}",
        f"The answer is {gold}. Wait, no, the answer is {wrong}.",
        f"\\boxed{{{gold}}}\n\nFinal answer: \\boxed{{{wrong}}}",
        f"<think>so \\boxed{{{gold}}}",
        f"\\boxed{{{gold}}} ... \\boxed{{",
        f"maybe {gold}, perhaps {wrong}",
        f"{gold}, {wrong}",
    )
    if item.choices:
        letters = "ABCDEFGHIJ"[: len(item.choices)]
        yield from (" ".join(letters), ", ".join(letters), " ".join(f"({letter})" for letter in letters))
        yield "\n".join(f"{letter}. {text}" for letter, text in zip(letters, item.choices, strict=True))
        yield from (f"({gold}) and ({wrong})", f"**{gold}** / **{wrong}**", "Any of the options")
    elif task.domain != "code":
        yield from (f"${gold} \\approx {wrong}$", f"${wrong} \\approx {gold}$")
        if (
            not any(word in question for word in ("%", "percent", "rate", "chance", "probab"))
            and "%" not in gold
            and gold != "0"
        ):
            yield from (f"{gold}%", f"\\boxed{{{gold}\\%}}")
        passage = f"{question}\n{item.context.lower()}"  # a unit that it speaks of is none to refuse
        if (
            not any(word in passage for word in ("kelvin", "kg", "kilo", "gram"))
            and not gold[-1:].isalpha()
            and "\\text" not in gold
        ):
            yield from (
                f"{gold} kelvin",
                f"\\boxed{{{gold} \\text{{ kelvin}}}}",
                f"{gold} kg",
                f"\\boxed{{{gold}\\text{{ kg}}}}",
            )


def other(item: Item) -> str:
    if item.choices:
        return next(letter for letter in "AB" if letter != item.gold)
    if re.fullmatch(r"-?(?:\d{1,3}(?:,\d{3})+|\d*)(?:\.\d+)?", item.gold):
        return str(Decimal(item.gold.replace(",", "")) + 1)
    return f"({item.gold})+1"


def false_passes(task: Task, items: list[Item]) -> tuple[int, list[tuple[Item, str]]]:
    tried, passed = 0, []
    for item in items:
        for attack in attacks(item, task):
            tried += 1
            if task.verify(item, split_reasoning(attack)[1]).status == "correct":
                passed.append((item, attack))
    return tried, passed
