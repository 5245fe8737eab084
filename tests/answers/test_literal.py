"""Answers that are Python literals; nothing is run."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rarl_eval.answers import verify_literal
from rarl_eval.answers.literal import read_literal, same_literal
from rarl_eval.types import Item


def judge(answer: str, gold: str) -> str:
    return verify_literal(Item(id="1", question="f(1)", gold=gold), answer).status


CASES = [
    ("[1, 2]", "[1, 2]", "correct"),
    ("[ 1,2 ]", "[1, 2]", "correct"),
    ("'a'", '"a"', "correct"),
    ("[ANSWER][1, 2][/ANSWER]", "[1, 2]", "correct"),
    ("[ANSWER]assert f(1) == [1, 2][/ANSWER]", "[1, 2]", "correct"),
    ("[ANSWER]f('==') == 'a == b'[/ANSWER]", "'a == b'", "correct"),
    ("It returns\n```python\n[1, 2]\n```", "[1, 2]", "correct"),
    ("```\nassert f(1) == [1, 2]\n```", "[1, 2]", "correct"),
    ("The answer is `[1, 2]`.", "[1, 2]", "correct"),
    ("{'b': 1, 'a': 2}", "{'a': 2, 'b': 1}", "correct"),
    ("set()", "set()", "correct"),
    ("-1.5", "-1.5", "correct"),
    ("(1, 2)", "[1, 2]", "incorrect"),
    ("True", "1", "incorrect"),
    ("1.0", "1", "incorrect"),
    ("[True]", "[1]", "incorrect"),
    ("{1: 'a'}", "{True: 'a'}", "incorrect"),
    ("[1, 2, 3]", "[1, 2]", "incorrect"),
    ("'1'", "1", "incorrect"),
    ("1 or 2", "1", "no_answer"),
    ("f(1)", "1", "no_answer"),
    ("__import__('os').getcwd()", "1", "no_answer"),
    ("[1, 2", "[1, 2]", "no_answer"),
    ("", "1", "no_answer"),
    ("[ANSWER]1", "1", "no_answer"),
    ("[" * 100 + "]" * 100, "1", "no_answer"),
    ("1" * 30_000, "1", "no_answer"),
    ("-" * 10_000 + "1", "1", "no_answer"),
    ("1" + "+1" * 5_000, "1", "no_answer"),
]


@pytest.mark.parametrize(("answer", "gold", "status"), CASES)
def test_verdicts(answer: str, gold: str, status: str) -> None:
    """Value and type count at every depth; size and depth are bounded; an expression is no literal."""
    assert judge(answer, gold) == status


def test_a_gold_that_is_no_literal_is_said_so() -> None:
    """The gold is checked before the answer."""
    assert judge("1", "object()") == "unparsable_gold"


LITERALS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=10,
)


@given(LITERALS)
def test_a_literal_is_itself(value: Any) -> None:
    """What repr writes is read back as the same value."""
    assert same_literal(read_literal(repr(value)), value)


@given(LITERALS, LITERALS)
def test_sameness_is_symmetric_and_stricter_than_equality(one: Any, other: Any) -> None:
    """Two literals that are the same are equal, and the order of asking does not matter."""
    assert same_literal(one, other) == same_literal(other, one)
    assert not same_literal(one, other) or one == other
