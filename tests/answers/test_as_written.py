"""Amounts, letters and values in the words, brackets and asides that models put around them."""

import pytest

from rarl_eval.answers import (
    limits_around,
    verify_calculated,
    verify_choice,
    verify_executed,
    verify_math,
    verify_number,
    verify_quantity,
    verify_within,
)
from rarl_eval.types import Item

NUMBERS = [
    ("How many hours does it take?", "1.25", "It takes 1 hour and 15 minutes.", "correct"),
    ("How many minutes does it take?", "75", "It takes **1 hour and 15 minutes**.", "correct"),
    ("How many hours does it take?", "1", "It takes 1 hour and 15 minutes.", "incorrect"),
    ("How many inches tall is he?", "68", "5 feet 8 inches", "correct"),
    ("How many hours a week?", "40", "He works 5 days, 8 hours a day, so 40 hours.", "correct"),
    ("What is the change?", "-7", "The answer is negative 7.", "correct"),
    ("What is the change?", "-7", "minus 7", "correct"),
    ("What is the change?", "7", "minus 7", "incorrect"),
    ("What is 9 minus 2?", "7", "9 minus 2 is 7", "correct"),
    ("How many?", "17", "It is 18, not 17.", "incorrect"),
    ("How many?", "18", "It is 18, not 17.", "correct"),
    ("How many?", "17", "The answer is not 17.", "incorrect"),
    ("How many?", "17", "The answer is 17 (see step 2).", "correct"),
    ("How many?", "17", "The answer is 17 [3].", "correct"),
    ("How many?", "4", "**Step 4: Conclusion**", "incorrect"),
    ("How many?", "17", "Answer: ~~16~~ 17", "correct"),
    ("How many?", "16", "Answer: ~~16~~ 17", "incorrect"),
    ("How many?", "16", "Answer: <del>16</del> 17", "incorrect"),
    ("How many?", "17", "**✅ Final answer: 17**\n\n*Time taken: 5 s*", "correct"),
    ("How many stamps has Eva?", "30", "Eva has 30 stamps, which is 5 more than Ben's 25.", "correct"),
    ("How many?", "0.5", "0,5", "correct"),
    ("How much?", "2750.25", "2 750,25 €", "correct"),
    ("一共有多少?", "15", "一共有15个。", "correct"),
    ("What is the speed in km/h?", "60", "60 km", "incorrect"),
    ("What is the area in square feet?", "60", "60 cubic feet", "incorrect"),
    ("What is the length?", "60", "60 cm", "correct"),
    ("How many people came?", "60", "60 cm", "incorrect"),
]


@pytest.mark.parametrize(("question", "gold", "answer", "status"), NUMBERS)
def test_a_number_in_words_and_asides(question: str, gold: str, answer: str, status: str) -> None:
    """What is denied, struck out, a step's number or an aside is no answer; a unit that nothing speaks against is."""
    verdict = verify_number(Item(id="1", question=question, gold=gold), answer)
    assert (verdict.status == "correct") is (status == "correct")


@pytest.mark.parametrize(
    ("question", "gold", "answer", "status"),
    [
        ("What is the NPV?", "-820", "($820)", "correct"),
        ("What is the NPV?", "-820", "NPV = $(820)", "correct"),
        ("What is the NPV?", "820", "NPV = $(820)", "incorrect"),
        ("What is the profit or loss?", "-820", "It is a loss of $820.", "correct"),
        ("What is the NPV?", "820", "It is 820 dollars (not 840).", "correct"),
        ("What is the NPV?", "820", "The NPV is about \\$820, assuming a rate of 7%.", "correct"),
        ("What is the percentage change?", "-0.07", "A decrease of 7%", "correct"),
        ("What is the spread?", "0.0035", "35 bps", "correct"),
        ("What is the debt in billions?", "2.4", "$2,400 million", "correct"),
        ("What is the current ratio?", "2.4", "2.4:1", "correct"),
        ("What is the duration?", "2.4", "2.4 years", "correct"),
        ("What is the duration in years?", "2.4", "2.4 months", "incorrect"),
    ],
)
def test_limits_read_amounts_as_written(question: str, gold: str, answer: str, status: str) -> None:
    """Brackets and words give the sign, and the question's scale may be told in another."""
    item = Item(id="1", question=question, gold=gold, meta=limits_around(gold, 0.0015))
    assert verify_within(item, answer).status == status


@pytest.mark.parametrize(
    ("question", "gold", "answer", "status"),
    [
        ("What is the body mass index in kg/m²?", "31", "31 kg", "incorrect"),
        ("What is the body mass index in kg/m²?", "31", "31 kg·m⁻²", "correct"),
        ("What is the clearance in mL/min/1.73 m²?", "66", "**66 mL/min per 1.73 m²**", "correct"),
        ("What is the clearance in mL/min/1.73 m²?", "66", "66 mL·min⁻¹·1.73 m⁻²", "correct"),
        ("What is the clearance in mL/min/1.73 m²?", "66", "66 mL/min", "correct"),
        ("What is the rate in mcg/kg/min?", "3", "3 mcg/min", "incorrect"),
        ("What is the rate in mL/hr?", "60", "60 mL", "incorrect"),
        ("What is the pressure in mm Hg?", "75", "10 kPa", "correct"),
        ("What is the pressure in mmHg?", "75", "75 mm Hg", "correct"),
        ("What is the fraction excreted in %?", "0.6", "0.6%", "correct"),
        ("What is the fraction excreted in %?", "0.6", "60%", "incorrect"),
        ("When is it due?", "03/05/2024", "05/30/2023 + 280 days = **March 5, 2024**", "correct"),
    ],
)
def test_clinical_units_count_whole(question: str, gold: str, answer: str, status: str) -> None:
    """A part of a compound unit is another unit; a percentage that is asked for is the gold's own unit."""
    limits = {} if "/" in gold else limits_around(gold, 0.05)
    item = Item(id="1", question=question, gold=gold, meta={"output": "decimal", **limits})
    assert verify_calculated(item, answer).status == status


@pytest.mark.parametrize(
    ("question", "gold", "answer", "status"),
    [
        ("What was sold, in thousands?", "640", "$0.64 million", "correct"),
        ("What is the margin?", "4.5%", "4.5 percentage points", "correct"),
        ("What is the change?", "-1.02%", "\\boxed{(-1.02%)+1=-1.02%}", "incorrect"),
        ("What is the change?", "-1.02%", "(98.98 - 100)/100 = -1.02%", "correct"),
        ("What is the margin?", "4.5%", "0.045, or 4.5%", "correct"),
        ("What is the margin?", "4.5%", "0.045 or 5.4%", "ambiguous"),
        ("What was the result?", "-6 million", "negative $6 million", "correct"),
        ("When did it end?", "June 30, 2021", "The year ended on June 30, 2021.", "correct"),
        ("When did it end?", "June 30, 2021", "30-Jun-2021", "correct"),
        ("When did it end?", "June 30, 2021", "the 30th of June, 2021", "correct"),
        ("When did it end?", "June 30, 2021", "the day after June 30, 2021", "incorrect"),
        ("When did it end?", "June 30, 2021", "not on June 30, 2021", "incorrect"),
    ],
)
def test_amounts_and_dates_in_sentences(question: str, gold: str, answer: str, status: str) -> None:
    """The scale that the question fixes, percentage points, and the one date of a sentence."""
    assert verify_quantity(Item(id="1", question=question, gold=gold), answer).status == status


@pytest.mark.parametrize(
    ("question", "gold", "answer", "status"),
    [
        ("what was the growth?", "0.08", "Growth = (270 - 250)/250 = 0.08 or 8%", "correct"),
        ("what is the total in millions?", "2350", "$2.35 billion", "correct"),
        ("what is the total in millions?", "2350", "$2.35 million", "incorrect"),
        ("did it rise?", "yes", "Answer: Yes (7 > 6)", "correct"),
        ("did it rise?", "no", "\\boxed{\\text{No}}", "correct"),
        (
            "what was the percentage change from 2018 to 2019?",
            "-0.083",
            "It fell by 8.3% from 2018 to 2019.",
            "correct",
        ),
    ],
)
def test_program_results_as_written(question: str, gold: str, answer: str, status: str) -> None:
    """A share told twice is one, and what is asked for in millions may be told in billions."""
    assert verify_executed(Item(id="1", question=question, gold=gold), answer).status == status


@pytest.mark.parametrize(
    ("gold", "answer", "status"),
    [
        ("\\emptyset", "Hence there are **no real roots**.", "correct"),
        ("\\text{no solution}", "**Answer:** The system has no solution.", "correct"),
        ("\\text{no solution}", "The lines are parallel, so it has no solution.", "correct"),
        ("\\text{no solution}", "\\boxed{\\text{infinitely many solutions}}", "incorrect"),
        ("1011_2", "The answer is 1011 in base 2.", "correct"),
        ("1011_2", "\\boxed{0b1011}", "correct"),
        ("B7_{16}", "\\boxed{\\text{B7}_{16}}", "correct"),
        ("B7_{16}", "\\boxed{0x7B}", "incorrect"),
        ("\\begin{pmatrix}3\\\\4\\end{pmatrix}", "\\boxed{(3,4)^T}", "correct"),
        ("\\begin{pmatrix}3\\\\4\\end{pmatrix}", "\\boxed{3\\mathbf{i}+4\\mathbf{j}}", "correct"),
        ("\\begin{pmatrix}3\\\\4\\end{pmatrix}", "\\boxed{4\\mathbf{i}+3\\mathbf{j}}", "incorrect"),
        ("(-1,4)", "\\boxed{]-1,4[}", "correct"),
        ("[-1,4)", "\\boxed{]-1,4[}", "incorrect"),
        ("x \\neq \\pm 5", "\\boxed{x \\neq 5, -5}", "correct"),
        ("y=7", "\\boxed{y-7=0}", "correct"),
        ("x=7", "\\boxed{y=7}", "incorrect"),
        ("\\sqrt[3]{-27}", "\\boxed{-3}", "correct"),
        ("\\arctan 1", "\\boxed{\\frac\\pi4}", "correct"),
        ("150^\\circ", "\\boxed{150\\text{ degrees}}", "correct"),
        ("\\$14", "\\boxed{14 \\text{ dollars}}", "correct"),
        ("\\$14", "\\boxed{14 \\text{ cents}}", "incorrect"),
        ("\\frac{2}{5}", "The chance is $\\frac{2}{5} = 0.4 = 40\\%$.", "correct"),
        ("3, -3", "The roots are $3$ and $-3$.", "correct"),
        ("y=-\\frac{5}{2}x+1", "The line is **y = -5x/2 + 1**.", "correct"),
        ("\\text{Friday}", "It is a **Friday**.", "correct"),
        ("\\text{Friday}", "It is a **Friday** or a **Monday**.", "incorrect"),
        ("23", "The remainder is 23 when divided by 100.", "correct"),
    ],
)
def test_mathematics_as_written(gold: str, answer: str, status: str) -> None:
    """Words for a set, bases, vectors, lines and the end of a sentence in the forms that models give them."""
    verdict = verify_math(Item(id="1", question="What is the value?", gold=gold), answer)
    assert (verdict.status == "correct") is (status == "correct")


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        ("The correct answer is not A but C.", "correct"),
        ("I'd rule out C.", "incorrect"),
        ("정답은 C입니다.", "correct"),
        ("答えはCです。", "correct"),
        ("选项C正确", "correct"),
        ("**C** is selective, while **A** is not.", "correct"),
        ("A is too weak. B is slow. D likewise.\n\nTherefore, C.", "correct"),
        ("**C** or **A**", "incorrect"),
    ],
)
def test_a_letter_as_written(answer: str, status: str) -> None:
    """A letter that is denied, ruled out or set against the right one is no choice."""
    item = Item(id="1", question="Which one?", gold="C", choices=("Atenolol", "Digoxin", "Esmolol", "Sotalol"))
    assert (verify_choice(item, answer).status == "correct") is (status == "correct")
