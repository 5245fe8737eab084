"""What becomes of the rows of every log that can be read: proved, consistent, contradicted, unmatched, unread.

    python benchmarks/imports.py [--data ../shared/data] [--cases ../shared/cases/import]

Writes benchmarks/imports.md. Logs in the published layouts are written by tests/published.py for the demonstration's
questions, of which the wrong answers and the cut-off one are part; those of lm-eval, inspect, lighteval
and Every Eval Ever are the packages' own (tests/fixtures/logs). Each is read as it is, and once more with another
number in every question and every gold changed: then nothing may be proved, and what is joined at all must hold no
question and no gold. Real benchmarks and the handed cases are read where they lie beside the checkout.
"""

import argparse
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "tests" / "installed")]

from published import MAKERS, Answered  # noqa: E402  the layouts that the tests read

from rarl_eval import data, registry  # noqa: E402  the checkout is measured
from rarl_eval.errors import BadInput  # noqa: E402
from rarl_eval.identity.match import STATES, Matched, hold, identity_of, match  # noqa: E402
from rarl_eval.importers import TOTALS  # noqa: E402
from rarl_eval.importers.folders import open_logs  # noqa: E402
from rarl_eval.types import Benchmark  # noqa: E402

LOGS = ROOT / "tests" / "fixtures" / "logs"
OTHERS = {"perturbed_by_content.jsonl": "hendrycks_math", "other_options.jsonl": "mmlu_medical",
          "inspect_shuffled.eval": "medqa"}  # fmt: skip
"""Handed cases that are not of GSM8K."""


class Line(NamedTuple):
    """One file and what its rows came to."""

    reader: str
    file: str
    rows: int
    counts: tuple[int, ...]
    joined: int
    unread: int
    refused: str


def main() -> None:
    """Write the report."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--cases", type=Path, default=ROOT.parent / "shared" / "cases" / "import")
    given = parser.parse_args()
    os.environ["RARL_EVAL_DATA"] = str(given.data)
    ours = data.load(registry.tasks("demo_math")[0])
    with tempfile.TemporaryDirectory() as folder:
        plain = list(published(Path(folder) / "plain", ours, answers(ours)))
        other = list(published(Path(folder) / "other", ours, list(map(perturbed, answers(ours)))))
    wrong = [line for line in other if line.counts[0]]
    fixtures = [line for file in own_files() for line in lines_of(file, file.name, ours)]
    cases = list(handed(given.cases)) if given.cases.is_dir() and given.data.is_dir() else []
    (ROOT / "benchmarks" / "imports.md").write_text(report(plain, other, fixtures, cases), "utf-8")
    if wrong:
        sys.exit(f"proved against another question: {', '.join(line.reader for line in wrong)}")


def answers(benchmark: Benchmark) -> list[Answered]:
    """Return answers to the questions: right, wrong, with and without reasoning, cut off."""
    made = []
    for n, item in enumerate(benchmark.items):
        right = n % 3 != 1
        text = f"So it is \\boxed{{{item.gold if right else -9}}}."
        made.append(Answered(str(n), item.question, item.gold, text, right, "Let me see." if n % 2 else None))
    return [*made[:-1], made[-1]._replace(text="First, we", right=False, stop="length")]


def perturbed(one: Answered) -> Answered:
    """Return an answer to the question with other numbers, and to another gold."""
    question = re.sub(r"\d+", lambda found: str(int(found[0]) + 11), one.question)
    return one._replace(question=question, gold=str(int(one.gold) + 1))


def published(folder: Path, benchmark: Benchmark, made: list[Answered]) -> Iterator[Line]:
    """Yield what becomes of a log of each layout."""
    for reader, maker in MAKERS.items():
        file = maker(folder / reader, made)
        yield from lines_of(file, file.relative_to(folder / reader).as_posix(), benchmark)


def own_files() -> list[Path]:
    """Return the logs that the packages themselves wrote."""
    return [
        next(LOGS.glob("lm_eval/*/samples_*.jsonl")),
        LOGS / "inspect" / "demo_math.eval",
        LOGS / "inspect" / "demo_math.json.gz",
        next(LOGS.glob("lighteval/details/*/*/*/*.parquet")),
        next(LOGS.glob("eee/*/*/*/*_samples.jsonl")),
    ]


def handed(folder: Path) -> Iterator[Line]:
    """Yield what becomes of the handed cases, each with the real benchmark."""
    known: dict[str, Benchmark] = {}
    for file in sorted(folder.iterdir()):
        if file.suffix == ".md":
            continue
        task = OTHERS.get(file.name, "gsm8k")
        if task not in known:
            known[task] = data.load(registry.tasks(task)[0])
        yield from lines_of(file, file.name, known[task])


def lines_of(file: Path, name: str, benchmark: Benchmark) -> Iterator[Line]:
    """Yield one line for the log, or the logs of one reader, that a file or folder holds."""
    try:
        logs = {f: log for f, log in open_logs([file]).logs.items() if log.harness != TOTALS}
        matches: dict[Path, Matched] = {f: match(log.outputs, benchmark) for f, log in logs.items()}
    except BadInput as error:
        yield Line("-", name, 0, (0,) * len(STATES), 0, 0, said(error, file))
        return
    identity, refused = identity_of(matches), ""
    try:
        hold(identity)
    except BadInput as error:
        refused = said(error, file)
    joined = 0 if refused else sum(m.joined(d) for m in matches.values() for d in m.decisions)
    yield Line(
        reader=", ".join(sorted({log.harness for log in logs.values()})),
        file=name,
        rows=identity.rows,
        counts=tuple(getattr(identity, state) for state in STATES),
        joined=joined,
        unread=sum(len(log.unread) for log in logs.values()),
        refused=refused or ("" if joined else "no row answers an item"),
    )


def said(error: BadInput, file: Path) -> str:
    """Return the beginning of a refusal, without the path."""
    text = str(error).replace(f"{file} ", "").replace(str(file.parent) + "/", "")
    return text.split(":", 1)[0].replace("|", "\\|")[:110]


def report(plain: list[Line], other: list[Line], fixtures: list[Line], cases: list[Line]) -> str:
    """Return the page."""
    parts = [
        "# Imports\n\nMade by `python benchmarks/imports.py`; what the columns mean stands in docs/import.md.\n",
        "## Logs in the published layouts\n\nThirty questions each; some layouts hold two samples of each.\n",
        table(plain),
        "## The same, of questions with other numbers and golds\n",
        "Nothing may be proved, and what ids alone name is refused.\n",
        table(other),
        "## Logs that the packages wrote\n",
        table(fixtures),
    ]
    if cases:
        parts += ["## Handed cases, against the real benchmarks\n", table(cases)]
    return "\n".join(parts)


def table(lines: list[Line]) -> str:
    """Return lines as a table."""
    head = ["reader", "file", "rows", *STATES, "joined", "unread", "refused"]
    rows = [
        [one.reader, f"`{one.file}`".replace("|", "\\|"), one.rows, *one.counts, one.joined, one.unread, one.refused]
        for one in lines
    ]
    written = [head, ["---", "---", *["---:"] * (len(STATES) + 3), "---"], *rows]
    return "".join(f"| {' | '.join(map(str, row))} |\n" for row in written)


if __name__ == "__main__":
    main()
