"""The catalogue of 2026: what each benchmark makes of rows in its published layout, and its other editions."""

from pathlib import Path
from typing import Any

import pytest

from rarl_eval import data, registry
from rarl_eval.errors import BadInput
from rarl_eval.types import UNANSWERABLE, Item, Task

FIXTURES = Path(__file__).parent / "fixtures"


def task(name: str) -> Task:
    return registry.tasks(name)[0]


def items(name: str) -> list[Item]:
    whole = name.partition("@")[0]
    return list(data.load(task(name), {name: str(FIXTURES / f"{whole}.jsonl")}).items)


def status(name: str, place: int, answer: str) -> str:
    return task(name).verify(items(name)[place], answer).status


def test_science_and_general_are_groups() -> None:
    """The two domains name their benchmarks, as every domain does."""
    assert [t.name for t in registry.tasks("science")] == ["gpqa_diamond", "theoremqa"]
    assert [t.name for t in registry.tasks("general")] == ["hle", "mmlu_pro"]


def test_gpqas_options_have_one_order_that_each_item_tells() -> None:
    """The order follows from seed and question alone, is recorded, and puts the right option where the gold says."""
    for item in items("gpqa_diamond"):
        order = item.meta["permutation"]
        assert sorted(order) == [0, 1, 2, 3]
        assert item.meta["seed"] == 0
        assert order["ABCD".index(item.gold)] == 0
        assert all(choice == choice.strip() for choice in item.choices)
    assert [item.choices["ABCD".index(item.gold)] for item in items("gpqa_diamond")] == [
        "helium", "20 m", "in the stroma"]  # fmt: skip
    assert [item.meta["permutation"] for item in items("gpqa_diamond")] == [[3, 0, 1, 2], [0, 1, 2, 3], [2, 1, 3, 0]]


@pytest.mark.parametrize(
    ("place", "right", "wrong"),
    [
        (0, "Answer: 0.0103", "Answer: 0.0105"),
        (1, "The answer is 6", "The answer is 6.4"),
        (2, "Answer: True", "Answer: False"),
        (3, "Answer: (b)", "Answer: (c)"),
        (4, "Answer: [0.76, 1.5]", "Answer: [1.5, 0.8]"),
    ],
)
def test_theoremqa_judges_each_type_by_its_rule(place: int, right: str, wrong: str) -> None:
    """A decimal within 4 %, a whole number exactly, an option, and lists in any order."""
    assert (status("theoremqa", place, right), status("theoremqa", place, wrong)) == ("correct", "incorrect")


def test_questions_about_pictures_are_left_out() -> None:
    """TheoremQA, HLE and XFinBench are asked without the rows that need a picture."""
    assert [len(items(name)) for name in ("theoremqa", "hle", "xfinbench")] == [5, 2, 3]


def test_a_question_of_gsm_plus_without_a_premise_is_right_where_it_is_declined() -> None:
    """What "critical thinking" takes away cannot be computed, and changes of one question are not independent."""
    told = items("gsm_plus")
    assert told[1].gold == UNANSWERABLE
    assert status("gsm_plus", 1, "It cannot be determined how many she has.") == "correct"
    assert status("gsm_plus", 1, "The answer is 12.") == "incorrect"
    assert told[0].group == told[1].group != told[2].group


@pytest.mark.parametrize("empty", [None, "None", ""])
def test_every_way_of_writing_no_answer_is_one(empty: Any) -> None:
    """The published file writes None, a copy null or nothing."""
    row = {"question": "How many?", "answer": empty, "perturbation_type": "critical thinking", "seed_question": "s"}
    item = task("gsm_plus").item(row)
    assert item is not None
    assert item.gold == UNANSWERABLE


def test_omni_math_waits_for_a_judge_where_algebra_does_not_find_it_equal() -> None:
    """An answer equal to the gold is right; another is nobody's wrong until a judge read it."""
    assert status("omni_math", 0, "The only one is \\boxed{3}.") == "correct"
    assert status("omni_math", 0, "It is \\boxed{5}.") == "unjudged"
    assert status("omni_math", 1, "Every $f(x)=x+c$.") == "unjudged"


def test_financereasoning_writes_tables_by_row_and_allows_a_500th() -> None:
    """A table stored by column is shown as rows; 0.2 % is right, more is not; a statement has two options."""
    told = items("financereasoning")
    assert [item.id for item in told] == ["easy-test-0", "hard-test-0", "medium-test-1"]
    assert told[1].context == " | 2019 | 2020\nrevenue | 70.0 | 82.5\ncosts | 61.5 | 64.0"
    assert [status("financereasoning", 1, f"Answer: {x}") for x in ("12.52", "12.53")] == ["correct", "incorrect"]
    assert (told[2].choices, told[2].gold) == (("True", "False"), "A")


def test_xfinbench_splits_options_and_allows_half_a_percent() -> None:
    """Options stand in one text; a number within 0.5 % is right, its hundredfold is not."""
    told = items("xfinbench")
    assert (told[1].gold, told[2].choices) == ("B", ("It rises", "It falls", "It stays"))
    assert [status("xfinbench", 0, f"Answer: {x}") for x in ("2.009", "2.02", "200")] == [
        "correct", "incorrect", "incorrect"]  # fmt: skip


@pytest.mark.parametrize("both", ["A B", "The answer is A, B.", "Answer: A / B"])
def test_both_options_of_a_statement_are_no_answer(both: str) -> None:
    """Who lists true and false has chosen neither."""
    assert status("xfinbench", 1, both) == "ambiguous"
    assert status("theoremqa", 2, both) == "ambiguous"


@pytest.mark.parametrize("sep", ["\n", "\\n"])
def test_xfinbench_reads_both_ways_in_which_its_file_parts_options(sep: str) -> None:
    """Some rows hold line ends, others the two characters for one."""
    row = {"id": "x", "task": "mcq", "question": "?", "choice": f"A. Point A{sep}B. Point B", "ground_truth": "B",
           "figure": "", "fin_capability": "FF"}  # fmt: skip
    item = task("xfinbench").item(row)
    assert item is not None
    assert item.choices == ("Point A", "Point B")


def test_options_that_hold_nothing_are_none() -> None:
    """A part with fewer letters stores nothing, or n/a, in the last ones; a first one stays."""
    assert [len(item.choices) for item in items("medagentsbench")] == [4, 3]
    assert [len(item.choices) for item in items("medbullets")] == [5, 4]


def test_aime26_is_read_in_both_layouts() -> None:
    """MathArena numbers its problems by problem_idx; 014 and 14 are one answer."""
    assert [(item.id, item.gold) for item in items("aime26")] == [("1", "401"), ("2", "14"), ("3", "52")]


def test_mmlu_pro_shows_examples_of_the_items_subject() -> None:
    """Its own reasoning is what an example shows, without the words that lead to it."""
    assert items("mmlu_pro")[1].solution == "It guards a section. The answer is (B)."
    assert [item.meta["subject"] for item in items("mmlu_pro")] == ["math", "computer science"]


EDITIONS = {
    "hmmt_feb@2025": ("MathArena/hmmt_feb_2025", 30),
    "math_perturb@simple": ("github:Kaffaljidhmah2/MATH-Perturb", 279),
    "gsm_symbolic@p2": ("apple/GSM-Symbolic", None),
    "svamp@test": ("ChilleD/SVAMP", 300),
    "financereasoning@hard": ("github:BUPT-Reasoning-Lab/FinanceReasoning", 238),
    "medbullets@op4": ("github:HanjieChen/ChallengeClinicalQA", 308),
    "medcalc_bench@verified": ("nsk7153/MedCalc-Bench-Verified", 1100),
    "medcalc_bench@v1.0": ("ncbi/MedCalc-Bench-v1.0", 1047),
    "healthbench@hard": ("openai/healthbench", 1000),
}


@pytest.mark.parametrize("name", EDITIONS)
def test_an_edition_has_its_own_source_and_number(name: str) -> None:
    """What stands behind the @ chooses source and number of items; the rows are read as the benchmark's are."""
    chosen, whole = task(name), task(name.partition("@")[0])
    known = chosen.source.known[0].items if chosen.source.known else None
    assert (chosen.name, chosen.source.path, known) == (name, *EDITIONS[name])
    assert chosen.source != whole.source
    assert len(items(name)) >= 2


@pytest.mark.parametrize("name", ["hmmt_feb@2019", "healthbench@easy", "svamp@train"])
def test_an_edition_that_does_not_exist_is_named(name: str) -> None:
    """The sentence lists those that do."""
    with pytest.raises(BadInput, match=r"there is no such edition; known: \w+"):
        task(name)


def test_what_is_gated_or_unproven_is_told() -> None:
    """Gated sets and what no public evidence bears out stand in the task's file, and in what tasks --json tells."""
    gated = {t.name for t in registry.tasks("all") if t.source.gated}
    unproven = {t.name for t in registry.tasks("all") if t.source.unproven}
    assert gated == {"gpqa_diamond", "hle"}
    assert {"gsm_plus", "gsm_symbolic", "medagentsbench", "xfinbench", "theoremqa"} <= unproven


def test_the_authors_hard_rows_are_read(shared: Path) -> None:
    """Each file of MedAgentsBench's repository is read whole, and all its golds pass."""
    read = task("medagentsbench")
    folder = shared / "medical/medagents_bench"
    counts = {"medbullets": 89, "medmcqa": 100, "medqa": 100, "mmlu": 73, "mmlu-pro": 100, "pubmedqa": 100}
    for part, count in counts.items():
        told = data.load(read, {read.name: str(folder / f"data__{part}__test_hard.jsonl.gz")}, partial=True).items
        assert len(told) == count
        assert all(read.verify(item, f"Answer: {item.gold}").status == "correct" for item in told)
