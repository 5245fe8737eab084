"""``rarl-eval scan``: look for the items of benchmarks in training corpora."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click

from rarl_eval import registry
from rarl_eval.commands import family, options
from rarl_eval.commands.progress import Shown, byte_progress
from rarl_eval.evidence.scans import read_scan
from rarl_eval.evidence.told import sentences
from rarl_eval.report.layout import indented

_LEVELS = ("exact", "near", "partial")
"""Levels that flag, the one that says most first."""


@family.command("scan")
@options.tasks
@options.corpora
@options.out("Scan directory to write; with --gate it may be left out, and none is kept.", required=False)
@click.option(
    "--gate", type=click.Choice(_LEVELS), help="Exit code 1 if an item is found at this level or one that says more."
)
@click.option(
    "--detector",
    "detectors",
    multiple=True,
    metavar="NAME|./FILE.py:FUNCTION ...",
    help="Show each document to detectors of your own, too.",
)
@click.option(
    "--model", "models", multiple=True, metavar="NAME ...", help="Models that learnt from it: evidence of them alone."
)
@options.jobs
@click.option(
    "--engine", type=click.Choice(["local", "ray"]), default="local", show_default=True, help="What runs the shards."
)
@click.option("--ray-address", metavar="ADDRESS", help="Ray cluster to use; default: Ray here, with --jobs processes.")
@click.option("--resume", is_flag=True, help="Go on with an interrupted scan into --out.")
@click.option("--paraphrase", is_flag=True, help="Look for candidates of paraphrases too; they do not flag.")
@click.option("--embed", metavar="MODEL", help="Let a sentence-transformers model choose among candidates.")
@click.option("--confirm", metavar="ADAPTER:NAME", help="Put candidates to a judge model; what it confirms is flagged.")
@click.option("--base-url", metavar="URL", help="Server of an openai: judge.")
@click.option("--api-key-env", default="OPENAI_API_KEY", show_default=True, help="Variable that holds the judge's key.")
@click.option("--max-calls", type=click.IntRange(1), help="Ask the judge at most this often.")
@options.no_cache
@options.shown
def command(
    task: tuple[str, ...],
    sources: tuple[str, ...],
    lock: Path | None,
    partial: bool,
    corpora: tuple[str, ...],
    out: Path | None,
    gate: str | None,
    fields: tuple[str, ...],
    detectors: tuple[str, ...],
    models: tuple[str, ...],
    jobs: int,
    engine: str,
    ray_address: str | None,
    resume: bool,
    paraphrase: bool,
    embed: str | None,
    confirm: str | None,
    base_url: str | None,
    api_key_env: str,
    max_calls: int | None,
    no_cache: bool,
    progress: Shown,
    as_json: bool,
) -> int:
    r"""Look for the items of benchmarks in training corpora.

    The benchmarks are indexed once and the corpus is streamed once. Exit code 1 if a shard could not be read: it is
    named, the rest is scanned, and no item is called clean; also if calls of the judge failed, or --gate found an item.

    \b
    Examples:
      rarl-eval scan -t gsm8k,svamp -c train.jsonl.gz --model my-sft-7b -o scans/train
      rarl-eval scan -t math -c 'shards/*.parquet' --text-field content -j 8 -o scans/pretraining
      rarl-eval scan -t all -c 'shards/*.parquet' --engine ray --ray-address auto -o scans/cluster
      rarl-eval scan -t gsm8k -c hf:HuggingFaceFW/fineweb:sample-10BT/train -c s3://bucket/shards -o scans/web
      rarl-eval scan -t gsm8k -c train.jsonl --detector ./my_detector.py:detect -o scans/own
      rarl-eval scan -t gsm8k,math500 --gate near -c data/*.jsonl
      rarl-eval scan -t gsm8k -c train.jsonl --paraphrase --confirm openai:gpt-4o --max-calls 500 -o scans/reworded
    """
    if ray_address and engine != "ray":
        raise click.UsageError("--ray-address is of --engine ray; give both")
    detect = registry.load("contamination", "scan")
    benchmarks = options.load(task, sources, lock, partial=partial)
    how = None
    if paraphrase or embed or confirm:
        reach = _reach(base_url, api_key_env, max_calls, cached=not no_cache)
        how = registry.load("contamination", "paraphrasing")(embed, confirm, reach)
    with _folder(out, gate) as folder, byte_progress(progress) as show:
        summary = detect(
            benchmarks, corpora, folder, fields=fields, jobs=jobs, resume=resume, paraphrasing=how,
            detectors=[_placed(name) for name in detectors], models=models, engine=engine, ray_address=ray_address,
            say=options.say, progress=show,
        )  # fmt: skip
        scanned = read_scan(folder)
    if summary.failed_calls:
        options.say(f"{summary.failed_calls} calls of the judge failed: their candidates stay candidates; scan again")
    if as_json:
        family.print_json(asdict(summary) | {"out": None if out is None else str(out)})
    else:
        options.print_lines(line for said in sentences(scanned) for line in indented(said))
    return 1 if summary.failed or summary.failed_calls or _gated(summary.tasks, gate) else 0


@contextmanager
def _folder(out: Path | None, gate: str | None) -> Iterator[Path]:
    """Yield the scan directory: the one named, or for a gate one that is gone afterwards."""
    if out is not None:
        yield out
        return
    if gate is None:
        raise click.UsageError("Missing option '--out' / '-o'.")
    with TemporaryDirectory(prefix="rarl-eval-gate-") as folder:
        yield Path(folder) / "scan"


def _gated(tasks: dict[str, dict[str, int]], gate: str | None) -> bool:
    """Whether the gate holds the corpus back; says by what."""
    levels = _LEVELS[: _LEVELS.index(gate) + 1] if gate else ()
    found = {task: n for task, counts in tasks.items() if (n := sum(counts.get(level, 0) for level in levels))}
    for task, count in sorted(found.items()):
        options.say(f"gate: {count} items of {task} stand in this data ({' or '.join(levels)})")
    return bool(found)


def _placed(detector: str) -> str:
    """Name a file of the user's so that every process finds it."""
    file, _, function = detector.rpartition(":")
    return f"{Path(file).resolve()}:{function}" if file.endswith(".py") else detector


def _reach(base_url: str | None, api_key_env: str, max_calls: int | None, *, cached: bool) -> Any:
    """Say how the judge is reached: greedy, with a short reply."""
    from rarl_eval.models import Options
    from rarl_eval.models.budget import Budget
    from rarl_eval.rewards import Reach

    options_ = Options(base_url=base_url, api_key_variable=api_key_env)
    return Reach(options=options_, budget=Budget(calls=max_calls), cached=cached)
