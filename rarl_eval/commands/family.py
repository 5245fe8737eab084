"""What makes the commands one family: several values after one option, ``--json``, and RARL_EVAL_* variables.

An option that may be given again may also be followed by several words, as the shell expands them: ``--run runs/*``.
Where a command takes files without an option as well, the words before the first option are those files.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import click
import msgspec

LEFT_OUT = "rarl_eval.left_out"
"""In the meta of a click context: tasks of a group that could not be had."""

VARIABLES = {
    "lock": "RARL_EVAL_LOCK",
    "base_url": "RARL_EVAL_BASE_URL",
    "api_key_env": "RARL_EVAL_API_KEY_ENV",
    "concurrency": "RARL_EVAL_CONCURRENCY",
    "timeout": "RARL_EVAL_TIMEOUT",
    "retries": "RARL_EVAL_RETRIES",
    "rpm": "RARL_EVAL_RPM",
    "tpm": "RARL_EVAL_TPM",
    "no_cache": "RARL_EVAL_NO_CACHE",
    "judge": "RARL_EVAL_JUDGE",
    "judge_base_url": "RARL_EVAL_JUDGE_BASE_URL",
    "judge_api_key_env": "RARL_EVAL_JUDGE_API_KEY_ENV",
    "sandbox": "RARL_EVAL_SANDBOX",
    "jobs": "RARL_EVAL_JOBS",
    "progress": "RARL_EVAL_PROGRESS",
    "seed": "RARL_EVAL_SEED",
    "tokenizer": "RARL_EVAL_TOKENIZER",
}
"""Options that mean one thing in every command, and the variable that gives each a value where it is left out."""


class Member(click.Command):
    """A command of the family."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Let an option that may be repeated take all the words that follow it."""
        return super().parse_args(ctx, list(spread(self.params, args)))

    def invoke(self, ctx: click.Context) -> Any:
        """Run it; exit code 1 where it went on without some of what was asked for."""
        quiet = ctx.params.get("progress") == "none"  # then a server that is waited for is not told of
        logging.getLogger("rarl_eval").setLevel(logging.ERROR if quiet else logging.NOTSET)
        code = super().invoke(ctx)
        return 1 if not code and ctx.meta.get(LEFT_OUT) else code


def command(name: str) -> Callable[[Callable[..., Any]], click.Command]:
    """Make a command that has ``--json``, which reaches it as ``as_json``."""

    def made(function: Callable[..., Any]) -> click.Command:
        declared = getattr(function, "__click_params__", [])
        if not any(parameter.name == "as_json" for parameter in declared):
            function = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")(function)
        done = click.command(name, cls=Member)(function)
        for parameter in done.params:
            flag = isinstance(parameter, click.Option) and parameter.is_flag and not parameter.is_bool_flag
            if isinstance(parameter, click.Option) and parameter.name in VARIABLES and not flag:
                parameter.envvar, parameter.show_envvar = VARIABLES[parameter.name], True
        return done

    return made


def spread(parameters: Sequence[click.Parameter], words: Sequence[str]) -> Iterator[str]:
    """Yield the words with ``--run a b`` written as ``--run a --run b``."""
    options = [p for p in parameters if isinstance(p, click.Option)]
    several = {name for p in options if p.multiple for name in p.opts}
    single = {name for p in options if not (p.multiple or p.is_flag or p.count) for name in p.opts}
    waiting = any(isinstance(p, click.Argument) for p in parameters)
    rest, current = iter(words), ""
    for word in rest:
        if word == "--":
            yield from (word, *rest)
        elif word.startswith("-") and word != "-":
            name, given, _ = word.partition("=")
            current = name if name in several else word[:2] if not word.startswith("--") and word[:2] in several else ""
            yield word
            if not given and name in several | single:
                yield from (value for value in [next(rest, None)] if value is not None)
        elif current and not waiting:
            yield from (current, word)
        else:
            waiting, current = False, ""
            yield word


def without(names: Sequence[str]) -> None:
    """Note tasks that a command goes on without."""
    context = click.get_current_context(silent=True)
    if context is not None and names:
        context.meta[LEFT_OUT] = [*context.meta.get(LEFT_OUT, []), *names]


def print_json(value: Any) -> None:
    """Print a result for a program to read: the one thing on stdout."""
    click.echo(msgspec.json.format(msgspec.json.encode(value)).decode())
