"""Options that several commands share, and the progress they show."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from rarl_eval import data, registry
from rarl_eval.types import Benchmark, Record

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

FOLDER = click.Path(path_type=Path)


def tasks(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--task``, ``--source`` and ``--lock``."""
    for option in (
        click.option("--lock", type=FOLDER, help="Hold the rows to this lock file (rarl-eval tasks --lock)."),
        click.option("--source", "sources", multiple=True, metavar="TASK=PATH", help="Local file of a task's rows."),
        click.option("--task", "-t", required=True, metavar="T[,T]", help="Tasks, groups (math, all) or ./my_task.py."),
    ):
        function = option(function)
    return function


def load(task: str, sources: Sequence[str], lock: Path | None) -> list[Benchmark]:
    """Load what ``--task``, ``--source`` and ``--lock`` name."""
    wanted = registry.tasks(task)
    given = data.parse_sources(sources)
    unknown = set(given) - {t.name for t in wanted}
    if unknown:
        raise click.UsageError(f"--source names {', '.join(sorted(unknown))}, which --task does not")
    held = data.read_lock(lock) if lock else None
    return [data.load(t, given, held) for t in wanted]


def say(text: str) -> None:
    """Tell the user something beside the command's result."""
    click.echo(text, err=True)


@contextmanager
def record_progress(quiet: bool) -> Iterator[Callable[[Record, int], None]]:
    """Show records done, accuracy so far and time left, where a person is looking."""
    if quiet or not sys.stderr.isatty():
        yield lambda record, total: None  # noqa: ARG005
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        shown = bar.add_task("judging", total=None)
        right = judged = failed = 0

        def update(record: Record, total: int) -> None:
            nonlocal right, judged, failed
            correct = record.verdict.correct if record.verdict else None
            judged += correct is not None
            right += bool(correct)
            failed += record.trace.stop == "error"
            share = f"{right / judged:.1%} right" if judged else "nothing judged yet"
            bar.update(shown, total=total, advance=1, description=f"{share}, {failed} failed calls")

        yield update
