"""``rarl-eval demo``: the whole job in the laboratory, where the truth about contamination is known."""

from pathlib import Path

import click

from rarl_eval.commands import family, options
from rarl_eval.demo import Shown, demo
from rarl_eval.report.layout import terminal_width, wrapped
from rarl_eval.report.terminal import render_terminal
from rarl_eval.training.chart import chart
from rarl_eval.training.present import alarm


@family.command("demo")
@options.out("Folder to write.", required=False, default=Path("demo"), show_default=True)
@click.option("--site", type=options.FOLDER, help="Folder of the site; default: OUT/site.")
@click.option("--replay", is_flag=True, help="Replay recorded answers even where the models could be asked.")
@options.full
def command(out: Path, site: Path | None, *, replay: bool, full: bool, as_json: bool) -> None:
    r"""Ask three tiny models of which two have seen half of the test set, scan what they learnt from, and report.

    The models ship with the package and answer live with xllamacpp (pip install 'rarl-eval[local]'); without it
    their recorded answers are replayed, and the output says so.

    \b
    Examples:
      rarl-eval demo --out demo
      rarl-eval demo --out demo --site public --replay
    """
    shown = demo(out, site or out / "site", options.say, live=False if replay else None)
    if as_json:
        alarms = {onset.watch: onset.alarm for onset in shown.training.onsets}
        told = {"live": shown.live, "traces": shown.traces, "items": shown.items, "training": alarms}
        family.print_json({"report": str(out / "report"), "site": str(shown.index), **told})
        return
    options.print_lines(render_terminal(shown.report, terminal_width(), full=full))
    how = "answered now, on this machine" if shown.live else "were replayed as recorded: xllamacpp was not used"
    click.echo()
    said = (
        f"The three models are fixtures of the laboratory, no leaderboard entries; their {shown.traces} answers to "
        f"{shown.items} generated items {how}."
    )
    options.print_lines(wrapped(said, terminal_width()))
    click.echo()
    options.print_lines(
        wrapped(f"A recorded training whose reward has a planted hole. {_told(shown)}", terminal_width())
    )
    options.print_lines(chart(shown.training))
    click.echo()
    click.echo(f"Report: {out / 'report'}   Site: {shown.index}")


def _told(shown: Shown) -> str:
    """Say the alarm on reward and truth, and what was paid."""
    found = shown.training
    told = [alarm(onset, found) for onset in found.alarms if onset.watch == "reward less truth"]
    return " ".join([*told, *(finding.sentence for finding in found.exploits[:1])])
