"""Intervals as they are written in other countries."""

import pytest

from rarl_eval.answers import verify_math
from rarl_eval.types import Item


@pytest.mark.parametrize(
    ("gold", "told", "right"),
    [
        ("(-2,2)", "]-2,2[", True),
        ("(-2,2]", "]-2,2]", True),
        ("[-2,2)", "[-2,2[", True),
        ("[-2,2]", "]-2,2[", False),
        ("(-2,2)", "[-2,2[", False),
        ("(0,1)", "the interval ]0,1[", True),
    ],
)
def test_a_bracket_turned_outwards_opens_an_interval(gold: str, told: str, right: bool) -> None:
    """At either end."""
    verdict = verify_math(Item(id="1", question="Solve.", gold=gold), f"The answer is \\boxed{{{told}}}.")
    assert verdict.correct is right, verdict
