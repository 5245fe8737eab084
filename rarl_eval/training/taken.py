"""Read what is new of a training's dumps, judge it, and store it in the order in which it was read.

Reading runs ahead of judging (judging.py): while one batch is under judgement the next are read.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import msgspec

from rarl_eval.errors import BadInput
from rarl_eval.identity.turns import last_turn
from rarl_eval.importers.outputs import clean
from rarl_eval.measures.loops import loops
from rarl_eval.training.dumps import Sayings, files_of, read_piece
from rarl_eval.training.judging import Judges, Judging
from rarl_eval.training.rollouts import Rollout
from rarl_eval.training.seen import Assessed
from rarl_eval.training.store import BATCH, Store
from rarl_eval.training.truth import Truth, content_key
from rarl_eval.training.watch import WatchSettings

BATCH_CHARACTERS = 4_000_000
"""Of the texts of rollouts that are judged together; one that is longer is judged alone. Memory is bounded by it."""
AHEAD = 6
"""Batches that are read and not yet stored."""


class _Opened(NamedTuple):
    path: Path
    begin: int


class _Read(NamedTuple):
    path: Path
    rollouts: list[Rollout]
    asked: list[str]
    keys: list[bytes]
    judging: Judging


class _Done(NamedTuple):
    path: Path
    size: int
    changed: int
    end: int
    layout: str
    unread: list[tuple[str, str]]


class _Refused(NamedTuple):
    path: Path
    why: str


_Event = _Opened | _Read | _Done | _Refused


def take(dumps: Sequence[Path], store: Store, settings: WatchSettings, say: Callable[[str], None]) -> int:
    """Read and judge what is new; return how many rollouts that were.

    A file that cannot be read is said and left out, unless it is the only one: then BadInput.
    """
    files, said = files_of(dumps)
    for line in said:
        say(line)
    new, refused = 0, list[str]()
    with closing(Judges(settings.truths)) as judges:
        waiting = deque[_Event]()
        for event in _events(files, store, settings, judges):
            waiting.append(event)
            if len(waiting) > AHEAD:
                new += _stored(waiting.popleft(), store, settings, refused)
        for event in waiting:
            new += _stored(event, store, settings, refused)
    store.commit()
    if refused and len(refused) == len(files):
        raise BadInput(refused[0])
    for line in refused:
        say(f"left out: {line}")
    return new


def _events(files: Sequence[Path], store: Store, settings: WatchSettings, judges: Judges) -> Iterator[_Event]:
    """Yield what happens to the store, file by file."""
    for path in files:
        state, begin = path.stat(), store.begin(path)
        if begin is None:
            continue
        yield _Opened(path, begin)
        unread: list[tuple[str, str]] = []
        kinds: list[str] = []
        told = Sayings(lambda place, why: unread.append((place, why)), kinds.append)  # noqa: B023  called in this round
        try:
            piece = read_piece(path, settings.columns, begin, told)
            for some in _batches(piece.rollouts):
                yield _asked(path, some, store, settings, judges)
            yield _Done(path, state.st_size, state.st_mtime_ns, piece.end(), kinds[0] if kinds else "", unread)
        except BadInput as error:
            yield _Refused(path, str(error))


def _batches(rollouts: Iterator[Rollout]) -> Iterator[list[Rollout]]:
    some: list[Rollout] = []
    held = 0
    for rollout in rollouts:
        some.append(rollout)
        held += len(rollout.text)
        if len(some) == BATCH or held > BATCH_CHARACTERS:
            yield some
            some, held = [], 0
    if some:
        yield some


def _asked(path: Path, some: list[Rollout], store: Store, settings: WatchSettings, judges: Judges) -> _Read:
    """Have judged what is not known yet."""
    asked = [clean(last_turn(rollout.prompt) or "") for rollout in some]
    keys = [content_key(settings.truths.name, a, rollout) for a, rollout in zip(asked, some, strict=True)]
    fresh = {key: rollout for key, rollout in zip(keys, some, strict=True) if store.known(key) is None}
    return _Read(path, some, asked, keys, judges.ask(fresh))


def _stored(event: _Event, store: Store, settings: WatchSettings, refused: list[str]) -> int:
    """Do to the store what an event says; return how many rollouts it added."""
    if isinstance(event, _Opened):
        store.open(event.path, event.begin)
    elif isinstance(event, _Refused):
        store.undo()
        refused.append(event.why)
    elif isinstance(event, _Done):
        for place, why in event.unread:
            store.unread(event.path, place, why)
        store.done(event.path, event.size, event.changed, event.end, event.layout)
    else:
        _add(event, store, settings)
        return len(event.rollouts)
    return 0


def _add(event: _Read, store: Store, settings: WatchSettings) -> None:
    known = {key: (judged, store.learn(key, judged)) for key, judged in _answered(event.judging)}
    looping = loops([rollout.text for rollout in event.rollouts])
    for rollout, key, question, loop in zip(event.rollouts, event.keys, event.asked, looping, strict=True):
        found = known.get(key) or store.known(key)
        if found is None:  # it was known when it was read, from a file that was then refused
            judged = settings.truths.judged(rollout)
            found = judged, store.learn(key, judged)
        known[key] = found
        paid = rollout if settings.reward is None else _component(rollout, settings.reward)
        known_prompt = None if settings.known is None else settings.known.holds(question)
        store.add(event.path, paid, Assessed(*found, question, loop, known_prompt))


def _answered(judging: Judging) -> Iterator[tuple[bytes, Truth]]:
    """Yield the verdicts, which a process returns in the order of its part."""
    places: dict[int, int] = {}
    for key, one in judging.items():
        if isinstance(one, Truth):
            yield key, one
            continue
        place = places.get(id(one), 0)
        places[id(one)] = place + 1
        yield key, one.result()[place]


def _component(rollout: Rollout, name: str) -> Rollout:
    return msgspec.structs.replace(rollout, reward=rollout.rewards.get(name))
