"""Two processes with one cache directory: no error, no question asked twice, no row lost.

Each process makes run after run over the same questions, the second in the order of the first or in the other, so that
they meet, overtake each other and wait for each other. Run:

    python benchmarks/shared_cache.py [--seconds 60]

Prints a table and writes it to shared_cache.md beside this file; exit code 1 if something was asked twice or lost.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from server import serving  # noqa: E402

from rarl_eval import cli  # noqa: E402
from rarl_eval.models import cache  # noqa: E402
from rarl_eval.runs import store  # noqa: E402

SAMPLES = 4
TASK = "fresh:math@1:30"
RECORDS = 30 * SAMPLES
"""Of a run: the demo's 30 problems."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What two processes did."""

    failed: list[str]
    """What a process said that ended with an error."""
    asked: int
    twice: int
    """Questions that the server got more than once."""
    runs: int
    rows: int
    lost: int
    """Rows that a finished run lacks, or whose text is not the one the server sent for it."""
    kept: int
    """Completions in the cache at the end."""


def share(seconds: float, folder: Path) -> Outcome:
    """Let two processes share a cache for a time; each ends with the run it is at."""
    with serving(delay_seconds=0.002) as server:
        command = [sys.executable, str(Path(__file__).resolve()), "--child", str(folder), server.url, str(seconds)]
        environment = {**os.environ, "RARL_EVAL_CACHE": str(folder / "cache.sqlite"), "PYTHONPATH": str(ROOT)}
        pair = [subprocess.Popen([*command, name], env=environment, stderr=subprocess.PIPE, text=True) for name in "ab"]
        said = [process.communicate()[1] for process in pair]
        asked = Counter(json.dumps([body["messages"], body["seed"]]) for body in server.bodies)
    runs = sorted(folder.glob("[ab]-*"))
    texts = [_texts(path) for path in runs]
    same: dict[tuple[str, int, int], str] = {}
    wrong = sum(same.setdefault(slot, text) != text for found in texts for slot, text in found.items())
    return Outcome(
        failed=[words for process, words in zip(pair, said, strict=True) if process.returncode],
        asked=len(asked),
        twice=sum(count > 1 for count in asked.values()),
        runs=len(runs),
        rows=sum(map(len, texts)),
        lost=wrong + sum(RECORDS - len(found) for found in texts),
        kept=sum(entry.completions for entry in cache.entries(folder / "cache.sqlite")),
    )


def _texts(path: Path) -> dict[tuple[str, int, int], str]:
    run = store.read_run(path)
    return {(r.trace.key, r.trace.sample, run.manifest["seed"]): r.trace.text for r in run.records}


def child(folder: Path, url: str, seconds: float, name: str) -> None:
    """Make runs until the time is over; the second process goes through each five seeds backwards."""
    until, number = time.monotonic() + seconds, 0
    while time.monotonic() < until:
        seed = number if name == "a" else 5 * (number // 5) + 4 - number % 5
        arguments = ["run", "-t", TASK, "-m", "openai:m", "--base-url", url, "-k", str(SAMPLES), "--quiet"]
        try:
            cli.main([*arguments, "--seed", str(seed), "-o", str(folder / f"{name}-{number}")])
        except SystemExit as stop:
            if stop.code:
                raise
        number += 1


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60.0)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = share(given.seconds, Path(folder))
    text = (
        f"Two processes, one cache, {given.seconds:g} seconds; `python benchmarks/shared_cache.py`\n\n"
        "| runs | rows | lost or other | questions asked | asked twice | kept | processes that failed |\n"
        "|---:|---:|---:|---:|---:|---:|---:|\n"
        f"| {found.runs:,} | {found.rows:,} | {found.lost} | {found.asked:,} | {found.twice} | {found.kept:,} | "
        f"{len(found.failed)} |\n"
    )
    print(text)
    print(*found.failed, sep="\n")
    Path(__file__).with_suffix(".md").write_text(text)
    return int(bool(found.failed or found.twice or found.lost or found.kept != found.asked))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        child(Path(sys.argv[2]), sys.argv[3], float(sys.argv[4]), sys.argv[5])
        sys.exit(0)
    sys.exit(main())
