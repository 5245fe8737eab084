"""``rarl-eval export``: write a run in another program's format."""

from pathlib import Path
from typing import get_args

import click

from rarl_eval.commands import options
from rarl_eval.exporters import Kind, export


@click.command("export")
@click.option("--run", "-r", required=True, type=options.FOLDER, help="Run directory.")
@click.option(
    "--format", "kind", required=True, type=click.Choice(get_args(Kind)), help="eee: Every Eval Ever 0.3 JSON."
)
@click.option("--out", "-o", required=True, type=options.FOLDER, help="Folder to write; new or empty.")
def command(run: Path, kind: Kind, out: Path) -> None:
    r"""Write a run in another program's format; importing it again with score gives the same records.

    \b
    Examples:
      rarl-eval export --run runs/qwen3 --format eee --out exports/eee
      rarl-eval export --run runs/qwen3 --format lm-eval --out exports/lm-eval
      rarl-eval export -r runs/qwen3 --format datasets -o exports/datasets
    """
    files = export(run, kind, out)
    for file in files:
        click.echo(str(file))
