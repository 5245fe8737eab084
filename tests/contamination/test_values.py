"""Numbers by value, formulas, and the words that turn a question round."""

from fractions import Fraction
from pathlib import Path

import pytest

from rarl_eval.contamination.matching.values import compared, deciding
from rarl_eval.types import Item
from tests.contamination.made import benchmark, problems, run, write_jsonl

OTHERS = problems(30, seed=14)


@pytest.mark.parametrize(
    ("spellings", "value"),
    [
        (("12", "twelve", "Twelve", "12.0", "a dozen"), 12),
        (("1,000", "1000", "1{,}000", "a thousand", "10^3", "10^{3}", "10**3", "10³"), 1000),
        (("3/4", r"\frac{3}{4}", r"\frac34", r"\dfrac{3}{4}", "¾", "0.75", ".75"), Fraction(3, 4)),
        (("3 1/2", "3½", r"3\frac{1}{2}", "3.5"), Fraction(7, 2)),
        (("twenty-five", "25", "twenty five"), 25),
        (("two hundred five", "205"), 205),
        (("twice", "double", "2", "two"), 2),
        (("half", "1/2", "½", "0.5"), Fraction(1, 2)),
    ],
)
def test_a_number_is_its_value(spellings: tuple[str, ...], value: Fraction) -> None:
    """However it is spelled, in figures, words, LaTeX or Unicode."""
    for spelling in spellings:
        told = list(deciding(f"Ann has {spelling} pears.").values)
        assert told == [value], spelling


@pytest.mark.parametrize(
    ("item", "copy", "changed", "otherwise"),
    [
        ("Ben walks 3 miles in 40 minutes.", "Ben walks 3.5 miles in 40.5 minutes.", 2, False),
        ("Ben walks 3 miles in 40 minutes.", "Ben walks three miles in forty minutes.", 0, False),
        ("Ben walks 3 miles in 40 minutes.", "Ben walks 40 miles in 3 minutes.", 2, False),
        ("The sum is less than 9.", "The sum is greater than 9.", 0, True),
        ("Find the minimum of the list.", "Find the maximum of the list.", 0, True),
        ("Which of these is true of acids?", "Which of these is not true of acids?", 0, True),
        ("Which of these is true of acids?", "So which one of these is true of acids, then?", 0, False),
        (r"Solve $\cos(2x - y) = \sqrt{z}$ for x.", r"Solve $\sin x + y = z$ for x.", 0, True),
        (
            r"Plot the graph of $g(t) = \sqrt{t^3}$ here.",
            r"Plot the graph of $g(t) = \lceil t\rceil - t$ here.",
            0,
            True,
        ),
        (r"Plot $\lceil t \rceil - \lfloor t \rfloor$ here.", "Plot ⌈t⌉ − ⌊t⌋ here.", 0, False),
        (r"Solve $x^2 \cdot y \le 4$ for x.", "Solve x² · y ≤ 4 for x.", 0, False),
        ("Plot y = x + 1 and say more.", "Plot y = x + 1 and tell.", 0, False),
    ],
)
def test_what_a_copy_changed(item: str, copy: str, changed: int, otherwise: bool) -> None:
    """Numbers that are others, and formulas or words in whose place another stands; what is only missing is no change."""
    assert compared(item, copy, whole=False, in_place=True) == (changed, otherwise)


@pytest.mark.parametrize(
    ("question", "copy", "level"),
    [
        (
            "A potter fires 14 bowls and 30 cups in each of 6 kilns. How many pieces does the potter fire in all?",
            "A potter fires fourteen bowls and thirty cups in each of six kilns. How many pieces does the potter fire in all?",
            "near",
        ),
        (
            "A tram covers 5 km in 9 minutes and waits 2 minutes at the depot gate. How far does it get in an hour?",
            "A tram covers 5.5 km in 9.5 minutes and waits 2.5 minutes at the depot gate. How far does it get in an hour?",
            "variant",
        ),
        (
            "What is the sum of the squares of the two roots of 3x^2 + 30x - 11 = 0, as an integer or a fraction?",
            "What is the sum of the squares of the two roots of 3x^2 - 30x + 11 = 0, as an integer or a fraction?",
            "variant",
        ),
        (
            "Three cards are drawn from a shuffled pack of 52. What is the chance that their total is less than nine points?",
            "Three cards are drawn from a shuffled pack of 52. What is the chance that their total is more than nine points?",
            "sibling",
        ),
    ],
)
def test_levels_go_by_value_and_meaning(tmp_path: Path, question: str, copy: str, level: str) -> None:
    """A copy in other spelling is a copy; another value, sign or comparison makes another problem of the template."""
    item = Item(id="x", question=question, gold="17")
    corpus = write_jsonl(tmp_path / "c.jsonl", [{"text": copy}, *({"text": o.question} for o in OTHERS[:5])])
    result, _, _ = run([benchmark([item, *OTHERS[5:]])], [corpus], tmp_path / "out")
    assert next(i for i in result.items.values() if i.id == "x").level == level


def test_two_numbers_are_no_evidence(tmp_path: Path) -> None:
    """An item of hardly anything but two numbers is not found where the two, and an option, stand."""
    item = Item(id="x", question="−6 + (−5) =", gold="A", choices=("−11", "−1", "1", "11"))
    corpus = write_jsonl(
        tmp_path / "c.jsonl", [{"text": "Scores: (\n6,5\n) and (\n11,1\n)."}, {"text": "Part\n6.5 of 11, and 1"}]
    )
    result, _, _ = run([benchmark([item, *OTHERS])], [corpus], tmp_path / "out")
    assert {i.status for i in result.items.values()} == {"clean"}


@pytest.mark.parametrize(
    ("item", "copy"),
    [
        ("Find the radius of the ring.", "Find the diameter of the ring."),
        ("It takes 3 hours to fill.", "It takes 3 minutes to fill."),
        ("Return the longest run of ones.", "Return the single shortest run of ones."),
    ],
)
def test_units_and_goals_decide(item: str, copy: str) -> None:
    """Another unit, or another goal in its place, makes another question, also where a word came with it."""
    assert compared(item, copy, whole=False, in_place=True) == (0, True)
    assert compared(item, item + " Say why.", whole=False, in_place=True) == (0, False)


def test_characters_that_are_not_seen_change_no_value() -> None:
    """Zero-width characters within a number, and letters of another script drawn alike, read as what they show."""
    assert deciding("1\u200b2 times \u0445 + 3") == deciding("12 times x + 3")
