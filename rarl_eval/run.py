"""Ask a model every item, judge each answer as it arrives, and write it down before going on.

A run can be killed at any moment: ``resume`` asks only for what has no record yet, and for calls that failed.
Not here: how a model is reached (models/) and how answers are judged (the task).
"""

import hashlib
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import msgspec

from rarl_eval.data.calling import prompt_of
from rarl_eval.errors import Fault
from rarl_eval.judge import in_parallel, judge, split
from rarl_eval.models import Completion, Model, Request, Sampling
from rarl_eval.models.budget import Budget, Capped, Meter, Price
from rarl_eval.runs import store
from rarl_eval.runs.provenance import describe_benchmark, describe_git, describe_host, hold_to, is_synthetic, now
from rarl_eval.runs.writer import Writer
from rarl_eval.types import CONTINUATIONS, Benchmark, Message, Record, Task, Trace, Verdict


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What to ask for."""

    samples: int = 1
    seed: int = 0
    limit: int | None = None
    sampling: Sampling = field(default_factory=Sampling)
    system: str | None = None
    """Said before each prompt, in the role ``system``."""


@dataclass(frozen=True, kw_only=True)
class Finished:
    """What a run did."""

    asked: int
    failed: int
    kept: int
    """Records of an earlier session that were not asked again."""
    cost: float
    left: int
    """Requests not made because the cost cap was reached."""
    doubted: int = 0
    """Replies whose server counted tokens that do not fit what it sent."""
    served: tuple[str, ...] = ()
    """Models that the replies name, of earlier sessions too."""
    beyond: int = 0
    """Answers that the task's own code could not judge, or items that it could not ask."""
    why: str = ""
    """The first of them, and the reason."""
    failures: dict[str, int] = field(default_factory=dict)
    """Why calls failed, the commonest reasons first."""
    stopped: str = ""
    """Why the model was asked no more; "" where that was not so, or the budget was spent."""
    adapted: dict[str, str] = field(default_factory=dict)
    """Fields of a request that the server refused, and what was done instead."""


REASONS = 5
"""Kinds of failed calls that the manifest and the terminal name."""


@dataclass
class _Sums:
    """What a session has done so far."""

    asked: int = 0
    failed: int = 0
    doubted: int = 0
    served: set[str] = field(default_factory=set)
    beyond: int = 0
    why: str = ""
    failures: Counter[str] = field(default_factory=Counter)
    stopped: str = ""
    adapted: dict[str, str] = field(default_factory=dict)

    def noted(self, completions: Iterable[Completion]) -> Iterator[Completion]:
        """Pass completions on, and keep what the model has to say beside them."""
        for completion in completions:
            if completion.last:
                self.stopped = completion.error or "it fails"
            self.adapted |= completion.meta.get("adapted") or {}
            yield completion

    def add(self, record: Record) -> None:
        self.asked += 1
        if record.trace.stop == "error":
            self.failed += 1
            self.failures[record.trace.error or "no reason given"] += 1
        self.doubted += "doubts" in record.trace.meta
        if record.verdict is not None and record.verdict.status == "cannot_judge":
            self.beyond += 1
            self.why = self.why or f"{record.trace.task} item {record.trace.item_id}: {record.verdict.reason}"
        if "served_by" in record.trace.meta:
            self.served.add(str(record.trace.meta["served_by"]))


def run(
    benchmarks: Sequence[Benchmark],
    model: Model,
    out: Path,
    settings: Settings,
    *,
    price: Price | None = None,
    budget: Budget | None = None,
    resume: bool = False,
    progress: Callable[[Record, int], None] = lambda record, total: None,  # noqa: ARG005
) -> Finished:
    """Ask ``model`` every item of ``benchmarks`` and store the records in ``out``.

    ``budget`` is what asking may cost at ``price``. ``progress`` is called with each judged record and the number
    asked for in all. Raises BadInput if ``out`` holds a run already (or, with ``resume``, another run).
    """
    meter = Meter(budget=budget or Budget())
    capped = Capped(model, meter, price)
    asked = [_limited(b, settings.limit) for b in benchmarks]
    _prepare(benchmarks, asked, model, out, settings, resume=resume)
    tasks = {b.task.name: b for b in asked}
    name = str(model.describe()["name"])
    sums = _Sums()

    with Writer(out) as writer, store.Reader(out, still=False) as done:
        total = settings.samples * sum(len(b.items) for b in asked) - done.finished
        unasked: deque[Record] = deque()  # filled while requests are pulled
        requests = _requests(asked, settings, done, lambda r, why: unasked.append(_unasked(r, why, name)))
        for record in _with(_judged(sums.noted(capped.generate(requests)), tasks, name), unasked):
            writer.add(record)
            sums.add(record)
            progress(record, total)
    served = _finish(out, sums, meter.cost, complete=sums.asked == total)
    return Finished(
        asked=sums.asked,
        failed=sums.failed,
        kept=done.finished,
        cost=meter.cost,
        left=total - sums.asked,
        doubted=sums.doubted,
        served=served,
        beyond=sums.beyond,
        why=sums.why,
        failures=dict(sums.failures.most_common(REASONS)),
        stopped=sums.stopped,
        adapted=sums.adapted,
    )


def _limited(benchmark: Benchmark, limit: int | None) -> Benchmark:
    return benchmark if limit is None else replace(benchmark, items=benchmark.items[:limit])


def _prepare(
    benchmarks: Sequence[Benchmark],
    asked: Sequence[Benchmark],
    model: Model,
    out: Path,
    settings: Settings,
    *,
    resume: bool,
) -> None:
    """Make the run directory, or check that the one there is the same run."""
    manifest = {
        "kind": "run",
        "synthetic": any(is_synthetic(b) for b in benchmarks),
        "model": model.describe(),
        "tasks": {b.task.name: describe_benchmark(b, a) for b, a in zip(benchmarks, asked, strict=True)},
        "sampling": msgspec.to_builtins(settings.sampling),
        "samples": settings.samples,
        "system": settings.system,
        "seed": settings.seed,
        "limit": settings.limit,
        "host": describe_host(),
        "git": describe_git(),
        "started": now(),
        "finished": None,
    }
    if resume and (out / "manifest.json").exists():
        hold_to(out, store.read_manifest(out), manifest)
    else:
        store.create(out, manifest, asked)


def _requests(
    benchmarks: Iterable[Benchmark], settings: Settings, done: store.Reader, unasked: Callable[[Request, str], None]
) -> Iterator[Request]:
    """Yield what is not done, made as it is pulled: a run of any size holds those that are under way.

    ``unasked`` is told of requests that cannot be made, because the task's prompt fails, and why.
    """
    before = () if settings.system is None else (Message("system", settings.system),)
    for benchmark in benchmarks:
        for item in benchmark.items:
            name, key = benchmark.task.name, item.key
            asked = prompt_of(benchmark.task, item)
            for sample in sorted(set(range(settings.samples)) - done.samples(name, key)):
                request = Request(
                    task=name,
                    key=key,
                    item_id=item.id,
                    sample=sample,
                    messages=() if isinstance(asked, Fault) else (*before, *asked),
                    sampling=_drawn(settings.sampling, benchmark.task),
                    continuations=tuple((a, b) for a, b in item.meta.get(CONTINUATIONS, ())),
                    seed=_seed(settings.seed, name, key, sample),
                )
                if isinstance(asked, Fault):
                    unasked(request, asked.reason)
                else:
                    yield request


def _drawn(sampling: Sampling, task: Task) -> Sampling:
    """Return how to draw, with what the benchmark is asked with where the user named nothing."""
    named = {name: value for name, value in task.sampling.items() if getattr(sampling, name) is None}
    return msgspec.structs.replace(sampling, **named) if named else sampling


def _unasked(request: Request, why: str, model: str) -> Record:
    """Make the record of a sample that was never asked for: its item is there, and says why."""
    trace = Trace(
        key=request.key,
        task=request.task,
        item_id=request.item_id,
        model=model,
        sample=request.sample,
        seed=request.seed,
        meta={"unasked": why},
    )
    return Record(trace=trace, verdict=Verdict(status="cannot_judge", reason=why))


def _with(records: Iterator[Record], unasked: deque[Record]) -> Iterator[Record]:
    """Yield the records, and between and after them those that arose meanwhile without a call."""
    for record in records:
        yield record
        while unasked:
            yield unasked.popleft()
    yield from unasked


def _seed(seed: int, task: str, key: str, sample: int) -> int:
    """Derive a seed of 31 bits that differs between samples and is the same in every run."""
    digest = hashlib.blake2b(f"{seed}/{task}/{key}/{sample}".encode(), digest_size=4).digest()
    return int.from_bytes(digest) >> 1


def _judged(completions: Iterator[Completion], tasks: dict[str, Benchmark], model: str) -> Iterator[Record]:
    def job(completion: Completion) -> Callable[[], Record]:
        return lambda: _judge_completion(completion, tasks, model)

    return in_parallel(job(c) for c in completions)


def _judge_completion(completion: Completion, tasks: dict[str, Benchmark], model: str) -> Record:
    request = completion.request
    benchmark = tasks[request.task]
    reasoning, answer = split(completion.text, completion.reasoning, inside=completion.inside)
    trace = Trace(
        key=request.key,
        task=request.task,
        item_id=request.item_id,
        model=model,
        sample=request.sample,
        text=completion.text,
        reasoning=reasoning,
        answer=answer,
        tokens=completion.tokens,
        stop=completion.stop,
        seed=request.seed,
        seconds=completion.seconds,
        error=completion.error,
        meta=completion.meta,
    )
    return judge(benchmark.task, benchmark.by_key[request.key], trace, completion.rewards)


def _finish(out: Path, sums: _Sums, cost: float, *, complete: bool) -> tuple[str, ...]:
    """Write the end down; return the models that the run's replies name."""
    manifest = store.read_manifest(out)
    manifest["finished"] = now() if complete else None
    manifest["cost"] = manifest.get("cost", 0.0) + cost
    manifest["served_by"] = sorted(sums.served.union(manifest.get("served_by") or ()))
    manifest["failures"] = dict(sums.failures.most_common(REASONS))
    if sums.adapted:
        manifest["adapted"] = manifest.get("adapted", {}) | sums.adapted
    store.save_manifest(out, manifest)
    return tuple(manifest["served_by"])
