"""``rarl-eval scan``: look for the items of benchmarks in training corpora."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from rarl_eval import registry
from rarl_eval.commands import options


@click.command("scan")
@options.tasks
@click.option(
    "--corpus", "-c", "corpora", multiple=True, required=True, metavar="PATH_OR_GLOB", help="May be repeated."
)
@click.option("--out", "-o", required=True, type=options.FOLDER, help="Scan directory to write.")
@click.option("--text-field", "fields", multiple=True, help="Text field of the corpus; default: found out and printed.")
@click.option("--jobs", "-j", type=click.IntRange(1), default=1, show_default=True, help="Shards scanned at once.")
@click.option("--resume", is_flag=True, help="Go on with an interrupted scan into --out.")
@click.option("--quiet", "-q", is_flag=True, help="No progress.")
def command(
    task: str,
    sources: tuple[str, ...],
    lock: Path | None,
    corpora: tuple[str, ...],
    out: Path,
    fields: tuple[str, ...],
    jobs: int,
    resume: bool,
    quiet: bool,
) -> int:
    r"""Look for the items of benchmarks in training corpora.

    The benchmarks are indexed once and the corpus is streamed once. Exit code 1 if a shard could not be read: it is
    named, the rest is scanned, and no item is called clean.

    \b
    Examples:
      rarl-eval scan -t gsm8k,svamp -c train.jsonl.gz -o scans/train
      rarl-eval scan -t math -c 'shards/*.parquet' --text-field content -j 8 -o scans/pretraining
    """
    detect = registry.load("detectors", "ngram")
    benchmarks = options.load(task, sources, lock)
    with byte_progress(quiet) as progress:
        summary = detect(
            benchmarks, corpora, out, fields=fields, jobs=jobs, resume=resume, say=options.say, progress=progress
        )
    return 1 if summary.failed else 0


@contextmanager
def byte_progress(quiet: bool) -> Iterator[Callable[[int, int | None], None]]:
    """Show bytes done, rate and time left, where a person is looking."""
    if quiet or not sys.stderr.isatty():
        yield lambda done, total: None  # noqa: ARG005
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

    columns = (TextColumn("scanning"), BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        shown = bar.add_task("scanning", total=None)
        yield lambda done, total: bar.update(shown, completed=done, total=total)
