"""Recorded answers of real models to GSM8K, judged again, beside what their authors published.

    python benchmarks/recorded.py [--data ../shared/data]

Writes benchmarks/recorded.md: per model our accuracy and no-answer rate beside the published ones (ZeroEval, commit
8c1485e), and every row on which the two rules differ. The authors read the first number of the first JSON object's
answer field; ours reads the last answer that a model gives to the question it was asked, and the value an expression
ends in. Which of them is right is decided by a third reading, the last number of that answer, or by hand.
"""

import argparse
import gzip
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from rarl_eval.answers import split_reasoning, verify_number  # noqa: E402  the checkout is measured
from rarl_eval.types import Item, Verdict  # noqa: E402

FOLDER = Path("reward/zeroeval_gsm")
READ_BY_HAND = {
    ("claude-3-5-sonnet-20240620", "639"): ("ours", "the field says 3.6 minutes, which are the gold's 216 seconds"),
    ("claude-3-haiku-20240307", "639"): ("ours", "the field says 3 minutes and 36 seconds, the gold's 216 seconds"),
    ("claude-3-5-sonnet-20240620", "830"): (
        "ours",
        "the field says 18 hours and 48 minutes, which are the gold's 1,128 minutes",
    ),
    ("yi-large-preview", "830"): ("ours", "the field says 18 hours and 48 minutes, which are the gold's 1,128 minutes"),
    ("yi-large-preview", "718"): (
        "ours",
        'the reply goes on after its last field, and ends "The correct answer is that 2 people accept the position."',
    ),
    **{
        ("Yi-1.5-9B-Chat", row): ("ours", f"the reply works it out again after its field, and ends: {words}")
        for row, words in (
            ("265", '"The correct answer is $9,500."'),
            ("341", '"the final answer is 260 pounds."'),
            ("610", '"the correct answer is "$65,960"."'),
            ("820", '"the final answer is 720 minutes."'),
            ("1079", '"The correct answer should be 10%."'),
            ("1289", '"the final answer is 101 square feet."'),
            ("1297", '"The correct final answer should be $60, not $100."'),
        )
    },
}
"""(model, row): who is right, and why, where the last number of the last field does not say it."""


@dataclass(frozen=True)
class Difference:
    """A row on which the authors' rule and ours do not agree."""

    model: str
    row: str
    gold: str
    theirs: str
    verdict: Verdict
    right: str
    """``ours`` or ``theirs``."""
    why: str


def published(data: Path) -> list[dict[str, Any]]:
    """Read the authors' own table: Model, Acc and "No answer" in percent, Total."""
    table: list[dict[str, Any]] = json.loads((data / FOLDER / "summary.json").read_text())
    return table


def models(data: Path) -> list[str]:
    """Names of the recorded models as the published table writes them."""
    return sorted(path.name.removesuffix(".jsonl.gz").replace("_at_", "@") for path in (data / FOLDER).glob("*.gz"))


@cache
def replies(data: Path, model: str) -> list[dict[str, Any]]:
    """Rows of a model in the file's order."""
    with gzip.open(data / FOLDER / f"{model.replace('@', '_at_')}.jsonl.gz", "rb") as stream:
        return [json.loads(line) for line in stream]


@cache
def judged(data: Path, model: str) -> tuple[list[dict[str, Any]], list[Verdict]]:
    """Rows of a model in the file's order, and our verdict on each."""
    rows = replies(data, model)
    return rows, [verify_number(_item(row), split_reasoning(row["output"][0])[1]) for row in rows]


def _item(row: dict[str, Any]) -> Item:
    return Item(id=row["id"], question=row["question"], gold=row["answer"].strip("# "))


def by_the_authors(row: dict[str, Any]) -> bool:
    """Judge by the published rule: first number of the first answer; a fraction is worked out."""
    told = first_answer(row["output"][0])
    if told is None:
        return False
    told = told.replace("$", "").replace(",", "").strip()
    number = re.search(r"-?\d+(\.\d+)?", told)
    if re.fullmatch(r"\d+/\d+", told):
        value = Fraction(told)
    elif number:
        value = Fraction(number[0])
    else:
        return False
    return value == _gold(row)


def first_answer(text: str) -> str | None:
    """Text of the first JSON object's answer field, or of the first thing that looks like one."""
    first = first_object(text)
    if first is not None and "answer" in first:
        return str(first["answer"])
    found = re.search(r'"answer"\s*:\s*"?([^"\n}]*)|^\s*answer\s*:\s*(.*)$', text, re.MULTILINE)
    return (found[1] or found[2] or "") if found else None


def first_object(text: str) -> dict[str, Any] | None:
    """Read the first balanced braces as JSON; None where they are not."""
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
    """Read the last number of the last answer field before an invented question, or of the last line without one."""
    text = re.split(r"\n\s*(?:## )?Question:", text)[0]
    fields = re.findall(r'answer\\?["”]?\s*:\s*((?:.|\n)*?)(?=\n\s*\}|\n```|\Z)', text)
    told = (fields[-1] if fields else text.strip().rpartition("\n")[2]).replace(",", "")
    found = re.findall(r"\d+/\d+|-?\d+(?:\.\d+)?", re.sub(r"(?<=\d) (?=\d{3}\b)", "", told))
    return Fraction(found[-1]) if found else None


def _gold(row: dict[str, Any]) -> Fraction:
    return Fraction(row["answer"].strip("# ").replace(",", ""))


def differences(data: Path, model: str) -> Iterator[Difference]:
    """Yield each row of a model on which the rules differ, with the third reading's decision."""
    for row, verdict in zip(*judged(data, model), strict=True):
        ours = verdict.status == "correct"
        if ours == by_the_authors(row):
            continue
        number, first = row["id"].rpartition("#")[2], first_answer(row["output"][0])
        right, why = READ_BY_HAND.get((model, number)) or _decided(row, verdict, first)
        yield Difference(model, number, row["answer"].strip("# "), first or "", verdict, right, why)


def _decided(row: dict[str, Any], verdict: Verdict, first: str | None) -> tuple[str, str]:
    last = last_number(row["output"][0])
    ours = verdict.status == "correct"
    right = "ours" if ours == (last == _gold(row)) or (verdict.status == "ambiguous" and not ours) else "theirs"
    return right, _why(row["output"][0], verdict, first, last)


def _why(text: str, verdict: Verdict, first: str | None, last: Fraction | None) -> str:
    if verdict.status == "ambiguous":
        return "the answer says two values; its first is the gold by luck"
    if verdict.status == "no_answer":
        return "the reply holds no answer"
    if len(re.findall(r'answer\\?["”]?\s*:', text)) > 1:
        return f"a later answer field replaces the first; it ends in {last}"
    if first is None or not re.search(r"\d", first):
        return "JSON that a parser does not read; the answer stands after it or is not in quotes"
    if re.search(r"[=+*/×÷]|\s-\s", first):
        return f"the field holds working that ends in {last}, and the first number is an operand"
    return f"words stand before the number {last}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    data = parser.parse_args().data
    out = Path(__file__).with_suffix(".md")
    out.write_text("\n".join(_page(data)) + "\n", encoding="utf-8")
    print(f"{out} written")


def _page(data: Path) -> Iterator[str]:
    found = [difference for model in models(data) for difference in differences(data, model)]
    yield "# Recorded answers to GSM8K, judged again\n"
    yield "Command: `python benchmarks/recorded.py`. Published: ZeroEval, commit 8c1485e. Last output:\n"
    yield (
        "| model | rows | accuracy, published | by the authors' rule | ours | differing rows | no answer, published "
        "| no answer, ours |\n|---|--:|--:|--:|--:|--:|--:|--:|"
    )
    table = {entry["Model"]: entry for entry in published(data)}
    for model in models(data):
        yield _line(model, table.get(model), *judged(data, model), sum(d.model == model for d in found))
    passed = sum(d.verdict.status == "correct" for d in found)
    yield f"\n## The {len(found)} rows on which the rules differ\n"
    yield (
        f"Ours passes {passed} that the authors' rule fails, and fails {len(found) - passed} that it passes; ours is "
        f"right on {sum(d.right == 'ours' for d in found)}.\n"
    )
    yield "| model | row | gold | first answer field | ours | ours reads | right | why |"
    yield "|---|--:|--:|---|---|---|---|---|"
    for d in found:
        cells = (d.model, d.row, d.gold, _code(d.theirs), d.verdict.status, _code(d.verdict.extracted or ""))
        yield "| " + " | ".join([*cells, d.right, d.why]) + " |"


def _line(model: str, entry: dict[str, Any] | None, rows: list[Any], verdicts: list[Verdict], differing: int) -> str:
    theirs = 100 * sum(map(by_the_authors, rows)) / len(rows)
    ours = 100 * sum(v.status == "correct" for v in verdicts) / len(rows)
    missing = 100 * sum(v.status in {"no_answer", "abstained"} for v in verdicts) / len(rows)
    told, none = (entry["Acc"], entry["No answer"]) if entry else ("not published", "not published")
    return f"| {model} | {len(rows)} | {told} | {theirs:.2f} | {ours:.2f} | {differing} | {none} | {missing:.2f} |"


def _code(text: str) -> str:
    plain = " ".join(text.split()).replace("|", "\\|").replace("`", "'")
    return f"`{plain[:60]}{'…' if len(plain) > 60 else ''}`" if plain else ""


if __name__ == "__main__":
    main()
