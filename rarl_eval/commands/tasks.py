"""``rarl-eval tasks``: list the benchmarks, or lock what they resolve to."""

from pathlib import Path
from typing import Any

import click
import msgspec

from rarl_eval import data, registry
from rarl_eval.commands import options
from rarl_eval.types import Task


@click.command("tasks")
@click.option("--json", "as_json", is_flag=True, help="Machine-readable output.")
@click.option("--task", "-t", default=None, metavar="T[,T]", help="Only these (default: every registered task).")
@click.option("--lock", type=options.FOLDER, help="Load the tasks and write what they resolved to into this file.")
@click.option("--source", "sources", multiple=True, metavar="TASK=PATH", help="Local file of a task's rows.")
def command(as_json: bool, task: str | None, lock: Path | None, sources: tuple[str, ...]) -> None:
    r"""List the benchmarks.

    \b
    Examples:
      rarl-eval tasks
      rarl-eval tasks --json
      rarl-eval tasks --task gsm8k,medqa --lock tasks.lock.json
    """
    chosen = registry.tasks(task) if task else registry.tasks(",".join(registry.task_names()))
    if lock is not None:
        benchmarks = [data.load(t, data.parse_sources(sources)) for t in chosen]
        data.write_lock(lock, benchmarks)
        options.say(f"{len(benchmarks)} tasks locked in {lock}")
    elif as_json:
        click.echo(msgspec.json.format(msgspec.json.encode([_described(t) for t in chosen])).decode())
    else:
        _table(chosen)


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
