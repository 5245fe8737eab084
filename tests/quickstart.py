"""Two lm-eval log folders and a training file as a new user has them, made here: a small benchmark and two models."""

import json
from pathlib import Path

FIXTURE = Path(__file__).parent / "fixtures/logs/lm_eval/example__scripted"
DATE = "2026-11-23T03-11-13.890658"
ITEMS = 60
LEAKED = 20
"""How many of the first questions stand in the training file."""


def write(folder: Path) -> None:
    """Write ``data/gsm8k.jsonl``, ``logs/memoriser`` and ``logs/thinker`` in lm-eval's layout, and ``train.jsonl``."""
    rows = [_row(i) for i in range(ITEMS)]
    _lines(folder / "data/gsm8k.jsonl", rows)
    _lines(folder / "train.jsonl", [{"text": f"{r['question']}\n{r['answer']}"} for r in rows[:LEAKED]] + _others())
    for name in ("memoriser", "thinker"):
        _lines(folder / f"logs/{name}/samples_gsm8k_{DATE}.jsonl", [_sample(i, r, name) for i, r in enumerate(rows)])
        results = json.loads((FIXTURE / f"results_{DATE}.json").read_text())
        results["model_name"] = results["model_name_sanitized"] = name
        (folder / f"logs/{name}/results_{DATE}.json").write_text(json.dumps(results))


def _row(i: int) -> dict[str, str]:
    trees, rows, lost = 12 + 7 * i, 5 + i % 9, 3 + 2 * i
    question = (
        f"A gardener called number {i} plants {rows} rows of {trees} cherry trees along the southern wall. After a hard "
        f"winter {lost} of them are gone. How many of the cherry trees are left in spring?"
    )
    return {"question": question, "answer": f"{rows} * {trees} - {lost}\n#### {rows * trees - lost}"}


def _others() -> list[dict[str, str]]:
    return [{"text": f"Note {i}: the harbour opens at {i % 12} and ships of {i} tons may enter."} for i in range(200)]


def _sample(i: int, row: dict[str, str], model: str) -> dict[str, object]:
    gold = int(row["answer"].rpartition("#### ")[2])
    right = i < LEAKED or i % 3 == 0 if model == "memoriser" else i % 4 != 0
    steps = "So we count row by row. " * (2 if model == "memoriser" else 3 + i % 5 + (0 if right else 4))
    text = f"<think>\n{steps}\n</think>\nThe answer is \\boxed{{{gold if right else gold + 1}}}."
    sample = json.loads((FIXTURE / f"samples_demo_math_{DATE}.jsonl").read_text().split("\n", 1)[0])
    return {
        **sample,
        "doc_id": i,
        "doc": row,
        "target": str(gold),
        "arguments": {"gen_args_0": {"arg_0": row["question"], "arg_1": {}}},
        "resps": [[text]],
        "filtered_resps": [str(gold if right else gold + 1)],
        "exact_match": float(right),
    }


def _lines(path: Path, rows: list[dict[str, object]] | list[dict[str, str]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
