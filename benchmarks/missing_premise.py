"""Recorded answers of real models to questions that lack a premise, beside their answers to the whole questions.

    python benchmarks/missing_premise.py [--data ../shared/data]

Writes benchmarks/missing_premise.md: the report's table of who declines, what answering all the same costs against the
twin with its premise, and how far the rule that recognises a decline agrees with the labels that the authors' judge
gave (MiP-Overthinking, commit 4090d3b; 0 means declined). The rule was written with the rows of even number in view;
the odd ones are held out.
"""

import argparse
import gzip
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from rarl_eval import data, registry  # noqa: E402  the checkout is measured
from rarl_eval.answers import abstention, split_reasoning  # noqa: E402
from rarl_eval.importers import Fields  # noqa: E402
from rarl_eval.report.build import build_report  # noqa: E402
from rarl_eval.report.tables import tables  # noqa: E402
from rarl_eval.runs import store  # noqa: E402  the checkout is measured
from rarl_eval.score import score  # noqa: E402

FOLDER = Path("math/mip_overthinking")
FIELDS = ("question", "insufficient_question")
SETS = {"gsm8k": 582, "math": 52}
"""Questions of each set that were answered with and without the premise."""


def opened(path: Path) -> list[dict[str, Any]]:
    raw = path.read_bytes()
    rows: list[dict[str, Any]] = json.loads(gzip.decompress(raw) if path.suffix == ".gz" else raw)
    return rows


def files(folder: Path, kind: str) -> dict[tuple[str, str], Path]:
    """Files of one kind (``normal`` or ``MiP``) by set and model."""
    found = {}
    for path in sorted(folder.glob(f"*_{kind}_*.json*")):
        name, _, model = path.name.split(".json")[0].split("_", 2)
        found[name, model] = path
    return found


def answers(path: Path, n: int) -> list[dict[str, Any]]:
    """First answer to each of ``n`` questions, with token counts where they were recorded, and the judge's label."""
    rows = opened(path)[:n]
    text = next(k for k in rows[0] if k == "model_answer" or k.endswith("question)"))
    return [
        {
            "output": row[text] or "",
            "completion_tokens": row.get(f"{text} all_token_count"),
            "label": row.get("eval_result"),
            **{field: row[field] for field in FIELDS if field in row},
        }
        for row in rows
    ]


def report(folder: Path, name: str, out: Path, replicates: int = 1000) -> dict[str, Any]:
    """Score every model of a set that answered both kinds and build the report.

    A few rows of the data lack nothing: both their questions are the same text. They are left out.
    """
    kinds = {kind: files(folder, kind) for kind in ("normal", "MiP")}
    models = sorted(model for of, model in kinds["normal"] if of == name and (name, model) in kinds["MiP"])
    whole = next(p for (of, _), p in kinds["MiP"].items() if of == name and "question" in opened(p)[0])
    every = opened(whole)[: SETS[name]]
    questions = [q for q in every if _words(q["question"]) != _words(q["insufficient_question"])]
    source = out / f"{name}.jsonl"
    _write(source, [{k: q[k] for k in (*FIELDS, "answer")} for q in questions])
    benchmark = data.load(_task(), {"missing_premise": str(source)})
    runs = []
    for model in models:
        outputs = [
            {"asked": row.get(field) or every[i][field], **row}
            for kind, field in zip(("normal", "MiP"), FIELDS, strict=True)
            for i, row in enumerate(answers(kinds[kind][name, model], SETS[name]))
        ]
        _write(out / f"{name}-{model}.jsonl", outputs)
        counted = "completion_tokens" if outputs[0]["completion_tokens"] is not None else None
        fields = Fields(question="asked", text="output", tokens=counted)
        score([out / f"{name}-{model}.jsonl"], benchmark, out / f"{name}-{model}", model=model, fields=fields)
        runs.append(out / f"{name}-{model}")
    return build_report((store.read_run(run) for run in runs), replicates=replicates)


def _words(text: str) -> list[str]:
    return text.lower().split()


def _task() -> Any:
    (task,) = registry.tasks(str(ROOT / "examples/missing_premise.py"))
    return task


def _write(path: Path, rows: list[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")


def labelled(folder: Path) -> Iterator[tuple[str, int, bool, bool]]:
    """(model, row, declined by the judge's label, by our rule) for every labelled answer to a lacking question."""
    for (name, model), path in files(folder, "MiP").items():
        for row, answer in enumerate(answers(path, SETS[name])):
            if answer["label"] is not None:
                declined = abstention(split_reasoning(answer["output"])[1]) is not None
                yield model, row, str(answer["label"]) == "0", declined


def false_alarms(folder: Path) -> tuple[int, int]:
    """Answers to whole questions, and how many of them the rule takes for a decline."""
    told = [
        abstention(split_reasoning(answer["output"])[1]) is not None
        for (name, _), path in files(folder, "normal").items()
        for answer in answers(path, SETS[name])
    ]
    return len(told), sum(told)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared/data")
    folder = parser.parse_args().data / FOLDER
    parts = ["# Questions that lack a premise\n\n`python benchmarks/missing_premise.py`\n"]
    with tempfile.TemporaryDirectory() as out:
        for name in SETS:
            table = next(t for t in tables(report(folder, name, Path(out))) if t.title == "declining to answer")
            lines = [table.header[1:], ["---"] * (len(table.header) - 1), *(row[1:] for row in table.rows)]
            parts.append(f"## {name}\n\n" + "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n")
    parts.append(_agreement(folder))
    (ROOT / "benchmarks/missing_premise.md").write_text("\n".join(parts))
    print("\n".join(parts))


def _agreement(folder: Path) -> str:
    lines = ["| rows | n | both | rule only | judge only | neither | precision | recall |", "|" + "---|" * 8]
    for half, name in enumerate(("even (seen)", "odd (held out)")):
        told = Counter((judge, rule) for _, row, judge, rule in labelled(folder) if row % 2 == half)
        both, ours, theirs = told[True, True], told[False, True], told[True, False]
        lines.append(
            f"| {name} | {told.total()} | {both} | {ours} | {theirs} | {told[False, False]} | "
            f"{both / (both + ours):.3f} | {both / (both + theirs):.3f} |"
        )
    n, wrong = false_alarms(folder)
    return (
        "## The rule against the authors' judge\n\n" + "\n".join(lines) + f"\n\nOn {n} answers to whole questions the "
        f"rule sees {wrong} declines.\n\nThe judge is no truth: of the rows that the rule alone marks, most ask for "
        "the missing value in so many words; of those that the judge alone marks, most name an expression in the "
        "unknown, or an answer with a note that something was assumed.\n"
    )


if __name__ == "__main__":
    main()
