"""Add rewards to a run: what is missing is scored and written down as it comes, and nothing is scored twice.

A kill at any moment loses nothing that was acknowledged; giving the command again goes on. Failed judge calls are
stored as missing scores and asked again.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import msgspec

from rarl_eval.errors import BadInput, Fault, attempt
from rarl_eval.files.plain import as_read, brief
from rarl_eval.rewards import Case, Group, RewardSource
from rarl_eval.rewards.traps import FOIL, traps_of
from rarl_eval.runs import store
from rarl_eval.runs.added import UNMATCHED, Entry, Slot, unread, with_added
from rarl_eval.runs.writer import Writer
from rarl_eval.types import Reward


@dataclass(frozen=True, kw_only=True)
class Added:
    """What was done for one reward."""

    name: str
    scored: int
    missing: int
    """Scored traces on which the signal gave no score."""
    failed: int
    """Of those, the ones whose calls failed: giving the command again asks them again."""
    unread: int = 0
    """Traces of which a judge's reply holds no verdict where it was asked for."""
    unmatched: int = 0
    """Traces for which a file of scores has no row."""
    kept: int
    """Entries of an earlier session."""
    why: str = ""
    """Why the first of the missing ones is, where somebody's code failed on it."""


def add_rewards(
    path: Path,
    sources: Sequence[RewardSource],
    *,
    traps: int | None = None,
    only: Callable[[Case], bool] | None = None,
    progress: Callable[[str, int, int], None] = lambda name, done, total: None,  # noqa: ARG005
) -> list[Added]:
    """Score the answered traces of the run at ``path`` by each source, in order; each is closed after its turn.

    ``only`` says which traces are meant, where it is not all. With ``traps`` the source is put to the traps made from
    that many items of each task instead. A later source may read what an earlier one added. Raises BadInput if the run
    holds another reward of a source's name.
    """
    try:
        run = store.read_run(path)
        done = []
        for source in sources:
            added, run = add_to(run, source, traps=traps, only=only, progress=progress)
            done.append(added)
        return done
    finally:
        for source in sources:
            source.close()


def groups_of(run: store.Run) -> list[Group]:
    """Answered traces of a run with their items, the samples of an item together, in the run's order."""
    groups: dict[tuple[str, str], list[Case]] = {}
    for record in run.records:
        trace = record.trace
        if record.verdict is not None and trace.stop != "error":
            item = run.tasks[trace.task].items[trace.key]
            groups.setdefault((trace.task, trace.key), []).append(Case(item=item, record=record))
    return [tuple(cases) for cases in groups.values()]


def add_to(
    run: store.Run,
    source: RewardSource,
    *,
    traps: int | None = None,
    only: Callable[[Case], bool] | None = None,
    progress: Callable[[str, int, int], None] = lambda name, done, total: None,  # noqa: ARG005
) -> tuple[Added, store.Run]:
    """Score as ``add_rewards`` does, by one source; return what was done, and the run with its rewards."""
    name = source.kind.name
    run = _claimed(run, source)
    groups = groups_of(run) if traps is None else list(traps_of(groups_of(run), traps, source))
    if only is not None:
        groups = [chosen for group in groups if (chosen := tuple(filter(only, group)))]
    with store.Reader(run.path) as reader:
        done = reader.scored(name)
    todo = list(_missing(groups, done, whole=source.whole))
    total = sum(not case.foil for group in todo for case in group)
    told = _Told()
    found: dict[Slot, list[Reward]] = {}
    with Writer(run.path) as writer:
        for entry in _exactly(source, todo):
            if entry.trap == FOIL:
                continue
            writer.add(entry)
            if not entry.trap:
                found[entry.slot] = [entry.reward]
            told.add(entry)
            progress(name, told.counts["scored"], total)
    kept = sum(not case.foil for group in groups for case in group) - total
    records = [with_added(record, found) for record in run.records]
    counts = {kind: told.counts[kind] for kind in ("scored", "missing", "failed", "unread", "unmatched")}
    return Added(name=name, kept=kept, why=told.why, **counts), replace(run, records=records)


@dataclass
class _Told:
    """What came of the traces so far."""

    counts: Counter[str] = field(default_factory=Counter)
    why: str = ""
    """Why the first of the missing scores is: somebody's code, or a call that failed."""

    def add(self, entry: Entry) -> None:
        """Count one entry."""
        states = {
            "scored": True,
            "missing": entry.reward.score is None and entry.reward.steps is None,
            "failed": entry.failed,
            "unread": unread(entry),
            "unmatched": bool(entry.detail.get(UNMATCHED)),
        }
        self.counts.update(state for state, holds in states.items() if holds)
        error = next((j.error for j in entry.judgements if j.error), "")
        self.why = self.why or str(entry.detail.get("error", "")) or error


def _claimed(run: store.Run, source: RewardSource) -> store.Run:
    """Write the source's identity into the manifest, or hold it to the one there; return the run with it."""
    name = source.kind.name
    identity = as_read({**msgspec.to_builtins(source.kind), **source.identity})
    held: Mapping[str, Any] = run.manifest.get("rewards", {})
    if name not in held:
        recorded = {r.name for record in run.records for r in record.rewards} - {"format", "brevity"}
        if name in recorded:
            raise BadInput(f"{run.path} has a recorded reward {name!r}; name the new one: --reward NEW_NAME=...")
        manifest = {**run.manifest, "rewards": {**held, name: identity}}
        with Writer(run.path):  # one process at a time writes a run, its manifest included
            store.save_manifest(run.path, manifest)
        return replace(run, manifest=manifest)
    if held[name] != identity:
        raise BadInput(
            f"{run.path} holds another reward {name!r} ({brief(held[name])}, now {brief(identity)}); "
            "name the new one: --reward NEW_NAME=..."
        )
    return run


def _missing(groups: Iterable[Group], done: set[tuple[str, Slot]], *, whole: bool) -> Iterator[Group]:
    for group in groups:
        left = tuple(case for case in group if not case.foil and _address(case) not in done)
        if left:
            yield group if whole else left


def _address(case: Case) -> tuple[str, Slot]:
    trace = case.record.trace
    return case.trap, (trace.task, trace.key, trace.sample)


def _exactly(source: RewardSource, groups: Sequence[Group]) -> Iterator[Entry]:
    """Hold a source to its promise: one entry for each case and none for another."""
    waiting = {_address(case): case for group in groups for case in group if not case.foil}
    for entry in _held(source, groups) if source.foreign else source.score(groups):
        waiting.pop((entry.trap, entry.slot), None)
        yield entry
    if waiting and source.foreign:
        yield from (source.kind.missing(case, "the reward gave no entry") for case in waiting.values())
    elif waiting:
        task, key, sample = min(waiting)[1]
        raise BadInput(f"the reward {source.kind.name!r} left out {len(waiting)} traces, e.g. {task} {key} {sample}")


def _held(source: RewardSource, groups: Sequence[Group]) -> Iterator[Entry]:
    """Yield what another package's reward gives; where it breaks off, the items it owes are scored one by one."""
    name, asked = source.kind.name, {_address(case) for group in groups for case in group}
    entries = attempt(name, lambda: iter(source.score(groups)))
    while not isinstance(entries, Fault):
        entry = attempt(name, next, entries, None)
        if entry is None:
            return
        if not isinstance(entry, Entry):
            entries = entry if isinstance(entry, Fault) else Fault(name, f"returned {type(entry).__name__}")
        elif (entry.trap, entry.slot) in asked:
            asked.discard((entry.trap, entry.slot))
            yield entry
    owed = [group for group in groups if any(_address(case) in asked for case in group)]
    if len(groups) == 1:
        yield from (source.kind.missing(c, entries.reason) for g in owed for c in g if _address(c) in asked)
    else:
        for group in owed:
            yield from (e for e in _held(source, [group]) if (e.trap, e.slot) in asked)
