"""Progress of commands, on stderr: a bar where a person looks, or a line of JSON every few seconds for jobs."""

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Literal

from rarl_eval.commands.tally import LINE_SECONDS, TallyLine
from rarl_eval.types import Record, Trace

Shown = Literal["auto", "bar", "json", "none"]


def hidden(how: Shown) -> bool:
    """Whether nothing is shown: not wanted, or nobody looks."""
    return how == "none" or (how == "auto" and not sys.stderr.isatty())


@contextmanager
def record_progress(
    how: Shown, cost: Callable[[Trace], float] = lambda _: 0.0
) -> Iterator[Callable[[Record, int], None]]:
    """Show records done, accuracy so far with its interval, tokens a second, cost, failures and time left."""
    if hidden(how):
        yield lambda record, total: None  # noqa: ARG005
        return
    tally = TallyLine(cost)
    if how == "json":
        yield tally.lines()
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("judging", total=None)

        def update(record: Record, total: int) -> None:
            tally.add(record)
            bar.update(task, total=total, advance=1, description=tally.sentence())

        yield update


@contextmanager
def count_progress(how: Shown) -> Iterator[Callable[[str, int, int], None]]:
    """Show what is at work, how many of it are done, and the time left."""
    if hidden(how):
        yield lambda name, done, total: None  # noqa: ARG005
        return
    if how == "json":
        yield _line()
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        shown = bar.add_task("scoring", total=None)
        yield lambda name, done, total: bar.update(shown, description=name, completed=done, total=total)


@contextmanager
def byte_progress(how: Shown) -> Iterator[Callable[[int, int | None], None]]:
    """Show bytes done, rate and time left; without a thread, for a scan may fork."""
    if hidden(how):
        yield lambda done, total: None  # noqa: ARG005
        return
    if how == "json":
        line = _line()
        yield lambda done, total: line("bytes", done, total)
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

    columns = (TextColumn("scanning"), BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True, auto_refresh=False) as bar:
        shown, last = bar.add_task("scanning", total=None), [0.0]

        def update(done: int, total: int | None) -> None:
            bar.update(shown, completed=done, total=total)
            if time.monotonic() - last[0] > 0.1:
                last[0] = time.monotonic()
                bar.refresh()

        yield update


def _line() -> Callable[[str, int, int | None], None]:
    last = [0.0]

    def update(name: str, done: int, total: int | None) -> None:
        if done == total or time.monotonic() - last[0] >= LINE_SECONDS:
            last[0] = time.monotonic()
            told: dict[str, Any] = {"what": name, "done": done, "total": total}
            print(json.dumps(told), file=sys.stderr, flush=True)

    return update
