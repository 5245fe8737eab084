"""Options that several commands share, and the progress they show."""

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import click

from rarl_eval import data, registry
from rarl_eval.commands.tally import Tally
from rarl_eval.errors import BadInput
from rarl_eval.styles import STYLES, in_style
from rarl_eval.types import Benchmark, Record, Style, Task, Trace

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


def judge(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--judge`` and how to reach it, for tasks whose answers are free text."""
    for option in (
        click.option("--judge-max-calls", type=click.IntRange(1), help="Ask the judge at most this often."),
        click.option("--judge-api-key-env", default="OPENAI_API_KEY", help="Variable that holds the judge's key."),
        click.option("--judge-base-url", metavar="URL", help="Server of an openai: judge."),
        click.option(
            "--judge",
            metavar="ADAPTER:NAME",
            callback=_named,
            help="Judge model for free-text answers, e.g. openai:gpt-4o.",
        ),
    ):
        function = option(function)
    return function


def _named(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:  # noqa: ARG001
    if value is not None and ":" not in value:
        raise BadInput(f"--judge {value!r} is not ADAPTER:NAME, e.g. openai:gpt-4o")
    return value


def judge_answers(
    path: Path, tasks: Iterable[Task], judge: str | None, base_url: str | None, key: str, calls: int | None
) -> bool:
    """Have a run's free-text answers judged, or say that they are not; whether a judge left some undone."""
    waiting = [task.name for task in tasks if task.judged]
    if not waiting:
        return False
    from rarl_eval.judging import judge_run, unjudged
    from rarl_eval.models import Options
    from rarl_eval.rewards import Budget, Reach

    if judge is None:
        count = unjudged(path)
        say(f"{count} answers to {', '.join(waiting)} are unjudged, neither right nor wrong: name a judge with --judge")
        return False
    reach = Reach(options=Options(base_url=base_url, api_key_variable=key), budget=Budget(calls=calls))
    done = judge_run(path, judge, reach)
    left = f", {done.left} left unjudged: give the command again with --resume" if done.left else ""
    say(f"{done.judge}: {done.right} right, {done.wrong} wrong{left}")
    return bool(done.left)


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
