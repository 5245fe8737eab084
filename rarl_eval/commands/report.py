"""``rarl-eval report``: join runs and scans into one table."""

from collections import defaultdict
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
from rarl_eval.report.believing import RewardedBy
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
@options.training_of
@click.option(
    "--trained-by", multiple=True, metavar="MODEL=REWARD ...", help="The reward that trained it or chose its answers."
)
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
    training_of: tuple[str, ...],
    trained_by: tuple[str, ...],
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
      rarl-eval report -r runs/qwen3-rl --training-of qwen3-rl=watched -o report
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
        rewarded_by=_rewarded(training_of, trained_by),
        more=Wanted(tokenizer=counter, base=aes_base, cap=oaa_cap, budget=budget),
        seed=seed,
        replicates=replicates,
    )
    for name, said in (("--corpus-of", corpus_of), ("--training-of", training_of), ("--trained-by", trained_by)):
        _check_models(report, [option.partition("=")[0] for option in said], name)
    _check_rewards(report, trained_by)
    _check_models(report, [name for option in cutoffs if (name := option.rpartition("=")[0])], "--cutoff")
    write_report(report, out)
    if as_json:
        click.echo((out / "report.json").read_text("utf-8"), nl=False)
        return
    options.print_lines(render_terminal(report, terminal_width(), full=full))
    more = "" if full else "; --full prints all tables"
    options.say(f"report.json, report.md and report.csv are in {out}{more}")


def _rewarded(training_of: Sequence[str], trained_by: Sequence[str]) -> dict[str, RewardedBy]:
    """Gather by model what is said of the reward that moved it."""
    from rarl_eval.training.reading import bearing, trainings_of

    watched, rewards = defaultdict(list), defaultdict(list)
    for model, path, training in trainings_of(training_of):
        watched[model].append(bearing(path, training))
    for option in trained_by:
        model, equals, reward = option.partition("=")
        if not (model and equals and reward):
            raise BadInput(f"--trained-by {option!r} is not MODEL=REWARD, a model's name and a reward of its run")
        rewards[model].append(reward)
    names = {*watched, *rewards}
    return {name: RewardedBy(rewards=tuple(rewards[name]), trainings=tuple(watched[name])) for name in names}


def _check_rewards(report: dict[str, Any], trained_by: Sequence[str]) -> None:
    """Raise BadInput where a reward is named that scored no answer of the model."""
    for option in trained_by:
        model, _, reward = option.partition("=")
        known = {e["reward"] for row in report["rows"] if row["model"] == model for e in row["agreement"] or ()}
        if reward not in known:
            there = f"there are {', '.join(sorted(known))}" if known else "none did; add it with: rarl-eval reward"
            raise BadInput(f"--trained-by {option!r}: no reward {reward!r} scored answers of {model}; {there}")


def _check_models(report: dict[str, Any], named: Sequence[str], option: str) -> None:
    """Raise BadInput where an option names a model that no row is of: a misspelt name would clear or accuse nobody."""
    models = sorted({row["model"] for row in report["rows"]})
    for name in named:
        if name not in models:
            raise BadInput(f"{option} {name!r} names no model of the report; there are {', '.join(models)}")
