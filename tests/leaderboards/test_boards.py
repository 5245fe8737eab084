"""Board definitions."""

from pathlib import Path

import pytest

from rarl_eval.errors import BadInput, UnknownName
from rarl_eval.leaderboards.boards import Board, load_board, select
from rarl_eval.leaderboards.report import merge
from rarl_eval.leaderboards.results import COLUMNS
from tests.leaderboards import reports

LISTS = 'columns = ["accuracy"]\npage_columns = ["n"]\n'


def test_the_built_in_board_shows_every_column():
    """Nothing that the site can show is missing from its pages."""
    board = load_board(None)
    assert set(board.page_columns) == set(COLUMNS)
    assert set(board.columns) < set(COLUMNS)


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ('title = "x"\n', BadInput, "missing required field `columns`"),
        ("title = \n", BadInput, "Invalid value"),
        (f'title = "x"\ncolour = "red"\n{LISTS}', BadInput, "unknown field `colour`"),
        (f'title = "x"\nheavy = 2\n{LISTS}', BadInput, "heavy"),
        ('title = "x"\ncolumns = ["acuracy"]\npage_columns = []\n', UnknownName, "did you mean accuracy"),
        ("\udcff", BadInput, "cannot be used"),
    ],
)
def test_a_bad_board_is_one_sentence(tmp_path: Path, text: str, error: type[Exception], message: str):
    """The file, the value and what is wrong with it."""
    path = tmp_path / "board.toml"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(error, match=message):
        load_board(path)


def test_a_missing_board_is_bad_input(tmp_path: Path):
    """A board that is not there is named."""
    with pytest.raises(BadInput, match=r"none\.toml"):
        load_board(tmp_path / "none.toml")


def test_a_board_chooses_tasks_and_models():
    """Patterns keep rows, and scans lose the tasks that are not shown."""
    report = merge({"a": reports.report(22, 10)})
    board = Board(title="x", tasks=("gsm*", "medqa"), models=("gpt-4o*",), columns=(), page_columns=())
    kept = select(report, board)
    assert {row.task for row in kept.rows} == {"gsm8k", "medqa"}
    assert kept.models == ["gpt-4o-2024-05-13", "gpt-4o-mini-2024-07-18"]
    assert set(kept.scans[0].tasks) == {"gsm8k", "medqa"}


def test_a_name_with_pattern_signs_can_be_named_exactly():
    """A model called ``a[1]*`` is found by its own name."""
    report = reports.report(1, 1)
    report["rows"][0]["model"] = "a[1]*"
    board = Board(title="x", models=("a[1]*",), columns=(), page_columns=())
    assert select(merge({"a": report}), board).models == ["a[1]*"]


def test_a_board_that_shows_nothing_is_refused():
    """The message lists the tasks there are."""
    board = Board(title="x", tasks=("aime25",), columns=(), page_columns=())
    with pytest.raises(BadInput, match="the report's tasks are: gsm8k, svamp"):
        select(merge({"a": reports.report(1, 2)}), board)
