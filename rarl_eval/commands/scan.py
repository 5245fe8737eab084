"""``rarl-eval scan``: look for the items of benchmarks in training corpora."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

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
@click.option(
    "--engine", type=click.Choice(["local", "ray"]), default="local", show_default=True, help="What runs the shards."
)
@click.option("--ray-address", metavar="ADDRESS", help="Ray cluster to use; default: Ray here, with --jobs processes.")
@click.option("--resume", is_flag=True, help="Go on with an interrupted scan into --out.")
@click.option("--paraphrase", is_flag=True, help="Look for candidates of paraphrases too; they do not flag.")
@click.option("--embed", metavar="MODEL", help="Let a sentence-transformers model choose among candidates.")
@click.option("--confirm", metavar="ADAPTER:NAME", help="Put candidates to a judge model; what it confirms is flagged.")
@click.option(
    "--detector", "detectors", multiple=True, metavar="NAME",
    help="Show each document to a detector of your own, too; may be repeated.",
)  # fmt: skip
@click.option("--base-url", metavar="URL", help="Server of an openai: judge.")
@click.option("--api-key-env", default="OPENAI_API_KEY", show_default=True, help="Variable that holds the judge's key.")
@click.option("--max-calls", type=click.IntRange(1), help="Ask the judge at most this often.")
@click.option("--no-cache", is_flag=True, help="Neither use nor fill the cache of the judge's replies.")
@click.option("--quiet", "-q", is_flag=True, help="No progress.")
def command(
    task: str,
    sources: tuple[str, ...],
    lock: Path | None,
    corpora: tuple[str, ...],
    out: Path,
    fields: tuple[str, ...],
    jobs: int,
    engine: str,
    ray_address: str | None,
    resume: bool,
    paraphrase: bool,
    embed: str | None,
    confirm: str | None,
    detectors: tuple[str, ...],
    base_url: str | None,
    api_key_env: str,
    max_calls: int | None,
    no_cache: bool,
    quiet: bool,
) -> int:
    r"""Look for the items of benchmarks in training corpora.

    The benchmarks are indexed once and the corpus is streamed once. Exit code 1 if a shard could not be read: it is
    named, the rest is scanned, and no item is called clean; also if calls of the judge failed.

    \b
    Examples:
      rarl-eval scan -t gsm8k,svamp -c train.jsonl.gz -o scans/train
      rarl-eval scan -t math -c 'shards/*.parquet' --text-field content -j 8 -o scans/pretraining
      rarl-eval scan -t all -c 'shards/*.parquet' --engine ray --ray-address auto -o scans/cluster
      rarl-eval scan -t gsm8k -c train.jsonl --paraphrase --confirm openai:gpt-4o --max-calls 500 -o scans/reworded
    """
    if ray_address and engine != "ray":
        raise click.UsageError("--ray-address is of --engine ray; give both")
    detect = registry.load("contamination", "scan")
    benchmarks = options.load(task, sources, lock)
    how = None
    if paraphrase or embed or confirm:
        reach = _reach(base_url, api_key_env, max_calls, cached=not no_cache)
        how = registry.load("contamination", "paraphrasing")(embed, confirm, reach)
    with byte_progress(quiet) as progress:
        summary = detect(
            benchmarks, corpora, out, fields=fields, jobs=jobs, resume=resume, paraphrasing=how, detectors=detectors,
            engine=engine, ray_address=ray_address, say=options.say, progress=progress,
        )  # fmt: skip
    if summary.failed_calls:
        options.say(f"{summary.failed_calls} calls of the judge failed: their candidates stay candidates; scan again")
    return 1 if summary.failed or summary.failed_calls else 0


def _reach(base_url: str | None, api_key_env: str, max_calls: int | None, *, cached: bool) -> Any:
    """Say how the judge is reached: greedy, with a short reply."""
    from rarl_eval.models import Options
    from rarl_eval.rewards import Budget, Reach

    options_ = Options(base_url=base_url, api_key_variable=api_key_env)
    return Reach(options=options_, budget=Budget(calls=max_calls), cached=cached)


@contextmanager
def byte_progress(quiet: bool) -> Iterator[Callable[[int, int | None], None]]:
    """Show bytes done, rate and time left, where a person is looking; without a thread, for a scan may fork."""
    if quiet or not sys.stderr.isatty():
        yield lambda done, total: None  # noqa: ARG005
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

    columns = (TextColumn("scanning"), BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True, auto_refresh=False) as bar:
        shown, last = bar.add_task("scanning", total=None), [0.0]

        def update(done: int, total: int | None) -> None:
            bar.update(shown, completed=done, total=total)
            if time.monotonic() - last[0] > 0.1:
                last[0] = time.monotonic()
                bar.refresh()

        yield update
