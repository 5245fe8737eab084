"""A problem of mathematics and a place that copies it, compared both ways."""

from pathlib import Path

import pytest

from rarl_eval.contamination.matching.symmetric import related, worked_alike
from rarl_eval.types import Item
from tests.contamination.made import benchmark, problems, run, write_jsonl

OTHERS = problems(60, seed=21)


@pytest.mark.parametrize(
    ("item", "copy", "relation"),
    [
        (r"Let $u$ and $v$ be the roots of $3t^2 - 7t + 1 = 0$. Find $u + v$.",
         r"Let \(u\) and \(v\) be the roots of \(3t^{2}-7t+1=0\). Compute \(u+v\).", "same"),
        (r"Solve $\frac{x}{2} + \sqrt{y} \le \pi$ for $x$.", "Solve x/2 + √y ≤ π for x.", "same"),
        (r"Let $u$ and $v$ be the roots of $3t^2 - 7t + 1 = 0$. Find $u + v$.",
         r"Let $u$ and $v$ be the roots of $3t^2 - 7t + 1 = 0$. Find $u^2 v$.", "sibling"),
        (r"A cone has radius $5$ and height $12$ inches above its base. What is the maximum of $r$?",
         r"A cone has radius $5$ and height $12$ inches above its base. What is the minimum of $r$?", "sibling"),
        (r"A cone has radius $5$ and height $12$ inches above its base. What is the slant height of the cone?",
         r"A cone has radius $5$ and height $12$ inches above its base. What is the lateral surface of the cone?", "sibling"),
        (r"Let $u$ and $v$ be the roots of $3t^2 - 7t + 1 = 0$. Find $u + v$.",
         r"Let $u$ and $v$ be the roots of $3t^2 - 9t + 1 = 0$. Find $u + v$.", "other"),
        (r"Plot $(t, t + \frac{1}{t})$ for all $t > 0$.", r"Plot $(t, 2t + \frac{1}{t})$ for all $t > 0$.", "other"),
        ("How many ways are there to share 6 distinguishable hats among 3 indistinguishable hooks?",
         "How many ways are there to share 6 indistinguishable hats among 3 distinguishable hooks?", "other"),
        ("In how many ways can the letters of the word MANGO be put in a row?",
         "In how many ways can the letters of the word PEACH be put in a row?", "other"),
        ("Ola packs 8 crates with 12 jars each and sells a quarter of the jars at the fair on Sunday. How many jars are left?",
         "Ola packed 8 crates with 12 jars each, then sells a quarter of the jars at the fair on Sunday. How many jars are left?",
         "same"),
        ("Ola packs 8 crates with 12 jars each and sells a quarter of the jars at the fair on Sunday. How many jars are left?",
         "Ola packs 8 crates with 12 jars each and sells a quarter of the jars at the fair on Sunday and 3 more. How many jars are left?",
         "other"),
        ('Find $x$. [asy]draw(A--B); label("$2$", A); label("$x$", B);[/asy]',
         'Find $x$. [asy]draw(A--B); label("$9$", A); label("$x$", B);[/asy]', "other"),
        ('Find $x$. [asy]size(90); draw(A--B); label("$2$", A); label("$x$", B);[/asy]',
         'Find $x$. [asy]size(80);  draw(A--B); label("$2$", A); label("$x$", B);[/asy]', "same"),
    ],
)  # fmt: skip
def test_what_a_copy_is_to_its_problem(item: str, copy: str, relation: str) -> None:
    """Presentation changes nothing; a figure, sign, letter or word that decides makes a sibling or another problem."""
    assert related(item, copy) == relation


@pytest.mark.parametrize(
    ("planted", "level"),
    [
        (
            "A crate of mass $m$ slides down a ramp at $\\theta = 30$ degrees with $\\mu = 0.2$. Find its speed $v$.",
            "exact",
        ),
        (
            "A crate of mass $m$ slides down a ramp at $\\theta = 30$ degrees with $\\mu = 0.2$. Find its energy $E$.",
            "sibling",
        ),
        (
            "A crate of mass $m$ slides up a ramp at $\\phi = 45$ degrees with $\\mu = 0.2$. Find its speed $v$.",
            "variant",
        ),
    ],
)
def test_a_sibling_is_shown_and_flags_nothing(tmp_path: Path, planted: str, level: str) -> None:
    """The same givens with another question are a level of their own; only a copy is flagged."""
    question = "A crate of mass $m$ slides down a ramp at $\\theta = 30$ degrees with $\\mu = 0.2$. Find its speed $v$."
    item = Item(id="x", question=question, gold="17")
    corpus = write_jsonl(tmp_path / "c.jsonl", [{"text": planted}, *({"text": o.question} for o in OTHERS[:5])])
    result, _, _ = run([benchmark([item, *OTHERS[5:]])], [corpus], tmp_path / "out")
    found = next(i for i in result.items.values() if i.id == "x")
    assert (found.level, found.status) == (level, "flagged" if level == "exact" else "clean")
    assert result.report["counts"]["made"]["sibling"] == (level == "sibling")


def test_a_text_in_another_order_is_the_same_problem(tmp_path: Path) -> None:
    """Sentences that changed places are read wherever they stand around the copy."""
    one, two, three = (
        "Ines plants 14 rows of leeks behind the old mill.", "Each row holds 23 leeks after the frost of April.",
        "How many leeks stand there once 31 are pulled?",
    )  # fmt: skip
    item = Item(id="x", question=f"{one} {two} {three}", gold="291")
    corpus = write_jsonl(tmp_path / "c.jsonl", [{"text": f"Before it.\n\n{three} {one} {two}\n\nAfter it."}])
    result, _, _ = run([benchmark([item, *OTHERS])], [corpus], tmp_path / "out")
    assert next(i for i in result.items.values() if i.id == "x").level == "near"


def test_a_worked_solution_has_its_own_formulas() -> None:
    """A solution of the same steps with other figures is another's; working between brackets is left out."""
    own = "Each box holds 4 * 6 = <<4*6=24>>24 pens, so 3 boxes hold 3 * 24 = <<3*24=72>>72 pens."
    assert worked_alike(own, "Each box holds 4 * 6 = 24 pens, so 3 boxes hold 3 * 24 = 72 pens.")
    assert not worked_alike(own, "Each box holds 5 * 7 = 35 pens, so 9 boxes hold 9 * 35 = 315 pens.")
