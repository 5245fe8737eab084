"""``rarl-eval training``: watch a training by its rollouts."""

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from rarl_eval.commands import family, options
from rarl_eval.errors import BadInput

if TYPE_CHECKING:
    from rarl_eval.training.noticed import Rewards
    from rarl_eval.training.watch import Watching, WatchSettings

EVERY_SECONDS = 30.0
"""Between two looks at a folder that is followed."""


def _field(name: str, told: str) -> options.Decorator:
    return click.option(f"--{name}-field", f"{name}_field", metavar="NAME", help=told)


@family.command("training")
@click.argument("dumps", nargs=-1, required=True, type=options.FOLDER)
@options.out("Folder for training.json, summary.md, junit.xml and what is known so far.")
@click.option("--verify", metavar="RULE", help="math (the default), number, choice, code or ./file.py, on the golds.")
@click.option(
    "--task", "-t", metavar="TASK", help="The benchmark that the rollouts answer, in place of their own golds."
)
@options.source
@options.scans
@_field("gold", "Field of the gold in rows of no known trainer, and beside TRL's.")
@_field("prompt", "Field of the prompt, likewise.")
@_field("text", "Field of the model's text, likewise.")
@_field("reward", "Field of the reward; of known trainers the component that is watched.")
@_field("step", "Field of the step, likewise.")
@_field("group", "Field that names the samples of one prompt, likewise.")
@click.option(
    "--tokenizer",
    "own_tokenizer",  # of the model that was trained: RARL_EVAL_TOKENIZER, which counts for all, is not meant
    type=options.FOLDER,
    help="tokenizer.json of the model, for dumps of token ids (open-instruct).",
)
@click.option("--reward-range", metavar="LOW,HIGH", help="What counts as nothing and as all of the reward.")
@click.option("--alarm", type=click.FloatRange(0, 1, min_open=True, max_open=True), default=0.01, show_default=True,
              help="Chance of a false alarm over the whole training.")  # fmt: skip
@click.option("--window", type=click.IntRange(1), default=20, show_default=True, help="Steps of the first window.")
@click.option("--webhook", metavar="URL", help="Gets an alarm as JSON; env:NAME takes the address from a variable.")
@click.option("--site", type=options.FOLDER, help="Folder for pages: figures over steps, findings, rollouts.")
@click.option("--follow", is_flag=True, help="Look again until interrupted or an alarm goes off.")
@click.option("--every", type=click.FloatRange(0.1), default=EVERY_SECONDS, show_default=True, help="Seconds between.")
@options.full
def command(
    dumps: tuple[Path, ...],
    out: Path,
    verify: str | None,
    task: str | None,
    sources: tuple[str, ...],
    scans: tuple[Path, ...],
    own_tokenizer: Path | None,
    reward_range: str | None,
    alarm: float,
    window: int,
    webhook: str | None,
    site: Path | None,
    follow: bool,
    every: float,
    full: bool,
    as_json: bool,
    **fields: str | None,
) -> int:
    r"""Say whether a training's reward still pays for what is true, from the rollouts that its trainer writes.

    Dumps of TRL, verl, NeMo-RL, AReaL, prime-rl, verifiers, SkyRL, slime, rLLM, NeMo Gym, OpenRLHF's table, and rows
    by --prompt-field and its like. Exit code 1 on an alarm, or where nothing could be judged.

    \b
    Examples:
      rarl-eval training out/completions --gold-field gold --out watched
      rarl-eval training rollouts/ --verify number --follow --alarm 0.01 --out watched
      rarl-eval training rollouts/ --gold-field answer --out watched --site pages
      rarl-eval training rollouts/ --task gsm8k --source gsm8k=train.jsonl --out watched
      rarl-eval training rollouts/ --scan scans/prompts --webhook env:HOOK --follow --out watched
    """
    from rarl_eval.files.webhook import is_address, notify
    from rarl_eval.training.known import KnownPrompts
    from rarl_eval.training.layouts import FieldNames
    from rarl_eval.training.present import payload
    from rarl_eval.training.truth import truths
    from rarl_eval.training.watch import WatchSettings

    if not is_address(webhook):
        raise BadInput(f"--webhook {webhook}: must be a http:// or https:// address, or env:NAME")
    (benchmark,) = options.load([task], sources, None, partial=True) if task else (None,)
    tokenizer = None if own_tokenizer is None else str(own_tokenizer)
    columns = FieldNames(**{name.removesuffix("_field"): value for name, value in fields.items()}, tokenizer=tokenizer)
    settings = WatchSettings(
        truths=truths(verify, benchmark), columns=columns, alarm=alarm, window=window, scale=_scale(reward_range),
        reward=columns.reward, known=KnownPrompts(scans) if scans else None,
    )  # fmt: skip
    found = _followed(dumps, out, settings, every, site) if follow else _looked(dumps, out, settings, site)
    if webhook is not None and found.alarms:
        notify(webhook, payload(found), options.say)
    _show(found, out, full=full, as_json=as_json)
    return int(bool(found.alarms) or not found.judged)


def _looked(dumps: tuple[Path, ...], out: Path, settings: "WatchSettings", site: Path | None) -> "Watching":
    """Look once, and write the pages of what is known so far."""
    from rarl_eval.training.look import look

    found = look(dumps, out, settings, options.say)
    if site is not None:
        from rarl_eval.site import build_trainings

        build_trainings([f"{out.resolve().name}={out}"], site, say=options.say)
    return found


def _followed(
    dumps: tuple[Path, ...], out: Path, settings: "WatchSettings", every: float, site: Path | None
) -> "Watching":
    """Look until an alarm goes off; a training that is followed may not have written anything yet."""
    rollouts = 0
    while True:
        try:
            found = _looked(dumps, out, settings, site)
        except BadInput as error:
            options.say(f"nothing yet: {error}")
        else:
            if found.alarms:
                return found
            if found.rollouts != rollouts:
                options.say(f"{found.rollouts} rollouts, {len(found.steps)} steps, no alarm")
            rollouts = found.rollouts
        time.sleep(every)


def _scale(said: str | None) -> "Rewards | None":
    from rarl_eval.training.noticed import Rewards

    if said is None:
        return None
    low, comma, high = said.partition(",")
    try:
        scale = Rewards(float(low), float(high))
    except ValueError:
        scale = Rewards(0.0, 0.0)
    if not comma or not scale.low < scale.high:
        raise BadInput(f"--reward-range {said} is not LOW,HIGH, two numbers of which the first is smaller")
    return scale


def _show(found: "Watching", out: Path, *, full: bool, as_json: bool) -> None:
    from rarl_eval.report.layout import terminal_width
    from rarl_eval.report.terminal import concluded
    from rarl_eval.training.present import sentences, table

    if as_json:
        family.print_json(found)
        return
    shown = table(found, None) if full else table(found)
    tables = [shown] if found.steps else []
    options.print_lines(concluded(list(sentences(found)), tables, min(80, terminal_width())))
    options.say(f"training.json, summary.md and junit.xml are in {out}")
