"""A training watched: read what is new of its dumps, judge it, and say where reward and truth part."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path

import msgspec

from rarl_eval.errors import BadInput
from rarl_eval.identity.turns import last_turn
from rarl_eval.importers.outputs import clean
from rarl_eval.judge import in_parallel
from rarl_eval.measures.loops import loops
from rarl_eval.training.dumps import Sayings, files_of, read_piece
from rarl_eval.training.exploits import LATEST, Exploit, exploits
from rarl_eval.training.figures import StepFigures, figures, groups_of
from rarl_eval.training.layouts import FieldNames
from rarl_eval.training.noticed import Noticed, Rewards, evaluated, own, scale
from rarl_eval.training.onset import WINDOW, Onset, Watched
from rarl_eval.training.rollouts import Rollout
from rarl_eval.training.store import Seen, Store
from rarl_eval.training.truth import Truth, Truths, content_key

BATCH = 512
"""Rollouts judged together; memory is bounded by it."""
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
    reward: str | None = None
    """The component of the reward that is watched in place of its sum."""


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

    @property
    def alarms(self) -> list[Onset]:
        """The watches that went off, the earliest first."""
        return sorted((o for o in self.onsets if o.alarm is not None), key=lambda o: (o.alarm or 0, o.watch))


def take(dumps: Sequence[Path], store: Store, settings: WatchSettings, say: Callable[[str], None]) -> int:
    """Read and judge what is new; return how many rollouts that were.

    A file that cannot be read is said and left out, unless it is the only one: then BadInput.
    """
    files, said = files_of(dumps)
    for line in said:
        say(line)
    new, refused = 0, []
    for path in files:
        try:
            new += _take_file(path, store, settings)
        except BadInput as error:
            store.undo()
            refused.append(str(error))
    if refused and len(refused) == len(files):
        raise BadInput(refused[0])
    for line in refused:
        say(f"left out: {line}")
    return new


def _take_file(path: Path, store: Store, settings: WatchSettings) -> int:
    state = path.stat()
    begin = store.begin(path)
    if begin is None:
        return 0
    kinds: list[str] = []
    told = Sayings(lambda place, why: store.unread(path, place, why), kinds.append)
    piece = read_piece(path, settings.columns, begin, told)
    count = 0
    while some := list(islice(piece.rollouts, BATCH)):
        _judge(path, some, store, settings)
        count += len(some)
    store.done(path, state.st_size, state.st_mtime_ns, piece.end(), kinds[0] if kinds else "")
    return count


def _judge(path: Path, some: Sequence[Rollout], store: Store, settings: WatchSettings) -> None:
    asked = [clean(last_turn(rollout.prompt) or "") for rollout in some]
    keys = [content_key(settings.truths.name, a, rollout) for a, rollout in zip(asked, some, strict=True)]
    known = {key: store.known(key) for key in dict.fromkeys(keys)}
    fresh = {key: rollout for key, rollout in zip(keys, some, strict=True) if known[key] is None}
    judged: Iterator[Truth] = in_parallel(partial(settings.truths.judged, rollout) for rollout in fresh.values())
    for key, verdict in zip(fresh, judged, strict=True):
        known[key] = verdict, store.learn(key, verdict)
    looping = loops([rollout.text for rollout in some])
    for rollout, key, question, loop in zip(some, keys, asked, looping, strict=True):
        verdict_and_answer = known[key]
        if verdict_and_answer is not None:
            paid = rollout if settings.reward is None else _component(rollout, settings.reward)
            store.add(path, paid, *verdict_and_answer, question, loop)


def _component(rollout: Rollout, name: str) -> Rollout:
    return msgspec.structs.replace(rollout, reward=rollout.rewards.get(name))


def watch(store: Store, settings: WatchSettings) -> Watching:
    """Say what is known of a training so far."""
    noticed, known = Noticed(), store.told()
    noticed.only_held_out = known["held_out"] == known["rollouts"] > 0
    evaluations = evaluated(_prompts(store)) if "trl" in known["layouts"] else set()

    def steps(into: Noticed) -> Iterator[tuple[int | None, list[Seen]]]:
        return own(store.steps(), into, evaluations)

    first = _first_rewards(steps(Noticed(only_held_out=noticed.only_held_out)), settings.window)
    rewards = settings.scale or scale(first)
    kept = deque[Seen](maxlen=LATEST)  # bounds memory, however long the training
    told, watched, unjudged = [], Watched(settings.alarm, settings.window), dict[str, int]()
    for step, rows in steps(noticed):
        told.append(figures(step, rows, rewards))
        kept += [row for row in rows if row.shown is not None and row.truth == 0]
        for row in rows:
            if row.truth is None:
                unjudged[row.status] = unjudged.get(row.status, 0) + 1
        if step is not None:
            watched.add(groups_of(step, rows, rewards))
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
        exploits=exploits(kept, rewards),
    )


def _prompts(store: Store) -> Iterator[tuple[int, frozenset[int]]]:
    return ((step, frozenset(row.prompt for row in rows)) for step, rows in store.steps() if step is not None)


def _first_rewards(steps: Iterator[tuple[int | None, list[Seen]]], window: int) -> list[float]:
    return [row.reward for _, rows in islice(steps, window) for row in rows if row.reward is not None]
