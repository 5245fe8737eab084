"""``rarl-eval demo``: the whole job on embedded synthetic data."""

from pathlib import Path

import click

from rarl_eval.commands import options
from rarl_eval.demo import demo
from rarl_eval.report import render_terminal


@click.command("demo")
@click.option("--out", "-o", type=options.FOLDER, default=Path("demo"), show_default=True, help="Folder to write.")
@click.option("--site", type=options.FOLDER, help="Folder of the site; default: OUT/site.")
def command(out: Path, site: Path | None) -> None:
    r"""Run the whole job on embedded synthetic data: verdicts, contamination, agreement, length, report and site.

    \b
    Example:
      rarl-eval demo --out demo
    """
    shown = demo(out, site or out / "site", options.say)
    options.print_wide(render_terminal(shown.report))
    click.echo(
        f"Everything above is synthetic: {shown.items} generated items, {shown.traces} generated answers of three\n"
        "imagined models, and a generated corpus into which a third of the items were planted.\n"
        "The code that ran, judged and scanned them is what runs on real ones."
    )
    click.echo(f"Report: {out / 'report'}   Site: {shown.index}")
