"""``rarl-eval compare``: who is better, by how much, and what the data could not have told."""

from pathlib import Path
from typing import Any

import click

from rarl_eval.commands import family, options
from rarl_eval.evidence.scans import read_scan
from rarl_eval.runs import store


@family.command("compare")
@click.argument("named", nargs=-1, metavar="RUN...", type=options.FOLDER)
@options.more_runs
@options.scans
@click.option("--after", metavar="DATE", help="Compare the items released after this day too, e.g. 2024-08-01.")
@click.option("--cutoff", "cutoffs", multiple=True, metavar="[MODEL=]DATE", help="Training cut-off; repeat per model.")
@options.out("Folder for compare.json and compare.md.", required=False)
@options.full
def command(
    named: tuple[Path, ...],
    runs: tuple[Path, ...],
    scans: tuple[Path, ...],
    after: str | None,
    cutoffs: tuple[str, ...],
    out: Path | None,
    full: bool,
    as_json: bool,
) -> None:
    r"""Compare runs on the items they share, and say so in sentences that can be quoted.

    \b
    Examples:
      rarl-eval compare runs/a runs/b
      rarl-eval compare runs/a runs/b -s scans/sft --after 2024-08-01 -o comparison
      rarl-eval compare runs/* --cutoff gpt-4o=2023-10-01 --json
    """
    import json

    from rarl_eval.compare import build_comparison, write_comparison

    comparison = build_comparison(
        (store.open_run(path) for path in options.given_runs(named, runs)),
        [read_scan(path) for path in scans],
        after=after,
        cutoffs=cutoffs,
    )
    if out is not None:
        write_comparison(comparison, out)
    if as_json:
        click.echo(json.dumps(comparison, indent=1, allow_nan=False))
    else:
        print_comparison(comparison, full=full)
    if out is not None:
        options.say(f"compare.json and compare.md are in {out}")


def print_comparison(comparison: dict[str, Any], *, full: bool) -> None:
    """Print sentences and tables, and say what is not shown."""
    from rarl_eval.compare.show import render_comparison, tables
    from rarl_eval.report.layout import terminal_width

    options.print_lines(render_comparison(comparison, terminal_width(), full=full))
    more = len(tables(comparison)) - 1
    if more > 0 and not full:
        options.say(f"--full prints {more} more table{'s' if more > 1 else ''}, --out writes all into a folder")
