"""The second reader: the last of anything, judged by the same rules, never deciding."""

import pytest

from rarl_eval import answers
from rarl_eval.answers import second_reading
from rarl_eval.types import UNANSWERABLE, Item, Verdict

CHOICES = ("Aspirin", "Heparin", "Warfarin")
# Verifier, gold, answer, right by the first reader, right by the second.
READINGS = [
    ("number", "18", "The answer is 18.", True, True),
    ("number", "18", "She pays **18** for 6 apples.", True, False),
    ("number", "18", "The answer is 17. Then 18 came up.", False, True),
    ("number", "18", "\\boxed{18} of 20", True, True),
    ("number", "18", "no number", False, False),
    ("choice", "C", "Answer: C", True, True),
    ("choice", "C", "Answer: C, since A and B are weak (B).", True, False),
    ("choice", "C", "I would give warfarin.", True, True),
    ("math", "x+1", "so $x+1$.", True, True),
    ("math", "\\frac{1}{2}", "The answer is $1/2$.\n\nNote: here \\(y = 3\\).", True, False),
    ("literal", "[1, 2]", "```\n[1, 2]\n```", True, True),
    ("literal", "[1, 2]", "It returns [1, 2] or so", False, True),
    ("literal", "[0]", "The answer is \\boxed{[0]}.", True, True),
    ("quantity", "12.5%", "It rose by 12.5%.", True, True),
    ("executed", "yes", "yes", True, True),
    ("executed", "0.125", "It grew 12.5%", True, True),
]


@pytest.mark.parametrize(("verifier", "gold", "answer", "first", "second"), READINGS)
def test_two_readings_of_one_answer(verifier: str, gold: str, answer: str, first: bool, second: bool) -> None:
    """Both readings compare values alike; only where the answer stands do they differ."""
    verify = getattr(answers, f"verify_{verifier}")
    item = Item(id="", question="q?", gold=gold, choices=CHOICES if verifier == "choice" else ())
    told = verify(item, answer)
    again = second_reading(item, answer, verify, told)
    assert again is not None
    assert (told.status == "correct", again.status == "correct") == (first, second)


@pytest.mark.parametrize(
    ("answer", "read"),
    [
        ("So she pays $18 for 6 apples.", "18"),
        ("**John runs 12 miles in 6 days.**", "12"),
        ("18 is paid in all.\n\nHe keeps 6 apples.", "6"),  # the line has nothing that the question does not give
        ("By 16:00 there were 1\u202f000 of the 6 left", "1000"),
        ("The answer is \\boxed{6} of 18", "6"),
    ],
)
def test_a_number_that_the_question_gives_is_taken_last(answer: str, read: str) -> None:
    """On the last line with numbers, one that the question does not give is the likelier answer."""
    item = Item(id="", question="She buys 6 apples", gold=read)
    told = second_reading(item, answer, answers.verify_number)
    assert told is not None
    assert told.correct, told


def test_a_measure_is_read_within_its_limits() -> None:
    """Tolerances, dates and ages are those of the task's own rule."""
    item = Item(id="", question="q", gold="10", meta={"low": "9.5", "high": "10.5", "output": "decimal"})
    for verify in (answers.verify_within, answers.verify_calculated):
        told = second_reading(item, "It is about 10.2 after 3 steps of 10.4", verify)
        assert told is not None
        assert told.correct
    due = Item(id="", question="q", gold="08/19/2023", meta={"output": "date"})
    dated = second_reading(due, "From 11/12/2022 on, she is due on 08/19/2023, a Saturday", answers.verify_calculated)
    assert dated is not None
    assert dated.correct


def test_what_both_read_alike_is_not_compared_again() -> None:
    """The first verdict itself is given back where the second reader takes the same text."""
    calls: list[str] = []

    item = Item(id="", question="q", gold="\\sqrt{2}")
    first = answers.verify_math(item, "so \\boxed{\\sqrt{2}}")
    assert second_reading(item, "so \\boxed{\\sqrt{2}}", answers.verify_math, first) is first
    assert calls == []


def test_rules_of_others_have_no_second_reading() -> None:
    """Programs, judged texts and questions without an answer are read once."""
    item = Item(id="", question="q", gold="1")

    def own(item: Item, answer: str) -> Verdict:
        return Verdict(status="correct", reason=item.id + answer)

    assert second_reading(item, "1", own) is None
    assert second_reading(item, "1", answers.verify_judged) is None
    unanswerable = Item(id="", question="q", gold=UNANSWERABLE)
    assert second_reading(unanswerable, "1", answers.verify_number) is None
    unread = Verdict(status="unparsable_gold")
    assert second_reading(item, "1", answers.verify_number, unread) is None
