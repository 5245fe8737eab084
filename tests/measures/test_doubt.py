"""Two readings of the same answers, and what a report and a command make of them."""

from pathlib import Path

import pytest

from rarl_eval import registry
from rarl_eval.commands.conclusion import conclusion
from rarl_eval.judge import judge
from rarl_eval.measures.answered import JudgedSoFar, looks_like_a_program
from rarl_eval.report.build import build_report
from rarl_eval.report.tables import captions, tables
from rarl_eval.runs import store
from rarl_eval.runs.writer import Writer
from rarl_eval.types import Benchmark, Item, Trace

ITEMS = tuple(Item(id=str(i), question=f"What is {i} and {i}?", gold=str(2 * i)) for i in range(1, 51))


def texts(misread: int, silent: int) -> list[str]:
    """Answers that are right, but for the first few: a number behind the announced one, or nothing to read."""
    right = [f"The answer is {item.gold}." for item in ITEMS]
    wrong = [f"The answer is {ITEMS[i].gold}.\n\nThis was checked in {1000 + i} trials." for i in range(misread)]
    return [*wrong, *("I see." for _ in range(silent)), *right[misread + silent :]]


def run_of(folder: Path, answers: list[str]) -> store.Run:
    """Write a run whose answers were judged as every run's are."""
    [task] = registry.tasks("gsm8k")
    benchmark = Benchmark(task=task, items=ITEMS, origin="made", revision=None, fingerprint="0" * 32)
    told = {"domain": "math", "version": task.version, "fingerprint": benchmark.fingerprint}
    store.create(folder, {"kind": "run", "model": {"name": "m"}, "tasks": {task.name: told}}, [benchmark])
    with Writer(folder) as writer:
        for item, text in zip(ITEMS, answers, strict=True):
            trace = Trace(
                key=item.key, task=task.name, item_id=item.id, model="m", sample=0, text=text, answer=text, stop="end"
            )
            writer.add(judge(task, item, trace))
    return store.read_run(folder)


@pytest.fixture
def doubted(tmp_path: Path) -> store.Run:
    return run_of(tmp_path / "run", texts(misread=4, silent=2))


def test_a_record_keeps_both_readings(doubted: store.Run) -> None:
    """The rule's verdict decides; what the lenient reading says stands beside it."""
    record = next(iter(doubted.records))
    assert record.verdict is not None
    assert record.second is not None
    assert (record.verdict.status, record.second.status) == ("correct", "incorrect")


def test_a_row_says_how_often_two_readings_differ(doubted: store.Run) -> None:
    """Share, the accuracy that lies between them, kinds and cases; the row is marked."""
    [row] = build_report([doubted])["rows"]
    found = row["doubt"]
    assert row["accuracy"]["value"] == 0.96
    assert found["share"]["value"] == 0.08
    assert (found["low"], found["high"]) == (0.88, 0.96)
    assert found["marked"] is True
    assert found["kinds"] == {"correct, second incorrect": 4}
    assert found["cases"][0] == {
        "item": "1", "sample": 0, "kind": "correct, second incorrect", "first": "2", "second": "1000",
    }  # fmt: skip


def test_a_row_that_is_read_alike_is_not_marked(tmp_path: Path) -> None:
    """One answer in fifty without an answer is two per cent, and not more."""
    [row] = build_report([run_of(tmp_path / "run", texts(misread=0, silent=1))])["rows"]
    assert row["doubt"]["share"]["value"] == 0.0
    assert row["doubt"]["marked"] is False


def test_missing_answers_alone_mark_a_row(tmp_path: Path) -> None:
    """Two in fifty are more than two per cent."""
    [row] = build_report([run_of(tmp_path / "run", texts(misread=0, silent=2))])["rows"]
    assert row["doubt"]["marked"] is True


def test_tables_mark_the_row_and_list_the_kinds(doubted: store.Run) -> None:
    """The model's name has a question mark, a sentence comes first, and a table gives an example of each kind."""
    report = build_report([doubted])
    shown = {table.title: table for table in tables(report)}
    assert shown["accuracy"].rows[0][1] == "m ?"
    assert captions(report)[0] == (
        "? m on gsm8k: 4.0% of the answers have none that the rule can read and 8.0% are read in two ways: "
        "right are 88.0% to 96.0%; look at the cases before believing its accuracy."
    )
    listed = shown["answers read in two ways"].rows
    assert listed == [("gsm8k", "m ?", "correct, second incorrect", "1", "4", "2", "1000")]


def test_a_command_concludes_in_sentences(doubted: store.Run) -> None:
    """The figure comes first, then what stands in its way, with an example."""
    found = JudgedSoFar()
    for record in doubted.records:
        found.add(record)
    assert list(conclusion(found, "m\x1b[2J", "gsm8k")) == [
        "m\\x1b[2J on gsm8k: 96.0% [86.5, 98.9] right, 50 items",
        "  4.0% of the answers have none that the task's rule can read",
        "  8.0% are judged otherwise by a second, lenient reading, e.g.",
        "    4 x correct, second incorrect: item 1",
        "      rule read '2', lenient reading '1000'",
        "  more than 2%: look at these before believing the accuracy (rarl-eval show)",
    ]


def test_nothing_judged_is_no_figure() -> None:
    """Over nothing there is no accuracy, and the sentence says so."""
    found = JudgedSoFar()
    assert found.accuracy() is None
    assert list(conclusion(found, "m", "gsm8k")) == ["m on gsm8k: no answer was judged, so that there is no figure"]


@pytest.mark.parametrize(
    ("answer", "program"),
    [
        ("rows = 9\ntrees = 18\nans = rows * trees\nprint(ans)", True),
        ("```python\ndef solution():\n    return 3\nprint(solution())\n```", True),
        ("def solver():\n    # the price of a share\n    price = 12.5\n    return price * 4", True),
        ("We have x = 5 cars and the rest is 7.\nSo the answer is 12.", False),
        ("The answer is 12.", False),
        ("", False),
    ],
)
def test_programs_are_told_from_text(answer: str, program: bool) -> None:
    """Two lines of code and hardly a sentence make a program."""
    assert looks_like_a_program(answer) is program
