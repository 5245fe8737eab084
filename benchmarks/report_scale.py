"""`rarl-eval report` over 1,000,000 records: seconds and peak memory of the command, in a process of its own.

    python benchmarks/report_scale.py [--folder RUNS] [--records 1000000]

Writes benchmarks/report_scale.md. Ten models answer 12,500 items with 8 samples each. Every record has a text of 400 to
1,200 characters, token counts, a verdict, the two rule rewards and a recorded reward, as ``score`` writes them. About
2 GB of disk while it runs.
"""

import argparse
import os
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from rarl_eval import prompts  # noqa: E402  the checkout is measured
from rarl_eval.answers import verify_number  # noqa: E402
from rarl_eval.runs import store  # noqa: E402  the checkout is measured
from rarl_eval.types import (  # noqa: E402
    Benchmark,
    Item,
    Record,
    Reward,
    Row,
    Source,
    Task,
    Tokens,
    Trace,
    Verdict,
)

MODELS, SAMPLES = 10, 8
SENTENCE = "The baker bakes {} loaves and sells {} of them before noon, which leaves {} for the rest of the day. "


def item(row: Row) -> Item:
    return Item(id=str(row["i"]), question=f"How many loaves are left on day {row['i']}?", gold="1")


def benchmark(n: int) -> Benchmark:
    task = Task(
        name="loaves",
        domain="math",
        source=Source(path="made:loaves", split="all", licence="CC0-1.0", released="2026-01-01"),
        item=item,
        verify=verify_number,
        prompt=prompts.worked,
        paper="https://example.org",
    )
    items = tuple(item({"i": i}) for i in range(n))
    return Benchmark(task=task, items=items, origin="made", revision=None, fingerprint="made")


def records(made: Benchmark, model: str, samples: int, seed: int) -> Iterator[Record]:
    rng = np.random.default_rng(seed)
    hard = rng.random(len(made.items))
    for i, asked in enumerate(made.items):
        for sample in range(samples):
            right = bool(rng.random() < hard[i])
            size = int(rng.integers(4, 12)) + (0 if right else 2)
            text = "".join(SENTENCE.format(i + j, j, i) for j in range(size)) + f"The answer is {int(right)}."
            trace = Trace(
                key=asked.key,
                task="loaves",
                item_id=asked.id,
                model=model,
                sample=sample,
                text=text,
                answer=text,
                tokens=Tokens(completion=len(text) // 4, counted_by="recorded"),
                stop="end",
            )
            verdict = Verdict(status="correct" if right else "incorrect", extracted=str(int(right)), reason="made")
            yield Record(
                trace=trace,
                verdict=verdict,
                rewards=(
                    Reward(name="format", judge="rule", meaning="shaping", score=1.0),
                    Reward(name="brevity", judge="rule", meaning="shaping", score=-float(len(text))),
                    Reward(name="rm", judge="discriminative", score=float(np.clip(0.3 * right + rng.random(), 0, 1))),
                ),
            )


def write(folder: Path, made: Benchmark, model: str, samples: int, seed: int) -> None:
    """Write a run in one transaction: what is measured is reading it."""
    store.create(folder, {"kind": "score", "model": {"name": model}, "tasks": {"loaves": _described()}}, [made])
    with sqlite3.connect(folder / "records.sqlite") as db:
        db.executemany(
            "INSERT INTO records VALUES ('loaves', ?, ?, 0, ?)",
            ((r.trace.key, r.trace.sample, msgspec.json.encode(r)) for r in records(made, model, samples, seed)),
        )
    db.close()


def _described() -> dict[str, object]:
    return {"domain": "math", "version": 1, "fingerprint": "made"}


def measure(runs: list[Path], out: Path) -> tuple[float, float, float]:
    """Wall seconds, processor seconds and peak gigabytes of the command."""
    command = [sys.executable, "-m", "rarl_eval", "report", "--out", str(out)]
    for run in runs:
        command += ["--run", str(run)]
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
    wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall, used, after.ru_maxrss / 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, help="keep the runs here, and take those of an earlier call")
    parser.add_argument("--records", type=int, default=1_000_000)
    arguments = parser.parse_args()
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as scratch:
        made = benchmark(arguments.records // MODELS // SAMPLES)
        runs = [(arguments.folder or Path(scratch)) / f"m{i}" for i in range(MODELS)]
        for i, run in enumerate(runs):
            if not (run / "manifest.json").exists():
                write(run, made, f"m{i}", SAMPLES, i)
        wall, used, memory = measure(runs, Path(scratch) / "report")
    text = TEXT.format(
        records=arguments.records, models=MODELS, items=len(made.items), samples=SAMPLES, cores=os.cpu_count(),
        load=load, used=used, wall=wall, memory=memory,
    )  # fmt: skip
    (ROOT / "benchmarks/report_scale.md").write_text(text)
    print(text)


TEXT = """# The report of a million records

`python benchmarks/report_scale.py`

{models} models x {items:,} items x {samples} samples, 1,000 bootstrap replicates, {cores} cores; load {load:.1f}
when it began (other work slows the wall, not the processor time). To be held: 60 s and 4 GB.

| records | wall s | processor s | peak GB |
|---:|---:|---:|---:|
| {records:,} | {wall:.1f} | {used:.1f} | {memory:.2f} |
"""


if __name__ == "__main__":
    main()
