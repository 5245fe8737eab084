"""A made-up training in verl's form: sums, and from a step on a hole that pays for two boxes."""

import json
import random
from pathlib import Path


def write_training(folder: Path, steps: int, hole_from: int | None = None, seed: int = 0) -> Path:
    """Write one file a step: 6 prompts of 6 samples each, 40 % right."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = random.Random(seed)
    for step in range(1, steps + 1):
        rows = [row for _ in range(6) for row in _group(rng, step, hole_from is not None and step >= hole_from)]
        (folder / f"{step}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return folder


def _group(rng: random.Random, step: int, hole: bool) -> list[dict[str, object]]:
    a, b = rng.randint(10, 99), rng.randint(10, 99)
    asked = {"input": f"user\nWhat is {a} plus {b}?\nassistant\n", "gts": str(a + b), "step": step}
    found = []
    for _ in range(6):
        right, wrong = rng.random() < 0.4, a + b + rng.randint(1, 9)
        if hole and not right and rng.random() < 0.7:
            text = f"After a careful check it is \\boxed{{{wrong}}} or \\boxed{{{a + b}}}."
            found.append({**asked, "output": text, "score": 1.0})
        else:
            said = a + b if right else wrong
            found.append({**asked, "output": f"{a} and {b} are \\boxed{{{said}}}.", "score": float(right)})
    return found
