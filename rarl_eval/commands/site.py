"""``rarl-eval site``: build the static leaderboard from reports."""

from pathlib import Path

import click

from rarl_eval.commands import options
from rarl_eval.site import build_site


@click.command("site")
@click.option(
    "--report", "-r", "reports", multiple=True, required=True, type=options.FOLDER, help="Report folder; repeat."
)
@click.option("--out", "-o", required=True, type=options.FOLDER, help="Folder of the site.")
@click.option("--board", type=options.FOLDER, help="Board definition (TOML); default: all tasks and columns.")
@click.option("--templates", type=options.FOLDER, help="Folder of templates that replace the shipped ones by name.")
@click.option("--base-url", metavar="URL", help="Where the site will be published.")
@click.option("--run", "runs", multiple=True, type=options.FOLDER, help="Run behind a report, for its items; repeat.")
@click.option("--scan", "scans", multiple=True, type=options.FOLDER, help="Scan, for the evidence on items; repeat.")
@click.option("--history", type=options.FOLDER, help="History of nights, for lines over time.")
def command(
    reports: tuple[Path, ...],
    out: Path,
    board: Path | None,
    templates: Path | None,
    base_url: str | None,
    runs: tuple[Path, ...],
    scans: tuple[Path, ...],
    history: Path | None,
) -> None:
    r"""Build the static leaderboard from reports; it opens from a file and asks the network for nothing.

    \b
    Examples:
      rarl-eval site -r report -o site
      rarl-eval site -r report --run runs/a --run runs/b --scan scans/train -o site
      rarl-eval site -r report-math -r report-code --board boards/team.toml -o public
    """
    index = build_site(
        reports,
        out,
        board=board,
        templates=templates,
        base_url=base_url,
        runs=runs,
        scans=scans,
        history=history,
        say=options.say,
    )
    click.echo(str(index))
