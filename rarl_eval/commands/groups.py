"""Options that belong together: declared in one place, and handed to a command as one argument."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rarl_eval.commands import options
from rarl_eval.commands.servers import ServerReach, together
from rarl_eval.errors import BadInput
from rarl_eval.judge import judged_by
from rarl_eval.models import Options, Sampling
from rarl_eval.models.budget import Budget
from rarl_eval.types import Benchmark, Style, Task

if TYPE_CHECKING:
    from rarl_eval.rewards import Reach as JudgeReach

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


@dataclass(frozen=True, kw_only=True)
class Rows:
    """Which tasks, and where their rows are."""

    task: tuple[str, ...]
    sources: tuple[str, ...]
    lock: Path | None
    partial: bool

    def load(self, seed: int | None = None, style: Style | None = None, first: int | None = None) -> list[Benchmark]:
        """Load them; ``seed`` makes the items of ``fresh:`` tasks, ``first`` of each are wanted."""
        return options.load(self.task, self.sources, self.lock, seed, style, partial=self.partial, first=first)


@dataclass(frozen=True, kw_only=True)
class RuleOptions:
    """By which rule answers are judged, where it is not the benchmark's published one for texts."""

    answers: str
    checker: str | None

    def applied(self, benchmarks: Sequence[Benchmark]) -> list[Benchmark]:
        """Return the benchmarks, judging so; of several the checker is for those that have it."""
        having = [b for b in benchmarks if self.checker in b.task.checkers] or benchmarks
        return [
            replace(b, task=judged_by(b.task, self.answers, self.checker if b in having else None)) for b in benchmarks
        ]


@dataclass(frozen=True, kw_only=True)
class Asking:
    """How judge models are asked for rewards, and what that may cost."""

    max_calls: int | None
    max_judge_tokens: int | None
    temperature: float
    max_tokens: int
    seed: int
    steps: str
    aggregate: str
    no_cache: bool

    def through(self, reach: ServerReach) -> "JudgeReach":
        """Return what a reward is opened with."""
        from rarl_eval.rewards import Reach as JudgeReach

        return JudgeReach(
            options=reach.options(),
            sampling=Sampling(temperature=self.temperature, max_tokens=self.max_tokens),
            seed=self.seed,
            budget=Budget(calls=self.max_calls, tokens=self.max_judge_tokens),
            cached=not self.no_cache,
            steps=self.steps,
            aggregate=self.aggregate,
        )


@dataclass(frozen=True, kw_only=True)
class Judging:
    """Who judges free text."""

    judge: str | None
    judge_base_url: str | None
    judge_api_key_env: str
    judge_max_calls: int | None

    def answers(self, path: Path, tasks: Iterable[Task]) -> bool:
        """Have a run's free-text answers judged, or say that they are not; whether a judge left some undone."""
        waiting = [task.name for task in tasks if task.judged]
        if not waiting:
            return False
        from rarl_eval.rewards import Reach as JudgeReach
        from rarl_eval.rewards.decide import judge_run, unjudged

        if self.judge is None:
            count, names = unjudged(path), ", ".join(waiting)
            options.say(f"{count} answers to {names} are unjudged, neither right nor wrong: name a judge with --judge")
            return False
        server = Options(base_url=self.judge_base_url, api_key_variable=self.judge_api_key_env)
        done = judge_run(path, self.judge, JudgeReach(options=server, budget=Budget(calls=self.judge_max_calls)))
        states = [f"{done.failed} calls failed, the first: {done.why}"] if done.failed else []
        states += [f"{done.unread} replies hold no verdict"] if done.unread else []
        left = f" ({'; '.join(states)})" if states else ""
        left = f", {done.left} left unjudged{left}: give the command again with --resume" if done.left else ""
        scored = f", {done.graded} scored by their criteria" if done.graded else ""
        options.say(f"{done.judge}: {done.right} right, {done.wrong} wrong{scored}{left}")
        return bool(done.left)


def _judge_named(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:  # noqa: ARG001
    if value is not None and ":" not in value:
        raise BadInput(f"--judge {value!r} is not ADAPTER:NAME, e.g. openai:gpt-4o")
    return value


rows = together("rows", Rows, options.tasks)

asking = together(
    "asking",
    Asking,
    click.option("--max-calls", type=click.IntRange(1), help="Ask the judge at most this often, for each reward."),
    click.option(
        "--max-judge-tokens", type=click.IntRange(1), help="Stop asking past this many tokens, for each reward."
    ),
    click.option("--temperature", type=click.FloatRange(0), default=0.0, show_default=True, help="Of judges."),
    click.option("--max-tokens", type=click.IntRange(1), default=2048, show_default=True, help="Of a judge's reply."),
    click.option("--seed", type=int, default=0, show_default=True, help="Seed sent to judges."),
    click.option(
        "--steps", default="newline", show_default=True, help="newline, paragraph, token:TEXT or marker:REGEX."
    ),
    click.option(
        "--aggregate",
        default="min",
        show_default=True,
        type=click.Choice(["min", "product", "last", "mean"]),
        help="How scores of steps become one.",
    ),
    options.no_cache,
)

rules = together(
    "rules",
    RuleOptions,
    click.option(
        "--answers",
        type=click.Choice(["text", "programs"]),
        default="text",
        show_default=True,
        help="programs: run each answer in the sandbox and judge the value it comes to.",
    ),
    click.option("--checker", metavar="NAME", help="Judge by another rule than the published one (contest)."),
)

judging = together(
    "judging",
    Judging,
    click.option(
        "--judge",
        metavar="ADAPTER:NAME",
        callback=_judge_named,
        help="Judge model for free-text answers, e.g. openai:gpt-4o.",
    ),
    click.option("--judge-base-url", metavar="URL", help="Server of an openai: judge."),
    click.option(
        "--judge-api-key-env",
        default="OPENAI_API_KEY",
        show_default=True,
        help="Variable that holds the judge's key.",
    ),
    click.option("--judge-max-calls", type=click.IntRange(1), help="Ask the judge at most this often."),
)
