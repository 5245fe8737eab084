"""How often a flagged item of a benchmark stands in a real training set, by a written rule. Writes scan_precision.md.

    python benchmarks/scan_precision.py --data ../shared/data [--items 200] [--rows 2000]

GSM8K's training problems against GSM8K, problems of rllm's training set against MATH, TAT-QA's dev split in another
layout against its test split, and rewritten programming problems against HumanEval. Each flagged pair has a verdict by
rule: right where the item's question, or its statement, stands in the row with at most a tenth of its words others and
every number the same; wrong where a number differs; else open, for a person to read.
Pairs are listed in the terminal; texts of other people's benchmarks stay out of the file.
"""

import argparse
import json
import os
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from rapidfuzz.distance import Levenshtein

from rarl_eval import data, registry
from rarl_eval.evidence.scans import ItemStatus, read_scan
from rarl_eval.files.rows import read_rows
from rarl_eval.types import Benchmark

# A script's own folder comes first on the path, where coverage.py would hide the package that numba looks for.
sys.path[:] = [p for p in sys.path if Path(p or ".").resolve() != Path(__file__).resolve().parent]

EDITED = 0.1
"""Share of the words of a question that a copy may have otherwise and is right by rule."""
COLUMNS = ("benchmark", "corpus", "rows", "items", "flagged", "right", "wrong", "open")
CORPORA = (
    ("gsm8k", "math/gsm8k/train.jsonl.gz"), ("hendrycks_math", "math/rllm_math/train_math.json.gz"),
    ("tatqa", "finance/pot_finance/tatqa_dev.json.gz"),
    ("humaneval", "code/llm_decontaminator_code/humaneval_python.jsonl"),
)  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of real benchmarks and corpora")
    parser.add_argument("--items", type=int, default=200, help="items of each benchmark")
    parser.add_argument("--rows", type=int, default=2000, help="rows of each corpus")
    told = parser.parse_args()
    os.environ["RARL_EVAL_DATA"] = str(told.data)
    lines = [
        "# Flagged items of real training sets, by a written rule",
        f"`python benchmarks/scan_precision.py --data ../shared/data --items {told.items} --rows {told.rows}`",
        f"| {' | '.join(COLUMNS)} |\n|---|---|---:|---:|---:|---:|---:|---:|",
    ]
    for name, path in CORPORA:
        whole = data.load(registry.tasks(name)[0])
        rows = [json.dumps(row, ensure_ascii=False) for _, row in islice(read_rows(told.data / path), told.rows)]
        ruled = Counter(verdict for verdict, pair in pairs(whole, rows, told.items) if print(verdict, pair) is None)
        row = [name, Path(path).name, f"{len(rows):,}", min(told.items, len(whole.items)), ruled.total()]
        lines[-1] += "\n| " + " | ".join(map(str, [*row, ruled["right"], ruled["wrong"], ruled["open"]])) + " |"
    Path(__file__).with_suffix(".md").write_text("\n\n".join(lines) + "\n")
    print("\n\n".join(lines))


def pairs(whole: Benchmark, rows: list[str], items: int) -> Iterator[tuple[str, str]]:
    """Scan, and yield the verdict on each flagged item with what was compared."""
    benchmark = Benchmark(
        task=whole.task, items=whole.items[:items], origin="part", revision=None, fingerprint=whole.fingerprint
    )
    with tempfile.TemporaryDirectory() as folder:
        corpus, out = Path(folder) / "corpus.jsonl", Path(folder) / "scan"
        corpus.write_text("".join(f"{row}\n" for row in rows))
        registry.load("contamination", "scan")(
            [benchmark], [corpus], out, say=lambda _: None, progress=lambda *_: None
        )  # fmt: skip
        flagged = [item for item in read_scan(out).items.values() if item.status == "flagged"]
    for item in flagged:
        row = rows[int((item.document or ":1").rpartition(":")[2]) - 1]
        yield ruled_by(item, row), f"{item.id} ({item.level}, {item.part}): “{item.text}” met “{item.excerpt}”"


def ruled_by(item: ItemStatus, row: str) -> str:
    """Rule on a pair: words of the item in their order in the row, by fewest edits, and its numbers."""
    mine, theirs = words(item.text or ""), words(row)
    if not mine:
        return "open"
    numbers = Counter(word for word in mine if word.isdigit()) - Counter(word for word in theirs if word.isdigit())
    codes = {word: n for n, word in enumerate(dict.fromkeys([*mine, *theirs]))}
    edits = [op.tag for op in Levenshtein.editops([codes[w] for w in mine], [codes[w] for w in theirs])]
    changed = sum(tag != "insert" for tag in edits)
    if changed <= EDITED * len(mine) and not numbers:
        return "right"
    return "wrong" if numbers and changed <= EDITED * len(mine) else "open"


def words(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]+|\d+", text.replace("\\n", " ").casefold().replace(",", ""))


if __name__ == "__main__":
    main()
