"""Does a run directory still say what it said? Everything in it that follows from something else is made again.

Item keys from the items, fingerprints from the keys and from the source where it is at hand, prompts from the task,
answers from the texts, verdicts and rule rewards from the answers, the manifest against the database. A check that
cannot be made (the task has another version here, the source is away) says so; it neither holds nor fails.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Literal

import msgspec

from rarl_eval import data, registry
from rarl_eval.data.styles import task_in_style
from rarl_eval.errors import RarlEvalError
from rarl_eval.judge import in_parallel, judge, rule_rewards, split
from rarl_eval.rewards.decide import by_judge, waits
from rarl_eval.runs import store
from rarl_eval.runs.provenance import describe_benchmark
from rarl_eval.runs.store import Run, TaskInfo
from rarl_eval.types import OPENED, Benchmark, Item, Record, Task, Trace

Outcome = Literal["ok", "differs", "not checked"]

SHOWN = 5
"""Cases named in one finding."""


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """The outcome of one check."""

    check: str
    task: str | None
    outcome: Outcome
    detail: str


def verify_run(
    path: Path,
    sources: Mapping[str, str] | None = None,
    progress: Callable[[Record, int], None] = lambda record, total: None,  # noqa: ARG005
) -> list[Finding]:
    """Check a run directory; raises BadInput where it cannot be read at all.

    ``sources`` maps task names to local files of their rows. The hub is never asked.
    """
    run = store.read_run(path)
    findings = [*_database(path), _slots(run), _model(run)]
    for name, info in sorted(run.tasks.items()):
        records = [r for r in run.records if r.trace.task == name]
        task = _known(name, info)
        findings += [_counts(run, name, info), _source(run, name, info, sources or {})]
        findings += [_prompts(run, name, info, task, sources or {}), _texts(name, records)]
        findings.append(_verdicts(name, info, task, records, progress))
    return findings


def _finding(check: str, task: str | None, wrong: list[str], right: str) -> Finding:
    more = f" and {len(wrong) - SHOWN} more" if len(wrong) > SHOWN else ""
    detail = "; ".join(wrong[:SHOWN]) + more if wrong else right
    return Finding(check=check, task=task, outcome="differs" if wrong else "ok", detail=detail)


def _unchecked(check: str, task: str, why: str) -> Finding:
    return Finding(check=check, task=task, outcome="not checked", detail=why)


def _database(path: Path) -> list[Finding]:
    """Check the file itself, its keys against the items, and its columns against the records they index."""
    with closing(store.open_database(path)) as db:
        wrong = [f"integrity: {row[0]}" for row in db.execute("PRAGMA integrity_check") if row[0] != "ok"]
        items = db.execute("SELECT task, key, item FROM items").fetchall()
        rows = db.execute("SELECT task, key, sample, failed, record FROM records")
        known = {(task, key) for task, key, _ in items}
        count = 0
        for task, key, sample, failed, blob in rows:
            count += 1
            try:
                trace = msgspec.json.decode(blob, type=Record).trace
            except msgspec.MsgspecError as error:
                wrong.append(f"the record of {task} {key} sample {sample} cannot be read: {error}")
                continue
            if (trace.task, trace.key, trace.sample, trace.stop == "error") != (task, key, sample, bool(failed)):
                wrong.append(f"the record indexed as {task} {key} sample {sample} is another one")
            elif (task, key) not in known:
                wrong.append(f"a record of {task} answers {key}, which is no item of the run")
    return [
        _finding("database", None, wrong, f"{count} records, each of an item of the run"),
        _finding("item keys", None, list(_wrong_keys(items)), f"{len(items)} keys follow from their items"),
    ]


def _wrong_keys(rows: list[tuple[str, str, bytes]]) -> Iterator[str]:
    for task, key, blob in rows:
        item = msgspec.json.decode(blob, type=Item)
        if item.key != key:
            yield f"item {item.id} of {task} has key {item.key}, stored as {key}"


def _slots(run: Run) -> Finding:
    """Check that a finished run has every sample of every item, and none more."""
    samples = run.manifest.get("samples")
    if not isinstance(samples, int):
        return _finding("samples", None, [], "imported outputs: as many as there were")
    have = Counter((r.trace.task, r.trace.key) for r in run.records)
    wrong = [
        f"{r.trace.task} {r.trace.item_id} has a sample {r.trace.sample}, the manifest asks {samples}"
        for r in run.records
        if not 0 <= r.trace.sample < samples
    ]
    asked = sum(len(info.items) for info in run.tasks.values()) * samples
    if run.manifest.get("finished"):
        short = ((name, item) for name, info in run.tasks.items() for item in info.items.values())
        wrong += [
            f"{name} {i.id} has {have[name, i.key]} of {samples}" for name, i in short if have[name, i.key] < samples
        ]
        return _finding("samples", None, wrong, f"{asked} of {asked}")
    return _finding("samples", None, wrong, f"{len(run.records)} of {asked}: the run is not finished")


def _model(run: Run) -> Finding:
    name = run.manifest.get("model", {}).get("name")
    others = sorted({r.trace.model for r in run.records} - {name})
    return _finding("model", None, [f"records of {o!r}, the manifest says {name!r}" for o in others], f"{name}")


def _known(name: str, info: TaskInfo) -> Task | str:
    """Return the task, or why it cannot be used to check this run."""
    try:
        (task,) = registry.tasks(name)
    except RarlEvalError:
        return f"no task {name} is registered here"
    if task.version != info.version:
        return f"the run has version {info.version} of {name}, this is version {task.version}"
    if info.answers == "programs":
        from rarl_eval.sandbox.thought import of_programs

        return of_programs(task)
    return task


def _counts(run: Run, name: str, info: TaskInfo) -> Finding:
    """Check the manifest's numbers against the items stored, and its fingerprint where all items were asked."""
    said = run.manifest["tasks"][name]
    count = len(info.items)
    wrong = [] if said.get("items", count) == count else [f"{said['items']} items said, {count} stored"]
    whole = said.get("rows") == count
    found = data.fingerprint(info.items.values())
    if whole and found != info.fingerprint:
        wrong.append(f"the items give fingerprint {found}, the manifest says {info.fingerprint}")
    right = f"fingerprint {found} follows from the items" if whole else "a part of the benchmark: see the source"
    return _finding("manifest", name, wrong, right)


def _source(run: Run, name: str, info: TaskInfo, sources: Mapping[str, str]) -> Finding:
    origin = str(run.manifest["tasks"][name].get("origin", ""))
    given = sources.get(name) or (origin if Path(origin).is_file() else None)
    task = _known(name, info)
    if isinstance(task, str):
        return _unchecked("source", name, task)
    if given is None and not origin.startswith(data.EMBEDDED):
        return _unchecked("source", name, f"{origin} is not at hand; name it with --source {name}=PATH")
    try:
        found = data.load(task, {name: given} if given else {})
    except RarlEvalError as error:
        return _unchecked("source", name, str(error))
    wrong = [] if found.fingerprint == info.fingerprint else [
        f"{found.origin} gives fingerprint {found.fingerprint}, the run has {info.fingerprint}"
    ]  # fmt: skip
    missing = [
        f"item {item.id} is not in {found.origin}" for key, item in info.items.items() if key not in found.by_key
    ]
    return _finding("source", name, wrong + missing, f"{found.origin} gives fingerprint {found.fingerprint}")


def _prompts(run: Run, name: str, info: TaskInfo, task: Task | str, sources: Mapping[str, str]) -> Finding:
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


def _texts(name: str, records: list[Record]) -> Finding:
    wrong = [
        f"{_named(r.trace)}: answer or reasoning is not what its text holds" for r in records if not _follows(r.trace)
    ]
    return _finding("answers", name, wrong, f"{len(records)} follow from their texts")


def _follows(trace: Trace) -> bool:
    """Whether reasoning and answer are what the text holds: marked in it, given apart, or opened by the prompt."""
    answer = trace.answer.removeprefix(str(trace.meta.get(OPENED, "")))
    opened = answer == "" and trace.reasoning == trace.text
    apart = trace.reasoning is not None and answer == trace.text
    return opened or apart or split(trace.text, None) == (trace.reasoning, answer)


def _verdicts(
    name: str, info: TaskInfo, task: Task | str, records: list[Record], progress: Callable[[Record, int], None]
) -> Finding:
    if isinstance(task, str):
        return _unchecked("verdicts", name, task)
    known = [r for r in records if r.trace.key in info.items]
    again = in_parallel(partial(_judged, task, info.items[r.trace.key], r) for r in known)
    wrong = [f"{_named(r.trace)}: its item is not there as it was" for r in records if r.trace.key not in info.items]
    slow = 0
    for before, now in zip(known, again, strict=True):
        progress(now, len(records))
        statuses = {r.verdict.status for r in (before, now) if r.verdict}
        if "timeout" in statuses and len(statuses) > 1:  # a busy machine is no finding
            slow += 1
        else:
            wrong += _differences(before, now)
    right = f"{len(records)} derived again"
    return _finding("verdicts", name, wrong, f"{right}, {slow} of them out of time once" if slow else right)


def _judged(task: Task, item: Item, record: Record) -> Record:
    """Judge again; where a judge model decided, its stored reward decides again."""
    now = judge(task, item, record.trace, [r for r in record.rewards if r.judge != "rule"])
    decider = record.verdict.judge if record.verdict else None
    return by_judge(now, decider) if decider and waits(now) else now


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
