"""Single options that several commands share, and the progress they show; those that go together are in groups.py."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import click

from rarl_eval import data, registry
from rarl_eval.commands.tally import TallyLine
from rarl_eval.data.styles import STYLES, in_style
from rarl_eval.types import Benchmark, Record, Style, Trace

Shown = Literal["auto", "bar", "json", "none"]

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


def load(
    task: str, sources: Sequence[str], lock: Path | None, seed: int | None = None, style: Style | None = None
) -> list[Benchmark]:
    """Load what ``--task``, ``--source`` and ``--lock`` name, asked in ``--prompt-style``.

    ``seed`` makes the items of ``fresh:`` tasks.
    """
    wanted = registry.tasks(task, seed)
    given = data.parse_sources(sources)
    unknown = set(given) - {t.name for t in wanted} - {f"{t.name}/few-shot" for t in wanted if style == "few-shot"}
    if unknown:
        raise click.UsageError(f"--source names {', '.join(sorted(unknown))}, which --task does not")
    held = data.read_lock(lock) if lock else None
    return in_style([data.load(t, given, held) for t in wanted], style, given)


def prompt_style(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--prompt-style``."""
    told = "How items are asked; default: each task's own style. docs/tasks.md says what each is."
    return click.option("--prompt-style", type=click.Choice(STYLES), default=None, help=told)(function)


def print_wide(renderable: Any) -> None:
    """Print a table: as wide as a person's terminal, or 160 columns into a file or pipe."""
    from rich.console import Console

    (Console() if sys.stdout.isatty() else Console(width=160)).print(renderable)


def say(text: str) -> None:
    """Tell the user something beside the command's result."""
    click.echo(text, err=True)


def shown(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--progress`` and ``--quiet``, which is ``--progress none``."""
    choice = click.Choice(["auto", "bar", "json", "none"])
    quiet = click.option("--quiet", "-q", "progress", flag_value="none", help="No progress.")
    told = "A bar where a person looks; json: a line on stderr every few seconds, for jobs."
    return quiet(click.option("--progress", type=choice, default="auto", show_default=True, help=told)(function))


@contextmanager
def record_progress(
    how: Shown, cost: Callable[[Trace], float] = lambda _: 0.0
) -> Iterator[Callable[[Record, int], None]]:
    """Show records done, accuracy so far with its interval, tokens a second, cost, failures and time left."""
    if how == "none" or (how == "auto" and not sys.stderr.isatty()):
        yield lambda record, total: None  # noqa: ARG005
        return
    tally = TallyLine(cost)
    if how == "json":
        yield tally.lines()
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("judging", total=None)

        def update(record: Record, total: int) -> None:
            tally.add(record)
            bar.update(task, total=total, advance=1, description=tally.sentence())

        yield update
