"""``rarl-eval rewardbench``: evaluate rewards on benchmarks of rewards."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import click

from rarl_eval.commands import family, groups, options, servers
from rarl_eval.commands.groups import Asking
from rarl_eval.commands.servers import ServerReach
from rarl_eval.files.text import visible
from rarl_eval.preference import Figure, Layout

if TYPE_CHECKING:
    from rarl_eval.preference.results import Result
    from rarl_eval.rewards import Reach as JudgeReach


@family.command("rewardbench")
@click.option(
    "--data",
    "-d",
    "files",
    multiple=True,
    required=True,
    type=options.FOLDER,
    metavar="FILE ...",
    help="Files of examples.",
)
@click.option("--layout", type=click.Choice(get_args(Layout)), help="Default: found out from the fields.")
@click.option(
    "--reward", "-w", metavar="[NAME=]SOURCE[:ARG]", help="Default: the scores or votes that the rows themselves hold."
)
@options.out("File to write the figures to, as JSON.", required=False)
@click.option(
    "--threshold",
    metavar="NUMBER|SUBSET",
    help="Step scores below it fail; a subset's name: the one with the highest F1 there. Default: 0.5.",
)
@click.option("--limit", type=click.IntRange(1), help="Only the first N examples of each file.")
@groups.asking
@servers.reach
def command(
    files: tuple[Path, ...],
    layout: Layout | None,
    reward: str | None,
    threshold: str | None,
    out: Path | None,
    limit: int | None,
    asking: Asking,
    reach: ServerReach,
    as_json: bool,
) -> int:
    r"""Evaluate a reward on RewardBench 1 and 2, RM-Bench, JudgeBench, LLMBar, PPE, ProcessBench, PRMBench or MR-Ben.

    Each benchmark's own metric is computed, in a table for each file; parts of one benchmark get one more over all of
    them. Calls that failed, replies that were not read and responses without a row of scores are counted, and their
    examples are neither right nor wrong. Exit code 1 if calls failed, or if nothing was measured.

    \b
    Examples:
      rarl-eval rewardbench -d rewardbench.parquet -w orm:hf:Skywork/Skywork-Reward-V2-Qwen3-8B
      rarl-eval rewardbench -d judgebench.jsonl -w pairwise:openai:gpt-4o --max-calls 700
      rarl-eval rewardbench -d gsm8k.json math.json -w recorded:scores.jsonl#prm --threshold gsm8k
      rarl-eval rewardbench -d evaluators/GPT-4/CoT/result.json
    """
    found = _results(files, layout, reward, asking.through(reach), limit, threshold)
    told = {"schema": 2, "results": found}
    if out is not None:
        import msgspec

        from rarl_eval.files.atomic import write_atomically

        write_atomically(out, msgspec.json.format(msgspec.json.encode(told)) + b"\n")
    if as_json:
        family.print_json(told)
    for result in found:
        if not as_json:
            _show(result)
        for said in _said(result):
            options.say(said)
    return 1 if any(result.failed or not result.measured for result in found) else 0


def _results(
    files: tuple[Path, ...],
    layout: Layout | None,
    reward: str | None,
    reach: "JudgeReach",
    limit: int | None,
    threshold: str | None,
) -> "list[Result]":
    from rarl_eval.preference.evaluate import evaluate, recorded
    from rarl_eval.preference.layouts import read_examples
    from rarl_eval.preference.results import read_once, results
    from rarl_eval.rewards.open import open_source

    read_once(files)
    read = {file: read_examples(file, layout) for file in files}
    for file, (_, examples) in read.items():
        for note in (example.note for example in examples if example.note):
            options.say(f"{file}, {note}")
    cut = {file: (name, examples[:limit]) for file, (name, examples) in read.items()}
    if reward is None:
        return results(cut, "recorded", recorded, threshold)
    source = open_source(reward, reach)
    try:
        return results(cut, source.kind.name, lambda examples: evaluate(examples, source), threshold)
    finally:
        source.close()


def _said(result: "Result") -> Iterator[str]:
    """Say what was not answered, and that nothing was."""
    name = result.files[0] if len(result.files) == 1 else f"all {len(result.files)} files"
    why = f"; the first: {result.why}" if result.why else ""
    if result.failed:
        yield f"{name}: {result.failed} of {result.calls} judge calls failed{why}"
    if result.unread:
        yield f"{name}: in {result.unread} of {result.calls} replies no verdict was read"
    if result.unmatched:
        yield f"{name}: {result.unmatched} responses have no row of scores"
    if result.why and not result.failed:
        yield f"{name}: {result.why}"
    if result.missing:
        yield f"{name}: {result.missing} of {result.examples} examples have no answer and are in no figure"
    if not result.measured:
        yield f"{name}: nothing was measured, so there is no figure"


def _show(result: "Result") -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    name = result.files[0] if len(result.files) == 1 else f"all {len(result.files)} files"
    title = f"{result.benchmark}, {name}: {result.reward}, {result.examples} examples, {result.missing} without a score"
    if result.threshold is not None:
        title += f", threshold {result.threshold:g}"
    table = Table(box=box.SIMPLE_HEAD, title=Text(visible(title)), title_justify="left")
    for column in ("subset", "metric", "n", "value", "chance"):
        table.add_column(column, justify="left" if column in {"subset", "metric"} else "right")
    for figure in result.figures:
        table.add_row(*(Text(visible(cell)) for cell in _cells(figure)))
    (Console() if sys.stdout.isatty() else Console(width=140)).print(table)


def _cells(figure: Figure) -> tuple[str, ...]:
    value = figure.value
    shown = "-" if value is None else f"{value.value:.4f}"
    if value is not None and value.low is not None and value.high is not None:
        shown += f" ({value.low:.4f} to {value.high:.4f})"
    n = f"{figure.n} of {figure.n + figure.left_out}" if figure.left_out else str(figure.n)
    return figure.subset, figure.metric, n, shown, "-" if figure.chance is None else f"{figure.chance:.3f}"
