"""Agreement of 1,000,000 recorded scores with their verdicts, 1,000 bootstrap replicates: seconds and peak memory.

Run ``python benchmarks/rewards_scale.py``. Both shapes are timed, each in a process of its own: eight traces an item,
and one trace an item, where a million units are resampled.
"""

import resource
import subprocess
import sys
import time

import numpy as np

from rarl_eval.measures.agreement import agree

TRACES = 1_000_000
REPLICATES = 1_000


def main() -> None:
    if len(sys.argv) > 1:
        measure(int(sys.argv[1]))
        return
    for each in (8, 1):
        subprocess.run([sys.executable, __file__, str(each)], check=True)


def measure(each: int) -> None:
    """Time ``agree`` with ``each`` traces an item."""
    rng = np.random.default_rng(0)
    item = np.repeat(np.arange(TRACES // each), each)
    correct = rng.random(TRACES) < 0.6
    scores = np.clip(0.5 + 0.2 * (correct - 0.5) + 0.2 * rng.standard_normal(TRACES), 0, 1)
    began = time.perf_counter()
    found = agree(scores, correct, item, replicates=REPLICATES)
    seconds = time.perf_counter() - began
    gigabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    auroc = found.auroc
    shown = "-" if auroc is None else f"{auroc.value:.4f} ({auroc.low:.4f} to {auroc.high:.4f})"
    print(f"{each} an item, {REPLICATES} replicates: {seconds:6.1f} s, peak {gigabytes:.2f} GB, AUROC {shown}")


if __name__ == "__main__":
    main()
