r"""Six answers to the first six items of ``demo_math``, each with what a harness may get wrong about it.

The log-making scripts give them to the real packages as a model's output. No package of this project is needed here:
the scripts run in the other harnesses' own environments.
"""

import json
from pathlib import Path
from typing import Any

ITEMS = Path(__file__).parents[2] / "installed" / "rarl_eval_demo" / "demo_math.jsonl"

ANSWERS: list[tuple[str, str, str]] = [
    ("9 rows of 18 trees are 162 trees, and 162 - 11 = 151.", "The answer is \\boxed{151}.", "stop"),
    # Cut off inside the thinking: a grader of the last number finds 49 there and calls it right.
    ("10 rows of 9 trees are 90 trees. 41 less would leave 49", "", "length"),
    # A first box that is taken back.
    ("13 times 17 is 221.", "There were \\boxed{221} trees. Without the 34 there are \\boxed{187}.", "stop"),
    ("10 rows of 13 trees are 130 trees.", "The answer is \\boxed{130}.", "stop"),
    # The first box is right, the final answer is not.
    ("8 times 13 is 104, 104 - 16 = 88.", "First I had \\boxed{88}. Corrected: \\boxed{89}.", "stop"),
    ("30 cars pay 450 crowns and 7 vans pay 147.", "The answer is \\boxed{597}.", "stop"),
]
"""(reasoning, answer, finish reason) of each item; an empty answer was cut off inside the reasoning."""


def items() -> list[dict[str, Any]]:
    """Return the items that are answered: id, question, answer."""
    rows = [json.loads(line) for line in ITEMS.read_text("utf-8").split("\n") if line]
    return rows[: len(ANSWERS)]


def text(index: int) -> str:
    """Return answer ``index`` as one text with thinking markers, as a model without a reasoning parser writes it."""
    reasoning, answer, _ = ANSWERS[index]
    return f"<think>\n{reasoning}\n</think>\n{answer}" if answer else f"<think>\n{reasoning}"


def reply(prompt: str) -> int:
    """Return the index of the item that a prompt asks."""
    return max(range(len(ANSWERS)), key=lambda n: prompt.rfind(items()[n]["question"]))
