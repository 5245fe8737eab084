"""``rarl-eval probe``: contamination without the corpus."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from rarl_eval import data, registry
from rarl_eval.commands import family, groups, options, servers
from rarl_eval.commands.groups import Rows
from rarl_eval.commands.servers import ServerReach, adapter_and_name, together
from rarl_eval.commands.walls import SandboxOptions, sandboxed
from rarl_eval.errors import BadInput
from rarl_eval.evidence.probes import Finding, ProbeReport
from rarl_eval.models import Model, Scorer
from rarl_eval.models.cache import Cached, default_path
from rarl_eval.types import Benchmark

_UNCACHED = {"replay", "echo"}
_FRESH = re.compile(r"(fresh:\w+)@(\d+)((?::\d+)?)")


@dataclass(frozen=True, kw_only=True)
class Null:
    """What the benchmark's items are held against."""

    null: str | None
    null_source: str | None
    cutoff: str | None

    def of(self, benchmarks: Sequence[Benchmark], seed: int) -> list[Benchmark | None]:
        """Load the null of each benchmark; by default a fresh: task's twin of the next seed."""
        if self.cutoff is not None and not re.fullmatch(r"\d{4}-\d{2}-\d{2}", self.cutoff):
            raise BadInput(f"--cutoff {self.cutoff!r} is no date of the form YYYY-MM-DD")
        if self.null is not None:
            tasks = registry.tasks(self.null, seed)
            if len(tasks) != 1:
                raise BadInput(f"--null {self.null!r} names {len(tasks)} tasks; name one")
            given = {tasks[0].name: self.null_source} if self.null_source else {}
            return [data.load(tasks[0], given)] * len(benchmarks)
        if self.null_source is not None:
            raise BadInput("--null-source needs --null, the task whose rows it holds")
        return [None if self.cutoff else _twin(benchmark) for benchmark in benchmarks]


@dataclass(frozen=True, kw_only=True)
class ProbeWanted:
    """What is asked for."""

    wanted: str | None
    limit: int
    max_tokens: int
    seed: int

    def plan(self, cutoff: str | None) -> Any:
        """Return the plan of the probes."""
        names = tuple(name.strip() for name in (self.wanted or "").split(",") if name.strip())
        chosen = {"probes": names} if names else {}
        make = registry.load("contamination", "probe-plan")
        return make(cutoff=cutoff, limit=self.limit, seed=self.seed, max_tokens=self.max_tokens, **chosen)


_null = together(
    "null",
    Null,
    click.option(
        "--null", metavar="TASK", help="Fresh items to hold the scores against; of fresh: tasks the next seed."
    ),
    click.option("--null-source", metavar="PATH", help="Local file of the null's rows."),
    click.option("--cutoff", metavar="YYYY-MM-DD", help="End of the model's training: items released later are fresh."),
)

_wanted = together(
    "wanted",
    ProbeWanted,
    click.option("--probes", "wanted", metavar="P[,P]", help="Only these probes; default: all that the model allows."),
    click.option(
        "--limit", type=click.IntRange(1), default=200, show_default=True, help="Only the first N items of each set."
    ),
    click.option("--max-tokens", type=click.IntRange(1), default=512, show_default=True, help="Tokens of a reply."),
    click.option("--seed", type=int, default=0, show_default=True, help="Of shuffles, permutations and fresh: tasks."),
)


@family.command("probe")
@groups.rows
@click.option(
    "--model", "-m", required=True, metavar="ADAPTER:NAME", help="openai:, gguf:, vllm:, lm-eval: (docs/models.md)"
)
@options.out("Probe directory to write.")
@_null
@_wanted
@servers.reach
@options.no_cache
@sandboxed
def command(
    rows: Rows,
    model: str,
    out: Path,
    null: Null,
    wanted: ProbeWanted,
    reach: ServerReach,
    no_cache: bool,
    as_json: bool,
    walls: SandboxOptions,
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
    adapter, name = adapter_and_name(model)
    open_model = registry.load("models", adapter)
    probe, plan = registry.load("contamination", "probe"), wanted.plan(null.cutoff)
    benchmarks = rows.load(wanted.seed)
    nulls = null.of(benchmarks, wanted.seed)
    every = [*benchmarks, *filter(None, nulls)]
    opened: Model = open_model(name, reach.options())
    scorer = opened if isinstance(opened, Scorer) and getattr(opened, "scores", True) else None
    if not no_cache and adapter not in _UNCACHED:
        opened = Cached(opened, default_path(), _Versions(every))
    try:
        with walls.around(every):
            report: ProbeReport = probe(benchmarks, opened, out, plan, nulls=nulls, scorer=scorer, say=options.say)
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


def _twin(benchmark: Benchmark) -> Benchmark | None:
    found = _FRESH.match(benchmark.task.name)
    if found is None:
        return None
    (task,) = registry.tasks(f"{found[1]}@{int(found[2]) + 1}{found[3]}")
    return data.load(task)


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
