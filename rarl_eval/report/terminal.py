"""The report on a terminal: the conclusion first, then one table that fits, and all tables where they are asked for."""

from collections.abc import Mapping, Sequence
from typing import Any

from rarl_eval.report.layout import laid_out, wrapped
from rarl_eval.report.opening import opening
from rarl_eval.report.tables import Table, captions, tables


def render_terminal(report: Mapping[str, Any], width: int, *, full: bool = False) -> list[str]:
    """Return the lines of a report, at most ``width`` columns wide: sentences, then one table, or all with captions."""
    every = tables(report)
    if full:
        return concluded(opening(report), every, width, captions(report))
    return concluded(opening(report), every[:1], width)


def concluded(sentences: Sequence[str], shown: Sequence[Table], width: int, notes: Sequence[str] = ()) -> list[str]:
    """Return a conclusion as lines: its sentences, tables below them, and notes."""
    lines = [line for sentence in sentences for line in wrapped(sentence, width)]
    for table in shown:
        lines += [*([""] if lines else []), *laid_out(table, width)]
    for note in notes:
        lines += ["", *wrapped(note, width)]
    return lines
