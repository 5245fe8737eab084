"""``rarl-eval verify``: make again what a run directory holds, and say what does not match."""

from pathlib import Path

import click

from rarl_eval import data
from rarl_eval.commands import family, options
from rarl_eval.commands.progress import Shown, record_progress
from rarl_eval.files.text import visible
from rarl_eval.verify import verify_run


@family.command("verify")
@click.argument("run", type=options.FOLDER)
@options.own_tasks
@options.source
@options.shown
def command(run: Path, task: tuple[str, ...], sources: tuple[str, ...], progress: Shown, as_json: bool) -> int:
    r"""Make again what follows from something else in a run, and say what does not match.

    Item keys, fingerprints, prompts, answers, verdicts and rule rewards are derived again; the manifest is held
    against the database. The source's rows are loaded where they are at hand; the hub is never asked. Exit code 1 if
    something differs.

    \b
    Examples:
      rarl-eval verify runs/qwen3
      rarl-eval verify runs/qwen3 --source gsm8k=data/test.jsonl --json
      rarl-eval verify runs/mine --task ./mine.py --source mine=rows.jsonl
    """
    options.know(task)
    with record_progress(progress) as show:
        findings = verify_run(run, data.parse_sources(sources), show)
    if as_json:
        family.print_json(findings)
    else:
        for f in findings:
            click.echo(visible(f"{f.outcome:<11}  {f.task or 'run':<16}  {f.check:<9}  {f.detail}"))
    return 1 if any(f.outcome == "differs" for f in findings) else 0
