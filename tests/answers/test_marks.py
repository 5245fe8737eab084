"""Marks of reasoning are looked for where one may begin, and found as the patterns alone find them."""

import random

import pytest

from rarl_eval.answers import thinking
from rarl_eval.answers.thinking import split_reasoning

PIECES = (
    "<think>", "</think>", "<THINK>", "</thinking>", "<seed:think>", "[THINK]", "[/THINK]", "◁think▷", "◁/think▷",
    "<unused94>", "<unused95>", "<|channel|>analysis<|message|>", "<|channel|>final<|message|>", "<|channel|>", "<",
    "[", "◁", "a", " ", "\n", "analysis", "thi", "nk>", "/",
)  # fmt: skip


@pytest.mark.parametrize("seed", range(4))
def test_marks_are_those_of_the_patterns(seed: int) -> None:
    """The last mark of a kind, and a text without its marks, for any pieces of marks in a row."""
    drawn = random.Random(seed)
    for _ in range(500):
        text = "".join(drawn.choices(PIECES, k=drawn.randrange(1, 9)))
        for pattern in (thinking._OPEN, thinking._CLOSE):
            found, last = thinking._last(pattern, text), thinking.last_match(pattern, text)
            assert (found and found.span()) == (last and last.span())
            assert thinking._without(pattern, text) == pattern.sub("", text)


def test_a_text_of_first_signs_is_no_mark() -> None:
    """Signs with which a mark might begin, however many, end no reasoning and are left in it."""
    text = "<" * 5000 + "[a" * 2000
    assert split_reasoning(text) == (None, text)
    assert split_reasoning(f"<think>{text}</think>4") == (text, "4")
