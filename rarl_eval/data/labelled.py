"""Solutions with labelled steps, of tasks whose items carry them, for judging process rewards.

One file serves ``rarl-eval score`` (key, text, model), ``rarl-eval agree --labels`` (key, sample, first_error) and
readers of ProcessBench (problem, steps, label; arXiv 2412.06559). Not here: planting the errors, which is the task's.
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from rarl_eval.errors import BadInput
from rarl_eval.files.atomic import write_atomically
from rarl_eval.types import Benchmark, Item


def labelled(benchmark: Benchmark) -> Iterator[dict[str, Any]]:
    """Yield two solutions of each item: sample 0 without error, sample 1 with one planted.

    ``first_error`` and ``label`` are the index of the first faulty step, -1 where there is none. Items whose answer
    is a program are left out: their steps follow an example. Raises BadInput where an item has no labelled steps.
    """
    for item in benchmark.items:
        faulty = item.meta.get("faulty")
        if faulty is None:
            raise BadInput(f"item {item.id} of {benchmark.task.name} has no labelled steps; use a fresh: task")
        if item.tests is None:
            sign = "%" if item.gold.endswith("%") else ""
            named = {"task": benchmark.task.name, "model": "planted"}
            yield named | _solution(item, item.meta["steps"], -1, item.gold)
            yield named | _solution(item, faulty["steps"], faulty["first_error"], f"{faulty['answer']}{sign}")


def _solution(item: Item, steps: Sequence[str], label: int, answer: str) -> dict[str, Any]:
    return {
        "key": item.key,
        "id": item.id,
        "sample": int(label >= 0),
        "text": "\n".join([*steps, f"The answer is {answer}"]),
        "correct": label < 0,
        "first_error": label,
        "problem": f"{item.context}\n\n{item.question}" if item.context else item.question,
        "steps": steps,
        "label": label,
    }


def write_labelled(path: Path, benchmarks: Iterable[Benchmark]) -> int:
    """Write the solutions of all items as JSON lines; return how many."""
    rows = [row for benchmark in benchmarks for row in labelled(benchmark)]
    write_atomically(path, b"".join(msgspec.json.encode(row) + b"\n" for row in rows))
    return len(rows)
