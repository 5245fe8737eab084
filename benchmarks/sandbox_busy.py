"""Verdicts of right programs that work for 0.5 to 1 s each, while other processes keep every processor busy.

    python benchmarks/sandbox_busy.py [--programs N] [--busy N] [--tier A|B]

Half of the 500 programs are functions with tests, half read standard input; each spends a drawn processor time of 0.5
to 1 s and then answers rightly, under the usual limit of 3 s. Eight processes that only count run beside them. Writes
benchmarks/sandbox_busy.md; exit code 1 unless every program is found right.
"""

import argparse
import multiprocessing
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))
sys.path.insert(0, str(Path(__file__).parent))

from verifier_busy import count_on  # noqa: E402  what keeps a processor busy there does it here

from rarl_eval.sandbox import Limits, Program, Sandbox, Script  # noqa: E402  the checkout is measured

WORK = """import time

def total(numbers):
    begin, found = time.process_time(), 0
    while time.process_time() - begin < {seconds}:
        found = sum(numbers)
    return found
"""


def programs(count: int) -> Iterator[Program]:
    """Draw the programs, the same each time."""
    draw = random.Random(0)
    for index in range(count):
        work = WORK.format(seconds=round(draw.uniform(0.5, 1.0), 3))
        numbers = [draw.randrange(1000) for _ in range(20)]
        if index % 2:
            tests = f"def check(candidate):\n    assert candidate({numbers}) == {sum(numbers)}\n"
            yield Program(code=work, tests=tests, entry="total")
        else:
            code = work + "\nprint(total(list(map(int, input().split()))))\n"
            yield Program(code=code, scripts=(Script(stdin=" ".join(map(str, numbers)), stdout=f"{sum(numbers)}\n"),))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--programs", type=int, default=500)
    parser.add_argument("--busy", type=int, default=8)
    parser.add_argument("--tier")
    options = parser.parse_args()
    drawn = list(programs(options.programs))
    others = [multiprocessing.Process(target=count_on, daemon=True) for _ in range(options.busy)]
    for other in others:
        other.start()
    start = time.perf_counter()
    try:
        with Sandbox(limits=Limits(), **({"tier": options.tier} if options.tier else {})) as sandbox:
            outcomes = sandbox.run_all(drawn)
            tier = sandbox.tier
    finally:
        for other in others:
            other.kill()
    seconds = time.perf_counter() - start
    found = Counter(outcome.status for outcome in outcomes)
    text = (
        f"{len(drawn)} right programs of 0.5 to 1 s of processor time, tier {tier}, beside {options.busy} busy "
        f"processes on {os.cpu_count()} processors, {seconds:.0f} s: "
        f"{', '.join(f'{status} {n}' for status, n in sorted(found.items()))}."
    )
    print(text)
    head = "# Right programs on a busy machine\n\nCommand: `python benchmarks/sandbox_busy.py`. Last output:\n\n"
    Path(__file__).with_suffix(".md").write_text(f"{head}{text}\n", encoding="utf-8")
    return int(not all(outcome.correct for outcome in outcomes))


if __name__ == "__main__":
    sys.exit(main())
