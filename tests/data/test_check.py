"""What `rarl-eval tasks --check` finds in a benchmark, and the solutions with labelled steps that tasks can write."""

import json
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from rarl_eval import data, registry
from rarl_eval.data.check import check
from rarl_eval.data.labelled import labelled, write_labelled
from rarl_eval.errors import BadInput
from rarl_eval.runs.store import read_run
from rarl_eval.types import Benchmark, Item

Cli = Callable[..., "subprocess.CompletedProcess[str]"]


def benchmark(name: str, *items: Item) -> Benchmark:
    task = registry.tasks(name)[0]
    return Benchmark(task=task, items=items, origin="written", revision=None, fingerprint="f")


def choice(identifier: str, question: str, gold: str, *choices: str, context: str = "") -> Item:
    return Item(id=identifier, question=question, gold=gold, choices=choices, context=context)


def number(identifier: str, question: str, gold: str) -> Item:
    return Item(id=identifier, question=question, gold=gold)


def test_a_sound_benchmark_is_called_sound() -> None:
    """Different questions with golds that pass give no finding; lengths are of the prompt as it is asked."""
    found = check([benchmark("gsm8k", number("1", "What is 1 + 1?", "2"), number("2", "What is 1 + 2?", "3"))])[0]
    assert (found.rows, found.repeats, found.failing, found.faults, found.sound) == (2, (), (), (), True)
    assert found.lengths.median == found.lengths.longest == len("What is 1 + 1?") + 72


def test_a_gold_that_fails_its_verifier_is_named() -> None:
    """A gold that is no number is listed with the verdict and its reason."""
    found = check([benchmark("gsm8k", number("1", "How many?", "two"), number("2", "How much?", "3"))])[0]
    assert [(g.id, g.gold, g.status) for g in found.failing] == [("1", "two", "unparsable_gold")]
    assert not found.sound


def test_one_failing_gold_in_two_hundred_is_borne() -> None:
    """A benchmark stays sound up to 0.5 % of golds that fail."""
    items = [number(str(i), f"How many are {i}?", "x" if i == 7 else str(i)) for i in range(200)]
    assert check([benchmark("gsm8k", *items)])[0].sound
    assert not check([benchmark("gsm8k", *items[:199])])[0].sound


@pytest.mark.parametrize(
    ("choices", "gold", "what", "spoils"),
    [
        (("a", "b"), "A", [], []),
        (("a", "A ", "b"), "A", ["options A, B are the same, one of them the gold: 'a'"], [True]),
        (("a", "b", "b"), "A", ["options B, C are the same, none of them the gold: 'b'"], [False]),
        (("a", " "), "A", ["option B is empty"], [False]),
        (("a", ""), "B", ["option B is empty"], [True]),
        (("a", "b"), "C", ["gold 'C' is none of the options AB"], [True]),
        (("a", "b"), "", ["the gold is empty", "gold '' is none of the options AB"], [True, True]),
        (("a",), "A", ["there is one option only"], [True]),
    ],
)
def test_faulty_options_are_named(choices: tuple[str, ...], gold: str, what: list[str], spoils: list[bool]) -> None:
    """Empty, equal and missing options are told, and whether they spoil the gold."""
    found = check([benchmark("medqa", choice("1", "Which?", gold, *choices))])[0]
    assert [fault.what for fault in found.faults] == what
    assert [fault.spoils for fault in found.faults] == spoils


def test_a_question_with_two_right_answers_is_a_contradiction() -> None:
    """The same question and options with another gold contradict; with other options they are a repeat only."""
    same = [choice("1", "Which?", "A", "gout", "croup"), choice("2", "which? ", "A", "croup", "gout")]
    other = [choice("1", "Which?", "A", "gout", "croup"), choice("2", "Which?", "A", "flu", "croup")]
    agreeing = [choice("1", "Which?", "A", "gout", "croup"), choice("2", "Which?", "B", "croup", "gout")]
    apart = [choice("1", "Which?", "A", "gout", "croup"), choice("2", "Which?", "B", "gout", "croup", context="c")]
    told = [check([benchmark("medqa", *items)])[0] for items in (same, other, agreeing, apart)]
    assert [len(c.repeats) for c in told] == [1, 1, 1, 0]
    assert [c.contradictions for c in told] == [1, 0, 0, 0]
    assert [c.sound for c in told] == [False, True, True, True]
    assert told[0].repeats[0].golds == ("gout", "croup")


def test_what_two_tasks_share_is_counted_both_ways() -> None:
    """Items whose question stands in another task are counted from each side, whatever case and spaces."""
    one = benchmark("gsm8k", number("1", "How many  apples?", "2"), number("2", "How many apples?", "2"))
    two = benchmark("svamp", number("1", "how many apples?", "2"), number("2", "How many pears?", "2"))
    first, second = check([one, two])
    assert (first.shared, second.shared) == ({"svamp": 2}, {"gsm8k": 1})


def test_real_repeats_and_equal_options(shared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """AQuA has seven items with equal options, three of them beside the gold; MMLU's subjects ask 79 questions again."""
    monkeypatch.setenv("RARL_EVAL_DATA", str(shared))
    aqua, mmlu = check([data.load(task) for task in registry.tasks("aqua,mmlu_medical")])
    assert [fault.id for fault in aqua.faults] == ["117", "120", "124", "126", "185", "193", "198"]
    assert (sum(fault.spoils for fault in aqua.faults), aqua.sound) == (4, False)
    assert (sum(len(r.ids) - 1 for r in mmlu.repeats), mmlu.contradictions, mmlu.sound) == (79, 0, True)


def test_the_command_prints_and_ends_with_1_on_an_unsound_task(cli: Cli, tmp_path: Path) -> None:
    """--check names what it found, exits with 1, and --json holds all of it."""
    path = tmp_path / "rows.jsonl"
    rows = [{"question": "How many?", "answer": "so #### two"}, {"question": "How much?", "answer": "so #### 2"}]
    path.write_text("\n".join(map(json.dumps, rows)))
    done = cli("tasks", "--check", "gsm8k", "--source", f"gsm8k={path}")
    assert done.returncode == 1
    assert "gsm8k: UNSOUND" in done.stdout
    assert "0: 'two' is unparsable_gold" in done.stdout
    told: list[dict[str, Any]] = json.loads(
        cli("tasks", "--check", "gsm8k", "--source", f"gsm8k={path}", "--json").stdout
    )
    assert (told[0]["rows"], told[0]["sound"], len(told[0]["failing"])) == (2, False, 1)


def test_fresh_tasks_are_sound_and_listed(cli: Cli) -> None:
    """Generated tasks pass the check, whatever the seed, and stand in the list."""
    assert all(c.sound for c in check([data.load(t) for t in registry.tasks("fresh:finance@9:300,fresh:algebra@9:50")]))
    assert {"fresh:math@5", "fresh:code@5"} <= {
        t["name"] for t in json.loads(cli("tasks", "--json", "--seed", 5).stdout)
    }


def test_labelled_solutions_serve_score_and_agree(cli: Cli, tmp_path: Path) -> None:
    """One file is scored as outputs, with each verdict as labelled, and read as labels of first errors."""
    path, run, task = tmp_path / "planted.jsonl", tmp_path / "run", "fresh:medicine@7:20"
    assert cli("tasks", "--task", task, "--steps", path).returncode == 0
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    assert [(row["sample"], row["label"] >= 0, row["correct"]) for row in rows] == [
        (0, False, True),
        (1, True, False),
    ] * 20
    scored = cli("score", path, "--task", task, "--out", run)
    assert scored.returncode == 0, scored.stderr
    assert cli("reward", "--run", run, "--reward", "brevity").returncode == 0
    agreed = cli("agree", "--run", run, "--labels", path, "--out", tmp_path / "agree")
    assert agreed.returncode == 0, agreed.stderr
    verdicts = {(r.trace.key, r.trace.sample): r.verdict.correct for r in read_run(run).records if r.verdict}
    assert verdicts == {(row["key"], row["sample"]): row["correct"] for row in rows}


def test_tasks_without_labelled_steps_say_so(tmp_path: Path) -> None:
    """A benchmark whose items carry no steps is refused, programs are left out, and nothing is written."""
    with pytest.raises(BadInput, match="item 1 of gsm8k has no labelled steps"):
        write_labelled(tmp_path / "out.jsonl", [benchmark("gsm8k", number("1", "How many?", "2"))])
    assert not (tmp_path / "out.jsonl").exists()
    loaded = data.load(registry.tasks("fresh:synthesis@1:3")[0])
    assert list(labelled(loaded)) == []
    free = replace(loaded, items=tuple(msgspec.structs.replace(item, tests=None) for item in loaded.items), by_key={})
    assert len(list(labelled(free))) == 6
