"""Where the final answer stands in a reply, and what was never finished."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rarl_eval.answers import final_answer, split_reasoning
from rarl_eval.answers.extract import boxed_spans, tidy

SPLITS = [
    ("no markers at all", (None, "no markers at all")),
    ("<think>2+2</think>\n\n4", ("2+2", "4")),
    ("<thinking>2+2</thinking>4", ("2+2", "4")),
    ("the template opened it</think>4", ("the template opened it", "4")),
    ("<think>never closed, \\boxed{4}", ("never closed, \\boxed{4}", "")),
    ("<think>a</think>draft<think>b</think>final", ("adraftb", "final")),
    ("<think>a</think>draft<think>b is cut", ("adraftb is cut", "")),
    ("<think>cut right at the end</think>", ("cut right at the end", "")),
    ("<THINK>loud</THINK>4", ("loud", "4")),
    ("<reasoning>r</reasoning><answer>4</answer>", ("r", "<answer>4</answer>")),
    ("[THINK]r[/THINK]4", ("r", "4")),
    ("◁think▷r◁/think▷4", ("r", "4")),
    ("<|begin_of_thought|>r<|end_of_thought|><|begin_of_solution|>4<|end_of_solution|>", ("r", "4")),
    ("<|channel|>analysis<|message|>r<|end|><|start|>assistant<|channel|>final<|message|>4<|return|>", None),
    ("", (None, "")),
]


@pytest.mark.parametrize(("text", "expected"), [s for s in SPLITS if s[1] is not None])
def test_reasoning_is_split_off(text: str, expected: tuple[str | None, str]) -> None:
    """The answer is what follows the last reasoning; an unfinished reasoning leaves the answer empty."""
    assert split_reasoning(text) == expected


def test_the_final_channel_is_the_answer() -> None:
    """Of a reply in channels only the final one is graded."""
    reasoning, answer = split_reasoning(SPLITS[-2][0])
    assert answer == "4"
    assert reasoning is not None
    assert reasoning.startswith("r")


PLAIN = st.text(alphabet=st.characters(exclude_characters="<[◁"))


@given(PLAIN, PLAIN)
def test_reasoning_is_never_in_the_answer(reasoning: str, answer: str) -> None:
    """Whatever stands inside the markers, the answer is the text behind them."""
    text = f"<think>{reasoning}</think>{answer}"
    assert split_reasoning(text)[1] == answer.strip()


ANSWERS = [
    # JSON, whole, fenced and broken
    ('{"reasoning": "r", "answer": "42"}', "42", "JSON"),
    ('```json\n{"reasoning": "r", "answer": 42}\n```', "42", "JSON"),
    ('{"reasoning": "raw\nline", "answer": "42"}', "42", "JSON"),
    ('{"reasoning": "an "unescaped" quote", "answer": "42"}', "42", "JSON"),
    ('{"reasoning": `ticks`, "answer": "$1,200"}', "$1,200", "JSON"),
    ('{"reasoning": "r",\n answer: $350\n}', "$350", "JSON"),
    ('{"answer": "1"} wait, better: {"answer": "2"}', "2", "JSON"),
    ('{"answer": "\\\\boxed{7}"}', "7", "JSON, boxed"),
    ('{"answer": {"a": 1}}', '{"a": 1}', "JSON"),
    ('{"answer": "\\frac{1}{2}"}', "\\frac{1}{2}", "JSON"),
    ('{"answer": 12, "reasoning": "r"}', "12", "JSON"),
    # JSON that has no answer holds none, whatever its reasoning says
    ('{"reasoning": "so it is 42', None, "JSON without answer"),
    ('{"reasoning": "so it is 42"}', None, "JSON without answer"),
    ('{"reasoning": "r", "answer": ', None, "JSON cut off"),
    ('{"reasoning": "r", "answer": "4', None, "JSON cut off"),
    ('{"reasoning": "r", "answer": {"a": 1', None, "JSON cut off"),
    ('{"reasoning": "r", "answer": null}', None, "JSON"),
    # tags
    ("<answer>4</answer>", "4", "answer tag"),
    ("<answer>3</answer> no: <answer>4</answer>", "4", "answer tag"),
    ("<answer>3</answer> no: <answer>4", None, "answer tag"),
    ("[ANSWER]'a'[/ANSWER]", "'a'", "answer tag"),
    # boxes
    (r"so \boxed{4}.", "4", "boxed"),
    (r"\boxed{3}, no, \boxed{4}", "4", "boxed"),
    (r"\boxed{\frac{1}{\sqrt{2}}}", r"\frac{1}{\sqrt{2}}", "boxed"),
    (r"\boxed{\{1, 2\}}", r"\{1, 2\}", "boxed"),
    (r"\boxed 4", "4", "boxed"),
    (r"\fbox{4}", "4", "boxed"),
    (r"\boxed{1} and \boxed{2}", "1, 2", "boxed"),
    (r"$\boxed{1}$, $\boxed{2}$", "1, 2", "boxed"),
    (r"\boxed{1} or \boxed{2}", "1 or 2", "boxed"),
    (r"\boxed{3} was wrong. It is \boxed{4}", "4", "boxed"),
    (r"\boxed{3} ... so \boxed{4", None, "unterminated box"),
    (r"\boxed{\frac{1}{2}", None, "unterminated box"),
    (r"\boxed{3}. After rounding: the final answer is 4.", "4", "phrase"),
    # other marks
    ("so 2+2\n#### 4", "4", "####"),
    ("#### 3\n#### 4", "4", "####"),
    ("so 2+2\nA: 4", "4", "phrase"),
    ("The answer is 4. I hope it is correct.", "4", "phrase"),
    ("The answer is 3. Wait, the answer is 4.", "4", "phrase"),
    ("**Answer:** 4", "4", "phrase"),
    ("**Final Answer**\n\n42", "42", "phrase"),
    ("Answer: **(B)**", "(B)", "phrase"),
    ("The correct option is C.", "C", "phrase"),
    ("The answer is 3.5 miles", "3.5 miles", "phrase"),
    ("The answer is", None, "answer cut off"),
    ("答案是4", "4", "phrase"),
]


@pytest.mark.parametrize(("text", "expected", "mark"), ANSWERS)
def test_the_announced_answer_is_found(text: str, expected: str | None, mark: str) -> None:
    """Each mark is read, the last of its kind counts, and what was cut off holds no answer."""
    found = final_answer(text)
    assert found is not None
    assert (found.text, found.mark) == (expected, mark)


INVENTED = [
    ('{"answer": "4"}\n\n## Question:\nAnother?\n\n{"answer": "5"}', "4"),
    ('{"reasoning": "r",\n "answer": "4"\n\nQuestion: Another?\n{"reasoning": "r", "answer": "___"}', "4"),
    ('{"answer": "4"}\n## Instruction\n\nAnswer in JSON.\n{"answer": "5"}', "4"),
    ("The answer is 4.\n\nQ: Another?\nA: 5", "4"),
    ("#### 4\n\n**Problem:** Another?\n#### 5", "4"),
    (r"\boxed{4}<|im_start|>user Another?<|im_start|>assistant \boxed{5}", "4"),
    ("The answer is 4 [INST] Another? [/INST] The answer is 5", "4"),
    ("<answer>4</answer>\nHuman: Another?\n<answer>5", "4"),
    # a question or a heading before any answer is the model's restatement
    ("## Question\nHow many?\n\n## Answer\nThe answer is 5", "5"),
    ("Question: How many?\nFirst guess: the answer is 4.\nQuestion: really?\nThe answer is 5.", "5"),
    ("Question restated: the answer is 4?\nProblem solved: no. The answer is 5.", "5"),
    ('{"answer": "___"}\n## Question\nHow many?\n{"answer": "5"}', "5"),
    # so are numbered questions, which a model asks itself
    ("Question 1: how many in all? Answer: 4.\nQuestion 2: how many left?\nAnswer: 5.", "5"),
    ("The answer is 4.\nThe problem: I forgot one. The answer is 5.", "5"),
    ("Answer: 4\n\n## Answer\n\nThe answer is 5", "5"),
]


@pytest.mark.parametrize(("text", "expected"), INVENTED)
def test_a_question_that_the_model_invents_is_not_graded(text: str, expected: str) -> None:
    """After an answer, a turn of the user that the model writes itself ends what is read; before one it does not."""
    found = final_answer(text)
    assert found is not None
    assert found.text == expected


@pytest.mark.parametrize("text", ["", "4", "She has 4 apples.", "### Step 1\ntext", "#### Step one: think\nmore text"])
def test_nothing_is_announced(text: str) -> None:
    """Text without a mark has no announced answer; a heading is no mark."""
    assert final_answer(text) is None


@given(st.text(alphabet="ab{}\\ boxed", max_size=60))
def test_boxes_are_found_in_order_and_apart(text: str) -> None:
    """Spans of boxes never overlap, whatever the braces do."""
    spans = list(boxed_spans(text))
    assert all(a[1] <= b[0] for a, b in pairwise(spans))


@given(st.text(max_size=200))
def test_extraction_never_fails(text: str) -> None:
    """No text makes extraction raise."""
    final_answer(text)
    split_reasoning(text)


def test_deep_braces_are_read_in_linear_time() -> None:
    """A hundred thousand braces are one unterminated box, not a recursion."""
    found = final_answer("\\boxed" + "{" * 100_000)
    assert found is not None
    assert found.text is None


@pytest.mark.parametrize(("text", "bare"), [("**4**", "4"), ("`x`", "x"), ("4.", "4"), (" *4* ", "4"), ("3.5", "3.5")])
def test_decoration_is_taken_off(text: str, bare: str) -> None:
    """Emphasis, ticks and a full stop are no part of an answer."""
    assert tidy(text) == bare
