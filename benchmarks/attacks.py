"""Answers that must not pass: two answers at once, chains that do not hold, foreign units, keys, what was cut off.

    python benchmarks/attacks.py [--data ../shared/data] [--golds 250]

Counts how many pass on the golds of real benchmarks, drawn at random; writes benchmarks/attacks.md. The tests hold the
count at none.
"""

import argparse
import os
import random
import re
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from rarl_eval import data, registry  # noqa: E402  the checkout is measured
from rarl_eval.answers import split_reasoning  # noqa: E402
from rarl_eval.types import UNANSWERABLE, Item, Task  # noqa: E402

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
    elif gold == UNANSWERABLE:  # words have no unit
        yield from (f"${gold} \\approx {wrong}$", f"${wrong} \\approx {gold}$", f"It is {wrong}, or it {gold}.")
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
    if item.gold == UNANSWERABLE:
        return "7"
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared/data")
    parser.add_argument("--golds", type=int, default=250)
    options = parser.parse_args()
    os.environ["RARL_EVAL_DATA"] = str(options.data)
    text = "\n".join(_page(options.golds))
    (ROOT / "benchmarks/attacks.md").write_text(text + "\n", encoding="utf-8")
    print(text)


def _page(golds: int) -> Iterator[str]:
    yield "# Attacks on real golds\n"
    yield f"Command: `python benchmarks/attacks.py --golds {golds}`. Last output:\n"
    yield (
        "Alternatives, wrong chains and approximations, foreign units, percent signs, keys, repeated questions,\n"
        "cut-off answers, all options listed.\n"
    )
    yield "| task | domain | golds | attacks | false passes |\n|---|---|--:|--:|--:|"
    left_out, total = [], [0, 0]
    for task in registry.tasks("all"):
        if task.judged or not task.verify.__module__.startswith("rarl_eval.answers"):
            continue  # its answers are programs, or free text
        try:
            items = list(data.load(task).items)
        except Exception:  # noqa: BLE001  a benchmark that is not in the folder is left out, and said so
            left_out.append(task.name)
            continue
        chosen = random.Random(0).sample(items, min(golds, len(items)))
        tried, passed = false_passes(task, chosen)
        total = [total[0] + tried, total[1] + len(passed)]
        yield f"| {task.name} | {task.domain} | {len(chosen)} | {tried} | {len(passed)} |"
        for item, attack in passed[:3]:
            print(f"passed: {task.name} {item.id} {item.gold!r}: {attack!r}", file=sys.stderr)
    yield f"\n{total[1]} of {total[0]} pass. Not in the folder of real data: {', '.join(left_out) or 'none'}."


if __name__ == "__main__":
    main()
