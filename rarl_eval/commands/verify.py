"""``rarl-eval verify``: make again what a run directory holds, and say what does not match."""

from pathlib import Path

import click
import msgspec

from rarl_eval import data
from rarl_eval.commands import options
from rarl_eval.files.text import visible
from rarl_eval.verify import verify_run


@click.command("verify")
@click.argument("run", type=options.FOLDER)
@click.option("--source", "sources", multiple=True, metavar="TASK=PATH", help="Local file of a task's rows.")
@click.option("--json", "as_json", is_flag=True, help="Machine-readable output.")
@click.option("--quiet", "-q", is_flag=True, help="No progress.")
def command(run: Path, sources: tuple[str, ...], as_json: bool, quiet: bool) -> int:
    r"""Make again what follows from something else in a run, and say what does not match.

    Item keys, fingerprints, prompts, answers, verdicts and rule rewards are derived again; the manifest is held
    against the database. The source's rows are loaded where they are at hand; the hub is never asked. Exit code 1 if
    something differs.

    \b
    Examples:
      rarl-eval verify runs/qwen3
      rarl-eval verify runs/qwen3 --source gsm8k=data/test.jsonl --json
    """
    with options.record_progress("none" if quiet else "auto") as progress:
        findings = verify_run(run, data.parse_sources(sources), progress)
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(findings)).decode())
    else:
        for f in findings:
            click.echo(visible(f"{f.outcome:<11}  {f.task or 'run':<16}  {f.check:<9}  {f.detail}"))
    return 1 if any(f.outcome == "differs" for f in findings) else 0
