"""Lines of a terminal: at every width all figures whole, all columns there, and no line too long."""

import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from report.test_believing import BOARD, run, scan

from rarl_eval.report.build import build_report
from rarl_eval.report.layout import laid_out, wrapped
from rarl_eval.report.tables import Table, tables
from rarl_eval.report.terminal import render_terminal

WIDTHS = (60, 80, 100, 160)

names = st.text("abcdefghij/-.", min_size=1, max_size=40)
shares = st.floats(0, 1).map(lambda x: f"{100 * x:.1f}")
figures = st.one_of(
    shares,
    st.tuples(shares, shares, shares, st.integers(1, 99_999)).map(lambda t: f"{t[0]} [{t[1]}, {t[2]}] of {t[3]:,}"),
    st.just("-"),
)


@st.composite
def made(draw: st.DrawFn) -> Table:
    labels, columns, rows = draw(st.integers(1, 2)), draw(st.integers(1, 9)), draw(st.integers(1, 4))
    header = (*(f"name{i}" for i in range(labels)), *(f"column{i}" for i in range(columns)))
    lines = [
        (*(draw(names) for _ in range(labels)), *(draw(figures) for _ in range(columns))) for _ in range(rows)
    ]  # fmt: skip
    return Table("a table", header, lines, labels)


@pytest.mark.parametrize("width", WIDTHS)
@given(table=made())
def test_no_figure_loses_a_digit_and_no_column_goes(width: int, table: Table) -> None:
    """Every figure stands whole in some line, every heading too, and no line is wider than the terminal."""
    lines = laid_out(table, width)
    assert max(map(len, lines)) <= width
    tokens = [token for line in lines for token in re.split(r"\s{2,}", line.strip())]
    for i in range(table.labels, len(table.header)):
        for cell in (table.header[i], *(row[i] for row in table.rows)):
            assert any(token == cell for token in tokens), cell


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("full", [False, True])
def test_a_report_fits_every_terminal(width: int, *, full: bool) -> None:
    """Sentences of at most 80 columns, then tables in which every figure of the report is whole."""
    long = run("organisation/a-model-with-quite-a-long-name-7b-instruct", lambda i: i % 3 == 0)
    report = build_report([*BOARD, long], [scan("leak")], replicates=100)
    lines = render_terminal(report, width, full=full)
    text = "\n".join(lines)
    assert max(map(len, lines)) <= width
    for table in tables(report) if full else tables(report)[:1]:
        for row in table.rows:
            assert all(cell in text for cell in row[table.labels :])
        assert all(name in text for name in table.header)


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("one two three", 10, ["one two", "three"]),
        ("69.5 % right", 10, ["69.5 %", "right"]),
        ("organisation/model", 12, ["organisation", "/model"]),
        ("a\x1b[31mb", 40, ["a\\x1b[31mb"]),
    ],
)  # fmt: skip
def test_sentences_are_wrapped(text: str, width: int, lines: list[str]) -> None:
    """At spaces, never between a figure and its unit; what acts on a terminal is shown instead."""
    assert wrapped(text, width) == lines


def test_a_sentence_is_never_wider_than_eighty() -> None:
    """However wide the terminal is."""
    rng = random.Random(0)
    words = " ".join("x" * rng.randint(1, 30) for _ in range(200))
    lines = wrapped(words, 200)
    assert max(map(len, lines)) <= 80
    assert " ".join(lines) == words


def test_letters_that_take_two_columns_are_counted() -> None:
    """Names of East Asia stand in line."""
    table = Table("", ("model", "n"), [("模型模型", "10"), ("ab", "9")], 1)
    assert laid_out(table, 60) == ["model      n", "模型模型  10", "ab         9"]


def test_the_conclusion_comes_first() -> None:
    """Who is to be believed, the most believed value first; the inflated one does not lead."""
    report = build_report(BOARD, [scan("leak"), scan("a", "b", found=0, path="scans/own")], replicates=100)
    lines = render_terminal(report, 100)
    assert lines[:4] == [
        "a 50.0 %: holds. None of the 400 items stands in its training data.",
        "b 50.0 %: holds. None of the 400 items stands in its training data.",
        "leak 62.5 %: inflated. 50.0 % on clean items; 100 of 400 items stand in its",
        "training data.",
    ]


def test_many_scores_are_counted_first() -> None:
    """Of nine models that hold and one that does not, the numbers, then the gravest, then where the rest is."""
    board = [run(f"m{i}", lambda n: n % 2 == 0) for i in range(9)]
    scans = [scan(*(f"m{i}" for i in range(9)), found=0, path="scans/own"), scan("leak")]
    lines = render_terminal(build_report([*board, BOARD[2]], scans, replicates=100), 160)
    assert lines[0] == "10 scores: 1 inflated, 9 hold."
    assert lines[1].startswith("leak 62.5 %: inflated.")
    assert "2 more stand in report.md." in lines
