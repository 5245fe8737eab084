"""``rarl-eval site``: build the static leaderboard from reports."""

from pathlib import Path

import click

from rarl_eval.commands import family, options
from rarl_eval.site import build_site


@family.command("site")
@click.option(
    "--report",
    "-r",
    "reports",
    multiple=True,
    required=True,
    type=options.FOLDER,
    metavar="REPORT ...",
    help="Report folders.",
)
@options.out("Folder of the site.")
@click.option("--board", type=options.FOLDER, help="Board definition (TOML); default: all tasks and columns.")
@click.option("--templates", type=options.FOLDER, help="Folder of templates that replace the shipped ones by name.")
@click.option("--url", "--base-url", "url", metavar="URL", help="Where the site will be published.")
@click.option(
    "--run", "runs", multiple=True, type=options.FOLDER, metavar="RUN ...", help="Runs behind the reports, for items."
)
@options.scans
@options.training_of
@options.own_tasks
@click.option("--history", type=options.FOLDER, help="History of nights, for lines over time.")
def command(
    reports: tuple[Path, ...],
    out: Path,
    board: Path | None,
    templates: Path | None,
    url: str | None,
    runs: tuple[Path, ...],
    scans: tuple[Path, ...],
    training_of: tuple[str, ...],
    task: tuple[str, ...],
    history: Path | None,
    as_json: bool,
) -> None:
    r"""Build the static leaderboard from reports; it opens from a file and asks the network for nothing.

    \b
    Examples:
      rarl-eval site -r report -o site
      rarl-eval site -r report --run runs/a runs/b --scan scans/train -o site
      rarl-eval site -r report --training-of qwen3-rl=watched -o site
      rarl-eval site -r report-math -r report-code --board boards/team.toml -o public
    """
    options.know(task)
    index = build_site(
        reports,
        out,
        board=board,
        templates=templates,
        base_url=url,
        runs=runs,
        scans=scans,
        history=history,
        trainings=training_of,
        say=options.say,
    )
    if as_json:
        family.print_json({"index": str(index)})
    else:
        click.echo(str(index))
