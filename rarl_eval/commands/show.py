"""``rarl-eval show``: what a run directory holds."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import msgspec

from rarl_eval.commands import family, options
from rarl_eval.files.text import percent, visible
from rarl_eval.show import ItemShown, RunShown, TaskShown, show_item, show_run
from rarl_eval.types import Record


@family.command("show")
@click.argument("run", type=options.FOLDER)
@click.option("--item", "-i", metavar="ID", help="One item in full: its id, its key, or the key's first digits.")
@options.own_tasks
def command(run: Path, item: str | None, task: tuple[str, ...], as_json: bool) -> None:
    r"""Show what a run directory holds: manifest, progress and verdicts, or one item with all that was written for it.

    \b
    Examples:
      rarl-eval show runs/qwen3
      rarl-eval show runs/qwen3 --item 17
      rarl-eval show runs/mine --item 17 --task ./mine.py
      rarl-eval show runs/qwen3 --json
    """
    options.know(task)
    found: Any = show_run(run) if item is None else show_item(run, item)
    if as_json:
        family.print_json(found)
        return
    lines = _run(found) if isinstance(found, RunShown) else (line for one in found for line in _item(one))
    for line in lines:
        click.echo(line)


def _run(shown: RunShown) -> Iterator[str]:
    manifest = shown.manifest
    model = manifest.get("model", {})
    yield visible(f"{shown.path}: {manifest.get('kind')} of {model.get('name')} ({model.get('adapter')})")
    yield visible(f"  started   {manifest.get('started')}   finished {manifest.get('finished') or 'not yet'}")
    told = {
        name: model.get(name) for name in ("revision", "tokenizer", "files", "served", "arguments") if model.get(name)
    }
    if told:
        yield visible(f"  model     {_short(told)}")
    for name in (
        "samples",
        "seed",
        "limit",
        "system",
        "sampling",
        "adapted",
        "inputs",
        "served_by",
        "cost",
        "host",
        "git",
    ):
        if manifest.get(name) is not None:
            yield visible(f"  {name:<9} {_short(manifest[name])}")
    if manifest.get("synthetic"):
        yield "  synthetic items or answers"
    for task in shown.tasks:
        yield ""
        yield from _task(task)


def _task(task: TaskShown) -> Iterator[str]:
    wanted = "" if task.wanted is None else f" of {task.wanted}"
    yield visible(f"{task.task} version {task.version}, {task.items} items from {task.origin}")
    yield f"  records   {task.records}{wanted}, of {task.answered} items; {task.failed} failed calls"
    for reason, count in task.failures.items():
        yield visible(f"            {count} x {reason}")
    if task.sandbox is not None:
        rule = f", checker {task.checker}" if task.checker else ""
        yield f"  sandbox   tier {task.sandbox}; answers are {task.answers}{rule}"
    if task.verdicts:
        yield "  verdicts  " + ", ".join(f"{status} {count}" for status, count in task.verdicts.items())
    if task.accuracy is not None:
        low, high = percent(task.accuracy.low), percent(task.accuracy.high)
        yield f"  accuracy  {percent(task.accuracy.value)} % (95 %: {low} to {high})"


def _item(shown: ItemShown) -> Iterator[str]:
    item = shown.item
    yield visible(f"{shown.task} item {item.id} (key {shown.key})")
    yield from _block("prompt" if shown.prompt else "question", shown.prompt or item.question)
    yield from _block("gold", item.gold)
    for record in shown.records:
        yield from _record(record)
    if not shown.records:
        yield "  no record yet"
    yield ""


def _record(record: Record) -> Iterator[str]:
    trace, verdict = record.trace, record.verdict
    yield ""
    ended = f", stop {trace.stop}" if trace.stop else ""
    length = f", {trace.tokens.completion} tokens" if trace.tokens.completion is not None else ""
    yield visible(f"  sample {trace.sample}{ended}{length}" + (f", error: {trace.error}" if trace.error else ""))
    if trace.reasoning is not None:
        yield from _block("reasoning", trace.reasoning)
    yield from _block("answer", trace.answer)
    if verdict is not None:
        yield visible(f"  verdict   {verdict.status}: {verdict.extracted!r} ({verdict.reason})")
    if record.rewards:
        scores = ", ".join(f"{r.name} {'-' if r.score is None else f'{r.score:g}'}" for r in record.rewards)
        yield visible(f"  rewards   {scores}")
    if trace.meta.get("original"):
        yield visible(f"  original  {_short(trace.meta['original'])}")


def _block(name: str, text: str) -> Iterator[str]:
    """Yield a text under its name, its lines indented and their control characters shown."""
    first, *rest = text.split("\n")
    yield f"  {name:<9} {visible(first)}"
    for line in rest:
        yield f"            {visible(line)}"


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return text if len(text) <= 300 else text[:297] + "..."
