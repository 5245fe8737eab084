"""A board's own look, and its tables as LaTeX."""

from pathlib import Path

import pytest

from rarl_eval.errors import BadInput
from rarl_eval.leaderboards.columns import Cell, SiteColumn
from rarl_eval.leaderboards.tables import as_latex, table
from rarl_eval.site import build_site
from tests.leaderboards import reports
from tests.leaderboards.chrome import written

BOARD = """title = "Ours <1>"
description = "What we measured."
columns = ["rank", "accuracy"]
citation = "@misc{ours,\n  title = {Ours}\n}"
footer = "By us & you."
logo = "mark.svg"
colours = { link = "#123456 #abcdef", mark = "#aa0000" }
"""


def dressed(folder: Path, board: str = BOARD) -> Path:
    """Build a site with a board; return its folder."""
    written(folder, reports.report(2, 1))
    (folder / "board.toml").write_text(board.replace("\n  title", "\\n  title").replace('\n}"', '\\n}"'))
    (folder / "mark.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    build_site([folder / "report.json"], folder / "own", board=folder / "board.toml", base_url="https://x.org/b",
               say=lambda _: None)  # fmt: skip
    return folder / "own"


def test_a_board_has_its_own_look(tmp_path: Path) -> None:
    """Logo, colours, citation, footer and what other sites show of a link, all as text."""
    site = dressed(tmp_path)
    page = (site / "index.html").read_text()
    assert '<img class="logo" src="static/logo.svg" alt="">' in page
    assert (site / "static/logo.svg").exists()
    assert (site / "static/board.css").read_text() == (
        ":root {\n  --link: light-dark(#123456, #abcdef);\n  --mark: #aa0000;\n}\n"
    )
    assert '<link rel="stylesheet" href="static/board.css">' in page
    assert "@misc{ours," in page
    assert "By us &amp; you." in page
    assert '<meta property="og:title" content="Ours &lt;1&gt;">' in page
    assert '<meta property="og:description" content="What we measured.">' in page
    assert '<meta property="og:url" content="https://x.org/b/index.html">' in page
    assert "By us &amp; you." in (site / "tasks/gsm8k.html").read_text()


def test_the_usual_board_has_no_dress(tmp_path: Path) -> None:
    """No file and no link to one."""
    written(tmp_path, reports.report(1, 1))
    page = (tmp_path / "site/index.html").read_text()
    assert "board.css" not in page
    assert "logo" not in page
    assert "og:url" not in page


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"#aa0000"', '"red; } body { display: none"', "cannot be used"),
        ("mark = ", "margin = ", "cannot be used"),
        ("mark.svg", "mark.html", "is no .svg or .png file"),
        ("mark.svg", "none.svg", "cannot be read"),
    ],
)
def test_what_is_no_colour_or_picture_is_refused(tmp_path: Path, old: str, new: str, message: str) -> None:
    """A value that would be more than a colour never reaches a style sheet."""
    with pytest.raises(BadInput, match=message):
        dressed(tmp_path, BOARD.replace(old, new))


def test_tables_are_written_as_latex() -> None:
    """Names act on nothing, intervals stand small behind their figures, and charts are left out."""
    columns: list[SiteColumn[str]] = [
        SiteColumn("model", "Model", lambda r: Cell(r, kind="h"), lambda _: {}, text=True),
        SiteColumn("a", "Accuracy,\u00a0%", lambda _: Cell("70.0", "65.1–74.2"), lambda _: {}),
        SiteColumn("", "", lambda _: Cell(""), lambda _: {}, ends=("0", "100")),
        SiteColumn("g", "Gain", lambda _: Cell("−1.0"), lambda _: {}),
    ]
    made = table("t", "50 % of it", columns, [r"a_b & {c}\\input{x}$%"], "data/t")
    assert as_latex(made).decode().splitlines() == [
        r"% 50 \% of it; needs \usepackage{booktabs}",
        r"\begin{tabular}{lrr}",
        r"\toprule",
        r"Model & Accuracy,~\% & Gain \\",
        r"\midrule",
        r"a\_b \& \{c\}\textbackslash{}\textbackslash{}input\{x\}\$\% & 70.0 {\scriptsize 65.1--74.2} & $-$1.0 \\",
        r"\bottomrule",
        r"\end{tabular}",
    ]
