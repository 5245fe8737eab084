"""Ask a model every item, judge each answer as it arrives, and write it down before going on.

A run can be killed at any moment: ``resume`` asks only for what has no record yet, and for calls that failed.
Not here: how a model is reached (models/) and how answers are judged (the task).
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import msgspec

from rarl_eval.judge import in_parallel, judge, split
from rarl_eval.models import Completion, Model, Request, Sampling
from rarl_eval.models.budget import Budget, Capped, Meter, Price
from rarl_eval.runs import store
from rarl_eval.runs.provenance import describe_benchmark, describe_git, describe_host, hold_to, is_synthetic, now
from rarl_eval.runs.writer import Writer
from rarl_eval.types import Benchmark, Record, Trace


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What to ask for."""

    samples: int = 1
    seed: int = 0
    limit: int | None = None
    sampling: Sampling = field(default_factory=Sampling)


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


@dataclass
class _Sums:
    """What a session has done so far."""

    asked: int = 0
    failed: int = 0
    doubted: int = 0
    served: set[str] = field(default_factory=set)

    def add(self, record: Record) -> None:
        self.asked += 1
        self.failed += record.trace.stop == "error"
        self.doubted += "doubts" in record.trace.meta
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
        for record in _judged(capped.generate(_requests(asked, settings, done)), tasks, name):
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


def _requests(benchmarks: Iterable[Benchmark], settings: Settings, done: store.Reader) -> Iterator[Request]:
    """Yield what is not done, made as it is pulled: a run of any size holds those that are under way."""
    for benchmark in benchmarks:
        for item in benchmark.items:
            name, key = benchmark.task.name, item.key
            messages = tuple(benchmark.task.prompt(item))
            for sample in sorted(set(range(settings.samples)) - done.samples(name, key)):
                yield Request(
                    task=name,
                    key=key,
                    item_id=item.id,
                    sample=sample,
                    messages=messages,
                    sampling=settings.sampling,
                    seed=_seed(settings.seed, name, key, sample),
                )


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
    store.save_manifest(out, manifest)
    return tuple(manifest["served_by"])
