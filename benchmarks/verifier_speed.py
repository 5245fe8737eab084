"""Time for recorded mathematical answers: ours on two processors, hard limit on, beside Math-Verify in one process.

    python benchmarks/verifier_speed.py [--data ../shared/data] [--sample N] [--only ours]

The answers, 57,000: the worked solutions of MATH's test split against their own boxes and against other problems', and
what 44 recorded systems wrote on GSM8K and MATH. ``--sample`` takes that many at random, the same each time. Seconds,
by the clock and of processors, are of all processes of each side; Math-Verify keeps its own limit, an alarm, which
works in a main thread only.
"""

import argparse
import gzip
import json
import os
import random
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from rarl_eval.answers import final_answer, verify_math  # noqa: E402  the checkout is measured
from rarl_eval.types import Item  # noqa: E402

Job = tuple[str, str]
"""A gold and an answer."""
OTHERS = 7_942


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared/data")
    parser.add_argument("--sample", type=int)
    parser.add_argument("--only", choices=("ours", "Math-Verify"))
    options = parser.parse_args()
    parts = {
        "MATH, worked solutions": list(worked(options.data)),
        "MATH, solutions of other problems": list(exchanged(options.data)),
        "GSM8K, 22 models": list(zeroeval(options.data)),
        "GSM8K, OpenAI's solutions": list(openai(options.data)),
        "GSM8K and MATH, 16 models with reasoning": list(missing_premise(options.data)),
        "GSM8K, ToRA": list(tora(options.data)),
    }
    jobs = [(name, job) for name, part in parts.items() for job in part]
    if options.sample:
        jobs = random.Random(0).sample(jobs, options.sample)
    print(f"{len(jobs)} answers: " + ", ".join(f"{name} {n}" for name, n in Counter(n for n, _ in jobs).items()))
    ours(("x^2", "y"))  # the workers start
    alike: dict[str, list[bool]] = {}
    spent: dict[str, tuple[float, float]] = {}
    for name, run in (("ours", both_processors), ("Math-Verify", alone)):
        if options.only not in {None, name}:
            continue
        before, start = processor_seconds(), time.perf_counter()
        alike[name] = run([job for _, job in jobs])
        spent[name] = time.perf_counter() - start, processor_seconds() - before
        wall, cpu = spent[name]
        print(f"{name}: {wall:.1f} s, {cpu:.1f} s of processors, {sum(alike[name])} right", flush=True)
    if options.only:
        return
    wall, cpu = (a / b for a, b in zip(spent["Math-Verify"], spent["ours"], strict=True))
    agree = sum(a == b for a, b in zip(alike["ours"], alike["Math-Verify"], strict=True))
    print(f"{wall:.2f} times as fast, {cpu:.2f} times by processor seconds; {agree} verdicts alike")


def both_processors(jobs: list[Job]) -> list[bool]:
    with ThreadPoolExecutor(2) as threads:
        return list(threads.map(ours, jobs))


def ours(job: Job) -> bool:
    return verify_math(Item(id="", question="", gold=job[0]), job[1]).status == "correct"


def alone(jobs: list[Job]) -> list[bool]:
    from math_verify import parse, verify

    return [bool(verify(parse(f"${gold}$"), parse(text))) for gold, text in jobs]


def processor_seconds() -> float:
    """Processor time of this process, its living children and all that either buried."""
    below = [pid for listed in Path("/proc/self/task").glob("*/children") for pid in listed.read_text().split()]
    words = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:15] for pid in below]
    return sum(os.times()[:4]) + sum(int(word) for four in words for word in four) / os.sysconf("SC_CLK_TCK")


def rows(path: Path) -> list[dict[str, Any]]:
    opened: Callable[..., Any] = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8") as stream:
        text = stream.read()
    return json.loads(text) if text.startswith("[") else [json.loads(line) for line in text.split("\n") if line.strip()]


def worked(folder: Path) -> Iterator[Job]:
    for row in rows(folder / "math/math_full_and_500/math.jsonl.gz"):
        yield getattr(final_answer(row["solution"]), "text", None) or "", row["solution"]


def exchanged(folder: Path) -> Iterator[Job]:
    """Wrong answers, as many as make 57,000 in all: each gold with the solution one further on, then two."""
    jobs = list(worked(folder))
    for number in range(OTHERS):
        yield jobs[number % len(jobs)][0], jobs[(number + 1 + number // len(jobs)) % len(jobs)][1]


def zeroeval(folder: Path) -> Iterator[Job]:
    for path in sorted((folder / "reward/zeroeval_gsm").glob("*.jsonl.gz")):
        yield from ((row["answer"].lstrip("# "), row["output"][0]) for row in rows(path))


def openai(folder: Path) -> Iterator[Job]:
    for row in rows(folder / "math/gsm8k_openai_solutions/example_model_solutions.jsonl.gz"):
        gold = row["ground_truth"].rpartition("A: ")[2]
        yield from ((gold, told["solution"]) for told in row.values() if isinstance(told, dict))


def missing_premise(folder: Path) -> Iterator[Job]:
    for path in sorted((folder / "math/mip_overthinking").glob("*_normal_*.json*")):
        for row in rows(path):
            told = row.get("model_answer") or next((row[k] for k in row if re.fullmatch(r".+ \(question\)", k)), None)
            if isinstance(told, str):
                yield str(row["answer"]).rpartition("#### ")[2], told


def tora(folder: Path) -> Iterator[Job]:
    for path in sorted((folder / "math/tora_outputs").glob("*.jsonl.gz")):
        yield from ((str(row["gt"]), row["code"][0]) for row in rows(path))


if __name__ == "__main__":
    main()
