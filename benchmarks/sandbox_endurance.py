"""Ten thousand programs in a row: does anything grow? Memory, descriptors, processes, files, mounts.

    python benchmarks/sandbox_endurance.py [--tier A] [--samples 10000]

One in ten is hostile: exits, writes files, leaves threads, prints megabytes. Printed are the figures after each tenth.
"""

import argparse
import time
from pathlib import Path

from rarl_eval.sandbox import Limits, Program, Sandbox

RIGHT = "def f(n): return n + 1"
ROUGH = (
    "import os\ndef f(n): os._exit(0)",
    "def f(n):\n    for i in range(200): open(f'x{i}', 'w').write('y' * 4096)\n    return n",
    "import threading as t, time\ndef f(n):\n    for _ in range(9): t.Thread(target=time.sleep, args=(9,)).start()",
    "import sys\ndef f(n):\n    for _ in range(20): sys.stdout.write('x' * 100000)\n    return bytearray(50 << 20)",
    "def f(n): return 1 / 0",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tier")
    parser.add_argument("--samples", type=int, default=10_000)
    options = parser.parse_args()
    codes = [*[RIGHT] * 45, *ROUGH]
    with Sandbox(tier=options.tier, jobs=2, limits=Limits(seconds=5)) as sandbox:
        for part in range(11):
            if part:
                count = options.samples // 10
                programs = [Program(code=codes[n % 50], tests="assert f(1) == 2") for n in range(count)]
                began = time.monotonic()
                outcomes = sandbox.run_all(programs)
                spent = (time.monotonic() - began) / count * 1e3
                wrong = [o for o, p in zip(outcomes, programs, strict=True) if o.correct != (p.code == RIGHT)]
                print(f"{part * count:6} {spent:6.2f} ms  {figures()}  wrong {len(wrong)}")
                print(*wrong[:3], sep="\n", end="\n" if wrong else "")
            else:
                sandbox.run_all([Program(code=code, tests="assert f(1) == 2") for code in codes])
                print("warm  ", figures())
    print("closed", figures())


def figures() -> str:
    """Say how much memory and how many descriptors this process and its zygotes hold, and what stands outside."""
    below = [pid for listed in Path("/proc/self/task").glob("*/children") for pid in listed.read_text().split()]
    return "  ".join(
        [
            f"harness {resident('self')} KiB {count('/proc/self/fd')} fds",
            f"zygotes {len(below)} {sum(map(resident, below))} KiB {sum(count(f'/proc/{p}/fd') for p in below)} fds",
            f"folders {len(list(Path('/tmp').glob('rarl-eval-sandbox-*/*')))}",
            f"mounts {len(Path('/proc/self/mounts').read_text().splitlines())}",
        ]
    )


def count(folder: str) -> int:
    return sum(1 for _ in Path(folder).iterdir())


def resident(pid: str) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4


if __name__ == "__main__":
    main()
