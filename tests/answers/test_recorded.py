"""Verdicts on recorded outputs of real models, beside the figures that their authors published.

The authors of ZeroEval read the first number of the first JSON object's answer field. Ours reads the last answer a
model gives and the value an expression ends in; every row on which the two rules differ is decided below by a third
reading, the last number that stands in the last answer.
"""

import gzip
import json
import re
from collections import Counter
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from rarl_eval.answers import split_reasoning, verify_number
from rarl_eval.types import Item, Verdict

SYSTEMS = {"6b_finetuning": 21.68, "6b_verification": 39.04, "175b_finetuning": 34.72, "175b_verification": 56.25}


@pytest.mark.parametrize(("system", "accuracy"), SYSTEMS.items())
def test_verdicts_equal_the_published_ones_on_every_row(shared: Path, system: str, accuracy: float) -> None:
    """GSM8K's recorded solutions: the verdict is `is_correct` on all 1,319 rows of each system."""
    rows = read(shared / "math/gsm8k_openai_solutions/example_model_solutions.jsonl.gz")
    told = [
        verify_number(item(row["question"], row["ground_truth"].rpartition("A:")[2]), row[system]["solution"]).correct
        for row in rows
    ]
    assert told == [row[system]["is_correct"] for row in rows]
    assert round(100 * sum(map(bool, told)) / len(told), 2) == accuracy


# Rows that ours passes and the authors' rule fails, and rows the other way round.
DIFFERING = {
    "Athene-70B": (0, 1),
    "Llama-3.1-405B-Inst@sambanova": (3, 0),
    "Meta-Llama-3-70B-Instruct": (2, 0),
    "Phi-3.5-mini-instruct": (37, 6),
    "Yi-1.5-9B-Chat": (36, 0),
    "claude-3-sonnet-20240229": (1, 0),
    "command-r": (5, 0),
    "reka-core-20240501": (1, 0),
    "yi-large-preview": (112, 4),
}
# Its reply goes on after its last answer field, and ends "The correct answer is that 2 people accept the position."
READ_BY_HAND = {("yi-large-preview", "gsm8k-main-test-#718")}


def test_the_authors_rule_gives_the_published_table(shared: Path) -> None:
    """The rule as it is written here reproduces each accuracy; the Yi models' fractions are theirs to work out."""
    for entry in json.loads((shared / "reward/zeroeval_gsm/summary.json").read_text()):
        rows = judged(shared, entry["Model"])[0]
        accuracy = 100 * sum(map(by_the_authors, rows)) / len(rows)
        near = 0.25 if entry["Model"].lower().startswith("yi") else 0.005
        assert accuracy == pytest.approx(float(entry["Acc"]), abs=near), entry["Model"]


def test_every_model_of_the_published_table(shared: Path) -> None:
    """Where the rules do not differ, the accuracy is the published one; the 22 files hold the rows they should."""
    published = json.loads((shared / "reward/zeroeval_gsm/summary.json").read_text())
    for entry in published:
        rows, verdicts = judged(shared, entry["Model"])
        assert len(rows) == entry["Total"]
        accuracy = 100 * sum(v.status == "correct" for v in verdicts) / len(rows)
        if sum(DIFFERING.get(entry["Model"], (0, 0))) < 2:
            assert accuracy == pytest.approx(float(entry["Acc"]), abs=0.1), entry["Model"]
    names = [path.name.removesuffix(".jsonl.gz") for path in (shared / "reward/zeroeval_gsm").glob("*.jsonl.gz")]
    assert len(names) == 22
    unpublished = {"Meta-Llama-3.1-405B-Instruct@hyperbolic", "gemma-2-27b-it@together", "deepseek-coder"}
    assert {name.replace("_at_", "@") for name in names} == {entry["Model"] for entry in published} | unpublished
    assert [len(read(shared / f"reward/zeroeval_gsm/{n.replace('@', '_at_')}.jsonl.gz")) for n in unpublished] == [
        1319
    ] * 3


def test_no_answer_rates_are_the_published_ones(shared: Path) -> None:
    """Rows without an answer are as many as the authors counted; they took "___" and a cut-off number for answers."""
    for entry in json.loads((shared / "reward/zeroeval_gsm/summary.json").read_text()):
        rows, verdicts = judged(shared, entry["Model"])
        missing = [
            row["id"].rpartition("#")[2] for row, v in zip(rows, verdicts, strict=True) if v.status == "no_answer"
        ]
        if entry["Model"] == "Qwen2-7B-Instruct":
            assert missing == ["606", "780"]
        else:
            assert f"{100 * len(missing) / len(rows):.2f}" == entry["No answer"], entry["Model"]


def test_where_rules_differ_ours_is_right(shared: Path) -> None:
    """On each row that ours passes and the authors' rule fails, the model's last number is the gold; and conversely."""
    for entry in json.loads((shared / "reward/zeroeval_gsm/summary.json").read_text()):
        counts = Counter[bool]()
        for row, verdict in zip(*judged(shared, entry["Model"]), strict=True):
            ours = verdict.status == "correct"
            if ours == by_the_authors(row):
                continue
            counts[ours] += 1
            if (entry["Model"], row["id"]) in READ_BY_HAND:
                continue
            last = last_number(row["output"][0])
            right = last is not None and last == Fraction(row["answer"].strip("# ").replace(",", ""))
            assert ours == right or (verdict.status == "ambiguous" and not ours), (entry["Model"], row["id"], verdict)
        assert (counts[True], counts[False]) == DIFFERING.get(entry["Model"], (0, 0)), entry["Model"]


def by_the_authors(row: dict[str, Any]) -> bool:
    """Judge by the published rule: first number of the first answer; a fraction is worked out."""
    text = row["output"][0]
    first = first_object(text)
    if first is None or "answer" not in first:
        found = re.search(r'"answer"\s*:\s*"?([^"\n}]*)|^\s*answer\s*:\s*(.*)$', text, re.MULTILINE)
        if found is None:
            return False
        first = {"answer": found[1] or found[2] or ""}
    told = str(first["answer"]).replace("$", "").replace(",", "").strip()
    number = re.search(r"-?\d+(\.\d+)?", told)
    if re.fullmatch(r"\d+/\d+", told):
        value = Fraction(told)
    elif number:
        value = Fraction(number[0])
    else:
        return False
    return value == Fraction(row["answer"].strip("# ").replace(",", ""))


def first_object(text: str) -> dict[str, Any] | None:
    start, depth = text.find("{"), 0
    for position in range(max(start, 0), len(text)):
        depth += (text[position] == "{") - (text[position] == "}")
        if depth == 0 and text[position] == "}":
            try:
                value = json.loads(text[start : position + 1].replace("\n", ""))
            except ValueError:
                return None
            return value if isinstance(value, dict) else None
    return None


def last_number(text: str) -> Fraction | None:
    """Read the last number of the last answer field, or of the last line where there is no field."""
    fields = re.findall(r'answer\\?["”]?\s*:\s*((?:.|\n)*?)(?=\n\s*\}|\n```|\Z)', text)
    told = (fields[-1] if fields else text.strip().rpartition("\n")[2]).replace(",", "")
    found = re.findall(r"\d+/\d+|-?\d+(?:\.\d+)?", re.sub(r"(?<=\d) (?=\d{3}\b)", "", told))
    return Fraction(found[-1]) if found else None


@cache
def judged(shared: Path, model: str) -> tuple[list[dict[str, Any]], list[Verdict]]:
    rows = read(shared / "reward/zeroeval_gsm" / f"{model.replace('@', '_at_')}.jsonl.gz")
    verdicts = [
        verify_number(item(row["question"], row["answer"].strip("# ")), split_reasoning(row["output"][0])[1])
        for row in rows
    ]
    return rows, verdicts


def item(question: str, gold: str) -> Item:
    return Item(id="1", question=question, gold=gold.strip())


def read(path: Path) -> list[dict[str, Any]]:
    with gzip.open(path, "rb") as stream:
        return [json.loads(line) for line in stream]
