"""``rarl-eval run``: ask a model the items of benchmarks and judge its answers."""

from pathlib import Path
from typing import Literal

import click

from rarl_eval import registry
from rarl_eval.cache import Cached, default_path
from rarl_eval.commands import options
from rarl_eval.errors import BadInput
from rarl_eval.models import Model, Options, Sampling
from rarl_eval.models.arguments import parse_arguments
from rarl_eval.price import Price
from rarl_eval.run import Finished, Settings, run
from rarl_eval.styles import label
from rarl_eval.types import Benchmark, Style

_UNCACHED = {"replay", "echo"}
"""Doubles answer at once, and a replayed file may change under its name."""


@click.command("run")
@options.tasks
@click.option(
    "--model", "-m", required=True, metavar="ADAPTER:NAME", help="openai:, gguf:, vllm:, lm-eval:, replay:, echo:"
)
@click.option("--out", "-o", required=True, type=options.FOLDER, help="Run directory to write.")
@click.option("--limit", type=click.IntRange(1), help="Only the first N items of each task.")
@click.option("--samples", "-k", type=click.IntRange(1), default=1, show_default=True, help="Samples per item.")
@click.option("--temperature", type=click.FloatRange(0), help="Default: the model's own.")
@click.option("--max-tokens", metavar="N[,N]", help="Tokens per sample; several budgets make a run each, OUT/budget-N.")
@click.option("--seed", type=int, default=0, show_default=True, help="Of samples, and of the items of fresh: tasks.")
@click.option("--thinking/--no-thinking", default=None, help="Let the model reason first or not, where it can choose.")
@click.option("--logprobs", is_flag=True, help="Keep the log-probability of each token (gguf:, vllm:, openai:).")
@click.option("--resume", is_flag=True, help="Go on with the run in --out: ask only what has no answer yet.")
@click.option("--engine", type=click.Choice(["local", "ray"]), default="local", show_default=True)
@click.option("--workers", type=click.IntRange(1), help="Of --engine ray: how many hold the model.")
@click.option("--base-url", metavar="URL", help="Server for openai:, e.g. http://localhost:8000/v1")
@click.option("--concurrency", type=click.IntRange(1), default=16, show_default=True, help="Requests at once.")
@click.option("--timeout", type=click.FloatRange(0.1), default=600.0, show_default=True, help="Seconds per request.")
@click.option("--retries", type=click.IntRange(0), default=5, show_default=True, help="Tries after a failed request.")
@click.option("--rpm", type=click.FloatRange(0, min_open=True), help="Requests a minute at most, for openai:.")
@click.option("--tpm", type=click.FloatRange(0, min_open=True), help="Tokens a minute at most, for openai:.")
@click.option("--api-key-env", default="OPENAI_API_KEY", show_default=True, help="Variable that holds the key.")
@click.option("--model-arg", "model_args", multiple=True, metavar="K=V", help="Passed to the back-end.")
@click.option("--price", metavar="IN,OUT", help="Price of a million prompt and completion tokens, for the cost shown.")
@click.option(
    "--max-cost", type=click.FloatRange(0, min_open=True), help="Ask no more once this is spent (needs --price)."
)
@click.option("--no-cache", is_flag=True, help="Neither use nor fill the cache of completions.")
@options.prompt_style
@options.judge
@options.sandboxed
@options.shown
def command(
    task: str,
    sources: tuple[str, ...],
    lock: Path | None,
    model: str,
    out: Path,
    limit: int | None,
    samples: int,
    temperature: float | None,
    max_tokens: str | None,
    seed: int,
    thinking: bool | None,
    logprobs: bool,
    resume: bool,
    engine: Literal["local", "ray"],
    workers: int | None,
    base_url: str | None,
    concurrency: int,
    timeout: float,
    retries: int,
    rpm: float | None,
    tpm: float | None,
    api_key_env: str,
    model_args: tuple[str, ...],
    price: str | None,
    max_cost: float | None,
    no_cache: bool,
    prompt_style: Style | None,
    judge: str | None,
    judge_base_url: str | None,
    judge_api_key_env: str,
    judge_max_calls: int | None,
    sandbox: str | None,
    unsafe_local: bool,
    jobs: int | None,
    progress: options.Shown,
) -> int:
    r"""Ask a model the items of benchmarks and judge its answers.

    Exit code 1 if calls failed: they are stored as errors, are in no denominator, and --resume asks them again.

    \b
    Examples:
      rarl-eval run -t gsm8k -m openai:Qwen/Qwen3-8B --base-url http://localhost:8000/v1 -o runs/qwen3
      rarl-eval run -t math500,medqa -m vllm:Qwen/Qwen3-8B -k 4 --temperature 0.6 -o runs/qwen3-k4
      rarl-eval run -t gsm8k -m lm-eval:hf --model-arg pretrained=gpt2 --limit 20 -o runs/gpt2
      rarl-eval run -t gsm8k -m openai:gpt-4o-mini --rpm 500 --tpm 200000 --price 0.15,0.60 --max-cost 5 -o runs/mini
      rarl-eval run -t aime24 -m vllm:Qwen/Qwen3-8B --no-thinking --logprobs -o runs/qwen3-short
      rarl-eval run -t aime24 -m openai:Qwen/Qwen3-8B --max-tokens 512,1024,4096 -o runs/qwen3-budgets
      rarl-eval run -t fresh:math --seed 7 --limit 200 -m openai:Qwen/Qwen3-8B -o runs/qwen3-fresh
      rarl-eval run -t gsm8k,mbpp --prompt-style few-shot -m openai:Qwen/Qwen3-8B-Base -o runs/qwen3-base
      rarl-eval run -t financebench -m openai:Qwen/Qwen3-8B --judge openai:gpt-4o -o runs/qwen3-filings
      rarl-eval run -t gsm8k -m gguf:qwen3-0.6b-q8_0.gguf --concurrency 4 --max-tokens 2048 -o runs/qwen3-local
      rarl-eval run -t math -k 8 -m vllm:Qwen/Qwen3-8B --engine ray --workers 8 -o runs/qwen3-k8
      rarl-eval run -t gsm8k -m replay:traces.jsonl -o runs/replayed
    """
    adapter, colon, name = model.partition(":")
    if not colon:
        raise BadInput(f"--model {model!r} is not ADAPTER:NAME, e.g. openai:gpt-4o")
    open_model = registry.load("models", adapter)
    benchmarks = options.load(task, sources, lock, seed, prompt_style)
    budgets = _budgets(max_tokens)
    reach = Options(
        base_url=base_url,
        concurrency=concurrency,
        timeout_seconds=timeout,
        retries=retries,
        requests_per_minute=rpm,
        tokens_per_minute=tpm,
        api_key_variable=api_key_env,
        arguments=parse_arguments(model_args),
    )
    cost = _price(price, max_cost)
    if engine == "ray":
        from rarl_eval.models.cluster import open_cluster

        opened: Model = open_cluster(adapter, name, reach, workers)
    else:
        opened = open_model(name, reach)
    if not no_cache and adapter not in _UNCACHED:
        opened = Cached(opened, default_path(), {b.task.name: _asked(b) for b in benchmarks})
    unfinished = False
    try:
        for budget in budgets:
            folder = out if len(budgets) == 1 else out / f"budget-{budget}"
            sampling = Sampling(temperature=temperature, max_tokens=budget, thinking=thinking, logprobs=logprobs)
            settings = Settings(samples=samples, seed=seed, limit=limit, sampling=sampling)
            walls = options.sandbox_for(benchmarks, sandbox, unsafe_local, jobs)
            with walls, options.record_progress(progress, cost.of) as show:
                done = run(benchmarks, opened, folder, settings, price=cost, resume=resume, progress=show)
            unfinished |= bool(done.failed or done.left)
            _tell(done, folder)
            tasks = [b.task for b in benchmarks]
            unfinished |= options.judge_answers(
                folder, tasks, judge, judge_base_url, judge_api_key_env, judge_max_calls
            )
    finally:
        opened.close()
    if isinstance(opened, Cached) and opened.hits:
        options.say(f"{opened.hits} traces came from the cache")
    return 1 if unfinished else 0


def _asked(benchmark: Benchmark) -> int | str:
    """Version of the task and, where it is not the task's own, of the prompt style: part of the cache's address."""
    version = benchmark.task.version
    return f"{version} {label(benchmark.style)}" if benchmark.style else version


def _tell(done: Finished, out: Path) -> None:
    kept = f", {done.kept} kept from before" if done.kept else ""
    cost = f", cost {done.cost:.4f}" if done.cost else ""
    failed = f"; {done.failed} calls failed: go on with --resume" if done.failed else ""
    left = f"; {done.left} not asked, the cost cap is reached: go on with --resume" if done.left else ""
    options.say(f"{done.asked} traces asked{kept}{cost}, in {out}{failed}{left}")
    if done.doubted:
        options.say(f"  {done.doubted} replies have token counts that do not fit their text: meta.doubts says why")


def _budgets(text: str | None) -> list[int | None]:
    if text is None:
        return [None]
    try:
        found = [int(part) for part in text.split(",")]
    except ValueError:
        found = [0]
    if min(found) < 1 or len(set(found)) < len(found):
        raise BadInput(f"--max-tokens {text!r} is no list of different positive numbers, e.g. 512,1024,4096")
    return list(found)


def _price(text: str | None, cap: float | None) -> Price:
    if text is None:
        if cap is not None:
            raise BadInput("--max-cost needs --price IN,OUT, the price of a million prompt and completion tokens")
        return Price()
    try:
        prompt, completion = (float(part) for part in text.split(","))
    except ValueError as error:
        raise BadInput(f"--price {text!r} is not IN,OUT, e.g. 0.15,0.60") from error
    return Price(prompt_per_million=prompt, completion_per_million=completion, cap=cap)
