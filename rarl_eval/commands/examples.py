"""``rarl-eval examples``: write the files that the documentation's commands work on.

A small made-up benchmark in GSM8K's layout, two models' logs in lm-eval's (0.4.13), and a training file in which the
first third of the questions stands: what docs/quickstart.md and docs/api.md run, and nothing that is random.
"""

import json
from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import click

from rarl_eval.commands import family, options
from rarl_eval.errors import BadInput

DATE = "2026-11-23T03-11-13.890658"
MODELS = ("memoriser", "thinker")
ITEMS = 60
LEAKED = 20
"""How many of the first questions stand in the training file."""


@family.command("examples")
@click.argument("folder", type=click.Path(path_type=Path))
def command(folder: Path, *, as_json: bool) -> None:
    r"""Write the logs, the benchmark and the training file that the documentation's commands work on.

    \b
    Examples:
      rarl-eval examples first-hour
      cd first-hour && RARL_EVAL_DATA=data rarl-eval score logs/thinker/*.jsonl -t gsm8k -o runs/thinker
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise BadInput(f"{folder} is not an empty folder; name a new one")
    write(folder)
    if as_json:
        family.print_json({"out": str(folder), "models": MODELS, "items": ITEMS, "leaked": LEAKED})
    options.say(f"data/gsm8k.jsonl, train.jsonl and the logs of {' and '.join(MODELS)} are in {folder}")


def write(folder: Path) -> None:
    """Write ``data/gsm8k.jsonl``, ``train.jsonl``, and each model's log under ``logs``."""
    rows = [_row(i) for i in range(ITEMS)]
    _lines(folder / "data/gsm8k.jsonl", rows)
    _lines(folder / "train.jsonl", [{"text": f"{r['question']}\n{r['answer']}"} for r in rows[:LEAKED]] + _notes())
    for model in MODELS:
        samples = [_sample(i, row, model) for i, row in enumerate(rows)]
        _lines(folder / f"logs/{model}/samples_gsm8k_{DATE}.jsonl", samples)
        _lines(folder / f"logs/{model}/results_{DATE}.json", [_results(model, samples)])


def _row(i: int) -> dict[str, str]:
    trees, rows, lost = 12 + 7 * i, 5 + i % 9, 3 + 2 * i
    question = (
        f"A gardener called number {i} plants {rows} rows of {trees} cherry trees along the southern wall. After a "
        f"hard winter {lost} of them are gone. How many of the cherry trees are left in spring?"
    )
    return {"question": question, "answer": f"{rows} * {trees} - {lost}\n#### {rows * trees - lost}"}


def _notes() -> list[dict[str, str]]:
    return [{"text": f"Note {i}: the harbour opens at {i % 12} and ships of {i} tons may enter."} for i in range(200)]


def _sample(i: int, row: dict[str, str], model: str) -> dict[str, Any]:
    gold = int(row["answer"].rpartition("#### ")[2])
    right = i < LEAKED or i % 3 == 0 if model == "memoriser" else i % 4 != 0
    steps = "So we count row by row. " * (2 if model == "memoriser" else 3 + i % 5 + (0 if right else 4))
    told = gold if right else gold + 1
    prompt = f"{row['question']}\n\nPut your final answer within \\boxed{{}}."
    return {
        "doc_id": i,
        "doc": row,
        "target": str(gold),
        "arguments": {"gen_args_0": {"arg_0": prompt, "arg_1": {"until": ["Question:"], "do_sample": False}}},
        "resps": [[f"<think>\n{steps}\n</think>\nThe answer is \\boxed{{{told}}}."]],
        "filtered_resps": [str(told)],
        "filter": "first-box",
        "metrics": ["exact_match"],
        "doc_hash": _hash(json.dumps(row)),
        "prompt_hash": _hash(prompt),
        "target_hash": _hash(str(gold)),
        "exact_match": float(right),
    }


def _results(model: str, samples: list[dict[str, Any]]) -> dict[str, Any]:
    mean = sum(sample["exact_match"] for sample in samples) / len(samples)
    return {
        "results": {"gsm8k": {"alias": "gsm8k", "exact_match,first-box": mean}},
        "configs": {"gsm8k": {"task": "gsm8k", "num_fewshot": 0, "output_type": "generate_until"}},
        "versions": {"gsm8k": 3.0},
        "n-shot": {"gsm8k": 0},
        "config": {"model": "scripted", "gen_kwargs": None},
        "lm_eval_version": "0.4.13",
        "model_source": "scripted",
        "model_name": model,
        "model_name_sanitized": model,
    }


def _hash(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def _lines(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
