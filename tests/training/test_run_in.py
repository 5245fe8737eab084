"""Prompts whose template lost its special tokens: bare roles on lines of their own."""

import pytest

from rarl_eval.identity.turns import last_turn, run_in
from rarl_eval.importers import chat


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("system\nBe brief.\nuser\nWhat is 2?\nassistant\nTwo.", ("What is 2?", "Two.")),
        ("user\nA\nmodel\nB\nuser\nC\nmodel\nD", ("C", "D")),
        ("user\nWhat?\nassistant\n", ("What?", "")),
        ("What is 2?", None),
        ("\nassistant\nTwo.", None),
    ],
)
def test_the_last_turns_are_found(text: str, want: tuple[str, str] | None) -> None:
    """The user's last one and what the model said behind it; None where there are no such lines."""
    assert run_in(text) == want


def test_a_prompt_that_ends_with_a_bare_role_is_a_chat() -> None:
    """And one that only speaks of a user is not."""
    assert last_turn("system\nBe brief.\nuser\nWhat is 2?\nassistant\n") == "What is 2?"
    assert last_turn("The\nuser\nasks an assistant.") == "The\nuser\nasks an assistant."


@pytest.mark.parametrize("text", ["Two.", "Two.<|im_end|>", "Two.<|eot_id|>\n<|im_end|>\n", "Two.<|endoftext|>"])
def test_closing_marks_are_taken_off(text: str) -> None:
    """At the very end, however many."""
    assert chat.closed(text) == "Two."
    assert chat.closed("a <|im_end|> b") == "a <|im_end|> b"
