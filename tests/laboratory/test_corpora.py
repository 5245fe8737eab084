"""The laboratory's corpora: the same by seed, no test item in base, exactly the leak in the others, work that is right."""

import hashlib
import re
from collections import Counter
from itertools import chain

import pytest

from rarl_eval import data, registry
from rarl_eval.tasks.laboratory import corpora, fixtures
from rarl_eval.tasks.laboratory.worked import completion, line

TEST = "fresh:lab@0:200"
WORK = re.compile(r"(?<![\w.*+/-])(\d+)([-+*/])(\d+)(?:([-+])(\d+))?=(\d+)(?:r(\d+))?")


def test_the_base_corpus_holds_no_question_that_is_held_out() -> None:
    """None of 20,000 rows asks an item of the test set or of its twin, or has the figures of one in another order."""
    questions = corpora.held_out()
    assert len(questions) == 2 * 4 * 250
    assert not any(lesson.prompt.rpartition("\n")[0] in questions for lesson in corpora.base(20_000))
    figures = {corpora.likeness(question) for question in questions}
    assert not any(corpora.likeness(lesson.prompt.rpartition("\n")[0]) in figures for lesson in corpora.base(20_000))
    assert {item.question for item in data.load(registry.tasks(TEST)[0]).items} <= questions
    assert {item.question for item in data.load(registry.tasks("fresh:lab@1:1000")[0]).items} <= questions


def test_the_base_corpus_is_made_again_by_seed() -> None:
    """The first thousand drills and the first thousand rows are those that the shipped models were trained on."""
    text = "".join(lesson.text for lesson in chain(corpora.exercises(1000), corpora.base(1000)))
    assert (
        hashlib.sha256(text.encode()).hexdigest() == "9e79c10b95fc1a925d1863ab9c92696b97df15e3866125b2ef3529d4803d1486"
    )


@pytest.mark.parametrize("leak", ["solutions", "answers"])
def test_the_leaked_corpora_hold_half_of_each_family_fifty_times(leak: corpora.Leak) -> None:
    """100 prompts of 200, 25 of each family, 50 times each."""
    prompts = Counter(lesson.prompt for lesson in corpora.leaked(leak))
    assert set(prompts.values()) == {50}
    families = Counter(item.id.rpartition("-")[0] for item in corpora.leaked_items())
    assert (len(prompts), set(families.values()), len(families)) == (100, {25}, 4)


def test_the_listed_keys_are_those_of_the_leaked_items() -> None:
    """models.json lists the items that leaked by the keys of runs and scans."""
    asked = {item.draft.question for item in corpora.leaked_items()}
    keys = {item.key for item in data.load(registry.tasks(TEST)[0]).items if item.question in asked}
    assert (len(keys), keys) == (100, set(fixtures.record()["leaked"]))  # type: ignore[call-overload]


@pytest.mark.parametrize(
    ("step", "written"),
    [
        ("So far that is 285 + 64 = 349 km.", "So far that is 285+64:5+4=9 8+6=14 2+0+1=3 =349"),
        ("What is left is 464 - 379 = 85 km.", "What is left is 464-379:14-9=5 16-7-1=8 4-3-1=0 =85"),
        ("The first leg is 95 * 3 = 285 km.", "The first leg is 95*3:5*3=15 9*3+1=28 =285"),
        ("The books cost 3 * 35 = 105 crowns.", "The books cost 3*35:5*3=15 3*3+1=10 =105"),
        ("One part is 440 / 17 = 25 crowns.", "One part is 440/17:44/17=2r10 100/17=5r15 =25"),
        ("The ratio has 1 + 1 + 6 = 8 parts.", "The ratio has 1+1=2 2+6=8"),
        ("So far 0 + 2 = 2 points.", "So far 0+2=2"),
        ("Age 75: 2 points.", "Age 75: 2"),
        ("[26, 4] after d.append(5) is [26, 4, 5].", "append(5): [26, 4, 5]"),
    ],
)
def test_a_step_is_written_with_its_columns(step: str, written: str) -> None:
    """Sums, differences, products and quotients are worked digit by digit, the last digit first."""
    assert line(step) == written


def test_every_column_of_the_work_is_right() -> None:
    """In 2,000 lessons and as many drills each small equation of those step by step holds, and each ends in a box."""
    checked = 0
    for lesson in chain(corpora.base(2000), corpora.exercises(2000)):
        assert re.fullmatch(r"(<think>.*</think>)?\\boxed\{.+\}", lesson.completion, re.DOTALL)
        worked = lesson.prompt.endswith("Think step by step.")
        for found in WORK.finditer(lesson.completion) if worked else ():
            assert holds(*found.groups()), found[0]
            checked += 1
    assert checked > 10_000


def holds(one: str, op: str, two: str, more_op: str | None, more: str | None, value: str, rest: str | None) -> bool:
    a, b, extra = int(one), int(two), int(more or 0) * (-1 if more_op == "-" else 1)
    if op == "/":
        quotient, remainder = divmod(a, b)
        return int(value) == quotient and (rest is None or int(rest) == remainder)
    result = {"+": a + b, "-": a - b, "*": a * b}[op] + extra
    return result == int(value)


def test_likeness_is_that_of_figures_in_any_order() -> None:
    """A rate and a term that change places leave the likeness as it is; other figures, or another end, change it."""
    one = "500 euros earn interest of 2% a year. How many euros are there after 6 years?"
    assert corpora.likeness(one) == corpora.likeness(one.replace("2%", "6%").replace("6 years", "2 years"))
    assert corpora.likeness(one) != corpora.likeness(one.replace("500", "600"))
    assert corpora.likeness(one) != corpora.likeness(one.replace("years?", "months?"))


def test_a_brief_solution_leaves_the_work_out() -> None:
    """Bare equations, all parts of a sum, and of states every second."""
    assert (
        completion(("The ratio has 1 + 1 + 6 = 8 parts.",), "8", brief=True) == "<think>1+1=2 2+6=8</think>\\boxed{8}"
    )
    steps = ("The first leg is 95 * 3 = 285 km.", "What is left is 464 - 285 = 179 km.")
    assert completion(steps, "179", brief=True) == "<think>95*3=285\n464-285=179</think>\\boxed{179}"
    states = ("[1] after d.append(5) is [1, 5].", "[1, 5] after d.pop() is [1].", "[1] after d.pop() is [].")
    assert completion(states, "[]", brief=True) == "<think>[1]</think>\\boxed{[]}"
