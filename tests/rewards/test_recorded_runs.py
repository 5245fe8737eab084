"""Recorded outputs of real systems through the commands: published selection figures, exactly."""

import gzip
import itertools
import json
import subprocess
from collections.abc import Callable
from math import comb
from pathlib import Path

import numpy as np
import pytest

from rarl_eval.files.rows import read_rows
from rarl_eval.measures.scaling import scaling
from rarl_eval.measures.selection import best_of_n

Cli = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def cot(shared: Path) -> tuple[np.ndarray, np.ndarray, list[int], list[str | None]]:
    """Scores, verdicts, items and answers of 100 MATH items x 8 samples with a reward model's scores."""
    rows = [row for _, row in read_rows(shared / "math" / "qwen_math_cot_100" / "math_cot_100.jsonl.gz")]
    scores = np.array([steps[-1] for row in rows for steps in row["pred_score"]])
    correct = np.array([float(y) for row in rows for y in row["score"]])
    items = [row["idx"] for row in rows for _ in row["score"]]
    return scores, correct, items, [p or None for row in rows for p in row["pred"]]


def test_published_selection_figures(cot) -> None:
    """rm@8 94.0, maj@8 93.0 (ties to the first answer, as published), pass@1 91.0, pass@8 96.0."""
    scores, correct, items, answers = cot
    found = scaling(correct, items, answers, None, {"rm": scores})
    first, last = found.points[0], found.points[-1]
    assert (found.items, found.dropped, last.k) == (100, 0, 8)
    assert first.pass_at_k.value == pytest.approx(0.910)
    assert last.pass_at_k.value == pytest.approx(0.960)
    assert last.best_of["rm"].value == pytest.approx(0.940)
    assert found.majority_in_order.value == pytest.approx(0.930)
    assert last.majority.value == pytest.approx(0.925)  # the same vote with ties shared evenly


def test_the_whole_best_of_n_curve_equals_all_subsets(cot) -> None:
    """For n = 1 .. 8, truth and ceiling are the means over all 255 subsets of each item's eight samples."""
    scores, correct, items, answers = cot
    curve = best_of_n(scores, correct, items)
    votes = scaling(correct, items, answers, None, {"rm": scores})
    table = scores.reshape(100, 8), correct.reshape(100, 8), np.array(answers, dtype=object).reshape(100, 8)
    for n in range(1, 9):
        truth = ceiling = majority = 0.0
        for s, y, a in zip(*table, strict=True):
            for chosen in itertools.combinations(range(8), n):
                top = max(s[i] for i in chosen)
                tied = [y[i] for i in chosen if s[i] == top]
                truth += sum(tied) / len(tied)
                ceiling += float(any(y[i] for i in chosen))
                labels = ["right" if y[i] else a[i] for i in chosen if y[i] or a[i] is not None]
                most = max(map(labels.count, labels), default=0)
                winners = {label for label in labels if labels.count(label) == most}
                majority += ("right" in winners) / len(winners) if winners else 0.0
        subsets = 100 * comb(8, n)
        assert curve.points[n - 1].truth.value == pytest.approx(truth / subsets, abs=1e-12)
        assert curve.points[n - 1].ceiling.value == pytest.approx(ceiling / subsets, abs=1e-12)
        assert votes.points[n - 1].majority.value == pytest.approx(majority / subsets, abs=1e-12)


def test_scores_of_a_file_reach_the_report(shared: Path, cli: Cli, tmp_path: Path) -> None:
    """score, reward --reward recorded, agree: the best-of-8 gain of the reward model stands in agreement.json."""
    path = shared / "math" / "qwen_math_cot_100" / "math_cot_100.jsonl.gz"
    rows = [row for _, row in read_rows(path)]
    task = tmp_path / "qwen_cot.py"
    task.write_text(
        "from rarl_eval import prompts\nfrom rarl_eval.types import Item, Source, Task, Verdict\n"
        "def verify(item, answer):\n"
        "    right = answer.endswith('[right]')\n"
        "    said = answer.split('[says] ')[-1].split(' [')[0]\n"
        "    return Verdict(status='correct' if right else 'incorrect', extracted=said or None)\n"
        "TASK = Task(name='qwen_cot', domain='math', item=lambda row: Item(id=row['id'], question=row['q'], gold='x'),\n"
        "    source=Source(path='x', split='test', licence='MIT', released='2024-08-09'), verify=verify,\n"
        "    prompt=prompts.worked, paper='https://arxiv.org/abs/2409.12122')\n"
    )
    items, outputs, scores = tmp_path / "items.jsonl", tmp_path / "out.jsonl", tmp_path / "scores.jsonl"
    items.write_text(
        "".join(json.dumps({"id": str(r["idx"]), "q": f"{r['idx']} {r['question']}"}) + "\n" for r in rows)
    )
    outputs.write_text(
        "".join(
            json.dumps({"id": str(r["idx"]), "text": f"[says] {p} [{'right' if y else 'wrong'}]", "model": "qwen"})
            + "\n"
            for r in rows
            for p, y in zip(r["pred"], r["score"], strict=True)
        )
    )
    scores.write_text(
        "".join(json.dumps({"id": str(r["idx"]), "rm": [s[-1] for s in r["pred_score"]]}) + "\n" for r in rows)
    )
    run = tmp_path / "run"
    done = cli("score", outputs, "-t", task, "--source", f"qwen_cot={items}", "--trust-ids", "-o", run)
    assert done.returncode == 0, done.stderr
    for _ in range(2):  # giving the command again changes nothing
        done = cli("reward", "-r", run, "-w", f"rm=recorded:{scores}#rm", "-w", "majority")
        assert done.returncode == 0, done.stderr
    assert "rm: 0 traces scored, 800 kept from before" in done.stderr
    done = cli("agree", "-r", run, "-o", tmp_path / "agreement", "--replicates", "100")
    assert done.returncode == 0, done.stderr
    found = json.loads((tmp_path / "agreement" / "agreement.json").read_text())
    rm = next(e for e in found["rewards"] if e["reward"] == "rm")
    assert rm["selection"]["points"][7]["truth"]["value"] == pytest.approx(0.94)
    assert rm["selection_gain"]["k"] == 8
    assert rm["selection_gain"]["difference"]["value"] == pytest.approx(0.03)
    scaled = found["scaling"][0]["points"][7]
    assert scaled["pass_at_k"]["value"] == pytest.approx(0.96)
    assert {p["policy"] for p in found["policies"]} >= {"constant", "null", "format-only", "shuffled:rm"}
    done = cli("report", "-r", run, "-o", tmp_path / "report", "--replicates", "100", "--json")
    assert {e["reward"] for e in json.loads(done.stdout)["rows"][0]["agreement"]} >= {"rm", "majority", "format"}


def test_verifier_picks_are_selection_gains_with_paired_intervals(shared: Path, cli: Cli, tmp_path: Path) -> None:
    """GSM8K: 6B with a verifier's picks gains 17.36 points over 6B, 175B gains 21.53; both intervals exclude 0."""
    file = shared / "math" / "gsm8k_openai_solutions" / "example_model_solutions.jsonl.gz"
    source = tmp_path / "gsm8k.jsonl"
    with gzip.open(file, "rt", encoding="utf-8", newline="\n") as stream, source.open("w") as out:
        for line in stream:
            row = json.loads(line)
            gold = row["ground_truth"].rsplit("A: ", 1)[1]
            out.write(json.dumps({"question": row["question"], "answer": f"So.\n#### {gold}"}) + "\n")
    arguments = []
    for size, way in itertools.product(("6b", "175b"), ("finetuning", "verification")):
        done = cli(
            "score", file, "-t", "gsm8k", "--source", f"gsm8k={source}", "--text-field", f"{size}_{way}.solution",
            "-m", f"{size}_{way}", "-o", tmp_path / f"{size}_{way}",
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        arguments += ["-r", tmp_path / f"{size}_{way}"]
    arguments += ["--selected", "6b_verification=6b_finetuning", "--selected", "175b_verification=175b_finetuning"]
    done = cli("agree", *arguments, "-o", tmp_path / "agreement", "--replicates", "100")
    assert done.returncode == 0, done.stderr
    gains = json.loads((tmp_path / "agreement" / "agreement.json").read_text())["selected"]
    assert [g["n"] for g in gains] == [1319, 1319]
    assert [g["difference"]["value"] for g in gains] == [
        pytest.approx(0.3904 - 0.2168, abs=1e-4),
        pytest.approx(0.5625 - 0.3472, abs=1e-4),
    ]
    assert all(g["difference"]["low"] > 0.13 and g["p_value"] < 1e-20 for g in gains)
    assert gains[0]["only_a"] - gains[0]["only_b"] == round(1319 * gains[0]["difference"]["value"])
