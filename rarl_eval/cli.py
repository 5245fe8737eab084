"""The command line: a table of commands, loaded one at a time, and the place where errors become sentences.

``rarl-eval --help`` imports nothing but click. Exit codes: 0 done, 1 done but with findings the command names
(a shard that could not be scanned), 2 bad input, 130 interrupted.
"""

import errno
import gc
import importlib
import os
import sys
from typing import Any

import click

from rarl_eval import __version__
from rarl_eval.errors import RarlEvalError
from rarl_eval.files.text import visible

COMMANDS = {
    "agree": "Say how rewards agree with the verdicts, where they can be gamed, what choosing by them gives.",
    "audit": "Look at what a scan found, item beside document, and judge it.",
    "cache": "List or clean the cache of completions.",
    "clean": "Write a copy of a corpus without the documents that hold benchmark items.",
    "compare": "Compare runs on the items they share: who is better, by how much, what could have been missed.",
    "demo": "Ask three tiny models of which two have seen the test set: scans, report and site.",
    "doctor": "Say what is installed and what works here.",
    "examples": "Write the files that the documentation's commands work on.",
    "export": "Write a run in another program's format: Every Eval Ever, lm-eval, Parquet, datasets.",
    "fetch": "Fill the cache with the rows of benchmarks, for machines without a network.",
    "list": "List the rewards, models, readers and detectors that can be named.",
    "nightly": "Do a night's work from one file and hold it against a baseline and the last nights.",
    "probe": "Look for what a model has seen of a benchmark, without its training corpus.",
    "report": "Join runs and scans: accuracy, clean / flagged, agreement, length.",
    "reward": "Add rewards to a run: rules, judges, reward models, recorded scores.",
    "rewardbench": "Evaluate a reward on preference and step-label benchmarks.",
    "run": "Ask a model the items of benchmarks and judge its answers.",
    "scan": "Look for the items of benchmarks in training corpora.",
    "score": "Judge outputs that another harness recorded.",
    "serve": "Show a folder of pages to browsers on this machine.",
    "show": "Show what a run directory holds, or one item in full.",
    "site": "Build the static leaderboard from reports.",
    "tasks": "List the benchmarks, or lock what they resolve to.",
    "training": "Watch a training by its rollouts: does the reward still pay for what is true?",
    "verify": "Make again what follows from something else in a run, and say what does not match.",
}
"""Command names and their one-line help; each lives in the module of its name under rarl_eval.commands."""


_OF_THE_DISK = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.EFBIG, errno.EIO}


class LazyGroup(click.Group):
    """A group whose commands are imported when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's signature
        """Return the names in the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import one command."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"rarl_eval.commands.{cmd_name}").command
        # Docstrings are raw; click's mark for lines to keep as they are is the control character.
        command.help = (command.help or "").replace("\\b\n", "\b\n")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the table without importing a command."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Name the nearest command for one that does not exist."""
        if args[0] not in COMMANDS and not args[0].startswith("-"):
            from difflib import get_close_matches

            near = get_close_matches(args[0], COMMANDS, n=1)
            ctx.fail(f"no command is called {args[0]!r}" + (f"; did you mean {near[0]}?" if near else ""))
        return super().resolve_command(ctx, args)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="rarl-eval")
def group() -> None:
    """Tell whether a reasoning model's score can be believed.

    Is each answer right, was the question in the training data, does the reward agree with the truth, and what did
    the answer cost in tokens: one run, one record per answer, one report.

    \b
    Start here:
      rarl-eval demo --out demo
      rarl-eval score outputs.jsonl --task gsm8k --out runs/mine
      rarl-eval scan --task gsm8k --corpus 'train/*.jsonl.gz' --out scans/train
      rarl-eval report --run runs/mine --scan scans/train --out report
      rarl-eval site --report report --out site
    """  # noqa: D301  \b is click's mark for text to keep as it is


def main(arguments: list[str] | None = None) -> None:
    """Run the command line; a RarlEvalError is one sentence on stderr and exit code 2."""
    try:
        outcome: Any = group.main(args=arguments, prog_name="rarl-eval", standalone_mode=False)
        code = outcome if isinstance(outcome, int) else 0
    except RarlEvalError as error:
        click.echo(visible(f"rarl-eval: error: {error}"), err=True)
        code = 2
    except click.exceptions.Abort:
        click.echo("rarl-eval: interrupted; what was stored is safe", err=True)
        code = 130
    except click.ClickException as error:
        error.show()
        code = 2
    except BrokenPipeError:  # the reader of our output went away, e.g. head
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    except OSError as error:
        if error.errno not in _OF_THE_DISK:
            raise
        where = f"{error.filename}: " if error.filename else ""
        click.echo(f"rarl-eval: error: {where}{error.strerror}; mend the disk or its permissions and go on", err=True)
        code = 2
    gc.freeze()  # the memory goes with the process; to look through it for cycles first takes a fifth of a second
    sys.exit(code)


if __name__ == "__main__":
    main()
