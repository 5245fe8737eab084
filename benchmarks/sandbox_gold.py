"""Reference solutions pass and stubs fail: HumanEval, MBPP, CRUXEval, early HumanEval+, graded LiveCodeBench.

    python benchmarks/sandbox_gold.py FOLDER_OF_REAL_DATA

HumanEval+ here is the pre-release of April 2023: its references must pass, as programs, every input that its contracts
allow and that fits in memory. LiveCodeBench's recorded programs come with grades and no tests: those graded right must
pass the first sample printed in the problem, and a graded failure must fail on its recorded input.
"""

import ast
import gzip
import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rarl_eval.sandbox import Limits, Outcome, Program, Sandbox, Script

Row = dict[str, Any]


def main() -> None:
    code = Path(sys.argv[1]) / "code"
    with Sandbox(limits=Limits(seconds=20)) as sandbox:
        for name, named in {
            "HumanEval": humaneval(code),
            "MBPP": mbpp(code),
            "CRUXEval input": cruxeval(code),
            "HumanEval+ early": humaneval_plus(code),
            "LiveCodeBench samples": contest_samples(code),
            "LiveCodeBench failures": contest_failures(code),
        }.items():
            keys, programs = zip(*named, strict=True)
            report(name, keys, sandbox.run_all(programs))


def report(name: str, keys: tuple[str, ...], outcomes: list[Outcome]) -> None:
    print(f"{name}: {len(outcomes)} programs, {dict(Counter(o.status for o in outcomes))}")
    odd = "LiveCodeBench failures" in name
    for key, outcome in zip(keys, outcomes, strict=True):
        if key.endswith("stub") == outcome.correct if not odd else outcome.correct:
            print("   ", key, outcome.status, outcome.reason[:150], outcome.failed and outcome.failed[:80])


def rows(path: Path) -> list[Row]:
    content = path.read_bytes()
    text = (gzip.decompress(content) if path.suffix == ".gz" else content).decode()
    return [json.loads(line) for line in text.split("\n") if line.strip()]


def humaneval(code: Path) -> Iterator[tuple[str, Program]]:
    for row in rows(code / "humaneval" / "HumanEval.jsonl.gz"):
        for body, suffix in ((row["canonical_solution"], ""), ("    return None\n", " stub")):
            whole = f"{row['prompt']}{body}\n"
            yield (
                row["task_id"] + suffix,
                Program(code=whole, tests=row["test"], entry=row["entry_point"], preamble=row["prompt"]),
            )


def mbpp(code: Path) -> Iterator[tuple[str, Program]]:
    for row in rows(code / "mbpp" / "mbpp.jsonl.gz"):
        text = row["code"].replace("\r", "")
        tests = "\n".join([row["test_setup_code"].replace("\r", ""), *map(str.strip, row["test_list"])])
        used = {node.id for node in ast.walk(ast.parse(tests)) if isinstance(node, ast.Name)}
        functions = [n.name for n in ast.parse(text).body if isinstance(n, ast.FunctionDef)]
        classes = [n.name for n in ast.parse(text).body if isinstance(n, ast.ClassDef)]
        stub = [f"def {n}(*a, **k): return None" for n in functions] + [
            f"class {n}:\n  def __init__(*a): 0" for n in classes
        ]
        for body, suffix in ((text, ""), ("\n".join(stub), " stub")):
            names = tuple(sorted(used & {*functions, *classes}))
            yield f"{row['task_id']}{suffix}", Program(code=body, tests=tests, names=names)


def cruxeval(code: Path) -> Iterator[tuple[str, Program]]:
    for row in rows(code / "cruxeval" / "data__cruxeval.jsonl"):
        given = f"{row['code']}\ndef given():\n    return (lambda *a, **k: (a, k))({row['input']})\n"
        tests = f"a, k = given()\nassert f(*a, **k) == {row['output']}"
        yield row["id"], Program(code=given, tests=tests, preamble=row["code"], names=("given",))


def humaneval_plus(code: Path) -> Iterator[tuple[str, Program]]:
    problems = rows(code / "humaneval" / "HumanEval.jsonl.gz")
    references = rows(code / "humanevalplus_early" / "HumanEvalPlus.jsonl")
    more = {r["task_id"]: r["inputs"] for r in rows(code / "humanevalplus_early" / "HumanEvalPlusInputs.jsonl.gz")}
    for number, (row, plus) in enumerate(zip(problems, references, strict=True)):
        inputs = plus["base_input"] + more.get(f"HumanEval_{number}", [])
        gold = f"{row['prompt']}{plus['contract']}{plus['reference']}\n"
        preamble = f"{gold}\n_reference = {row['entry_point']}\n"
        for whole, suffix in ((gold, ""), (f"{row['prompt']}    return 'stub'\n", " stub")):
            tests = PLUS.replace("INPUTS", repr(inputs))
            yield (
                row["task_id"] + suffix,
                Program(code=whole, tests=tests, entry=row["entry_point"], preamble=preamble, seconds=PLUS_SECONDS),
            )


PLUS_SECONDS = 1800
"""HumanEval/25 factors four numbers near 123,456,789 with a sieve as long, on both sides: 63 s on an idle machine."""
PLUS = """
import copy

def check(candidate):
    for given in INPUTS:
        try:
            wanted = _reference(*copy.deepcopy(given))
        except Exception:  # an input that the contract excludes, or larger than the memory
            continue
        assert candidate(*given) == wanted, (given, wanted)
"""
"""The reference computes what is expected where the tests run; the program is in the other process."""


def contests(code: Path) -> Iterator[tuple[str, Row]]:
    for path in sorted((code / "livecodebench_o1").glob("*.gz")):
        with gzip.open(path, "rt") as stream:
            for row in json.load(stream):
                yield f"{path.name[:10]} {row['question_id']}", row


def contest_samples(code: Path) -> Iterator[tuple[str, Program]]:
    """AtCoder prints a sample's explanation after a blank line; only its samples are told apart from prose."""
    for key, row in contests(code):
        found = re.search(r"Sample Input 1\s*\n(.*?)\n\s*Sample Output 1\s*\n(.*)", row["question_content"], re.DOTALL)
        if found and row["graded_list"] == [True] and row["platform"] == "atcoder":
            given, wanted = (part.strip().replace("\r", "").split("\n\n")[0] for part in found.groups())
            yield key, Program(code=row["code_list"][0], scripts=(Script(stdin=given + "\n", stdout=wanted),))


def contest_failures(code: Path) -> Iterator[tuple[str, Program]]:
    for key, row in contests(code):
        told = json.loads(row["metadata"][0])
        whole = "inputs" in told and "..." not in told["inputs"] + told["expected"] and len(told["inputs"]) < 5000
        if told.get("error_code") == -2 and not row["starter_code"] and whole:
            script = Script(stdin=told["inputs"], stdout=told["expected"])
            yield (
                f"{key} (recorded output {told['output'][:9]!r})",
                Program(code=row["code_list"][0], scripts=(script,)),
            )


if __name__ == "__main__":
    main()
