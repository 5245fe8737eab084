"""Single options that several commands share, each declared once; those that go together are in groups.py."""

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar, get_args

import click

from rarl_eval import data, registry
from rarl_eval.commands import family
from rarl_eval.data.styles import STYLES, fitting, in_style
from rarl_eval.errors import BadInput
from rarl_eval.files.text import visible
from rarl_eval.types import Benchmark, Domain, Style, Task

FOLDER = click.Path(path_type=Path)


T = TypeVar("T")
Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def _repeated(*names: str, **how: Any) -> Decorator:
    return click.option(*names, multiple=True, **how)


def _added(*decorators: Decorator) -> Decorator:
    """Add several options, in their order in the help."""

    def add(function: Callable[..., Any]) -> Callable[..., Any]:
        for decorator in reversed(decorators):
            function = decorator(function)
        return function

    return add


source = _repeated("--source", "sources", metavar="TASK=PATH ...", help="Local files of tasks' rows.")
some_tasks = _repeated("--task", "-t", "task", metavar="T[,T] ...", help="Only these tasks; default: all.")
tasks = _added(
    _repeated(
        "--task", "-t", "task", required=True, metavar="T[,T] ...", help="Tasks, groups (math, all) or ./my_task.py."
    ),
    source,
    click.option("--lock", type=FOLDER, help="Hold the rows to this lock file (rarl-eval tasks --lock)."),
    click.option("--partial", is_flag=True, help="The rows are meant to be a part of the benchmark; marks the run."),
)
"""Add ``--task``, ``--source``, ``--lock`` and ``--partial``."""

own_tasks = _repeated("--task", "-t", "task", metavar="./FILE.py ...", help="Your own task files that the run is of.")
"""Add ``--task`` to a command whose runs name their tasks: only a user's own have to be given again."""

run = click.option("--run", "-r", "run", required=True, type=FOLDER, help="Run directory.")
runs = _repeated("--run", "-r", "runs", required=True, type=FOLDER, metavar="RUN ...", help="Run directories.")
more_runs = _repeated("--run", "-r", "runs", type=FOLDER, metavar="RUN ...", help="Further run directories.")
scans = _repeated("--scan", "-s", "scans", type=FOLDER, metavar="SCAN ...", help="Scan directories.")
corpus_of = _repeated(
    "--corpus-of", metavar="MODEL=SCAN ...", help="Whose training data a scan is of: evidence of this model alone."
)
training_of = _repeated(
    "--training-of", metavar="MODEL=DIR ...", help="The model's training, as rarl-eval training wrote it into DIR."
)
probes = _repeated("--probe", "-p", "probes", type=FOLDER, metavar="PROBE ...", help="Probe directories.")
corpora = _added(
    _repeated(
        "--corpus",
        "-c",
        "corpora",
        required=True,
        metavar="PATH|URL ...",
        help="Files, folders, patterns, or addresses.",
    ),
    _repeated("--text-field", "fields", metavar="NAME ...", help="Text fields of the corpus; default: all text."),
)
resamples = _added(
    click.option("--seed", type=int, default=0, show_default=True, help="Seed of the bootstrap."),
    click.option(
        "--replicates", type=click.IntRange(100), default=1000, show_default=True, help="Bootstrap replicates."
    ),
)
full = click.option("--full", is_flag=True, help="Print all tables, not only the conclusion and the first one.")
no_cache = click.option("--no-cache", is_flag=True, help="Neither use nor fill the cache of completions.")
jobs = click.option("--jobs", "-j", type=click.IntRange(1), default=1, show_default=True, help="Shards at once.")


def out(told: str, **how: Any) -> Decorator:
    """Add ``--out``; ``told`` is what is written there."""
    return click.option("--out", "-o", type=FOLDER, help=told, **({"required": True} | how))


def load(
    task: str | Sequence[str],
    sources: Sequence[str],
    lock: Path | None,
    seed: int | None = None,
    style: Style | None = None,
    *,
    partial: bool = False,
    first: int | None = None,
) -> list[Benchmark]:
    """Load what ``--task``, ``--source`` and ``--lock`` name, asked in ``--prompt-style``; say what is left out.

    ``seed`` makes the items of ``fresh:`` tasks; ``partial``: they need not be the whole benchmark; ``first``: so many
    items are wanted of each. A group goes on with those of its tasks that can be had.
    """
    wanted = registry.tasks(task, seed, say)
    given = data.parse_sources(sources)
    named = {part for t in wanted for part in (t.name, t.name.partition("@")[0])}
    unknown = set(given) - named - {f"{t.name}/few-shot" for t in wanted if style == "few-shot"}
    if unknown:
        raise click.UsageError(f"--source names {', '.join(sorted(unknown))}, which --task does not")
    held = data.read_lock(lock) if lock else None
    fitting(wanted, style)

    def one(t: Task) -> Benchmark:
        benchmark = data.load(t, given, held, partial=partial, first=first)
        return in_style([benchmark], style, given, held)[0]

    loaded = had(one, wanted, task, given)
    for b in loaded:
        if b.unread:
            say(f"{b.task.name}: {len(b.unread)} rows are not read; row {b.unread[0].row}: {b.unread[0].reason}")
        if b.part:
            known = " or ".join(f"{k.items:,}" for k in b.task.source.known)
            say(f"{b.task.name}: {len(b.items)} of {known} items: a part of the benchmark, and marked as one")
    return loaded


def had(
    load_one: Callable[[Task], T], wanted: Sequence[Task], named: str | Sequence[str], given: Mapping[str, str]
) -> list[T]:
    """Return what is loaded of each task; of a group's, those that cannot be had are told and left out.

    A task that is named itself, and a file that is given for one, has to be there; so has one task at least.
    """
    alone = {part.strip() for text in ([named] if isinstance(named, str) else named) for part in text.split(",")}
    grouped = alone & {*get_args(Domain), "all"} or not alone
    found: list[T] = []
    missing: dict[str, BadInput] = {}
    for task in wanted:
        try:
            found.append(load_one(task))
        except BadInput as error:
            if not grouped or task.name in alone or task.name in given:
                raise
            missing[task.name] = error
    if missing and not found:
        raise BadInput(f"none of the {len(missing)} tasks can be had; {next(iter(missing.values()))}")
    for why in missing.values():
        say(f"left out: {why}")
    if missing:
        say(f"{len(missing)} of {len(wanted)} tasks are left out: {', '.join(missing)}")
    family.without(list(missing))
    return found


def given_runs(named: Sequence[Path], runs: Sequence[Path]) -> list[Path]:
    """Return the runs named with and without ``--run``; there must be one."""
    if not (named or runs):
        raise click.UsageError("name a run directory")
    return [*named, *runs]


def know(task: Sequence[str]) -> None:
    """Load the user's own task files, so that runs of them are understood by the names they hold."""
    if task:
        registry.tasks(task)


def prompt_style(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--prompt-style``."""
    told = "How items are asked; default: each task's own style. docs/tasks.md says what each is."
    return click.option("--prompt-style", type=click.Choice(STYLES), default=None, help=told)(function)


def print_wide(renderable: Any) -> None:
    """Print a table: as wide as a person's terminal, or 160 columns into a file or pipe."""
    from rich.console import Console

    (Console() if sys.stdout.isatty() else Console(width=160)).print(renderable)


def print_lines(lines: Iterable[str]) -> None:
    """Print lines; what models and files are called acts on no terminal."""
    for line in lines:
        click.echo(visible(line))


def say(text: str) -> None:
    """Tell the user something beside the command's result; what models and files are called acts on no terminal."""
    click.echo("\n".join(map(visible, text.split("\n"))), err=True)


def notice(text: str) -> None:
    """Tell the user what somebody else said, without the control characters that it may hold."""
    say(f"  {visible(text)}")


def shown(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--progress`` and ``--quiet``, which is ``--progress none``."""
    choice = click.Choice(["auto", "bar", "json", "none"])
    quiet = click.option("--quiet", "-q", "progress", flag_value="none", help="No progress.")
    told = "A bar where a person looks; json: a line on stderr every few seconds, for jobs."
    return quiet(click.option("--progress", type=choice, default="auto", show_default=True, help=told)(function))
