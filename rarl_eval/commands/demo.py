"""``rarl-eval demo``: the whole job on embedded synthetic data."""

import sys
from pathlib import Path

import click

from rarl_eval.commands import options
from rarl_eval.demo import demo
from rarl_eval.report import render_terminal


@click.command("demo")
@click.option("--out", "-o", type=options.FOLDER, default=Path("demo"), show_default=True, help="Folder to write.")
def command(out: Path) -> None:
    r"""Run the whole job on embedded synthetic data: verdicts, contamination, agreement, length, report and site.

    \b
    Example:
      rarl-eval demo --out demo
    """
    from rich.console import Console

    shown = demo(out, options.say)
    console = Console() if sys.stdout.isatty() else Console(width=160)
    console.print(render_terminal(shown.report))
    click.echo(
        f"Everything above is synthetic: {shown.items} generated items, {shown.traces} generated answers of three imagined "
        "models,\nand a generated corpus into which a third of the items were planted. The code that judged them is real."
    )
    click.echo(f"Report: {out / 'report'}   Site: {shown.index}")
