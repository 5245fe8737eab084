"""Markdown and HTML of an answer as structure, and the text that is left."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rarl_eval.answers.extract import cut_off, final_answer
from rarl_eval.answers.markdown import read

# Text, (kind, text) of its lines.
PAGES = [
    ("**42**", [("text", "42")]),
    ("**Total:** $24.00 + $5.00 = **$29.00**", [("text", "Total: $24.00 + $5.00 = $29.00")]),
    ("***both*** and _it_ and __strong__", [("text", "both and it and strong")]),
    ("2*3*4 = 24 and 5 * 3 * 2 and x**2", [("text", "2*3*4 = 24 and 5 * 3 * 2 and x**2")]),
    ("a_b_c and \\(x_1*y_1*z\\) and $a*b*c$", [("text", "a_b_c and \\(x_1*y_1*z\\) and $a*b*c$")]),
    ("`a*b*c`", [("text", "a*b*c")]),
    ("**$5** and **$6**", [("text", "$5 and $6")]),
    ("**Answer:**42", [("text", "Answer:42")]),
    ("\u7b54\u6848\u662f**42**\u5143", [("text", "\u7b54\u6848\u662f42\u5143")]),
    ("**never closed 42", [("text", "never closed 42")]),
    ("never opened 42**", [("text", "never opened 42")]),
    ("6 *", [("text", "6 *")]),
    ("# One\n### Two ###\n####42\n#5", [("heading", "One"), ("heading", "Two"), ("heading", "42"), ("text", "#5")]),
    ("Total: 42\n---\nmore", [("text", "Total: 42"), ("text", "more")]),
    ("1. a\n2. b\n* c\n\u2022 d", [("item", "a"), ("item", "b"), ("item", "c"), ("item", "d")]),
    ("42. It is.", [("text", "42. It is.")]),
    ("- 5", [("text", "- 5")]),
    ("> > quoted", [("text", "quoted")]),
    ("| a | b |\n|---|:-:|\n| **T** | 42 |", [("row", "a | b"), ("row", "T | 42")]),
    ("Thus\n\\[\nx\n= 42\n\\]\nok", [("text", "Thus"), ("math", "\\[ x = 42 \\]"), ("text", "ok")]),
    ("$$\nx = 42\n$$", [("math", "$$ x = 42 $$")]),
    ("\\begin{align*}\nx &= 42\n\\end{align*}", [("math", "\\begin{align*} x &= 42 \\end{align*}")]),
    ("\\[ a slip\n\nx = 42", [("text", "\\[ a slip"), ("text", "x = 42")]),
    ("```python\r\nx = 1 # *a*\r\n```\r\nafter", [("code", "x = 1 # *a*"), ("text", "after")]),
    ("~~~~\n```\n~~~~", [("verbatim", "```")]),
    ("```markdown\n**42**\n```", [("text", "42")]),
    ("<p>So <b>42</b><br>x<sup>2</sup> &lt; 3</p>", [("text", "So 42"), ("text", "x^2 < 3")]),
    ("<answer>42</answer>", [("text", "<answer>42</answer>")]),
    ("\u2705 **Answer: 42**", [("text", "Answer: 42")]),
    ("", []),
]


@pytest.mark.parametrize(("text", "lines"), PAGES)
def test_marks_are_structure(text: str, lines: list[tuple[str, str]]) -> None:
    """Marks of blocks and of emphasis go; formulas, products, prices and code stay as they are."""
    assert [(line.kind, line.text) for line in read(text).lines] == lines


def test_stressed_passages_are_kept() -> None:
    """A line knows which of its passages were bold or code, wherever marks before them were taken off."""
    (line,) = read("- **Total:** the `sum` is *about* **$5** and __6__").lines
    stressed = [line.text[start:end] for start, end in line.strong]
    assert stressed == ["Total:", "sum", "$5", "6"]


CUTS = [
    ("\\begin{align*}\n&= - 3 \\tan^", True),
    ("$$x = 42", True),
    ("so \\(x = 42", True),
    ("6 * 7 =", True),
    ("$x = 6 +", True),
    ("so **42**", False),
    ("$$x = 42$$", False),
    ("so $42$", False),
    ("it costs $42", False),
]


@pytest.mark.parametrize(("text", "cut"), CUTS)
def test_a_formula_that_breaks_off_is_seen(text: str, cut: bool) -> None:
    """An open formula or an operator at the end is a cut; closing marks are none."""
    assert cut_off(text) is cut


@pytest.mark.parametrize(
    ("line", "text", "stressed"),
    [("1` `", "1", []), ("x `a `", "x a", ["a"]), ("` `x", "x", []), ("a **b**", "a b", ["b"])],
)
def test_white_space_at_the_end_of_a_line_is_not_stressed(line: str, text: str, stressed: list[str]) -> None:
    """What is stressed stands in the line that is read, and holds something."""
    (read_line,) = read(line).lines
    assert read_line.text == text
    assert [text[start:end] for start, end in read_line.strong] == stressed
    assert all(end <= len(text) for _, end in read_line.strong)


@given(st.text(alphabet="*_`$\\()[]{}#>-|~ab1 \n", max_size=200))
def test_no_text_is_lost_or_made_up(text: str) -> None:
    """Letters and digits outside of what names a fence or a list stay, in order; lines follow one another."""
    page = read(text)
    assert page.text == "\n".join(line.text for line in page.lines)
    assert all(a.start + len(a.text) + 1 == b.start for a, b in pairwise(page.lines))
    assert all(0 <= start < end <= len(line.text) for line in page.lines for start, end in line.strong)
    final_answer(text)


@pytest.mark.parametrize(
    "piece", ["*", "*a", "$a", "`a``", "\\(a", "\\[", "\\[\n", "[a", ">", "**a ", "<b", "_a", "1. ", "|"]
)
def test_repeated_marks_are_read(piece: str) -> None:
    """Sixteen thousand marks in a row are read like any text; nothing looks back at all that came before."""
    assert len(read(piece * 16_000).text) <= len(piece) * 16_000
