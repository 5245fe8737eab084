"""Whether an expression moves with its letters, from the text."""

import pytest

from rarl_eval.answers.algebra import verify_math
from rarl_eval.answers.variables import varies
from rarl_eval.types import Item

MOVES = (
    *("2k+2", "-13x + 3", r"\frac{x+2}{7}", r"-\sqrt{x-3}+3", r"2\tan x", "x^2 - 2x + 8", "6p^4+5p^2-4", "xy - x^2y"),
    *(r"\dfrac{8t}{3}", "C", "2^n", r"e^x", r"\left(4x - 7\right)"),
)
UNSURE = (
    *(r"\sin^2 x + \cos^2 x", "x - x", "xy - yx", "xx - x^2", "0x + 3", "x^0", "1^n", "e", "i", "2i + 1", "506_7"),
    *(r"\sum_{k=1}^{5} 2", r"\int_0^1 t\,dt", "7", "seven", r"7\text{ cm}", "x^2 - 2x + x^2", "(x+1)(x-1) - x^2"),
)


@pytest.mark.parametrize("text", MOVES)
def test_a_letter_that_cannot_cancel_moves_the_value(text: str) -> None:
    """Where a letter stands once, or in powers that all differ, no number is the expression."""
    assert varies(text)
    verdict = verify_math(Item(id="", question="", gold=text), r"So it is $\boxed{5}$.")
    assert (verdict.status, verdict.extracted) == ("incorrect", "5")


@pytest.mark.parametrize("text", UNSURE)
def test_what_may_cancel_is_left_to_the_algebra(text: str) -> None:
    """A sum whose letters may cancel, a letter of another meaning, and a text without letters are not told."""
    assert not varies(text)


@pytest.mark.parametrize("matrix", [r"\begin{pmatrix} -6 \\ 6 \end{pmatrix}", r"\begin{bmatrix} 1 & 0 \end{bmatrix}"])
def test_a_matrix_of_several_entries_is_no_number(matrix: str) -> None:
    """A number is told from a matrix without algebra."""
    verdict = verify_math(Item(id="", question="", gold=matrix), r"So it is $\boxed{6}$.")
    assert verdict.status == "incorrect"
    assert "a matrix is no number" in (verdict.reason or "")
