"""Options that several commands share, and the progress they show."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import click

from rarl_eval import data, registry
from rarl_eval.commands.tally import Tally
from rarl_eval.errors import BadInput
from rarl_eval.types import Benchmark, Record, Tokens

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


def load(task: str, sources: Sequence[str], lock: Path | None, seed: int | None = None) -> list[Benchmark]:
    """Load what ``--task``, ``--source`` and ``--lock`` name; ``seed`` makes the items of ``fresh:`` tasks."""
    wanted = registry.tasks(task, seed)
    given = data.parse_sources(sources)
    unknown = set(given) - {t.name for t in wanted}
    if unknown:
        raise click.UsageError(f"--source names {', '.join(sorted(unknown))}, which --task does not")
    held = data.read_lock(lock) if lock else None
    return [data.load(t, given, held) for t in wanted]


def print_wide(renderable: Any) -> None:
    """Print a table: as wide as a person's terminal, or 160 columns into a file or pipe."""
    from rich.console import Console

    (Console() if sys.stdout.isatty() else Console(width=160)).print(renderable)


def say(text: str) -> None:
    """Tell the user something beside the command's result."""
    click.echo(text, err=True)


def sandboxed(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--sandbox``, ``--unsafe-local`` and ``--jobs``, for tasks that run model-written code."""
    for option in (
        click.option("--jobs", "-j", type=click.IntRange(1), help="Programs run at once; default: one for each core."),
        click.option("--unsafe-local", is_flag=True, help="Run model-written code even where nothing can wall it in."),
        click.option("--sandbox", metavar="command:CMD", help="Hand model-written code to an outside runner."),
    ):
        function = option(function)
    return function


@contextmanager
def sandbox_for(
    benchmarks: Sequence[Benchmark], sandbox: str | None, unsafe_local: bool, jobs: int | None
) -> Iterator[None]:
    """Set up the sandbox that judges these benchmarks, where one of them runs code."""
    if sandbox is not None and not sandbox.removeprefix("command:").strip():
        raise BadInput("--sandbox needs a command, e.g. --sandbox 'command:docker run -i my-runner'")
    if sandbox is not None and not sandbox.startswith("command:"):
        raise BadInput(f"--sandbox {sandbox!r} is not command:CMD; leave it out for the sandbox of this machine")
    if not any(benchmark.task.runs_code for benchmark in benchmarks):
        yield
        return
    from rarl_eval.sandbox import Sandbox, use

    command = sandbox.removeprefix("command:") if sandbox else None
    with Sandbox(unsafe_local=unsafe_local, jobs=jobs, command=command) as walls, use(walls):
        yield


def shown(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--progress`` and ``--quiet``, which is ``--progress none``."""
    choice = click.Choice(["auto", "bar", "json", "none"])
    quiet = click.option("--quiet", "-q", "progress", flag_value="none", help="No progress.")
    told = "A bar where a person looks; json: a line on stderr every few seconds, for jobs."
    return quiet(click.option("--progress", type=choice, default="auto", show_default=True, help=told)(function))


@contextmanager
def record_progress(
    how: Shown, cost: Callable[[Tokens], float] = lambda _: 0.0
) -> Iterator[Callable[[Record, int], None]]:
    """Show records done, accuracy so far with its interval, tokens a second, cost, failures and time left."""
    if how == "none" or (how == "auto" and not sys.stderr.isatty()):
        yield lambda record, total: None  # noqa: ARG005
        return
    tally = Tally(cost)
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
