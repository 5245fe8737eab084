"""How often the search for an answer's numbers in its context finds what is there, and what is not.

    python benchmarks/support.py [--data ../shared/data]

Writes benchmarks/support.md. On TAT-QA's development questions: computed golds given without their working (to be
supported), numbers nearby that nobody computed (not to be), and the answers of five recorded systems by whether the
verdict calls them right. No other tool for this is known to install without a model, so nothing is compared with.
"""

import argparse
import gzip
import json
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from rarl_eval import registry  # noqa: E402  the checkout is measured
from rarl_eval.answers import with_scale  # noqa: E402
from rarl_eval.answers.support import support  # noqa: E402
from rarl_eval.types import Item  # noqa: E402

FOLDER = Path("finance/pot_finance")


def rows_of(path: Path) -> list[dict[str, Any]]:
    with gzip.open(path, "rb") as stream:
        return [json.loads(line) for line in stream]


def item_of(row: dict[str, Any]) -> Item:
    found = registry.tasks("tatqa")[0].item(row)
    assert found is not None
    return found


def golds(folder: Path) -> tuple[int, int, float]:
    """Count computed golds, how many of them are supported, and the mean chance of a number nearby."""
    rows = [r for r in rows_of(min(folder.glob("tatqa_*_*.jsonl.gz"))) if r["answer_type"] == "arithmetic"]
    found = [support(item_of(row), with_scale(row["answer"], row["scale"])) for row in rows]
    known = [f for f in found if f is not None and f.checked]
    chances = [f.chance for f in known if f.chance is not None]
    return len(known), sum(not f.unsupported for f in known), sum(chances) / len(chances)


def predictions(path: Path) -> Counter[tuple[bool, bool]]:
    """Answers with numbers by (right, unsupported number)."""
    task = registry.tasks("tatqa")[0]
    told: Counter[tuple[bool, bool]] = Counter()
    for row in rows_of(path):
        given = row["pred_answer"] if isinstance(row["pred_answer"], list) else [row["pred_answer"]]
        spans = [with_scale(str(span), row["pred_scale"] or "") for span in given if span is not None]
        answer = spans[0] if len(spans) == 1 else json.dumps(spans)
        item = item_of(row)
        found = support(item, answer)
        if found is not None and found.checked:
            told[task.verify(item, answer).status == "correct", bool(found.unsupported)] += 1
    return told


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared/data")
    folder = parser.parse_args().data / FOLDER
    start = time.process_time()
    n, held, chance = golds(folder)
    lines = [
        "# Numbers and their support\n\n`python benchmarks/support.py`\n",
        (
            f"Of {n} computed golds of TAT-QA without their working {held} are supported ({100 * held / n:.1f} %); of "
            f"numbers nearby that nobody computed {100 * chance:.1f} %.\n"
        ),
        "| system | right answers | with an unsupported number | wrong answers | with an unsupported number |",
        "|---|---:|---:|---:|---:|",
    ]
    for path in sorted(folder.glob("tatqa_*_*.jsonl.gz")):
        told = predictions(path)
        cells = []
        for right in (True, False):
            whole = told[right, True] + told[right, False]
            cells += [str(whole), f"{100 * told[right, True] / whole:.1f} %"]
        lines.append(f"| {path.name.removesuffix('.jsonl.gz')} | {' | '.join(cells)} |")
    lines.append(f"\n{time.process_time() - start:.0f} s of processor time for all.\n")
    (ROOT / "benchmarks/support.md").write_text("\n".join(lines))
    print("\n".join(lines))


if __name__ == "__main__":
    main()
