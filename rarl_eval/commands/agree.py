"""``rarl-eval agree``: say how rewards agree with the verdicts."""

from pathlib import Path
from typing import Any

import click

from rarl_eval.commands import family, options
from rarl_eval.errors import BadInput

MOST = 10
"""Findings shown unless all are asked for."""


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
@options.full
def command(
    runs: tuple[Path, ...],
    scans: tuple[Path, ...],
    out: Path,
    labels: Path | None,
    selected: tuple[str, ...],
    seed: int,
    replicates: int,
    full: bool,
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
    from rarl_eval.agreement.present import write_agreement
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
        _show(report, out, full=full)
    return int(any(not entry["all"]["n"] for entry in report["rewards"]))


def _pair(option: str) -> tuple[str, str]:
    picked, equals, base = option.rpartition("=")
    if not (picked and equals and base):
        raise BadInput(f"--selected {option!r} is not PICKED=BASE, two names of models")
    return picked, base


def _show(report: Any, out: Path, *, full: bool) -> None:
    """Print the findings first, then the table."""
    from rarl_eval.agreement.present import findings, summary
    from rarl_eval.report.layout import terminal_width
    from rarl_eval.report.tables import Table
    from rarl_eval.report.terminal import concluded

    said = list(findings(report)) or ["Nothing stands against these rewards in what was measured."]
    header, *rows = (tuple(row) for row in summary(report))
    table = Table("agreement with the verdicts", header, rows, 3)
    shown = said if full else said[:MOST]
    options.print_lines(concluded(shown, [table], terminal_width()))
    rest = f"; {len(said) - len(shown)} more findings with --full" if len(said) > len(shown) else ""
    options.say(f"agreement.json and agreement.md are in {out}{rest}")
