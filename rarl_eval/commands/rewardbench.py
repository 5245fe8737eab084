"""``rarl-eval rewardbench``: evaluate rewards on benchmarks of rewards."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import click

from rarl_eval.commands import family, groups, options
from rarl_eval.commands.groups import Asking, ServerReach
from rarl_eval.files.text import visible
from rarl_eval.preference import Example, Figure, Layout

if TYPE_CHECKING:
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
@click.option("--limit", type=click.IntRange(1), help="Only the first N examples of each file.")
@groups.asking
@groups.reach
def command(
    files: tuple[Path, ...],
    layout: Layout | None,
    reward: str | None,
    out: Path | None,
    limit: int | None,
    asking: Asking,
    reach: ServerReach,
    as_json: bool,
) -> None:
    r"""Evaluate a reward on RewardBench 1 and 2, RM-Bench, JudgeBench, LLMBar, PPE, ProcessBench, PRMBench or MR-Ben.

    Each benchmark's own metric is computed. Files of one layout are one benchmark.

    \b
    Examples:
      rarl-eval rewardbench -d rewardbench.parquet -w orm:hf:Skywork/Skywork-Reward-V2-Qwen3-8B
      rarl-eval rewardbench -d judgebench.jsonl -w pairwise:openai:gpt-4o --max-calls 700
      rarl-eval rewardbench -d evaluators/GPT-4/CoT/result.json
    """
    results = [
        _result(name, examples, reward, asking.through(reach)) for name, examples in _read(files, layout, limit).items()
    ]
    if out is not None:
        import msgspec

        from rarl_eval.files.atomic import write_atomically

        write_atomically(out, msgspec.json.format(msgspec.json.encode({"schema": 1, "results": results})) + b"\n")
    if as_json:
        family.print_json({"schema": 1, "results": results})
        return
    for result in results:
        _show(result)


def _read(files: tuple[Path, ...], layout: Layout | None, limit: int | None) -> dict[Layout, list[Example]]:
    from rarl_eval.preference.layouts import read_examples

    found: dict[Layout, list[Example]] = {}
    for file in files:
        name, examples = read_examples(file, layout)
        found.setdefault(name, []).extend(examples[:limit])
    return found


def _result(layout: Layout, examples: list[Example], reward: str | None, reach: "JudgeReach") -> dict[str, Any]:
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
    table = Table(box=box.SIMPLE_HEAD, title=Text(visible(title)), title_justify="left")
    for name in ("subset", "metric", "n", "value", "chance"):
        table.add_column(name, justify="left" if name in {"subset", "metric"} else "right")
    for figure in result["figures"]:
        table.add_row(*(Text(visible(cell)) for cell in _cells(figure)))
    (Console() if sys.stdout.isatty() else Console(width=140)).print(table)


def _cells(figure: Figure) -> tuple[str, ...]:
    value = figure.value
    shown = "-" if value is None else f"{value.value:.4f}"
    if value is not None and value.low is not None and value.high is not None:
        shown += f" ({value.low:.4f} to {value.high:.4f})"
    return figure.subset, figure.metric, str(figure.n), shown, "-" if figure.chance is None else f"{figure.chance:.3f}"
