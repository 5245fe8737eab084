"""``rarl-eval probe``: contamination without the corpus."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import click

from rarl_eval import data, registry
from rarl_eval.cache import Cached, default_path
from rarl_eval.commands import options
from rarl_eval.errors import BadInput
from rarl_eval.models import Model, Options, Scorer
from rarl_eval.models.arguments import parse_arguments
from rarl_eval.probe import Finding, ProbeReport
from rarl_eval.types import Benchmark

_UNCACHED = {"replay", "echo"}
_FRESH = re.compile(r"(fresh:\w+)@(\d+)((?::\d+)?)")


@click.command("probe")
@options.tasks
@click.option(
    "--model", "-m", required=True, metavar="ADAPTER:NAME", help="openai:, gguf:, vllm:, lm-eval: (docs/models.md)"
)
@click.option("--out", "-o", required=True, type=options.FOLDER, help="Probe directory to write.")
@click.option(
    "--null", "null", metavar="TASK", help="Fresh items to hold the scores against; of fresh: tasks the next seed."
)
@click.option("--null-source", metavar="PATH", help="Local file of the null's rows.")
@click.option("--cutoff", metavar="YYYY-MM-DD", help="End of the model's training: items released later are fresh.")
@click.option("--probes", "wanted", metavar="P[,P]", help="Only these probes; default: all that the model allows.")
@click.option(
    "--limit", type=click.IntRange(1), default=200, show_default=True, help="Only the first N items of each set."
)
@click.option("--max-tokens", type=click.IntRange(1), default=512, show_default=True, help="Tokens of a reply.")
@click.option("--seed", type=int, default=0, show_default=True, help="Of shuffles, permutations and fresh: tasks.")
@click.option("--base-url", metavar="URL", help="Server for openai:, e.g. http://localhost:8000/v1")
@click.option("--concurrency", type=click.IntRange(1), default=16, show_default=True, help="Requests at once.")
@click.option("--timeout", type=click.FloatRange(0.1), default=600.0, show_default=True, help="Seconds per request.")
@click.option("--api-key-env", default="OPENAI_API_KEY", show_default=True, help="Variable that holds the key.")
@click.option("--model-arg", "model_args", multiple=True, metavar="K=V", help="Passed to the back-end.")
@click.option("--no-cache", is_flag=True, help="Neither use nor fill the cache of completions.")
@click.option("--json", "as_json", is_flag=True, help="Print probe.json instead of the table.")
@options.sandboxed
def command(
    task: str,
    sources: tuple[str, ...],
    lock: Path | None,
    model: str,
    out: Path,
    null: str | None,
    null_source: str | None,
    cutoff: str | None,
    wanted: str | None,
    limit: int,
    max_tokens: int,
    seed: int,
    base_url: str | None,
    concurrency: int,
    timeout: float,
    api_key_env: str,
    model_args: tuple[str, ...],
    no_cache: bool,
    as_json: bool,
    sandbox: str | None,
    unsafe_local: bool,
    jobs: int | None,
) -> int:
    r"""Look for what a model has seen of a benchmark, without its training corpus.

    Each probe scores the benchmark's items and fresh ones, and tests whether the former rank higher. Exit code 1 if a
    probe is suspicious, at a chance of 5 % for a model that has seen neither. An interrupted probe takes the replies it
    has from the cache.

    \b
    Examples:
      rarl-eval probe -t fresh:algebra@0 -m gguf:model.gguf -o probes/model
      rarl-eval probe -t gsm8k --null fresh:word_problems -m vllm:Qwen/Qwen3-8B -o probes/qwen3
      rarl-eval probe -t livecodebench --cutoff 2024-06-01 --probes dates -m openai:gpt-4o -o probes/gpt-4o
      rarl-eval probe -t gsm8k --probes order,question-mink -m gguf:model.gguf -o probes/order
    """
    adapter, colon, name = model.partition(":")
    if not colon:
        raise BadInput(f"--model {model!r} is not ADAPTER:NAME, e.g. openai:gpt-4o")
    if cutoff is not None and not re.fullmatch(r"\d{4}-\d{2}-\d{2}", cutoff):
        raise BadInput(f"--cutoff {cutoff!r} is no date of the form YYYY-MM-DD")
    probe = registry.load("contamination", "probe")
    plan = registry.load("contamination", "probe-plan")
    open_model = registry.load("models", adapter)
    benchmarks = options.load(task, sources, lock, seed)
    nulls = _nulls(benchmarks, null, null_source, seed, cutoff)
    reach = Options(
        base_url=base_url, concurrency=concurrency, timeout_seconds=timeout, api_key_variable=api_key_env,
        arguments=parse_arguments(model_args),
    )  # fmt: skip
    asked = {k: v for k, v in {"probes": _names(wanted)}.items() if v}
    opened: Model = open_model(name, reach)
    scorer = opened if isinstance(opened, Scorer) and getattr(opened, "scores", True) else None
    if not no_cache and adapter not in _UNCACHED:
        opened = Cached(opened, default_path(), _Versions([*benchmarks, *filter(None, nulls)]))
    try:
        with options.sandbox_for([*benchmarks, *filter(None, nulls)], sandbox, unsafe_local, jobs):
            report: ProbeReport = probe(
                benchmarks,
                opened,
                out,
                plan(cutoff=cutoff, limit=limit, seed=seed, max_tokens=max_tokens, **asked),
                nulls=nulls,
                scorer=scorer,
                say=options.say,
            )
    finally:
        opened.close()
    _tell(report, out, as_json=as_json)
    return 1 if any(finding.suspicious for finding in report.findings) else 0


class _Versions(dict[str, int]):
    """Versions of tasks under the names that probes' requests carry: the task's, and the probe's behind it."""

    def __init__(self, benchmarks: Iterable[Benchmark]) -> None:
        super().__init__({b.task.name: b.task.version for b in benchmarks})

    def __missing__(self, key: str) -> int:
        return self[key.rpartition(" ")[0]]


def _nulls(
    benchmarks: Sequence[Benchmark], null: str | None, source: str | None, seed: int, cutoff: str | None
) -> list[Benchmark | None]:
    """Load what each benchmark is held against; by default a fresh: task's twin of the next seed."""
    if null is not None:
        tasks = registry.tasks(null, seed)
        if len(tasks) != 1:
            raise BadInput(f"--null {null!r} names {len(tasks)} tasks; name one")
        return [data.load(tasks[0], {tasks[0].name: source} if source else {})] * len(benchmarks)
    if source is not None:
        raise BadInput("--null-source needs --null, the task whose rows it holds")
    return [None if cutoff else _twin(benchmark) for benchmark in benchmarks]


def _twin(benchmark: Benchmark) -> Benchmark | None:
    found = _FRESH.match(benchmark.task.name)
    if found is None:
        return None
    (task,) = registry.tasks(f"{found[1]}@{int(found[2]) + 1}{found[3]}")
    return data.load(task)


def _names(wanted: str | None) -> tuple[str, ...]:
    return tuple(name.strip() for name in (wanted or "").split(",") if name.strip())


def _tell(report: ProbeReport, out: Path, *, as_json: bool) -> None:
    if as_json:
        click.echo((out / "probe.json").read_text("utf-8"), nl=False)
        return
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, padding=(0, 1))
    for label in ("task", "probe", "measure", "n", "null n", "value", "null", "p", "p (Holm)", "suspicious"):
        table.add_column(Text(label))
    for finding in report.findings:
        table.add_row(*(Text(cell) for cell in _cells(finding)))
    options.print_wide(table)
    for finding in report.findings:
        if finding.skipped:
            options.say(f"{finding.task}: {finding.probe}: {finding.skipped}")
    options.say(
        f"probe.json and items.jsonl are in {out}; a suspicion holds at {report.level:.0%} over a task's probes"
    )


def _cells(finding: Finding) -> tuple[str, ...]:
    def number(value: float | None) -> str:
        return "–" if value is None else f"{value:.3g}"

    told = "–" if finding.suspicious is None else ("yes" if finding.suspicious else "no")
    return (
        finding.task, finding.probe, finding.measure or "–", str(finding.n), str(finding.n_null), number(finding.value),
        number(finding.value_null), number(finding.p), number(finding.p_adjusted), told,
    )  # fmt: skip
