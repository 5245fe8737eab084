"""``rarl-eval rewardbench``: evaluate rewards on benchmarks of rewards."""

import sys
from pathlib import Path
from typing import Any, get_args

import click

from rarl_eval.commands import options
from rarl_eval.models import Options, Sampling
from rarl_eval.models.arguments import parse_arguments
from rarl_eval.preference import Example, Figure, Layout
from rarl_eval.rewards import Budget, Reach


@click.command("rewardbench")
@click.option(
    "--data", "-d", "files", multiple=True, required=True, type=options.FOLDER, help="File of examples; repeat."
)
@click.option("--layout", type=click.Choice(get_args(Layout)), help="Default: found out from the fields.")
@click.option(
    "--reward", "-w", metavar="[NAME=]SOURCE[:ARG]", help="Default: the scores or votes that the rows themselves hold."
)
@click.option("--out", "-o", type=options.FOLDER, help="File to write the figures to, as JSON.")
@click.option("--limit", type=click.IntRange(1), help="Only the first N examples of each file.")
@click.option("--aggregate", default="min", show_default=True, type=click.Choice(["min", "product", "last", "mean"]))
@click.option("--max-calls", type=click.IntRange(1), help="Ask a judge at most this often.")
@click.option("--max-judge-tokens", type=click.IntRange(1), help="Stop asking past this many tokens.")
@click.option("--max-tokens", type=click.IntRange(1), default=2048, show_default=True, help="Of one judge's reply.")
@click.option("--base-url", metavar="URL", help="Server for openai:, e.g. http://localhost:8000/v1")
@click.option("--concurrency", type=click.IntRange(1), default=16, show_default=True, help="Requests at once.")
@click.option("--timeout", type=click.FloatRange(0.1), default=600.0, show_default=True, help="Seconds per request.")
@click.option("--retries", type=click.IntRange(0), default=5, show_default=True, help="Tries after a failed request.")
@click.option("--api-key-env", default="OPENAI_API_KEY", show_default=True, help="Variable that holds the key.")
@click.option("--model-arg", "model_args", multiple=True, metavar="K=V", help="Passed to the back-end.")
@click.option("--no-cache", is_flag=True, help="Neither use nor fill the cache of completions.")
def command(
    files: tuple[Path, ...],
    layout: Layout | None,
    reward: str | None,
    out: Path | None,
    limit: int | None,
    aggregate: str,
    max_calls: int | None,
    max_judge_tokens: int | None,
    max_tokens: int,
    base_url: str | None,
    concurrency: int,
    timeout: float,
    retries: int,
    api_key_env: str,
    model_args: tuple[str, ...],
    no_cache: bool,
) -> None:
    r"""Evaluate a reward on RewardBench 1 and 2, RM-Bench, JudgeBench, LLMBar, PPE, ProcessBench, PRMBench or MR-Ben.

    Each benchmark's own metric is computed. Files of one layout are one benchmark.

    \b
    Examples:
      rarl-eval rewardbench -d rewardbench.parquet -w orm:hf:Skywork/Skywork-Reward-V2-Qwen3-8B
      rarl-eval rewardbench -d judgebench.jsonl -w pairwise:openai:gpt-4o --max-calls 700
      rarl-eval rewardbench -d evaluators/GPT-4/CoT/result.json
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
        sampling=Sampling(temperature=0.0, max_tokens=max_tokens),
        budget=Budget(calls=max_calls, tokens=max_judge_tokens),
        cached=not no_cache,
        aggregate=aggregate,
    )
    results = [_result(name, examples, reward, reach) for name, examples in _read(files, layout, limit).items()]
    if out is not None:
        import msgspec

        from rarl_eval.files.atomic import write_atomically

        write_atomically(out, msgspec.json.format(msgspec.json.encode({"schema": 1, "results": results})) + b"\n")
    for result in results:
        _show(result)


def _read(files: tuple[Path, ...], layout: Layout | None, limit: int | None) -> dict[Layout, list[Example]]:
    from rarl_eval.preference.layouts import read_examples

    found: dict[Layout, list[Example]] = {}
    for file in files:
        name, examples = read_examples(file, layout)
        found.setdefault(name, []).extend(examples[:limit])
    return found


def _result(layout: Layout, examples: list[Example], reward: str | None, reach: Reach) -> dict[str, Any]:
    from rarl_eval.preference.evaluate import evaluate, recorded
    from rarl_eval.preference.metrics import figures
    from rarl_eval.rewards.open import open_source

    if reward is None:
        name, answers = "recorded", recorded(examples)
    else:
        source = open_source(reward, reach)
        try:
            name, answers = source.kind.name, evaluate(examples, source)
        finally:
            source.close()
    missing = sum(a.votes is None and a.steps is None and None in a.scores for a in answers)
    found = figures(layout, examples, answers)
    return {"benchmark": layout, "reward": name, "examples": len(examples), "missing": missing, "figures": found}


def _show(result: dict[str, Any]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    title = (
        f"{result['benchmark']}: {result['reward']}, {result['examples']} examples, {result['missing']} without a score"
    )
    table = Table(box=box.SIMPLE_HEAD, title=Text(title), title_justify="left")
    for name in ("subset", "metric", "n", "value", "chance"):
        table.add_column(name, justify="left" if name in {"subset", "metric"} else "right")
    for figure in result["figures"]:
        table.add_row(*(Text(cell) for cell in _cells(figure)))
    (Console() if sys.stdout.isatty() else Console(width=140)).print(table)


def _cells(figure: Figure) -> tuple[str, ...]:
    value = figure.value
    shown = "-" if value is None else f"{value.value:.4f}"
    if value is not None and value.low is not None and value.high is not None:
        shown += f" ({value.low:.4f} to {value.high:.4f})"
    return figure.subset, figure.metric, str(figure.n), shown, "-" if figure.chance is None else f"{figure.chance:.3f}"
