"""``rarl-eval run``: ask models the items of benchmarks and judge their answers."""

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import click

from rarl_eval import registry
from rarl_eval.commands import family, groups, options, servers
from rarl_eval.commands import wanted as what
from rarl_eval.commands.groups import Judging, Rows, RuleOptions
from rarl_eval.commands.progress import Shown, record_progress
from rarl_eval.commands.servers import ServerReach, adapter_and_name, together
from rarl_eval.commands.walls import SandboxOptions, sandboxed
from rarl_eval.commands.wanted import RunWanted
from rarl_eval.data.styles import label
from rarl_eval.errors import BadInput
from rarl_eval.files.text import visible
from rarl_eval.models import Model
from rarl_eval.models.budget import Budget, Price
from rarl_eval.models.cache import Cached, default_path
from rarl_eval.models.likely import Likely
from rarl_eval.models.plugged import open_model
from rarl_eval.run import Finished, run
from rarl_eval.types import Benchmark, Style

_UNCACHED = {"replay", "echo"}
"""Doubles answer at once, and a replayed file may change under its name."""


@dataclass(frozen=True, kw_only=True)
class Engine:
    """Where models run, and what may be asked of them at a time."""

    engine: Literal["local", "ray"]
    workers: int | None
    batch: bool
    batch_poll: float
    no_cache: bool

    def open(self, model: str, reach: ServerReach, benchmarks: Sequence[Benchmark]) -> Model:
        """Open ``ADAPTER:NAME``, behind the cache unless that is not wanted."""
        adapter, name = adapter_and_name(model)
        how = reach.options()
        if self.batch and (adapter != "openai" or how.stream or self.engine != "local"):
            raise BadInput("--batch is of openai: alone, without --stream and --engine ray")
        if self.engine == "ray":
            from rarl_eval.models.cluster import open_cluster

            opened: Model = open_cluster(adapter, name, how, self.workers)
        else:
            opened = open_model(adapter, name, how)
        plain = self.no_cache or self.batch or adapter in _UNCACHED
        asked = opened if plain else Cached(opened, default_path(), {b.task.name: _asked(b) for b in benchmarks})
        compares = next((b.task.name for b in benchmarks if b.task.compares), None)
        return asked if compares is None else Likely(asked, opened, compares)

    def through(self, model: Model, folder: Path) -> Model:
        """Return the model, asked by batches that are kept beside the run in ``folder`` where that is wanted."""
        if not self.batch:
            return model
        from rarl_eval.models.batches import Batched

        return Batched(model, folder / "batches", self.batch_poll, options.notice)  # type: ignore[arg-type]


@dataclass(frozen=True, kw_only=True)
class Spending:
    """What tokens cost, and where to stop."""

    price: str | None
    max_cost: float | None

    def read(self) -> tuple[Price, Budget]:
        """Return the price and what may be spent; nothing is known to cost anything without a price."""
        if self.price is None:
            if self.max_cost is not None:
                raise BadInput("--max-cost needs --price IN,OUT, the price of a million prompt and completion tokens")
            return Price(), Budget()
        try:
            prompt, completion = (float(part) for part in self.price.split(","))
        except ValueError as error:
            raise BadInput(f"--price {self.price!r} is not IN,OUT, e.g. 0.15,0.60") from error
        return Price(prompt_per_million=prompt, completion_per_million=completion), Budget(cost=self.max_cost)


_engine = together(
    "engine",
    Engine,
    click.option("--engine", type=click.Choice(["local", "ray"]), default="local", show_default=True),
    click.option("--workers", type=click.IntRange(1), help="Of --engine ray: how many hold the model."),
    click.option("--batch", is_flag=True, help="Ask openai: by the server's batches, and wait for them."),
    click.option(
        "--batch-poll", type=click.FloatRange(0.01), default=30.0, show_default=True, help="Seconds between looks."
    ),
    options.no_cache,
)

_spending = together(
    "spending",
    Spending,
    click.option("--price", metavar="IN,OUT", help="Price of a million prompt and completion tokens."),
    click.option(
        "--max-cost",
        type=click.FloatRange(0, min_open=True),
        help="Of each run: ask no more once this is spent (needs --price).",
    ),
)


@family.command("run")
@groups.rows
@click.option(
    "--model",
    "-m",
    "models",
    required=True,
    multiple=True,
    metavar="ADAPTER:NAME ...",
    help="openai:, litellm:, gguf:, vllm:, lm-eval:, replay:, echo:; several make a run each, OUT/ADAPTER-NAME.",
)
@options.out("Run directory to write.")
@click.option("--resume", is_flag=True, help="Go on with the run in --out: ask only what has no answer yet.")
@what.wanted
@_engine
@servers.reach
@_spending
@options.prompt_style
@groups.rules
@groups.judging
@sandboxed
@options.shown
def command(
    rows: Rows,
    models: tuple[str, ...],
    out: Path,
    resume: bool,
    wanted: RunWanted,
    engine: Engine,
    reach: ServerReach,
    spending: Spending,
    prompt_style: Style | None,
    rules: RuleOptions,
    judging: Judging,
    walls: SandboxOptions,
    progress: Shown,
    as_json: bool,
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
      rarl-eval run -t gsm8k -m openai:qwen3-8b -m openai:qwen3-32b --base-url http://localhost:8000/v1 -o runs/both
      rarl-eval run -t gsm8k -m openai:gpt-4o-mini --batch -o runs/batched
      rarl-eval run -t gsm8k -m litellm:anthropic/claude-sonnet-4-5 --system @terse.txt -o runs/claude
      rarl-eval run -t gsm8k -m openai:Qwen/Qwen3-8B-Base --endpoint completions --max-tokens 512 -o runs/continued
      rarl-eval run -t gsm8k -m replay:traces.jsonl -o runs/replayed
    """
    plan = {model: wanted.each(folder) for model, folder in _folders(models, out).items()}
    price, budget = spending.read()
    benchmarks = rules.applied(rows.load(wanted.seed, prompt_style, wanted.limit))
    if wanted.samples > 1 and wanted.temperature == 0:
        options.say(
            f"-k {wanted.samples} at --temperature 0: the samples of an item will hardly differ, so that what is told "
            "of several (pass@k, maj@k, spread) says little; leave the temperature to the model, or give one above 0"
        )

    told: list[dict[str, Any]] = []
    for model, runs in plan.items():
        opened = engine.open(model, reach, benchmarks)
        try:
            for folder, settings in runs:
                with walls.around(benchmarks), record_progress(progress, price.of) as show:
                    done = run(
                        benchmarks,
                        engine.through(opened, folder),
                        folder,
                        settings,
                        price=price,
                        budget=budget,
                        resume=resume,
                        progress=show,
                    )
                left = _conclude(done, folder, benchmarks, judging)
                told.append({"out": str(folder), "model": model, **asdict(done), "unjudged_left": left})
        finally:
            opened.close()
        if isinstance(opened, Cached) and opened.hits:
            options.say(f"{opened.hits} traces came from the cache")
    if as_json:
        family.print_json({"runs": told})
    return int(any(one["failed"] or one["left"] or one["unjudged_left"] for one in told))


def _folders(models: Sequence[str], out: Path) -> dict[str, Path]:
    """Return the folder of each model, having seen that each can be opened at all."""
    for model in models:
        registry.load("models", adapter_and_name(model)[0])
    if len(models) == 1:
        return {models[0]: out}
    found = {model: out / re.sub(r"[^A-Za-z0-9._-]+", "-", model).strip("-.") for model in models}
    if len(set(found.values())) < len(models):
        raise BadInput("--model names two models whose folders would be the same; give each a command of its own")
    return found


def _asked(benchmark: Benchmark) -> int | str:
    """Version of the task and, where it is not the task's own, of the prompt style: part of the cache's address."""
    version = benchmark.task.version
    return f"{version} {label(benchmark.style)}" if benchmark.style else version


def _conclude(done: Finished, out: Path, benchmarks: Sequence[Benchmark], judging: Judging) -> bool:
    """Say what a run came to and have its free text judged; whether a judge left some undone."""
    from rarl_eval.commands.conclusion import concluded_run  # numpy: not for --help

    asked = [benchmark.task for benchmark in benchmarks]
    for line in concluded_run(out, asked):
        options.say(line)
    _tell(done, out)
    return judging.answers(out, asked)


def _tell(done: Finished, out: Path) -> None:
    kept = f", {done.kept} kept from before" if done.kept else ""
    cost = f", cost {done.cost:.4f}" if done.cost else ""
    failed = f"; {done.failed} calls failed: go on with --resume" if done.failed else ""
    why = "the model is asked no more" if done.stopped else "the cost cap is reached"
    left = f"; {done.left} not asked, {why}: go on with --resume" if done.left else ""
    options.say(f"{done.asked} traces asked{kept}{cost}, in {out}{failed}{left}")
    for reason, count in done.failures.items():
        options.say(f"  {count} x {visible(reason)}")
    for field, instead in done.adapted.items():
        options.say(f"  the server refuses {field}: {instead}")
    if len(done.served) > 1:
        options.say(f"  the replies name {len(done.served)} models behind one name: {', '.join(done.served)}")
    if done.beyond:
        options.say(f"  {done.beyond} cannot be judged and count neither as right nor as wrong; {done.why}")
    if done.doubted:
        options.say(f"  {done.doubted} replies have token counts that do not fit their text: meta.doubts says why")
