"""What a long training costs: rollouts judged a minute, memory, and what a second look at a grown folder costs.

    python benchmarks/training_scale.py [--rollouts 1000000]        writes benchmarks/training_scale.md

Short mathematics as verl dumps it: 512 rollouts a step, 64 prompts x 8 samples, some lines of working and a boxed
answer. The first look reads all; then five steps are added and looked at; then one more look finds nothing new.
"""

import argparse
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

PAGE = Path(__file__).with_suffix(".md")
PROMPTS, SAMPLES, MORE = 64, 8, 5


def dumped(step: int) -> Iterator[str]:
    """Yield the rows of a step."""
    rng = random.Random(step)
    for number in range(PROMPTS):
        a, b, c = rng.randint(11, 999), rng.randint(11, 99), rng.randint(11, 999)
        asked = f"A depot holds {a} crates with {b} parts in each, and {c} loose parts. How many parts are there?"
        for sample in range(SAMPLES):
            said = a * b + c + (rng.random() < 0.4) * rng.randint(1, 50)
            text = (
                f"First I count the parts in crates: {a} times {b} is {a * b}.\nThen I add the {c} loose ones.\n"
                f"That gives {a * b} + {c} = {said}.\nSo the answer is $\\boxed{{{said}}}$."
            )
            row = {"uid": f"{number}_{sample}_0", "input": asked, "output": text, "gts": str(a * b + c),
                   "score": float(said == a * b + c), "step": step}  # fmt: skip
            yield json.dumps(row) + "\n"


def looked(dump: Path, out: Path) -> tuple[float, float, float]:
    """Return seconds by the clock, seconds of processors and MiB of one look, its processes counted."""
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    told = [sys.executable, "-m", "rarl_eval", "training", str(dump), "--out", str(out), "--json"]
    subprocess.run(told, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.monotonic() - begun, spent, after.ru_maxrss / 1024


def main() -> None:
    """Write dumps, look, add, look again, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rollouts", type=int, default=1_000_000)
    parser.add_argument("--out", type=Path, default=PAGE)
    asked = parser.parse_args()
    steps = -(-asked.rollouts // (PROMPTS * SAMPLES))
    lines = [
        "# A long training watched: what it costs",
        "",
        f"`python benchmarks/training_scale.py`: {steps:,} steps x {PROMPTS} x {SAMPLES} samples, short mathematics.",
        "",
        "| look | rollouts read | seconds | of processors | MiB of the largest process |",
        "|---|---:|---:|---:|---:|",
    ]
    with tempfile.TemporaryDirectory() as scratch:
        dump, out = Path(scratch) / "dump", Path(scratch) / "watched"
        dump.mkdir()
        made = 0
        for name, more in (("the first", steps), (f"{MORE} steps more", MORE), ("nothing new", 0)):
            for step in range(made + 1, made + more + 1):
                (dump / f"{step}.jsonl").write_text("".join(dumped(step)))
            made += more
            clock, spent, most = looked(dump, out)
            lines.append(f"| {name} | {more * PROMPTS * SAMPLES:,} | {clock:.1f} | {spent:.1f} | {most:.0f} |")
            print(lines[-1], flush=True)
    asked.out.write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    main()
