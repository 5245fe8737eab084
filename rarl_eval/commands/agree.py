"""``rarl-eval agree``: say how rewards agree with the verdicts."""

import sys
from pathlib import Path

import click

from rarl_eval.commands import family, options
from rarl_eval.errors import BadInput


@family.command("agree")
@options.runs
@options.scans
@options.out("Folder for agreement.json and agreement.md.")
@click.option("--labels", type=options.FOLDER, help="People's labels: id, sample, correct, first_error.")
@click.option(
    "--selected",
    multiple=True,
    metavar="PICKED=BASE ...",
    help="Model whose answers were chosen, and the one it chose from.",
)
@options.resamples
def command(
    runs: tuple[Path, ...],
    scans: tuple[Path, ...],
    out: Path,
    labels: Path | None,
    selected: tuple[str, ...],
    seed: int,
    replicates: int,
    as_json: bool,
) -> int:
    r"""Say how rewards agree with the verdicts, where they can be gamed, and what choosing by them gives.

    Exit code 1 if a reward has no score on any trace.

    \b
    Examples:
      rarl-eval agree -r runs/qwen3 -s scans/train -o agreement
      rarl-eval agree -r runs/6b runs/6b-picked --selected 6b-picked=6b -o agreement
      rarl-eval agree -r runs/qwen3 --labels faults.jsonl -o agreement
    """
    from rarl_eval.agreement.build import Asked, build_agreement
    from rarl_eval.agreement.present import findings, summary, write_agreement
    from rarl_eval.evidence.scans import read_scan
    from rarl_eval.runs import store

    asked = Asked(
        scans=[read_scan(path) for path in scans],
        labels=labels,
        selected=[_pair(option) for option in selected],
        seed=seed,
        replicates=replicates,
    )
    report = build_agreement([store.read_run(path) for path in runs], asked)
    write_agreement(report, out)
    if as_json:
        click.echo((out / "agreement.json").read_text("utf-8"), nl=False)
    else:
        _show(summary(report), list(findings(report)))
        options.say(f"agreement.json and agreement.md are in {out}")
    return int(any(not entry["all"]["n"] for entry in report["rewards"]))


def _pair(option: str) -> tuple[str, str]:
    picked, equals, base = option.rpartition("=")
    if not (picked and equals and base):
        raise BadInput(f"--selected {option!r} is not PICKED=BASE, two names of models")
    return picked, base


def _show(rows: list[list[str]], said: list[str]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD)
    for name in rows[0]:
        table.add_column(name, justify="left" if name in {"task", "model", "reward"} else "right", overflow="fold")
    for row in rows[1:]:
        table.add_row(*(Text(cell) for cell in row))
    console = Console() if sys.stdout.isatty() else Console(width=220)
    console.print(table)
    for sentence in said:
        console.print(Text(sentence))
