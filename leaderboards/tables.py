"""Tables of the site: which columns over which rows, as cells for the page and as values for the downloads."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import compress, groupby
from typing import Any, TypeVar

from rarl_eval.files.text import csv_text
from rarl_eval.leaderboards.columns import Cell, SiteColumn, marked, name_column, plain
from rarl_eval.leaderboards.names import shown
from rarl_eval.leaderboards.report import Report, SiteRow, believed
from rarl_eval.report import figures
from rarl_eval.report.column import Scalar, bounds
from rarl_eval.report.figures import percent
from rarl_eval.stats import Interval

R = TypeVar("R")

MOST_WIDE = 1290
"""Pixels that a table has on a screen of 84rem, up to which the style sheet lets every table scroll inside its frame: a
wider one does on every screen."""
DIGIT, SMALL, HEAD, AROUND = 8.6, 6.9, 8.0, 16
"""Pixels of a character of a cell, of its second line and of a header, and of what stands around them, generously."""
FEWEST = 3
"""Rows of which a column may say the same and be folded."""
ALWAYS = frozenset({"rank", "belief", "believed", "accuracy", "n"})
CHART, NAME = 122, 240
"""Pixels of a column of whiskers, and of one of names, which break."""


@dataclass(frozen=True)
class SiteTable:
    """A table ready for a template."""

    id: str
    caption: str
    columns: Sequence[SiteColumn[Any]]
    groups: Sequence[tuple[str, int]]
    """Labels over runs of columns, with their widths; empty labels over columns without a group."""
    rows: Sequence[Sequence[Cell]]
    data: str
    """Path of the downloads without suffix, from the site's root."""
    records: Sequence[Mapping[str, Scalar]]
    notes: Sequence[str] = ()
    """Sentences below the table."""
    feed: bytes | None = None
    """Atom feed of what the table shows, where its rows have dates."""

    @property
    def wide(self) -> bool:
        """Whether the table needs a scrolling frame even on a large screen."""
        cells = zip(*self.rows, strict=True) if self.rows else ((),) * len(self.columns)
        return sum(map(_width, self.columns, cells)) > MOST_WIDE


def _width(column: SiteColumn[Any], cells: Iterable[Cell]) -> float:
    """Estimate the width of a column; words of its header break, figures do not."""
    if column.ends:
        return CHART
    words = column.label.replace("\u00a0", " ").split() or [""]
    widths = [HEAD * max(map(len, words))]
    for cell in cells:
        if cell.kind == "h":
            return NAME
        widths += [DIGIT * len(cell.text), SMALL * len(cell.sub) if cell.kind != "why" else 0.0]
    return max(widths) + AROUND


def table(id_: str, caption: str, columns: Sequence[SiteColumn[R]], rows: Sequence[R], data: str) -> SiteTable:
    """Put columns over rows. A column of which no row knows anything is left to the downloads."""
    cells = [[column.cell(row) for row in rows] for column in columns]
    told = [any(cell.told for cell in column) for column in cells]
    columns_told = list(compress(columns, told))
    return SiteTable(
        id=id_,
        caption=caption,
        columns=columns_told,
        groups=_groups(columns_told),
        rows=list(zip(*compress(cells, told), strict=True)),
        data=data,
        records=[{k: v for column in columns for k, v in column.values(row).items()} for row in rows],
    )


def folded(made: SiteTable) -> SiteTable:
    """Take out the columns that say the same of everybody, three or more, and tell them in a note below."""
    if len(made.rows) < FEWEST:
        return made
    by_column = list(zip(*made.rows, strict=True))
    kept = [_tells(column, cells) for column, cells in zip(made.columns, by_column, strict=True)]
    said = [
        f"{column.label.partition(chr(0xA0))[0].rstrip(',')} {' '.join(filter(None, (cells[0].text, cells[0].sub)))}"
        for column, cells, keep in zip(made.columns, by_column, kept, strict=True)
        if not keep
    ]
    columns = list(compress(made.columns, kept))
    note = (f"The same for everybody: {'; '.join(said)}.",) if said else ()
    rows = [list(compress(row, kept)) for row in made.rows]
    return replace(made, columns=columns, groups=_groups(columns), rows=rows, notes=(*made.notes, *note))


def _tells(column: SiteColumn[Any], cells: Sequence[Cell]) -> bool:
    """Whether a column tells models apart, or is what the table is about."""
    told = {(cell.text, cell.sub) for cell in cells}
    return bool(column.ends) or column.text or column.key in ALWAYS or len(told) > 1


def _groups(columns: Sequence[SiteColumn[Any]]) -> list[tuple[str, int]]:
    return [(label, len(list(run))) for label, run in groupby(columns, key=lambda column: column.group)]


Entrant = tuple[str, str]


def overview(report: Report, tasks: Sequence[str], href: Callable[[str], str]) -> SiteTable:
    """Models against tasks: accuracy, below it accuracy on clean items; best mean of what to believe first."""
    found = {(row.entrant, row.task): row for row in report.rows}
    domains = {row.task: row.domain for row in report.rows}
    means = {who: _mean([found.get((who, task)) for task in tasks]) for who in report.entrants}
    entrants = sorted(means, key=lambda who: (means[who] is None, -(means[who] or 0.0), who))
    mean: SiteColumn[Entrant] = plain("mean", "Mean of tasks", lambda w: means[w], percent)
    columns: list[SiteColumn[Entrant]] = [
        name_column("model", "Model", lambda w: w[0], lambda w: href(w[0]), lambda w: w[1]),
        replace(mean, order="descending", method="mean-of-tasks"),
        *(_overview_column(task, found, domains[task]) for task in tasks),
    ]
    caption = "Accuracy by task, per cent, struck where inflated; below it, accuracy on clean items"
    return table("overview", caption, columns, entrants, "data/overview")


def _overview_column(task: str, found: Mapping[tuple[Entrant, str], SiteRow], domain: str) -> SiteColumn[Entrant]:
    def parts(who: Entrant) -> tuple[Interval | None, Interval | None]:
        row = found.get((who, task))
        return (row.accuracy, row.clean.accuracy if row.clean else None) if row else (None, None)

    def cell(who: Entrant) -> Cell:
        everything, clean = parts(who)
        below = f"clean {figures.estimate(clean, percent)}" if clean else ""
        made = Cell(figures.estimate(everything, percent), below)
        return marked(made, found[who, task]) if (who, task) in found else made

    def values(who: Entrant) -> dict[str, Scalar]:
        everything, clean = parts(who)
        return {**bounds(task, everything), f"{task}_clean": clean.value if clean else None}

    return SiteColumn(f"t-{task}", task, cell, values, domain, method="accuracy")


def _mean(rows: Sequence[SiteRow | None]) -> float | None:
    """Unweighted mean of what to believe; None unless all is known: means over different tasks do not compare."""
    known = [value for row in rows if row and (value := believed(row)) is not None]
    return sum(sorted(known)) / len(rows) if len(known) == len(rows) else None


def as_csv(rows: Sequence[Mapping[str, Scalar]]) -> bytes:
    """Write records as CSV in which no text is a formula."""
    return csv_text(rows).encode()


_TEX = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "–": "--", "−": "$-$", "κ": r"$\kappa$", "δ": r"$\delta$",
    "\u00a0": "~", "…": r"\ldots{}",
}  # fmt: skip


def as_latex(made: SiteTable) -> bytes:
    """Write a table as LaTeX with the rules of booktabs, intervals small behind their figures; charts are left out."""
    kept = [not column.ends for column in made.columns]
    columns = list(compress(made.columns, kept))
    lines = [
        f"% {_tex(made.caption)}; needs \\usepackage{{booktabs}}",
        f"\\begin{{tabular}}{{{''.join('l' if column.text else 'r' for column in columns)}}}",
        "\\toprule",
        f"{' & '.join(_tex(column.label) for column in columns)} \\\\",
        "\\midrule",
        *(f"{' & '.join(_tex_cell(cell) for cell in compress(row, kept))} \\\\" for row in made.rows),
        "\\bottomrule",
        "\\end{tabular}",
    ]
    return ("\n".join(lines) + "\n").encode()


def _tex_cell(cell: Cell) -> str:
    sub = f" {{\\scriptsize {_tex(cell.sub)}}}" if cell.sub else ""
    return _tex(cell.text) + sub


def _tex(text: str) -> str:
    return "".join(_TEX.get(char, char) for char in shown(text))


def as_json(rows: Sequence[Mapping[str, Scalar]]) -> bytes:
    """Write records as JSON, exact and ASCII only."""
    return (json.dumps(list(rows), indent=1) + "\n").encode()
