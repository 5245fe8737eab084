"""Verifiers measured: labelled answer pairs, attacks on real golds, and speed. Writes benchmarks/verifiers.md.

    python benchmarks/verifiers.py [--data ../shared/data] [--quick]

Labels that are disputed are listed with the reason, and counted three ways: as labelled, as corrected by the file's own
remark (``semantic``), and set apart. Where the file says to how many decimals a pair is compared, that is passed on.
"""

import argparse
import gzip
import json
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from attacks import false_passes  # noqa: E402  beside this file

from rarl_eval import data, registry  # noqa: E402  the checkout is measured, not an installed copy
from rarl_eval.answers import verify_choice, verify_math  # noqa: E402
from rarl_eval.types import Item  # noqa: E402

FALSE_CHAIN = "the sides of the chain differ: the answer says two values"
FALSE_ROUNDING = "1/3 is not about 1.3: the answer says two values"
PRECISION = "the label holds at two decimals, which the question would have to ask for"
CONVENTION = "order of a list of solutions: three other pairs of the file are labelled the other way"
DISPUTED: dict[tuple[str, str], str] = {
    ("$x = 1/3$", "$x = 5+5+1 = 1/3 \\approx 11$"): FALSE_CHAIN,
    ("$x = 11$", "$x = 5+5+1 = 7 =11$"): FALSE_CHAIN,
    ("$10/9$", "Answer $ \\frac{1}{2} \\$ = \\frac{10}{9} $"): FALSE_CHAIN,
    ("$1/3$", "$x=1/3\\approx1.3$"): FALSE_ROUNDING,
    ("$(\\frac{3}{5},\\frac{8}{3}]$", "$(0.6,2.6667]$"): PRECISION,
    (
        "$(\\begin{pmatrix}\\frac{1}{3}\\\\ \\frac{1}{5} \\end{pmatrix})$",
        "$\\begin{pmatrix}0.33\\\\0.2 \\end{pmatrix}$",
    ): PRECISION,
    ("4, 10, -2", "10, 4, -2"): CONVENTION,
    ("4, .1, 2", "0.1, 4, 2"): CONVENTION,
    ("$9$", "Answer \\( \n 9 \n \\)"): "upstream expects its own extraction to fail; the answer is 9",
    ("$9$", "Answer $ \n 9 \n $"): "upstream expects its own extraction to fail; the answer is 9",
}
CONTRADICTED = {
    ("$f(x)$", "$f(y)$", True): "the same pair is labelled different where `strict` is on",
    (
        "$x \\in [-2,7]$",
        "$-2 \\\\le x \\\\le 7$",
        False,
    ): "the same pair is labelled equal where `allow_set_relation_comp` is on",
}


def disputed(row: dict[str, Any]) -> str | None:
    pair = (row["gold"], row["pred"])
    return DISPUTED.get(pair) or CONTRADICTED.get((*pair, row["equal"]))


def truth(row: dict[str, Any]) -> bool:
    """Return the label, or what the file's reader says is so where the label is a convention."""
    semantic = row.get("semantic")
    return semantic if isinstance(semantic, bool) else bool(row["equal"])


def ours(row: dict[str, Any]) -> bool:
    if "NativeLetters" in (row.get("match_types") or []):
        gold = next((c for c in row["gold"].replace("(", " ").split() if c.strip(")") in set("ABCDE")), "?").strip(")")
        if "answer is" in row["gold"]:
            gold = row["gold"].split("\n")[-1].split()[0]
        item = Item(id="", question="", gold=gold, choices=tuple("⓪①②③④"))
        return verify_choice(item, row["pred"]).status == "correct"
    meta = {"decimals": row["precision"]} if "precision" in row else {}
    return verify_math(Item(id="", question="", gold=row["gold"], meta=meta), row["pred"]).status == "correct"


def math_verify(wrap: bool) -> Callable[[dict[str, Any]], bool]:
    from math_verify import parse, verify

    def delimited(text: str) -> str:
        return text if not wrap or any(mark in text for mark in ("$", "\\boxed", "\\[", "\\(")) else f"${text}$"

    def judge(row: dict[str, Any]) -> bool:
        return bool(verify(parse(delimited(row["gold"])), parse(delimited(row["pred"]))))

    return judge


_COLUMNS = (
    "verifier",
    "agrees with labels",
    "agrees, labels as corrected in the file",
    "agrees, disputed labels apart",
    "false passes",
    "of them disputed",
    "false failures",
    "of them disputed",
    "ms per pair",
    "slowest, ms",
)


def pairs(folder: Path) -> list[str]:
    rows = [json.loads(line) for line in (folder / "verifier/pairs.jsonl").open(encoding="utf-8")]
    lines = [
        "| " + " | ".join(_COLUMNS) + " |",
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    failures = []
    judges = {
        "rarl-eval": ours,
        "Math-Verify 0.9, raw": math_verify(False),
        "Math-Verify 0.9, wrapped in $": math_verify(True),
    }
    for name, judge in judges.items():
        judge(rows[0])  # warm
        told, seconds = [], []
        for row in rows:
            start = time.perf_counter()
            told.append(judge(row))
            seconds.append(time.perf_counter() - start)
        wrong = [(row, t) for row, t in zip(rows, told, strict=True) if t != row["equal"]]
        clear = [row for row in rows if not disputed(row)]
        clear_wrong = [row for row, _ in wrong if not disputed(row)]
        corrected = sum(t == truth(row) for row, t in zip(rows, told, strict=True))
        passes, fails = [r for r, t in wrong if t], [r for r, t in wrong if not t]
        lines.append(
            f"| {name} | {1 - len(wrong) / len(rows):.1%} | {corrected / len(rows):.1%} | "
            f"{1 - len(clear_wrong) / len(clear):.1%} | {len(passes)} | "
            f"{sum(map(bool, map(disputed, passes)))} | {len(fails)} | {sum(map(bool, map(disputed, fails)))} | "
            f"{1000 * sum(seconds) / len(rows):.1f} | {1000 * max(seconds):.0f} |"
        )
        failures = failures or wrong
    lines += [
        "",
        f"{len(rows)} pairs. Where ours differs from the label:",
        "",
        "| gold | answer | label | reason |",
        "|---|---|---|---|",
    ]
    for row, _ in failures:
        label = "equal" if row["equal"] else "different"
        lines.append(f"| {cell(row['gold'])} | {cell(row['pred'])} | {label} | {disputed(row) or 'ours is wrong'} |")
    return lines


def cell(text: str) -> str:
    short = " ".join(text.split())
    return "`" + (short if len(short) <= 60 else "…" + short[-59:]).replace("|", "\\|") + "`"


def attacked(folder: Path, golds: int) -> list[str]:
    os.environ["RARL_EVAL_DATA"] = str(folder)
    lines = ["| task | domain | golds | attacks | false passes |", "|---|---|--:|--:|--:|"]
    for task in registry.tasks("all"):
        if task.judged or not task.verify.__module__.startswith("rarl_eval.answers"):
            continue  # its answers are programs, or free text
        try:
            items = list(data.load(task).items)
        except Exception as error:  # noqa: BLE001  a benchmark that is not in the folder is left out, and said so
            print(f"{task.name} is left out: {str(error)[:100]}", file=sys.stderr)
            continue
        chosen = random.Random(0).sample(items, min(golds, len(items)))
        tried, passed = false_passes(task, chosen)
        lines.append(f"| {task.name} | {task.domain} | {len(chosen)} | {tried} | {len(passed)} |")
        for item, attack in passed[:3]:
            print(f"passed: {task.name} {item.id} {item.gold!r}: {attack!r}", file=sys.stderr)
    return lines


def speed(folder: Path, count: int) -> list[str]:
    """Judge MATH's own worked solutions: each is a long text that ends in its gold, or in another problem's."""
    from math_verify import parse, verify

    with gzip.open(folder / "math/math_full_and_500/math.jsonl.gz", "rt", encoding="utf-8") as stream:
        solutions = [json.loads(line)["solution"] for line in stream]
    from rarl_eval.answers import final_answer

    golds = [getattr(final_answer(text), "text", None) or "" for text in solutions]
    rng = random.Random(0)
    jobs = [(golds[i], solutions[i if rng.random() < 0.7 else rng.randrange(len(solutions))]) for i in range(count)]
    verify_math(Item(id="", question="", gold="x^2"), "y")

    def one(job: tuple[str, str]) -> str:
        return verify_math(Item(id="", question="", gold=job[0]), job[1]).status

    start = time.perf_counter()
    with ThreadPoolExecutor(2) as threads:
        statuses = Counter(threads.map(one, jobs))
    mine = time.perf_counter() - start
    start = time.perf_counter()
    for gold, text in jobs:
        verify(parse(f"${gold}$"), parse(text))
    theirs = time.perf_counter() - start
    return [
        f"{count} answers to MATH, 30 % of them another problem's solution: {mine:.1f} s with two threads "
        f"and the hard limit on ({count / mine:.0f} answers/s), Math-Verify in one process {theirs:.1f} s "
        f"({count / theirs:.0f} answers/s): {theirs / mine:.2f} times as fast; 57,000 answers would take "
        f"{57000 * mine / count:.0f} s. Verdicts: "
        + ", ".join(f"{status} {n}" for status, n in sorted(statuses.items()))
        + ".",
    ]


_ATTACKS = (
    "Alternatives, wrong chains and approximations, foreign units, percent signs, keys, repeated questions, cut-off "
    "answers, all options listed."
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared/data")
    parser.add_argument("--quick", action="store_true", help="fewer golds and answers; writes nothing")
    options = parser.parse_args()
    golds, answers = (20, 400) if options.quick else (250, 5000)
    text = "\n".join(
        [
            "# Verifiers measured",
            "",
            "Command: `python benchmarks/verifiers.py`. Last output:",
            "",
            "## Labelled pairs",
            "",
            *pairs(options.data),
            "",
            "## Attacks on real golds",
            "",
            _ATTACKS,
            "",
            *attacked(options.data, golds),
            "",
            "## Speed",
            "",
            *speed(options.data, answers),
            "",
        ]
    )
    print(text)
    if not options.quick:
        (ROOT / "benchmarks/verifiers.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
