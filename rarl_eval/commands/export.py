"""``rarl-eval export``: write a run in another program's format."""

from pathlib import Path
from typing import get_args

import click

from rarl_eval.commands import family, options
from rarl_eval.exporters import Kind, export


@family.command("export")
@options.run
@click.option(
    "--format", "kind", required=True, type=click.Choice(get_args(Kind)), help="eee: Every Eval Ever 0.3 JSON."
)
@options.out("Folder to write; new or empty.")
def command(run: Path, kind: Kind, out: Path, as_json: bool) -> None:
    r"""Write a run in another program's format; importing it again with score gives the same records.

    \b
    Examples:
      rarl-eval export --run runs/qwen3 --format eee --out exports/eee
      rarl-eval export --run runs/qwen3 --format lm-eval --out exports/lm-eval
      rarl-eval export -r runs/qwen3 --format datasets -o exports/datasets
    """
    files = export(run, kind, out)
    if as_json:
        family.print_json({"files": [str(file) for file in files]})
        return
    for file in files:
        click.echo(str(file))
