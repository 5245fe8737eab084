"""``rarl-eval demo``: the whole job in the laboratory, where the truth about contamination is known."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from rarl_eval.commands import family, options
from rarl_eval.demo import TEST, demo
from rarl_eval.report import render_terminal


@family.command("demo")
@options.out("Folder to write.", required=False, default=Path("demo"), show_default=True)
@click.option("--site", type=options.FOLDER, help="Folder of the site; default: OUT/site.")
@click.option("--replay", is_flag=True, help="Replay recorded answers even where the models could be asked.")
def command(out: Path, site: Path | None, *, replay: bool, as_json: bool) -> None:
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
        told = {"live": shown.live, "traces": shown.traces, "items": shown.items}
        family.print_json({"report": str(out / "report"), "site": str(shown.index), **told})
        return
    options.print_wide(render_terminal(shown.report))
    for line in _found(shown.report):
        click.echo(line)
    how = "answered now, on this machine" if shown.live else "were replayed as recorded: xllamacpp was not used"
    click.echo(
        f"The three models are fixtures of the laboratory, no leaderboard entries; their {shown.traces} answers to "
        f"{shown.items} generated items {how}."
    )
    click.echo(f"Report: {out / 'report'}   Site: {shown.index}")


def _found(report: dict[str, Any]) -> Iterator[str]:
    """Say for each model what the headline, the clean items and the fresh twin say, and what a right answer cost."""
    fresh = {entry["model"]: entry for entry in report["fresh"]}
    others = {row["model"]: row for row in report["rows"] if row["task"] != TEST}
    for row in sorted((r for r in report["rows"] if r["task"] == TEST), key=lambda r: str(r["model"])):
        twin, name = others.get(row["model"]), row["model"]
        shares = [row["accuracy"], row["clean"]["accuracy"], twin and twin["accuracy"]]
        told = ", ".join(
            f"{_percent(share)} {what}"
            for share, what in zip(shares, ("on all items", "on clean ones", "on the fresh twin"), strict=True)
        )
        spent = [_tokens(r["length"]["per_correct"]) for r in (row, twin) if r]
        beyond = fresh[name]["difference"]["value"] if name in fresh else None
        public = "" if beyond is None else f"; public less fresh {100 * beyond:+.1f} points"
        yield f"{name}: {told}{public}; tokens for each right answer: {', on the twin '.join(spent)}."


def _percent(share: dict[str, Any] | None) -> str:
    return "unknown" if share is None else f"{100 * share['value']:.1f} %"


def _tokens(cost: float | None) -> str:
    return "unknown" if cost is None else f"{cost:.0f}"
