"""``rarl-eval reward``: add rewards to a run."""

from dataclasses import asdict
from pathlib import Path

import click

from rarl_eval import registry
from rarl_eval.commands import family, groups, options, servers
from rarl_eval.commands.groups import Asking
from rarl_eval.commands.progress import Shown, count_progress
from rarl_eval.commands.servers import ServerReach
from rarl_eval.errors import RarlEvalError
from rarl_eval.rewards.add import Added, add_rewards
from rarl_eval.rewards.open import open_sources


@family.command("reward")
@options.run
@click.option(
    "--reward",
    "-w",
    "rewards",
    multiple=True,
    required=True,
    metavar="[NAME=]SOURCE[:ARG] ...",
    help="Sources of docs/rewards.md, or ./file.py:function, in order.",
)
@click.option(
    "--probe", type=click.IntRange(1), metavar="N", help="Put the rewards to probes made from N items a task."
)
@groups.asking
@servers.reach
@options.own_tasks
@options.shown
def command(
    run: Path,
    rewards: tuple[str, ...],
    probe: int | None,
    asking: Asking,
    reach: ServerReach,
    task: tuple[str, ...],
    progress: Shown,
    as_json: bool,
) -> int:
    r"""Add rewards to a run: rules, judges, reward models, self rewards, recorded scores, your own function.

    What the run has is kept; giving the command again goes on where it stopped. Exit code 1 if judge calls failed
    (their scores are missing, and the command given again asks them again), or if a reward scored nothing at all.

    \b
    Examples:
      rarl-eval reward -r runs/qwen3 -w exact majority ./mine.py:score
      rarl-eval reward -r runs/mine -w verifier --probe 20 --task ./mine.py
      rarl-eval reward -r runs/qwen3 -w pointwise:openai:gpt-4o --max-calls 500
      rarl-eval reward -r runs/qwen3 -w pointwise:openai:gpt-4o --probe 20
      rarl-eval reward -r runs/qwen3 -w rm=recorded:scores.jsonl#rm_score
      rarl-eval reward -r runs/qwen3 -w prm:hf:Qwen/Qwen2.5-Math-PRM-7B --steps paragraph --aggregate product
    """
    from rarl_eval.runs import store

    options.know(task)
    manifest = store.read_manifest(run)  # say what is wrong with the folder before a model is opened
    if probe:
        _known(list(manifest["tasks"]))
    with count_progress(progress) as show:
        done = add_rewards(run, open_sources(rewards, asking.through(reach)), traps=probe, progress=show)
    for added in done:
        options.say(_told(added, "probes" if probe else "traces"))
    if as_json:
        family.print_json({"run": str(run), "probes": bool(probe), "rewards": [asdict(added) for added in done]})
    return 1 if any(added.failed or (added.scored and added.missing == added.scored) for added in done) else 0


def _known(names: list[str]) -> None:
    """Say which tasks are not known here: rules have no verdict on probes of theirs."""
    for name in names:
        try:
            registry.task(name)
        except RarlEvalError:
            options.say(f"no task {name} is known here, and its probes have no verdict; name its file with --task")


def _told(added: Added, what: str) -> str:
    kept = f", {added.kept} kept from before" if added.kept else ""
    missing = f", {added.missing} without a score" if added.missing else ""
    states = [f"{added.failed} with failed calls: give the command again"] if added.failed else []
    states += [f"{added.unread} without a verdict in the reply"] if added.unread else []
    states += [f"{added.unmatched} without a row in the file"] if added.unmatched else []
    failed = f" ({'; '.join(states)})" if states else ""
    why = f"; {added.why}" if added.why else ""
    return f"{added.name}: {added.scored} {what} scored{kept}{missing}{failed}{why}"
