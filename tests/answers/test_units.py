"""Amounts as models write them: units, scale, sign, currency, decimal commas, dates."""

from datetime import date
from fractions import Fraction

import pytest

from rarl_eval.answers import (
    limits_around,
    parse_number,
    verify_executed,
    verify_number,
    verify_quantity,
    verify_within,
)
from rarl_eval.answers.dates import dates, only_date
from rarl_eval.answers.units import asked_unit, factor, measure_after, same_measure_in, units_in
from rarl_eval.types import Item


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("5 hrs", "hour"),
        ("5 mcg", "microgram"),
        ("5 µg/mL", "microgram/milliliter"),
        ("25 mL/min", "milliliter/minute"),
        ("25 mL per hour", "milliliter/hour"),
        ("22 kg/m²", "kilogram/meter**2"),
        ("22 kg/m^2", "kilogram/meter**2"),
        ("80 mL/min/1.73 m²", "milliliter/minute/meter**2"),
        ("10 mg/kg/day", "milligram/kilogram/day"),
        ("3 g/100 mL", "gram/(100*milliliter)"),
        ("20 square feet", "foot**2"),
        ("60 mph", "mile/hour"),
        ("40 kPa", "kilopascal"),
        ("5 apples", None),
        ("5 in total", None),
        ("4 men", None),
    ],
)
def test_a_unit_is_read_whole(text: str, unit: str | None) -> None:
    """What is divided and multiplied in a unit belongs to it; words that count things are none."""
    assert measure_after(text, text.index(" ")) == unit


@pytest.mark.parametrize(
    ("unit", "wanted", "times"),
    [
        ("microgram", "milligram", Fraction(1, 1000)),
        ("milliliter/minute", "milliliter/hour", Fraction(60)),
        ("cent", "dollar", Fraction(1, 100)),
        ("foot", "inch", Fraction(12)),
        ("kilopascal", "milliliter", None),
        ("dollar", "euro", None),
        ("degree_Fahrenheit", "degree_Celsius", None),
    ],
)
def test_units_of_one_kind_convert_exactly(unit: str, wanted: str, times: Fraction | None) -> None:
    """The factor is a fraction; what measures something else, and temperatures, have none."""
    assert factor(unit, wanted) == times


def test_the_question_says_its_units() -> None:
    """The unit that is wanted stands after "how many", "in" or in brackets; others are only spoken of."""
    asked = "A pump gives 3 L in 2 hours. At how many mL per minute does it run?"
    assert units_in(asked) == ("liter", "hour", "milliliter/minute")
    assert asked_unit(asked) == "milliliter/minute"
    assert same_measure_in(asked, "liter/hour")
    assert not same_measure_in(asked, "kilogram")
    assert asked_unit("What is the weight (in kg)?") == "kilogram"
    assert asked_unit("How many apples are left?") is None


@pytest.mark.parametrize(
    ("question", "gold", "answer", "status"),
    [
        ("How many grams of salt are needed?", "3", "3 mg", "incorrect"),
        ("How many grams of salt are needed?", "3", "3000 mg", "correct"),
        ("How many minutes does it take?", "90", "1.5 hours", "correct"),
        ("How many minutes does it take?", "90", "90 hours", "incorrect"),
        ("How many euros is that?", "8", "8 eurocents", "incorrect"),
        ("How many cents is that?", "45", "$0.45", "correct"),
        ("How many cents is that?", "45", "$45", "incorrect"),
        ("What does it cost?", "8", "8 euros", "correct"),
        ("What does it cost?", "8", "8 cents", "incorrect"),
        ("It is $3. What do two cost?", "6", "6 euros", "incorrect"),
        ("How many eggs are in the boxes?", "36", "3 dozen", "correct"),
        ("How many eggs are in the boxes?", "3", "3 dozen", "incorrect"),
        ("How many dozen eggs are in the boxes?", "3", "3 dozen", "correct"),
        ("He walks 12 miles in 3 hours. What is his speed?", "4", "4 miles per hour", "correct"),
        ("How many millions does it hold?", "7", "7 million", "correct"),
        ("How many does it hold?", "7", "7 million", "incorrect"),
        ("Wie viel?", "2345.6", "Die Antwort ist: 2.345,6", "correct"),
        ("How much?", "0", "The answer is SEK4,000.", "incorrect"),
        ("How much?", "4000", "The answer is SEK4,000.", "correct"),
        ("How much?", "4.5", "The answer is 4,5", "correct"),
    ],
)
def test_numbers_in_the_units_of_the_question(question: str, gold: str, answer: str, status: str) -> None:
    """An amount is right in the unit and scale that the question wants, converted where it is told in another."""
    assert verify_number(Item(id="1", question=question, gold=gold), answer).status == status


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("USD2.5M", "2500000"),
        ("EUR 7,5", "15/2"),
        ("€12,50", "25/2"),
        ("₹3,45,000", "345000"),
        ("2.345,75", "9383/4"),
        ("1.234.567", "1234567"),
        ("$4.2bn", "4200000000"),
        ("-$3MM", "-3000000"),
        ("2 crore", "20000000"),
        ("7{,}25", "29/4"),
        ("7{,}250", "7250"),
        ("1'250.50", "2501/2"),
    ],
)
def test_money_is_read_as_it_is_written(text: str, value: str) -> None:
    """Codes may be glued, commas may be decimal, groups may be of two or three, and M stands for a million."""
    found = parse_number(text)
    assert found is not None
    assert found.value == Fraction(value)


@pytest.mark.parametrize(
    ("question", "gold", "answer", "status"),
    [
        ("What was the percentage change in sales?", "8.2%", "a decrease of 8.2%", "incorrect"),
        ("What was the percentage change in sales?", "-8.2%", "Sales fell by 8.2%", "correct"),
        ("What was the percentage change in sales?", "-8.2%", "-8.2%", "correct"),
        ("By how much did sales decrease?", "8.2%", "a decrease of 8.2%", "correct"),
        ("By how much did sales decrease?", "8.2%", "an increase of 8.2%", "incorrect"),
        ("What is the spread?", "0.75%", "75 bps", "correct"),
        ("What is the spread?", "0.75%", "75 basis points", "correct"),
        ("What is the spread?", "75%", "75 bps", "incorrect"),
        ("What is the spread in basis points?", "75", "75 bps", "correct"),
        ("What was the result?", "-4.1 million", "($4.1M)", "correct"),
        ("What was the result?", "-4.1 million", "$(4.1) million", "correct"),
        ("What was the result?", "4.1 million", "($4.1 million)", "incorrect"),
        ("What was the result in millions?", "4.1 million", "4.1", "correct"),
        ("What was the result?", "4.1 million", "4.1", "incorrect"),
        ("What was the result?", "1.2 trillion", "$1,200 billion", "correct"),
        ("At what rate in mL per hour?", "40", "40 mL/min", "incorrect"),
        ("When was it signed?", "March 5, 2021", "5 March 2021", "correct"),
        ("When was it signed?", "March 5, 2021", "5th of Mar 2021", "correct"),
        ("When was it signed?", "March 5, 2021", "2021-03-05", "correct"),
        ("When was it signed?", "March 5, 2021", "March 6, 2021", "incorrect"),
    ],
)
def test_amounts_of_finance(question: str, gold: str, answer: str, status: str) -> None:
    """Sign, scale, basis points and dates count as they are said."""
    assert verify_quantity(Item(id="1", question=question, gold=gold), answer).status == status


def test_a_percent_sign_outside_of_the_box() -> None:
    r"""What stands behind ``\boxed{}`` belongs to the amount in it."""
    item = Item(id="1", question="what was the growth rate?", gold="0.0735")
    assert verify_executed(item, "The rate is $\\boxed{7.35}\\%$.").status == "correct"
    assert verify_executed(item, "The rate is \\boxed{7.35} percent.").status == "correct"
    assert verify_executed(item, "The rate is \\boxed{7.35}.").status == "incorrect"


@pytest.mark.parametrize(
    ("question", "gold", "answer", "status"),
    [
        ("What is the debt in billions of euros?", "3.2", "The answer is €3.2 billion.", "correct"),
        ("What is the debt in billions of euros?", "3.2", "The answer is €3.2 million.", "incorrect"),
        ("What is the dose in mg?", "50", "Answer: 50 mcg", "incorrect"),
        ("What is the dose in mg?", "50", "Answer: 0.05 g", "correct"),
        ("What is the pressure in mmHg?", "40", "Answer: 40 kPa", "incorrect"),
        ("What is the body mass index in kg/m²?", "22.5", "Answer: 22.5 kg/m²", "correct"),
        ("What is the clearance in mL/min/1.73 m²?", "80", "**Answer:** 80 mL/min/1.73 m²", "correct"),
    ],
)
def test_limits_are_in_the_unit_of_the_question(question: str, gold: str, answer: str, status: str) -> None:
    """A measured value lies within its limits in the unit that was asked for."""
    item = Item(id="1", question=question, gold=gold, meta=limits_around(gold, 0.05))
    assert verify_within(item, answer).status == status


def test_dates_in_figures_and_words() -> None:
    """The calendar decides what is a date; with slashes the month comes first where it can."""
    texts = ["2/30/2020", "13/2/2020", "31.12.2019", "on Friday, May 1st, 2020", "1 sept. 2020"]
    assert [only_date(text) for text in texts] == [
        None, date(2020, 2, 13), date(2019, 12, 31), date(2020, 5, 1), date(2020, 9, 1),
    ]  # fmt: skip
    assert dates("from 01/02/2020 to 3 May 2020.") == [(date(2020, 1, 2), 15), (date(2020, 5, 3), 29)]
