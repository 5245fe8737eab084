"""Board definitions: which tasks and models a site shows, in which columns, under which title."""

import tomllib
from fnmatch import fnmatchcase
from importlib import resources
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from rarl_eval.errors import BadInput, UnknownName
from rarl_eval.leaderboards.report import Report, restood
from rarl_eval.leaderboards.results import COLUMNS

Colour = Literal["paper", "ink", "soft", "rule", "head", "link", "hot", "some", "ok", "mark", "dot"]
Paint = Annotated[str, msgspec.Meta(pattern=r"^#[0-9a-fA-F]{3,8}( #[0-9a-fA-F]{3,8})?$")]
LOGOS = (".svg", ".png")


class Board(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A board definition as its TOML file gives it."""

    title: str
    description: str = ""
    tasks: tuple[str, ...] = ("*",)
    """Shell-style patterns of the tasks shown."""
    models: tuple[str, ...] = ("*",)
    columns: tuple[str, ...]
    """Columns of the tables on the leaderboard page, in order."""
    page_columns: tuple[str, ...] = tuple(COLUMNS)
    """Columns of the tables on the pages of a model or a task, in order; all of them unless the board says."""
    rewards: Annotated[int, msgspec.Meta(ge=0)] = 3
    """Rewards shown in a leaderboard table; all stand on the task's page."""
    citation: str = ""
    """How to cite the board, as a block of text at the foot of its first page: BibTeX, say."""
    footer: str = ""
    """A sentence at the foot of every page."""
    logo: str = ""
    """An SVG or PNG file beside the board's, shown in the head of every page."""
    colours: dict[Colour, Paint] = {}
    """Of the style sheet, in its place: ``#174a7c``, or one for light and one for dark, ``#174a7c #8fbcec``."""
    heavy: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0.1
    """From this share of found items on, a benchmark's badge is a warning."""


def load_board(path: Path | None) -> Board:
    """Read a board definition; None is the built-in one.

    Raises BadInput for a file that is not such TOML, UnknownName for a column that does not exist.
    """
    where = path or resources.files(__package__) / "boards" / "default.toml"
    try:
        board = msgspec.convert(tomllib.loads(where.read_text(encoding="utf-8")), Board)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise BadInput(f"board {where} cannot be used: {error}; see docs/site.md") from error
    for name in (*board.columns, *board.page_columns):
        if name not in COLUMNS:
            raise UnknownName("column of a board", name, COLUMNS)
    return board


def painted(board: Board) -> bytes:
    """Return the board's own style sheet; empty where it has no colours of its own."""
    rules = [f"  --{name}: {_paint(paint)};" for name, paint in board.colours.items()]
    return ("\n".join([":root {", *rules, "}"]) + "\n").encode() if rules else b""


def _paint(paint: str) -> str:
    light, _, dark = paint.partition(" ")
    return f"light-dark({light}, {dark})" if dark else light


def logo(board: Board, path: Path | None) -> tuple[str, bytes] | None:
    """Return name and content of the board's logo; raises BadInput where it is no picture beside the board's file."""
    if not board.logo:
        return None
    file = (path.parent if path else Path()) / board.logo
    if file.suffix.lower() not in LOGOS:
        raise BadInput(f"logo {board.logo!r} of board {path} is no {' or '.join(LOGOS)} file")
    try:
        return f"static/logo{file.suffix.lower()}", file.read_bytes()
    except OSError as error:
        raise BadInput(f"logo {file} of board {path} cannot be read: {error}") from error


def select(report: Report, board: Board) -> Report:
    """Keep the rows and scans that the board shows; raises BadInput where nothing is left."""
    rows = restood([r for r in report.rows if shows(board, r.task, r.model)])
    if not rows:
        tasks = ", ".join(sorted({row.task for row in report.rows}))
        raise BadInput(f"board {board.title!r} shows no row of the report; the report's tasks are: {tasks}")
    tasks_left = {row.task for row in rows}
    scans = tuple(
        msgspec.structs.replace(scan, tasks={t: c for t, c in sorted(scan.tasks.items()) if t in tasks_left})
        for scan in report.scans
    )
    return msgspec.structs.replace(report, rows=rows, scans=tuple(scan for scan in scans if scan.tasks))


def shows(board: Board, task: str, model: str) -> bool:
    """Whether a board shows a model on a task."""
    return _matches(task, board.tasks) and _matches(model, board.models)


def _matches(name: str, patterns: tuple[str, ...]) -> bool:
    return any(name == pattern or fnmatchcase(name, pattern) for pattern in patterns)
