"""``rarl-eval report``: join runs and scans into one table."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from rarl_eval.commands import family, options
from rarl_eval.compare.windows import parse_cutoffs
from rarl_eval.errors import BadInput
from rarl_eval.evidence.probes import read_probe
from rarl_eval.evidence.scans import read_scan, tied
from rarl_eval.measures.reference import ReferenceTokenizer
from rarl_eval.measures.wanted import Wanted
from rarl_eval.report.build import build_report
from rarl_eval.report.layout import terminal_width
from rarl_eval.report.terminal import render_terminal
from rarl_eval.report.write import write_report
from rarl_eval.runs import store


@family.command("report")
@options.runs
@options.scans
@options.corpus_of
@options.probes
@click.option("--cutoff", "cutoffs", multiple=True, metavar="[MODEL=]DATE", help="Training cut-off; repeat per model.")
@options.out("Folder for report.json, .md and .csv.")
@options.resamples
@click.option("--tokenizer", type=options.FOLDER, help="tokenizer.json that counts every model's tokens alike.")
@click.option("--aes-base", metavar="MODEL", help="Accuracy-efficiency score of every model against this one.")
@click.option("--oaa-cap", type=click.FloatRange(0, min_open=True), help="Area under accuracy over budgets up to this.")
@click.option("--budget", type=click.FloatRange(0, min_open=True), help="Adherence to this budget.")
@options.full
def command(
    runs: tuple[Path, ...],
    scans: tuple[Path, ...],
    corpus_of: tuple[str, ...],
    probes: tuple[Path, ...],
    cutoffs: tuple[str, ...],
    out: Path,
    seed: int,
    replicates: int,
    tokenizer: Path | None,
    aes_base: str | None,
    oaa_cap: float | None,
    budget: float | None,
    full: bool,
    as_json: bool,
) -> None:
    r"""Say whether scores can be believed: join runs, scans and probes into one conclusion and its tables.

    \b
    Examples:
      rarl-eval report -r runs/qwen3 -s scans/train -o report
      rarl-eval report -r runs/qwen3 -s scans/train --corpus-of qwen3=scans/train -o report
      rarl-eval report -r runs/qwen3 -p probes/qwen3 --cutoff qwen3=2025-01-31 -o report
      rarl-eval report --run runs/* --scan scans/* --out report
      rarl-eval report -r runs/a runs/b --tokenizer qwen3/tokenizer.json --aes-base a -o report
    """
    counter = None if tokenizer is None else ReferenceTokenizer(tokenizer)
    report = build_report(
        # Records are read one at a time, so that memory grows with their number and not with their texts.
        (store.open_run(path) for path in runs),
        tied([read_scan(path) for path in scans], corpus_of),
        cutoffs=parse_cutoffs(cutoffs, [option.rpartition("=")[0] for option in cutoffs]),
        probes=[read_probe(path) for path in probes],
        more=Wanted(tokenizer=counter, base=aes_base, cap=oaa_cap, budget=budget),
        seed=seed,
        replicates=replicates,
    )
    _check_models(report, [option.partition("=")[0] for option in corpus_of], "--corpus-of")
    _check_models(report, [name for option in cutoffs if (name := option.rpartition("=")[0])], "--cutoff")
    write_report(report, out)
    if as_json:
        click.echo((out / "report.json").read_text("utf-8"), nl=False)
        return
    options.print_lines(render_terminal(report, terminal_width(), full=full))
    more = "" if full else "; --full prints all tables"
    options.say(f"report.json, report.md and report.csv are in {out}{more}")


def _check_models(report: dict[str, Any], named: Sequence[str], option: str) -> None:
    """Raise BadInput where an option names a model that no row is of: a misspelt name would clear or accuse nobody."""
    models = sorted({row["model"] for row in report["rows"]})
    for name in named:
        if name not in models:
            raise BadInput(f"{option} {name!r} names no model of the report; there are {', '.join(models)}")
