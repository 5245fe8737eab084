"""Verifiers measured on labelled answer pairs. Writes benchmarks/verifiers.md.

    python benchmarks/verifiers.py [--data ../shared/data]

The second table has a line for each kind of pair, named by the test it is from, on which the three do not all agree
with all labels. Labels that are disputed are listed with the reason, and counted three ways: as labelled, as corrected
by the file's own remark (``semantic``), and set apart. Where the file says to how many decimals a pair is compared,
that is passed on.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from rarl_eval.answers import verify_choice, verify_math  # noqa: E402  the checkout is measured, not an installed copy
from rarl_eval.types import Item  # noqa: E402

FALSE_CHAIN = "the sides of the chain differ: the answer says two values"
FALSE_ROUNDING = "1/3 is not about 1.3: the answer says two values"
PRECISION = "the label holds at two decimals, which the question would have to ask for"
CONVENTION = (
    "solutions in a list are a set where no question asks for an order, and the file labels `1, 3, 2` and `1, 2, 3`, "
    "`-5,-2,7` and `7, -2, -5`, `4,-8,-10` and `-10,-8,4` equal"
)
NO_DELIMITER = (
    "the label says that upstream's reader finds nothing; the answer is 9, and the file's own reader says equal"
)
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
    ("$9$", "Answer \\( \n 9 \n \\)"): NO_DELIMITER,
    ("$9$", "Answer $ \n 9 \n $"): NO_DELIMITER,
}
CONTRADICTED = {
    ("$f(x)$", "$f(y)$", True): "the same pair is labelled different where `strict` is on",
    (
        "$x \\in [-2,7]$",
        "$-2 \\\\le x \\\\le 7$",
        False,
    ): "the same pair is labelled equal where an option of upstream's is on; {x: −2 ≤ x ≤ 7} is [−2, 7]",
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
    verdicts: dict[str, list[bool]] = {}
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
        verdicts[name] = told
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
        f"{len(rows)} pairs, {len({kind(row) for row in rows})} kinds. Those on which one differs from a label:",
        "",
        *by_kind(rows, verdicts),
        "",
        "Where ours differs from the label:",
        "",
        "| gold | answer | label | reason |",
        "|---|---|---|---|",
    ]
    for row, _ in failures:
        label = "equal" if row["equal"] else "different"
        lines.append(f"| {cell(row['gold'])} | {cell(row['pred'])} | {label} | {disputed(row) or 'ours is wrong'} |")
    return lines


def kind(row: dict[str, Any]) -> str:
    """Name a pair's kind: repository and test."""
    source, test = row["source"].split("@")[0], row.get("test")
    return f"{source} {test}" if test else source


def by_kind(rows: list[dict[str, Any]], verdicts: dict[str, list[bool]]) -> list[str]:
    """Count per kind how many labels each verifier agrees with; kinds on which all agree with all are left out."""
    lines = ["| kind | pairs | " + " | ".join(verdicts) + " |", "|---|--:|" + "--:|" * len(verdicts)]
    worse = 0
    for name in sorted({kind(row) for row in rows}):
        places = [place for place, row in enumerate(rows) if kind(row) == name]
        agree = [sum(told[place] == rows[place]["equal"] for place in places) for told in verdicts.values()]
        worse += agree[0] < agree[-1]
        if set(agree) != {len(places)}:
            lines.append(f"| {name} | {len(places)} | " + " | ".join(map(str, agree)) + " |")
    return [*lines, "", f"Kinds on which rarl-eval agrees with fewer labels than Math-Verify wrapped in $: {worse}."]


def cell(text: str) -> str:
    short = " ".join(text.split())
    return "`" + (short if len(short) <= 60 else "…" + short[-59:]).replace("|", "\\|") + "`"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared/data")
    options = parser.parse_args()
    head = ["# Verifiers on labelled pairs", "", "Command: `python benchmarks/verifiers.py`. Last output:", ""]
    text = "\n".join([*head, *pairs(options.data), ""])
    print(text)
    (ROOT / "benchmarks/verifiers.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
