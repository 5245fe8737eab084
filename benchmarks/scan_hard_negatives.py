"""What the scanner makes of texts that look like a benchmark and hold none of it. Writes scan_hard_negatives.md.

    python benchmarks/scan_hard_negatives.py --data ../shared/data

Other problems of the same templates, the training half of the same benchmark, passages that questions share, without
the questions, and prompt headers around other questions. Every item that is flagged is printed with the text that did
it, so that a person can say whether it is a copy; texts of other people's benchmarks stay out of the file.
"""

import argparse
import json
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from rarl_eval import data, registry
from rarl_eval.evidence.scans import read_scan
from rarl_eval.files.rows import read_rows
from rarl_eval.types import Benchmark

# A script's own folder comes first on the path, where coverage.py would hide the package that numba looks for.
sys.path[:] = [p for p in sys.path if Path(p or ".").resolve() != Path(__file__).resolve().parent]

TEMPLATES = ("fresh:math", "fresh:code", "fresh:finance", "fresh:medicine")
ITEMS, OTHERS = 400, 2000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of real benchmarks")
    told = parser.parse_args()
    os.environ["RARL_EVAL_DATA"] = str(told.data)
    parts = [
        "# Texts that look like a benchmark and hold none of it",
        "`python benchmarks/scan_hard_negatives.py --data ../shared/data`",
        "| corpus | documents | items | exact or near | other levels |\n|---|---:|---:|---:|---|",
    ]
    listed = []
    for name, benchmark, texts in cases():
        rows = list(texts)
        counts, hits = scanned(benchmark, rows)
        flagged = sum(counts.pop(level, 0) for level in ("exact", "near"))
        others = ", ".join(f"{level} {count}" for level, count in sorted(counts.items())) or "none"
        parts[-1] += f"\n| {name} | {len(rows):,} | {len(benchmark.items):,} | {flagged} | {others} |"
        listed += [f"- {name}, {hit}" for hit in hits]
    parts += ["## Each flagged item and the text that did it", "\n".join(listed) or "None."]
    print("\n\n".join(parts))
    parts[-1] = "\n".join(hit if hit.startswith("- fresh:") else hit.split(": “")[0] for hit in listed) or "None."
    Path(__file__).with_suffix(".md").write_text("\n\n".join(parts) + "\n")


def cases() -> Iterator[tuple[str, Benchmark, Iterator[str]]]:
    """Yield a name, what is looked for, and the texts that hold none of it."""
    for name in TEMPLATES:
        yield f"{name}, another seed", loaded(f"{name}@7:{ITEMS}"), worked(loaded(f"{name}@8:{OTHERS}"))
    gsm8k, train = loaded("gsm8k"), Path(os.environ["RARL_EVAL_DATA"]) / "math" / "gsm8k" / "train.jsonl.gz"
    rows = [row for _, row in read_rows(train)]
    yield "gsm8k, its training half", gsm8k, (f"{row['question']}\n{row['answer']}" for row in rows)
    task = registry.tasks("gsm8k")[0]
    headers = {m.content.replace(i.question, "") for i in gsm8k.items[:1] for m in task.prompt(i)}
    yield (
        "gsm8k, its prompt's words around training questions",
        gsm8k,
        (f"{header}\n{row['question']}" for header in headers for row in rows),
    )
    tatqa = loaded("tatqa")
    yield "tatqa, passages without questions", tatqa, iter({item.context: None for item in tatqa.items})


def loaded(name: str) -> Benchmark:
    return data.load(registry.tasks(name)[0])


def worked(benchmark: Benchmark) -> Iterator[str]:
    for item in benchmark.items:
        yield "\n".join(part for part in (item.context, item.question, item.solution or item.gold) if part)


def scanned(benchmark: Benchmark, texts: list[str]) -> tuple[Counter[str], list[str]]:
    """Count items by level; of the flagged ones, tell item, level and what was found."""
    with tempfile.TemporaryDirectory() as folder:
        corpus, out = Path(folder) / "corpus.jsonl", Path(folder) / "scan"
        corpus.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts))
        find = registry.load("contamination", "scan")
        find([benchmark], [corpus], out, fields=["text"], say=lambda _: None, progress=lambda *_: None)
        found = read_scan(out).items.values()
    questions = {item.key: item.question for item in benchmark.items}
    hits = [
        f"{item.id} ({item.level}): “{questions[item.key][:300]}” met “{(item.excerpt or '')[:300]}”"
        for item in found
        if item.status == "flagged"
    ]
    return Counter(str(item.level) for item in found if item.level), hits


if __name__ == "__main__":
    main()
