"""Answers that are one number."""

import pytest

from rarl_eval.answers import verify_number
from rarl_eval.types import Item

QUESTION = "Ann buys 6 apples for $3 each. How many dollars does she pay in total?"


def judge(answer: str, gold: str = "18", question: str = QUESTION) -> tuple[str, str | None]:
    verdict = verify_number(Item(id="1", question=question, gold=gold), answer)
    return verdict.status, verdict.extracted


CASES = [
    ("18", "correct"),
    ("18.0", "correct"),
    ("$18.00", "correct"),
    ("18 dollars", "correct"),
    ("She pays 6 * $3 = $18.", "correct"),
    ("The answer is 6 x 3 = 18 because each costs 3.", "correct"),
    ("The answer is 18 (6 apples at 3 each).", "correct"),
    ("The answer is 18, since 6 times 3 is 18.", "correct"),
    ("\\boxed{36/2}", "correct"),
    ("Step 1: 6 apples.\nStep 2: 18", "correct"),
    ("19", "incorrect"),
    ("1800", "incorrect"),
    ("0.18", "incorrect"),
    ("18.5", "incorrect"),
    ("\\boxed{eighteen}", "incorrect"),
    ("\\boxed{6 * 3}", "incorrect"),
    ("The answer is 5 apples and 18 pears", "ambiguous"),
    ("The answer is 18 or 19", "ambiguous"),
    ("either 18 or 19", "ambiguous"),
    ("\\boxed{19 = 18}", "ambiguous"),
    ("\\boxed{18 \\text{ or anything}}", "ambiguous"),
    ("\\boxed{18 \\approx 19}", "ambiguous"),
    ("18 \\approx 19", "ambiguous"),
    ("18, maybe 19", "ambiguous"),
    ("18 (or fewer)", "ambiguous"),
    ("maybe 18, perhaps (18)+1", "ambiguous"),
    ("18 apples are red or green", "correct"),
    ("So she pays 18 and then $", "no_answer"),
    ("18%", "incorrect"),
    ("18 kg", "incorrect"),
    ("18 kelvin", "incorrect"),
    ("", "no_answer"),
    (":", "no_answer"),
    ("Thought process:", "no_answer"),
    ("I cannot tell.", "abstained"),
    ("She pays 6 * 3 = \\boxed{18", "no_answer"),
    ("So 6 apples at $3 cost 6 *", "no_answer"),
    (QUESTION, "no_answer"),
]


@pytest.mark.parametrize(("answer", "status"), CASES)
def test_verdicts(answer: str, status: str) -> None:
    """Exactly the gold passes: no x/100, no 100x, no alternative, no foreign unit, nothing cut off."""
    assert judge(answer)[0] == status


@pytest.mark.parametrize(
    ("question", "answer", "status"),
    [
        ("What percent of 50 is 5?", "10%", "correct"),
        ("What is the pass rate?", "10%", "correct"),
        ("How many of 50 passed?", "10%", "incorrect"),
        ("A car goes 5 mph for 2 hours. How far?", "10 miles", "correct"),
        ("A car goes 5 mph for 2 hours. How far?", "10 km", "incorrect"),
        ("He reads 5 WPM. How long for 50 words?", "10 minutes", "correct"),
        ("How much is 2 times 5?", "10 apples", "correct"),
    ],
)
def test_a_unit_must_be_of_the_question(question: str, answer: str, status: str) -> None:
    """A percent sign or a measure that the question does not speak of makes another answer; a counted thing does not."""
    assert judge(answer, "10", question)[0] == status


def test_thousands_with_a_space_are_one_number() -> None:
    """118 000 is a hundred and eighteen thousand."""
    assert judge("$118 000", "118000")[0] == "correct"


def test_a_gold_that_is_no_number_is_said_so() -> None:
    """A verdict against an unreadable gold is neither right nor wrong."""
    verdict = verify_number(Item(id="1", question="q", gold="about ten"), "10")
    assert verdict.status == "unparsable_gold"
    assert verdict.correct is None


def test_the_last_number_counts_only_where_allowed() -> None:
    """Without a mark, a task may refuse the last number of the text."""
    item = Item(id="1", question=QUESTION, gold="18")
    assert verify_number(item, "She pays 18").status == "correct"
    assert verify_number(item, "She pays 18", last_number=False).status == "no_answer"


def test_an_extracted_answer_is_bounded() -> None:
    """Verdicts stay small however long the answer is."""
    assert len(judge("\\boxed{" + "word " * 1000 + "}")[1] or "") <= 200
