"""``rarl-eval reward``: add rewards to a run."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from rarl_eval.commands import options
from rarl_eval.models import Options, Sampling
from rarl_eval.models.arguments import parse_arguments
from rarl_eval.rewards import Budget, Reach
from rarl_eval.rewards.add import Added, add_rewards
from rarl_eval.rewards.open import open_sources


@click.command("reward")
@click.option("--run", "-r", "run", required=True, type=options.FOLDER, help="Run directory to add to.")
@click.option(
    "--reward",
    "-w",
    "rewards",
    multiple=True,
    required=True,
    metavar="[NAME=]SOURCE[:ARG]",
    help="A source of docs/rewards.md, or ./file.py:function; may be repeated, in order.",
)
@click.option(
    "--probe", type=click.IntRange(1), metavar="N", help="Put the rewards to probes made from N items a task."
)
@click.option("--steps", default="newline", show_default=True, help="newline, paragraph, token:TEXT or marker:REGEX.")
@click.option("--aggregate", default="min", show_default=True, type=click.Choice(["min", "product", "last", "mean"]))
@click.option("--max-calls", type=click.IntRange(1), help="Ask a judge at most this often, for each reward.")
@click.option("--max-judge-tokens", type=click.IntRange(1), help="Stop asking past this many tokens, for each reward.")
@click.option("--temperature", type=click.FloatRange(0), default=0.0, show_default=True, help="Of judges.")
@click.option("--max-tokens", type=click.IntRange(1), default=2048, show_default=True, help="Of one judge's reply.")
@click.option("--seed", type=int, default=0, show_default=True, help="Seed sent to judges.")
@click.option("--base-url", metavar="URL", help="Server for openai:, e.g. http://localhost:8000/v1")
@click.option("--concurrency", type=click.IntRange(1), default=16, show_default=True, help="Requests at once.")
@click.option("--timeout", type=click.FloatRange(0.1), default=600.0, show_default=True, help="Seconds per request.")
@click.option("--retries", type=click.IntRange(0), default=5, show_default=True, help="Tries after a failed request.")
@click.option("--api-key-env", default="OPENAI_API_KEY", show_default=True, help="Variable that holds the key.")
@click.option("--model-arg", "model_args", multiple=True, metavar="K=V", help="Passed to the back-end.")
@click.option("--no-cache", is_flag=True, help="Neither use nor fill the cache of completions.")
@click.option("--quiet", "-q", is_flag=True, help="No progress.")
def command(
    run: Path,
    rewards: tuple[str, ...],
    probe: int | None,
    steps: str,
    aggregate: str,
    max_calls: int | None,
    max_judge_tokens: int | None,
    temperature: float,
    max_tokens: int,
    seed: int,
    base_url: str | None,
    concurrency: int,
    timeout: float,
    retries: int,
    api_key_env: str,
    model_args: tuple[str, ...],
    no_cache: bool,
    quiet: bool,
) -> int:
    r"""Add rewards to a run: rules, judges, reward models, self rewards, recorded scores, your own function.

    What the run has is kept; giving the command again goes on where it stopped. Exit code 1 if judge calls failed:
    their scores are missing, and the command given again asks them again.

    \b
    Examples:
      rarl-eval reward -r runs/qwen3 -w exact -w majority -w ./mine.py:score
      rarl-eval reward -r runs/qwen3 -w pointwise:openai:gpt-4o --max-calls 500
      rarl-eval reward -r runs/qwen3 -w pointwise:openai:gpt-4o --probe 20
      rarl-eval reward -r runs/qwen3 -w rm=recorded:scores.jsonl#rm_score
      rarl-eval reward -r runs/qwen3 -w prm:hf:Qwen/Qwen2.5-Math-PRM-7B --steps paragraph --aggregate product
    """
    reach = Reach(
        options=Options(
            base_url=base_url,
            concurrency=concurrency,
            timeout_seconds=timeout,
            retries=retries,
            api_key_variable=api_key_env,
            arguments=parse_arguments(model_args),
        ),
        sampling=Sampling(temperature=temperature, max_tokens=max_tokens),
        seed=seed,
        budget=Budget(calls=max_calls, tokens=max_judge_tokens),
        cached=not no_cache,
        steps=steps,
        aggregate=aggregate,
    )
    from rarl_eval.runs import store

    store.read_manifest(run)  # say what is wrong with the folder before a model is opened
    with _progress(quiet) as progress:
        done = add_rewards(run, open_sources(rewards, reach), traps=probe, progress=progress)
    for added in done:
        options.say(_told(added, "probes" if probe else "traces"))
    return 1 if any(added.failed for added in done) else 0


def _told(added: Added, what: str) -> str:
    kept = f", {added.kept} kept from before" if added.kept else ""
    missing = f", {added.missing} without a score" if added.missing else ""
    failed = f" ({added.failed} with failed calls: give the command again)" if added.failed else ""
    return f"{added.name}: {added.scored} {what} scored{kept}{missing}{failed}"


@contextmanager
def _progress(quiet: bool) -> Iterator[Callable[[str, int, int], None]]:
    """Show traces done and time left, where a person is looking."""
    if quiet or not sys.stderr.isatty():
        yield lambda name, done, total: None  # noqa: ARG005
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        shown = bar.add_task("scoring", total=None)
        yield lambda name, done, total: bar.update(shown, description=name, completed=done, total=total)
