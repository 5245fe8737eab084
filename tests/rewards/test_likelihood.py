"""Which tokens a model's own probabilities are taken over."""

import pytest

from rarl_eval.rewards import Case
from rarl_eval.rewards.likelihood import fitting
from rarl_eval.types import Item, Record, Trace


class Letters:
    """A tokenizer whose tokens are letters."""

    def encode(self, text: str, *, add_special_tokens: bool = True) -> list[int]:
        return list(map(ord, text))


def case(question: str, text: str) -> Case:
    trace = Trace(key="k", task="t", item_id="1", model="m", text=text)
    return Case(item=Item(id="1", question=question, gold="1"), record=Record(trace=trace, verdict=None))


@pytest.mark.parametrize(
    ("text", "limit", "want"),
    [
        ("ab", None, ([63, 10, 10], [97, 98])),
        ("ab", 5, ([63, 10, 10], [97, 98])),
        ("ab", 4, None),
        ("", None, None),
    ],
)
def test_a_text_is_scored_behind_its_question_where_both_fit(
    text: str, limit: int | None, want: tuple[list[int], list[int]] | None
) -> None:
    """Up to the last token that the model has room for; an empty text has no likelihood."""
    assert fitting(case("?", text), Letters(), limit) == want
