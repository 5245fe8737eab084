"""Verdicts on recorded answers while other processes keep every processor busy, beside those on a machine at rest.

    python benchmarks/verifier_busy.py [--data ../shared/data] [--answers N] [--busy N]

Draws 2,000 of the recorded answers of verifier_speed.py that need algebra, judges them, then judges them again with
eight processes that only count, each time with fresh workers. Writes benchmarks/verifier_busy.md; exit code 1 if a
verdict differs.
"""

import argparse
import multiprocessing
import random
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))
sys.path.insert(0, str(Path(__file__).parent))

import verifier_speed  # noqa: E402  the other benchmark's answers

from rarl_eval.answers import pool, verify_math  # noqa: E402  the checkout is measured
from rarl_eval.types import Item  # noqa: E402


def count_on() -> None:
    """Keep a processor busy."""
    number = 0
    while True:
        number += 1


def judged(jobs: list[verifier_speed.Job]) -> tuple[list[str], float]:
    """Judge with fresh workers: the statuses, and the seconds by the clock."""
    pool.close()
    start = time.perf_counter()
    with ThreadPoolExecutor(2) as threads:
        found = list(threads.map(lambda job: verify_math(Item(id="", question="", gold=job[0]), job[1]).status, jobs))
    return list(found), time.perf_counter() - start


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared/data")
    parser.add_argument("--answers", type=int, default=2000)
    parser.add_argument("--busy", type=int, default=8)
    options = parser.parse_args()
    jobs = [*verifier_speed.worked(options.data), *verifier_speed.exchanged(options.data)]
    jobs = [job for job in jobs if not job[0].strip("-").isdecimal()]
    jobs = random.Random(0).sample(jobs, min(options.answers, len(jobs)))
    at_rest, seconds = judged(jobs)
    others = [multiprocessing.Process(target=count_on, daemon=True) for _ in range(options.busy)]
    for other in others:
        other.start()
    busy, longer = judged(jobs)
    for other in others:
        other.kill()
    differing = [(job, a, b) for job, a, b in zip(jobs, at_rest, busy, strict=True) if a != b]
    counts = ", ".join(f"{status} {number}" for status, number in sorted(Counter(at_rest).items()))
    text = "\n".join(
        [
            "# Verdicts on a busy machine",
            "",
            "Command: `python benchmarks/verifier_busy.py`. Last output:",
            "",
            f"{len(jobs)} recorded answers to MATH whose gold is no whole number: {counts}.",
            "",
            f"At rest {seconds:.0f} s, beside {options.busy} busy processes {longer:.0f} s.",
            f"{len(jobs) - len(differing)} verdicts are the same, {len(differing)} differ.",
            "",
        ]
    )
    print(text)
    for (gold, answer), before, after in differing:
        print(f"{gold!r} {answer[-80:]!r}: {before}, then {after}", file=sys.stderr)
    (ROOT / "benchmarks/verifier_busy.md").write_text(text, encoding="utf-8")
    return bool(differing)


if __name__ == "__main__":
    raise SystemExit(main())
