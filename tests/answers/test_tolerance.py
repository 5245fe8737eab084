"""Verifiers that allow what a benchmark allows and no more: program results, limits, dates, gestational ages."""

import pytest

from rarl_eval.answers import limits_around, verify_calculated, verify_executed, verify_within
from rarl_eval.answers.clinical import read_ages, read_dates
from rarl_eval.types import Item


def executed(gold: str, answer: str, context: str = "") -> str:
    item = Item(id="1", question="what was it in the year 2018?", gold=gold, context=context)
    return verify_executed(item, answer).status


@pytest.mark.parametrize(
    ("gold", "answer", "status"),
    [
        ("0.12574", "Answer: 0.12574", "correct"),
        ("0.12574", "Answer: 12.574%", "correct"),
        ("0.12574", "Answer: 12.57%", "correct"),
        ("0.12574", "Answer: 12.6%", "correct"),
        ("0.12574", "Answer: 13%", "incorrect"),  # two digits tell too little
        ("0.12574", "Answer: 12.5%", "incorrect"),  # cut off, not rounded
        ("0.12574", "Answer: 12.574", "incorrect"),
        ("0.12574", "Answer: 0.12574%", "incorrect"),
        ("-0.09709", "Answer: -9.71%", "correct"),
        ("-0.09709", "Answer: 9.71%", "incorrect"),
        ("-13.2", "Answer: (13.2)", "correct"),
        ("1041.531", "Answer: $1,041.53", "correct"),
        ("1041.531", "Answer: 1,042", "correct"),
        ("1041.531", "Answer: 1,041", "incorrect"),
        ("25", "Answer: 2500", "incorrect"),
        ("0.33333", "Answer: 1/3", "correct"),
        ("189", "Answer: 189 or 190", "ambiguous"),
        ("189", "Answer: 94 + 94 = 189", "incorrect"),
        ("yes", "Answer: Yes", "correct"),
        ("yes", "Answer: yes, because 2 > 1", "correct"),
        ("yes", "Answer: no", "incorrect"),
        ("yes", "Answer: yes or no", "ambiguous"),
        ("yes", "Answer: 1", "incorrect"),
        ("yes", "", "no_answer"),
        ("somewhat", "somewhat", "unparsable_gold"),
    ],
)
def test_program_results(gold: str, answer: str, status: str) -> None:
    """A number is right at five decimals, or as far as it is stated with three digits; a percent sign divides."""
    assert executed(gold, answer) == status


def test_a_scale_word_must_be_the_reports() -> None:
    """An amount of 189 million is 189 where the report is in millions, and another amount where it is not."""
    assert executed("189", "Answer: $189 million", "amounts in millions of dollars") == "correct"
    assert executed("189", "Answer: $189 million") == "incorrect"
    assert executed("189", "Answer: $189 thousand", "amounts in millions of dollars") == "incorrect"
    assert executed("189000000", "Answer: $189 million") == "correct"


def within(answer: str, gold: str = "25.238", question: str = "What is the clearance in mL/min?") -> str:
    meta = limits_around(gold, 0.05)
    return verify_within(Item(id="1", question=question, gold=gold, meta=meta), answer).status


def test_limits_are_included() -> None:
    """Both limits count as inside, whatever the gold's sign."""
    assert limits_around("200", 0.05) == {"low": "190", "high": "210"}
    assert limits_around(-200.0, 0.04) == {"low": "-208", "high": "-192"}
    assert [within(f"Answer: {x}", "200") for x in (190, 210, 189.9, 210.1)] == [*["correct"] * 2, *["incorrect"] * 2]
    assert [within(f"Answer: {x}", "-200") for x in (-190, -210, 200)] == ["correct", "correct", "incorrect"]


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        ("Answer: 25.2 mL/min", "correct"),
        ("Answer: 25.2 kg", "incorrect"),
        ("Answer: 2523.8", "incorrect"),
        ("Answer: 25.2 or 40", "ambiguous"),
        ("25.2 or 26", "ambiguous"),
        ("Answer: high", "incorrect"),
        ("", "no_answer"),
    ],
)
def test_numbers_within_limits(answer: str, status: str) -> None:
    """One number inside the limits, with the unit that was asked for or none."""
    assert within(answer) == status


def test_percentages_within_limits() -> None:
    """A percentage is its hundredth; where a percentage is asked for, a gold above 1 may be one itself."""
    assert within("Answer: 22.5%", "0.225", "What is the index?") == "correct"
    assert within("Answer: 0.225%", "0.225", "What is the index in percent?") == "incorrect"
    assert within("Answer: 33.2%", "33.2", "What is the expected correlation in percent?") == "correct"
    assert within("Answer: 33.2%", "33.2", "What is the price?") == "incorrect"


@pytest.mark.parametrize(
    ("gold", "output", "answer", "status"),
    [
        ("3", "integer", "Answer: 3", "correct"),
        ("3", "integer", "Answer: 3 out of 9", "correct"),
        ("3", "integer", "Answer: 3 points", "correct"),
        ("3", "integer", "Answer: 3.1", "incorrect"),
        ("10/08/2020", "date", "Answer: 10/8/2020", "correct"),
        ("10/08/2020", "date", "Answer: 2020-10-08", "correct"),
        ("10/08/2020", "date", "Answer: 08/10/2020", "incorrect"),
        ("10/08/2020", "date", "Answer: 10/08/2020 or 10/09/2020", "ambiguous"),
        ("10/08/2020", "date", "Answer: October", "incorrect"),
        ("(4 weeks, 3 days)", "integer", "Answer: (4 weeks, 3 days)", "correct"),
        ("(4 weeks, 3 days)", "integer", "Answer: 4 weeks and 3 days", "correct"),
        ("(4 weeks, 3 days)", "integer", "Answer: (4, 3)", "correct"),
        ("(4 weeks, 3 days)", "integer", "Answer: 31 days", "incorrect"),
        ("(4 weeks, 3 days)", "integer", ":", "no_answer"),
    ],
)
def test_clinical_results(gold: str, output: str, answer: str, status: str) -> None:
    """Scores, dates and gestational ages are met exactly, however they are written."""
    meta = {"output": output, "low": "2.85", "high": "3.15"}
    assert verify_calculated(Item(id="1", question="What is it?", gold=gold, meta=meta), answer).status == status


def test_dates_that_the_calendar_lacks_are_none() -> None:
    """13/45/2020 is no date; two ages in a text are two."""
    assert read_dates("13/45/2020") == []
    assert [age for age, _ in read_ages("4 weeks 3 days, or (5, 0)")] == [(4, 3), (5, 0)]
