"""The one value that an announced sentence stresses is its answer."""

import pytest

from rarl_eval.answers import verify_math
from rarl_eval.types import Item


@pytest.mark.parametrize(
    "reply",
    [
        "Answer: **12 apples** are left after the 3 days",
        "Answer: after the 3 days there are **12 apples** for the 2 children",
        "The answer is **12** apples left after 3 days.",
    ],
)
def test_a_stressed_value_stands_for_its_sentence(reply: str) -> None:
    """Wherever in the sentence it stands, at its very beginning too, and whatever other numbers stand beside it."""
    verdict = verify_math(Item(id="1", question="How many apples are left?", gold="12"), reply)
    assert verdict.correct, verdict
