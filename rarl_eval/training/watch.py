"""A training watched: what its stored rollouts say, and where reward and truth part."""

from collections import Counter
from dataclasses import dataclass, field

import msgspec

from rarl_eval.training.exploits import Exploit, exploits
from rarl_eval.training.figures import KnownAgainstOthers, StepFigures, over
from rarl_eval.training.known import KnownPrompts
from rarl_eval.training.layouts import FieldNames
from rarl_eval.training.noticed import Noticed, Rewards
from rarl_eval.training.onset import WINDOW, Onset, Watched
from rarl_eval.training.store import Store
from rarl_eval.training.summaries import latest_false, summaries
from rarl_eval.training.truth import Truths

FILE = "watched.sqlite"
SCHEMA = 1
"""Of training.json."""


@dataclass(frozen=True, kw_only=True)
class WatchSettings:
    """How a training is watched."""

    truths: Truths
    columns: FieldNames = field(default_factory=FieldNames)
    alarm: float = 0.01
    window: int = WINDOW
    scale: Rewards | None = None
    """What counts as nothing and as all of the reward; found in the first window where it is not said."""
    known: KnownPrompts | None = None
    """Questions of benchmarks that a scan found among the training's prompts."""
    reward: str | None = None
    """The component of the reward that is watched in place of its sum."""


def signature(settings: WatchSettings) -> str:
    """Return what a stored training must have been read with to be gone on with."""
    known = "" if settings.known is None else settings.known.name
    return f"{settings.truths.name} {settings.columns} {known}"


class Watching(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a training; ``training.json`` is this."""

    schema: int = SCHEMA
    verifier: str
    alarm: float
    window: int
    scale: Rewards
    files: int
    layouts: list[str]
    rollouts: int
    judged: int
    unjudged: dict[str, int]
    """Rollouts without a truth, by why."""
    unread: int
    unread_first: list[str]
    notes: list[str]
    steps: list[StepFigures]
    onsets: list[Onset]
    exploits: list[Exploit]
    standing: KnownAgainstOthers | None = None
    """Prompts that stand in benchmarks beside the others, over the whole training; None without a scan."""

    @property
    def alarms(self) -> list[Onset]:
        """The watches that went off, the earliest first."""
        return sorted((o for o in self.onsets if o.alarm is not None), key=lambda o: (o.alarm or 0, o.watch))


def watch(store: Store, settings: WatchSettings) -> Watching:
    """Say what is known of a training so far."""
    known = store.told()
    noticed = Noticed(only_held_out=known["held_out"] == known["rollouts"] > 0)
    found, rewards = summaries(store, settings.window, settings.scale, held_out_too=noticed.only_held_out)
    told, watched, unjudged = [], Watched(settings.alarm, settings.window), Counter[str]()
    for step, one in found:
        noticed.add(step.step, one.left)
        if one.figures is None:
            continue
        told.append(one.figures)
        unjudged.update(one.unjudged)
        if step.step is not None:
            watched.add(one.watched(step.step))
    store.commit()
    return Watching(
        verifier=settings.truths.name,
        alarm=settings.alarm,
        window=settings.window,
        scale=rewards,
        files=known["files"],
        layouts=known["layouts"],
        rollouts=sum(one.rollouts for one in told),
        judged=sum(one.judged for one in told),
        unjudged=dict(sorted(unjudged.items())),
        unread=known["unread"],
        unread_first=known["unread_first"],
        notes=noticed.told(),
        steps=told,
        onsets=watched.says(),
        exploits=exploits(latest_false(store, found), rewards),
        standing=over([one.standing for one in told if one.standing is not None]),
    )
