"""``rarl-eval tasks``: list the benchmarks, lock what they resolve to, check them, write labelled solutions."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import click
import msgspec

from rarl_eval import data, registry
from rarl_eval.commands import family, options
from rarl_eval.data.check import Check, check
from rarl_eval.data.labelled import write_labelled
from rarl_eval.data.styles import examples
from rarl_eval.errors import BadInput
from rarl_eval.types import Benchmark, Task

SHOWN = 10
"""Findings of one kind that are printed."""


@family.command("tasks")
@options.some_tasks
@click.option(
    "--check", "checked", multiple=True, metavar="T[,T] ...", help="Load these and say whether they can be trusted."
)
@click.option("--steps", type=options.FOLDER, help="Write solutions with labelled steps of fresh: tasks to this file.")
@click.option("--seed", type=click.IntRange(0), help="Of the items of fresh: tasks whose names hold none.")
@click.option("--lock", type=options.FOLDER, help="Load the tasks and write what they resolved to into this file.")
@options.source
def command(
    task: tuple[str, ...],
    checked: tuple[str, ...],
    steps: Path | None,
    seed: int | None,
    lock: Path | None,
    sources: tuple[str, ...],
    as_json: bool,
) -> int:
    r"""List the benchmarks, or look at what they hold.

    --check tells rows, repeated questions, golds that their own verifier fails, empty or equal options, lengths of
    prompts, and items that the tasks given have in common. Exit code 1 if a benchmark is unsound: more than 0.5 % of
    its golds fail or stand beside an equal option, or one question has two right answers.

    \b
    Examples:
      rarl-eval tasks
      rarl-eval tasks --json
      rarl-eval tasks --task gsm8k,medqa --lock tasks.lock.json
      rarl-eval tasks --check gsm8k,svamp
      rarl-eval tasks --task fresh:math@7:200 --steps planted.jsonl
    """
    if checked:
        return _check(_load(checked, sources, seed, partial=True), as_json=as_json)
    if not task and (steps or sources):
        raise BadInput("--steps and --source need --task: name the tasks that are meant")
    if steps is not None:
        written = write_labelled(steps, _load(task, sources, seed))
        options.say(f"{written} solutions with labelled steps are in {steps}")
        told: Any = {"file": str(steps), "solutions": written}
    elif lock is not None:
        benchmarks = _load(task or ["all"], sources, seed)
        data.write_lock(lock, [*benchmarks, *_examples(benchmarks, sources)])
        options.say(f"{len(benchmarks)} tasks locked in {lock}")
        told = {"file": str(lock), "tasks": [b.task.name for b in benchmarks]}
    else:
        fresh = [f"{registry.FRESH}{domain}" for domain in registry.FRESH_DOMAINS]
        chosen = registry.tasks(task or ["all", *fresh], seed, options.say)
        told = [_described(t) for t in chosen]
        if not as_json:
            _table(chosen)
    if as_json:
        family.print_json(told)
    return 0


def _load(task: Sequence[str], sources: tuple[str, ...], seed: int | None, *, partial: bool = False) -> list[Benchmark]:
    return options.load(task, sources, None, seed, partial=partial)


def _examples(benchmarks: Sequence[Benchmark], sources: tuple[str, ...]) -> Iterator[Benchmark]:
    """Load the rows that few-shot examples are taken from, of tasks whose own rows are no file of the user's."""
    given = data.parse_sources(sources)
    for b in benchmarks:
        if b.task.name not in given or f"{b.task.name}/few-shot" in given:
            try:
                found = examples(b.task, given)
            except BadInput as error:
                options.say(f"the examples of {b.task.name} are not locked: {error}")
                continue
            if found is not None:
                yield found


def _check(benchmarks: list[Benchmark], *, as_json: bool) -> int:
    found = check(benchmarks)
    if as_json:
        told = [{**msgspec.to_builtins(c), "contradictions": c.contradictions, "sound": c.sound} for c in found]
        family.print_json(told)
    else:
        for one in found:
            click.echo("\n".join(_lines(one)))
    return 0 if all(one.sound for one in found) else 1


def _lines(found: Check) -> Iterator[str]:
    """Say what was found: counts, then each finding, bounded."""
    yield f"{found.task}: {'sound' if found.sound else 'UNSOUND'}"
    yield f"  rows               {found.rows}  ({found.origin}, fingerprint {found.fingerprint})"
    again = sum(len(repeat.ids) - 1 for repeat in found.repeats)
    yield f"  repeated questions {again}  ({found.contradictions} with the same options and another gold)"
    yield from _some(f"{', '.join(r.ids)}: {' / '.join(g[:60] for g in r.golds)}" for r in found.repeats)
    yield f"  golds that fail    {len(found.failing)}  ({100 * len(found.failing) / found.rows:.2f}%)"
    yield from _some(f"{g.id}: {g.gold[:80]!r} is {g.status}: {g.reason[:120]}" for g in found.failing)
    if found.unread:
        yield f"  rows not read      {len(found.unread)}  (the task's own code fails on them)"
        yield from _some(f"row {u.row}: {u.reason}" for u in found.unread)
    yield f"  faulty options     {len(found.faults)}"
    yield from _some(f"{fault.id}: {fault.what}" for fault in found.faults)
    lengths = found.lengths
    longest = f"longest {lengths.longest} ({lengths.longest_id})"
    yield f"  prompt characters  median {lengths.median}, p95 {lengths.p95}, {longest}"
    shared = ", ".join(f"{count} in {name}" for name, count in sorted(found.shared.items()))
    yield f"  in other tasks     {shared or 'none of those checked'}"


def _some(told: Iterable[str]) -> Iterator[str]:
    every = list(told)
    yield from (f"    {' '.join(line.split())}" for line in every[:SHOWN])
    if len(every) > SHOWN:
        yield f"    ... and {len(every) - SHOWN} more (--json holds all)"


def _described(task: Task) -> dict[str, Any]:
    source = task.source
    return {
        "name": task.name,
        "domain": task.domain,
        "version": task.version,
        "source": source.path,
        "config": source.name,
        "split": source.split,
        "revision": source.revision,
        "licence": source.licence,
        "gated": source.gated,
        "unproven": source.unproven or None,
        "released": source.released,
        "paper": task.paper,
    }


def _table(chosen: list[Task]) -> None:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD)
    for column in ("task", "domain", "source", "split", "released", "licence"):
        table.add_column(column, overflow="fold", no_wrap=column in {"task", "domain", "released"})
    for t in chosen:
        table.add_row(t.name, t.domain, t.source.path, t.source.split, t.source.released, t.source.licence)
    options.print_wide(table)
