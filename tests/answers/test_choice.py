"""Answers to multiple-choice questions."""

import pytest

from rarl_eval.answers import verify_choice
from rarl_eval.types import Item

ITEM = Item(
    id="1",
    question="Which vitamin prevents scurvy in sailors on long journeys?",
    choices=("Vitamin A", "Vitamin B12", "Vitamin C", "Aspirin or ibuprofen"),
    gold="C",
)
YES_NO = Item(id="2", question="Does it help?", choices=("yes", "no", "maybe"), gold="A")

CASES = [
    ("C", "correct"),
    ("c", "correct"),
    ("(C)", "correct"),
    ("C.", "correct"),
    ("**C**", "correct"),
    ("\\boxed{C}", "correct"),
    ("\\boxed{\\text{(C)}}", "correct"),
    ("Answer: C", "correct"),
    ("Answer: C. Vitamin C", "correct"),
    ("The answer is (C) Vitamin C.", "correct"),
    ("The correct option is C, not A.", "correct"),
    ("C: Vitamin C, because A and B do something else", "correct"),
    ("D. it can't be... no: the answer is C", "correct"),
    ("Vitamin C", "correct"),
    ("The answer is vitamin c", "correct"),
    ('{"answer": "C"}', "correct"),
    ("Scurvy is a deficiency.\n" * 20 + "Answer: C", "correct"),
    ("C. Vitamin C\n\n" + "Scurvy is a deficiency of it. " * 20, "correct"),
    ("B", "incorrect"),
    ("The answer is B. Vitamin B12", "incorrect"),
    ("Vitamin B12", "incorrect"),
    ("Answer: D. Aspirin or ibuprofen", "incorrect"),
    ("C or B", "ambiguous"),
    ("either C or A", "ambiguous"),
    ("A, B, C, D", "ambiguous"),
    ("(A) (B) (C) (D)", "ambiguous"),
    ("A. Vitamin A\nB. Vitamin B12\nC. Vitamin C\nD. Aspirin or ibuprofen", "ambiguous"),
    ("Answer: C (Vitamin B12)", "ambiguous"),
    ("C: Vitamin B12", "ambiguous"),
    ("\\boxed{B=C}", "ambiguous"),
    ("\\boxed{C\\text{ or anything}}", "ambiguous"),
    ("**C** / **B**", "ambiguous"),
    ("Vitamin B12 and Vitamin C", "ambiguous"),
    ("", "no_answer"),
    (":", "no_answer"),
    ("Solution", "no_answer"),
    ("Let's solve this step by step.", "no_answer"),
    ("\\boxed{C", "no_answer"),
    ("A sailor needs fruit.", "no_answer"),
    ("E", "no_answer"),
    (ITEM.question, "no_answer"),
]


@pytest.mark.parametrize("text", ["A B", "A & B", "A + B", "A\nB", "Answer: A | B", "The answer is A B."])
@pytest.mark.parametrize("count", [2, 4])
def test_a_letter_beside_another_is_no_article(text: str, count: int) -> None:
    """Two letters name two options, whatever stands between them, of two options as of four."""
    item = Item(id="", question="q", gold="B", choices=("true", "false", "neither", "unknown")[:count])
    assert verify_choice(item, text).status == "ambiguous"


@pytest.mark.parametrize(("answer", "status"), CASES)
def test_verdicts(answer: str, status: str) -> None:
    """One letter, or one option's words, is an answer; two are none."""
    assert verify_choice(ITEM, answer).status == status


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        ("yes", "correct"),
        ("Yes, it does.", "correct"),
        ("The answer is yes", "correct"),
        ("A", "correct"),
        ("no", "incorrect"),
        ("maybe", "incorrect"),
        ("yes or no", "ambiguous"),
        ("yes and no", "ambiguous"),
        ("unclear", "no_answer"),
    ],
)
def test_options_that_are_words(answer: str, status: str) -> None:
    """Yes, no and maybe are read as words or as letters."""
    assert verify_choice(YES_NO, answer).status == status


@pytest.mark.parametrize("gold", ["", "E", "AB", "Vitamin C"])
def test_a_gold_that_is_no_letter_is_said_so(gold: str) -> None:
    """The gold must be one of the options' letters."""
    item = Item(id="1", question="q", choices=("x", "y"), gold=gold)
    assert verify_choice(item, "A").status == "unparsable_gold"


@pytest.mark.parametrize("letter", ["A", "B", "C", "D"])
def test_only_the_gold_letter_passes(letter: str) -> None:
    """Of the four letters exactly one is right."""
    assert (verify_choice(ITEM, letter).status == "correct") == (letter == "C")
