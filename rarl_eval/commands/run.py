"""``rarl-eval run``: ask a model the items of benchmarks and judge its answers."""

from pathlib import Path

import click

from rarl_eval import registry
from rarl_eval.cache import Cached, default_path
from rarl_eval.commands import options
from rarl_eval.errors import BadInput
from rarl_eval.models import Model, Options, Sampling
from rarl_eval.models.arguments import parse_arguments
from rarl_eval.run import Settings, run

_UNCACHED = {"replay", "echo"}
"""Doubles answer at once, and a replayed file may change under its name."""


@click.command("run")
@options.tasks
@click.option("--model", "-m", required=True, metavar="ADAPTER:NAME", help="openai:, vllm:, lm-eval:, replay:, echo:")
@click.option("--out", "-o", required=True, type=options.FOLDER, help="Run directory to write.")
@click.option("--limit", type=click.IntRange(1), help="Only the first N items of each task.")
@click.option("--samples", "-k", type=click.IntRange(1), default=1, show_default=True, help="Samples per item.")
@click.option("--temperature", type=click.FloatRange(0), help="Default: the model's own.")
@click.option("--max-tokens", type=click.IntRange(1), help="Budget of generated tokens per sample.")
@click.option("--seed", type=int, default=0, show_default=True, help="Each sample's seed derives from it.")
@click.option("--resume", is_flag=True, help="Go on with the run in --out: ask only what has no answer yet.")
@click.option("--base-url", metavar="URL", help="Server for openai:, e.g. http://localhost:8000/v1")
@click.option("--concurrency", type=click.IntRange(1), default=16, show_default=True, help="Requests at once.")
@click.option("--timeout", type=click.FloatRange(0.1), default=600.0, show_default=True, help="Seconds per request.")
@click.option("--retries", type=click.IntRange(0), default=5, show_default=True, help="Tries after a failed request.")
@click.option("--api-key-env", default="OPENAI_API_KEY", show_default=True, help="Variable that holds the key.")
@click.option("--model-arg", "model_args", multiple=True, metavar="K=V", help="Passed to the back-end.")
@click.option("--no-cache", is_flag=True, help="Neither use nor fill the cache of completions.")
@click.option("--quiet", "-q", is_flag=True, help="No progress.")
def command(
    task: str,
    sources: tuple[str, ...],
    lock: Path | None,
    model: str,
    out: Path,
    limit: int | None,
    samples: int,
    temperature: float | None,
    max_tokens: int | None,
    seed: int,
    resume: bool,
    base_url: str | None,
    concurrency: int,
    timeout: float,
    retries: int,
    api_key_env: str,
    model_args: tuple[str, ...],
    no_cache: bool,
    quiet: bool,
) -> int:
    r"""Ask a model the items of benchmarks and judge its answers.

    Exit code 1 if calls failed: they are stored as errors, are in no denominator, and --resume asks them again.

    \b
    Examples:
      rarl-eval run -t gsm8k -m openai:Qwen/Qwen3-8B --base-url http://localhost:8000/v1 -o runs/qwen3
      rarl-eval run -t math500,medqa -m vllm:Qwen/Qwen3-8B -k 4 --temperature 0.6 -o runs/qwen3-k4
      rarl-eval run -t gsm8k -m lm-eval:hf --model-arg pretrained=gpt2 --limit 20 -o runs/gpt2
      rarl-eval run -t gsm8k -m replay:traces.jsonl -o runs/replayed
    """
    adapter, colon, name = model.partition(":")
    if not colon:
        raise BadInput(f"--model {model!r} is not ADAPTER:NAME, e.g. openai:gpt-4o")
    open_model = registry.load("models", adapter)
    benchmarks = options.load(task, sources, lock)
    settings = Settings(
        samples=samples, seed=seed, limit=limit, sampling=Sampling(temperature=temperature, max_tokens=max_tokens)
    )
    reach = Options(
        base_url=base_url,
        concurrency=concurrency,
        timeout_seconds=timeout,
        retries=retries,
        api_key_variable=api_key_env,
        arguments=parse_arguments(model_args),
    )
    opened: Model = open_model(name, reach)
    if not no_cache and adapter not in _UNCACHED:
        opened = Cached(opened, default_path(), {b.task.name: b.task.version for b in benchmarks})
    try:
        with options.record_progress(quiet) as progress:
            finished = run(benchmarks, opened, out, settings, resume=resume, progress=progress)
    finally:
        opened.close()
    cached = f", {opened.hits} of them from the cache" if isinstance(opened, Cached) and opened.hits else ""
    kept = f", {finished.kept} kept from before" if finished.kept else ""
    failed = f"; {finished.failed} calls failed: go on with --resume" if finished.failed else ""
    options.say(f"{finished.asked} traces asked{cached}{kept}, in {out}{failed}")
    return 1 if finished.failed else 0
