"""``rarl-eval nightly``: the night's work from one TOML file, with a gate."""

from pathlib import Path

import click

from rarl_eval.commands import family, options


@family.command("nightly")
@click.argument("file", type=options.FOLDER)
@click.option("--night", metavar="NAME", help="Name of the night; default: the date in UTC. An unfinished one goes on.")
@click.option("--check", is_flag=True, help="Only check the file and the names in it.")
@options.full
def command(file: Path, night: str | None, check: bool, full: bool, as_json: bool) -> int:
    r"""Ask, score, scan and report as FILE says, and hold the night against a baseline and the last nights.

    Exit code 1 on a regression, 2 on a failure, 0 else. What fell is told first; summary.md, junit.xml,
    report, site and history lie beside it.

    \b
    Examples:
      rarl-eval nightly nightly.toml
      rarl-eval nightly nightly.toml --check
      rarl-eval nightly nightly.toml --night 2026-03-01
    """
    from rarl_eval.nightly.night import check_file, nightly
    from rarl_eval.nightly.outputs import cells, headline, payload, sentences, summary
    from rarl_eval.report.layout import terminal_width
    from rarl_eval.report.terminal import concluded

    if check:
        told = check_file(file)
        if as_json:
            family.print_json({"file": str(file), "sound": True, "holds": told})
        options.say(f"{file} is in order: {told}")
        return 0
    outcome = nightly(file, night, say=options.say)
    if as_json:
        family.print_json(payload(outcome))
    elif full:
        click.echo(summary(outcome))
    else:
        options.print_lines(concluded(sentences(outcome), [cells(outcome)], terminal_width()))
    if full or as_json:
        options.say(headline(outcome))
    else:
        options.say("summary.md says it with notes (--full prints it); report and site lie beside it")
    return outcome.code
