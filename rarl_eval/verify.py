"""Does a run directory still say what it said? Everything in it that follows from something else is made again.

Item keys from the items, fingerprints from the keys and from the source where it is at hand, prompts from the task,
answers from the texts, verdicts and rule rewards from the answers, the manifest against the database. A check that
cannot be made (the task has another version here, the source is away) says so; it neither holds nor fails.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Literal

import msgspec

from rarl_eval import data, registry
from rarl_eval.data.styles import task_in_style
from rarl_eval.errors import BadInput, RarlEvalError
from rarl_eval.identity.kept import kept
from rarl_eval.judge import in_parallel, judge, judged_by, rule_rewards, split
from rarl_eval.rewards.decide import by_judge, waits
from rarl_eval.runs import store
from rarl_eval.runs.provenance import describe_benchmark
from rarl_eval.runs.store import Reader, Run, TaskInfo
from rarl_eval.types import OPENED, Benchmark, Record, Task, Trace

Outcome = Literal["ok", "differs", "not checked"]

SHOWN = 5
"""Cases named in one finding."""


class RunCheck(msgspec.Struct, frozen=True, kw_only=True):
    """The outcome of one check."""

    check: str
    task: str | None
    outcome: Outcome
    detail: str


def verify_run(
    path: Path,
    sources: Mapping[str, str] | None = None,
    progress: Callable[[Record, int], None] = lambda record, total: None,  # noqa: ARG005
) -> list[RunCheck]:
    """Check a run directory; raises BadInput where it cannot be read at all.

    ``sources`` maps task names to local files of their rows. The hub is never asked.
    """
    with store.Reader(path) as reader:
        run = Run(path=path, manifest=reader.manifest, tasks=reader.tasks(), records=())
        checked = {name: _Checked(name, info, _known(name, info)) for name, info in sorted(run.tasks.items())}
        findings = _database(reader, checked, progress)
    findings += [_slots(run, checked), _model(run, checked)]
    for name, told in checked.items():
        findings += [
            *_identity(name, told),
            _counts(run, name, told.info),
            _source(run, name, told.info, sources or {}),
        ]
        findings += [_prompts(run, name, told.info, told.task, sources or {}), *told.findings()]
    return findings


@dataclass
class _Checked:
    """A task of the run, and what its records came to as they went by."""

    name: str
    info: TaskInfo
    task: Task | str
    """As it is here, or why it cannot be used."""
    records: Counter[str] = field(default_factory=Counter)
    """How many there are of each item."""
    models: set[str] = field(default_factory=set)
    beyond: list[str] = field(default_factory=list)
    """Samples that nobody asked."""
    answers: list[str] = field(default_factory=list)
    verdicts: list[str] = field(default_factory=list)
    slow: int = 0

    def add(self, before: Record, now: Record | None, samples: Any) -> None:
        """Hold a record against itself, and against what it is judged ``now``; None where that cannot be done."""
        trace = before.trace
        self.records[trace.key] += 1
        self.models.add(trace.model)
        if isinstance(samples, int) and not 0 <= trace.sample < samples:
            self.beyond.append(f"{self.name} {trace.item_id} has a sample {trace.sample}, the manifest asks {samples}")
        if not _follows(trace):
            self.answers.append(f"{_named(trace)}: answer or reasoning is not what its text holds")
        if trace.key not in self.info.items:
            self.verdicts.append(f"{_named(trace)}: its item is not there as it was")
        elif now is not None:
            statuses = {r.verdict.status for r in (before, now) if r.verdict}
            if "timeout" in statuses and len(statuses) > 1:  # a busy machine is no finding
                self.slow += 1
            else:
                self.verdicts += _differences(before, now)

    def findings(self) -> list[RunCheck]:
        """Say how answers and verdicts follow."""
        count = self.records.total()
        answers = _finding("answers", self.name, self.answers, f"{count} follow from their texts")
        if isinstance(self.task, str):
            return [answers, _unchecked("verdicts", self.name, self.task)]
        slow = f", {self.slow} of them out of time once" if self.slow else ""
        return [answers, _finding("verdicts", self.name, self.verdicts, f"{count} derived again{slow}")]


def _finding(check: str, task: str | None, wrong: list[str], right: str) -> RunCheck:
    more = f" and {len(wrong) - SHOWN} more" if len(wrong) > SHOWN else ""
    detail = "; ".join(wrong[:SHOWN]) + more if wrong else right
    return RunCheck(check=check, task=task, outcome="differs" if wrong else "ok", detail=detail)


def _unchecked(check: str, task: str, why: str) -> RunCheck:
    return RunCheck(check=check, task=task, outcome="not checked", detail=why)


def _database(
    reader: Reader, checked: Mapping[str, _Checked], progress: Callable[[Record, int], None]
) -> list[RunCheck]:
    """Check the file itself, its keys against the items, and its columns against the records they index.

    The records are read once: each that is sound is judged again on the way, and held against itself.
    """
    wrong = [f"integrity: {row[0]}" for row in reader.rows("PRAGMA integrity_check") if row[0] != "ok"]
    items = [(task, key, item) for task in checked for key, item in reader.items(task)]
    totals = dict(reader.rows("SELECT task, count(*) FROM records GROUP BY task"))
    samples = reader.manifest.get("samples")
    sound = _sound(reader, {(task, key) for task, key, _ in items}, wrong)
    for before, now in in_parallel(partial(_again, checked[r.trace.task], r) for r in sound):
        checked[before.trace.task].add(before, now, samples)
        if now is not None:
            progress(now, totals[before.trace.task])
    changed = [
        f"item {item.id} of {task} has key {item.key}, stored as {key}" for task, key, item in items if item.key != key
    ]
    return [
        _finding("database", None, wrong, f"{sum(totals.values())} records, each of an item of the run"),
        _finding("item keys", None, changed, f"{len(items)} keys follow from their items"),
    ]


def _sound(reader: Reader, known: Collection[tuple[str, str]], wrong: list[str]) -> Iterator[Record]:
    """Yield the records that are of an item of the run and indexed as what they are; ``wrong`` gets the others."""
    for (task, key, sample), failed, record in reader.stored():
        where = f"{task} {key} sample {sample}"
        if isinstance(record, str):
            wrong.append(f"the record of {where} cannot be read: {record}")
            continue
        trace = record.trace
        if (trace.task, trace.key, trace.sample, trace.stop == "error") != (task, key, sample, failed):
            wrong.append(f"the record indexed as {where} is another one")
        elif (task, key) not in known:
            wrong.append(f"a record of {task} answers {key}, which is no item of the run")
        else:
            yield record


def _again(checked: _Checked, record: Record) -> tuple[Record, Record | None]:
    """Judge again; where a judge model decided, its stored reward decides again. What was never asked has no answer."""
    if "unasked" in record.trace.meta:
        return record, record
    item = checked.info.items.get(record.trace.key)
    if isinstance(checked.task, str) or item is None:
        return record, None
    now = judge(checked.task, item, record.trace, [r for r in record.rewards if r.judge != "rule"])
    decider = record.verdict.judge if record.verdict else None
    return record, by_judge(now, decider, item) if decider and waits(now) else now


def _slots(run: Run, checked: Mapping[str, _Checked]) -> RunCheck:
    """Check that a finished run has every sample of every item, and none more."""
    samples = run.manifest.get("samples")
    if not isinstance(samples, int):
        return _finding("samples", None, [], "imported outputs: as many as there were")
    wrong = [said for told in checked.values() for said in told.beyond]
    asked = sum(len(info.items) for info in run.tasks.values()) * samples
    if not run.manifest.get("finished"):
        count = sum(told.records.total() for told in checked.values())
        return _finding("samples", None, wrong, f"{count} of {asked}: the run is not finished")
    wrong += [
        f"{name} {item.id} has {told.records[item.key]} of {samples}"
        for name, told in checked.items()
        for item in told.info.items.values()
        if told.records[item.key] < samples
    ]
    return _finding("samples", None, wrong, f"{asked} of {asked}")


def _model(run: Run, checked: Mapping[str, _Checked]) -> RunCheck:
    name = run.manifest.get("model", {}).get("name")
    others = sorted(set[str]().union(*(told.models for told in checked.values())) - {name})
    return _finding("model", None, [f"records of {o!r}, the manifest says {name!r}" for o in others], f"{name}")


def _identity(name: str, told: _Checked) -> list[RunCheck]:
    """Hold the counts of recorded rows against the records there are."""
    said = told.info.identity
    return [] if said is None else [_finding("identity", name, *kept(said, told.records.total()))]


def _known(name: str, info: TaskInfo) -> Task | str:
    """Return the task, or why it cannot be used to check this run."""
    try:
        task = registry.task(name)
    except RarlEvalError:
        return f"no task {name} is known here; if it is in a file of yours, name it with --task ./{name}.py"
    if task.version != info.version:
        return f"the run has version {info.version} of {name}, this is version {task.version}"
    try:
        return judged_by(task, info.answers, info.checker)
    except BadInput as error:
        return str(error)


def _counts(run: Run, name: str, info: TaskInfo) -> RunCheck:
    """Check the manifest's numbers against the items stored, and its fingerprint where all items were asked."""
    said = run.manifest["tasks"][name]
    count = len(info.items)
    wrong = [] if said.get("items", count) == count else [f"{said['items']} items said, {count} stored"]
    known = info.known or {}
    other = known.get("loaded") != known.get("items")
    part = f"; {known.get('loaded')} of the benchmark's {known.get('items')} items" if other else ""
    whole = said.get("rows") == count
    found = data.fingerprint(info.items.values())
    if whole and found != info.fingerprint:
        wrong.append(f"the items give fingerprint {found}, the manifest says {info.fingerprint}")
    right = f"fingerprint {found} follows from the items" if whole else "a part of the benchmark: see the source"
    return _finding("manifest", name, wrong, right + part)


def _source(run: Run, name: str, info: TaskInfo, sources: Mapping[str, str]) -> RunCheck:
    origin = str(run.manifest["tasks"][name].get("origin", ""))
    told = sources.get(name) or sources.get(name.partition("@")[0])
    given = told or (origin if Path(origin).is_file() else None)
    task = _known(name, info)
    if isinstance(task, str):
        return _unchecked("source", name, task)
    if given is None and task.generate is None:
        return _unchecked("source", name, f"{origin} is not at hand; name it with --source {name}=PATH")
    try:
        found = data.load(task, {name: given} if given else {}, partial=True)
    except RarlEvalError as error:
        return _unchecked("source", name, str(error))
    wrong = [] if found.fingerprint == info.fingerprint else [
        f"{found.origin} gives fingerprint {found.fingerprint}, the run has {info.fingerprint}"
    ]  # fmt: skip
    missing = [
        f"item {item.id} is not in {found.origin}" for key, item in info.items.items() if key not in found.by_key
    ]
    return _finding("source", name, wrong + missing, f"{found.origin} gives fingerprint {found.fingerprint}")


def _prompts(run: Run, name: str, info: TaskInfo, task: Task | str, sources: Mapping[str, str]) -> RunCheck:
    said = run.manifest["tasks"][name].get("prompts")
    if isinstance(task, str) or said is None:
        return _unchecked("prompts", name, task if isinstance(task, str) else "the manifest has no hash of them")
    try:
        task = task_in_style(task, info.style, sources)
    except RarlEvalError as error:
        return _unchecked("prompts", name, str(error))
    asked = Benchmark(
        task=task, items=tuple(info.items.values()), origin="", revision=None, fingerprint=info.fingerprint
    )
    found = describe_benchmark(asked, asked)["prompts"]
    wrong = [] if found == said else [f"the prompts now have hash {found}, the manifest says {said}"]
    return _finding("prompts", name, wrong, f"hash {said}")


def _follows(trace: Trace) -> bool:
    """Whether reasoning and answer are what the text holds: marked in it, given apart, or opened by the prompt."""
    answer = trace.answer.removeprefix(str(trace.meta.get(OPENED, "")))
    opened = answer == "" and trace.reasoning == trace.text
    apart = trace.reasoning is not None and answer == trace.text
    return opened or apart or split(trace.text, None) == (trace.reasoning, answer)


def _differences(before: Record, now: Record) -> Iterator[str]:
    if before.verdict != now.verdict:
        old, new = (f"{r.verdict.status} {r.verdict.extracted!r}" if r.verdict else "none" for r in (before, now))
        yield f"{_named(before.trace)}: stored as {old}, now {new}"
    elif now.verdict is not None:
        wanted = {r.name: r.score for r in rule_rewards(before.trace, now.verdict)}
        stored = {r.name: r.score for r in before.rewards if r.name in wanted and r.judge == "rule"}
        if stored != {name: wanted[name] for name in stored}:
            yield f"{_named(before.trace)}: its rule rewards are stored as {stored}, now {wanted}"


def _named(trace: Trace) -> str:
    return f"item {trace.item_id} sample {trace.sample}"
