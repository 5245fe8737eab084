"""What a command found, in sentences of at most 80 columns: the figure first, then what stands in its way."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from rarl_eval.files.text import visible
from rarl_eval.measures.answered import MANY, JudgedSoFar
from rarl_eval.measures.doubt import MOST
from rarl_eval.runs.store import open_run
from rarl_eval.stats import Interval
from rarl_eval.types import Task

SHOWN = 40
"""Characters of an answer as read that an example shows."""


def conclusion(found: JudgedSoFar, model: str, task: str) -> Iterator[str]:
    """Yield the sentences of one model on one task."""
    accuracy = found.accuracy()
    if accuracy is None:
        yield f"{visible(model)} on {task}: no answer was judged, so that there is no figure"
    else:
        yield f"{visible(model)} on {task}: {_percent(accuracy)} right, {found.items} items"
        yield from _read(found)
    yield from _texts(found)


def concluded_run(folder: Path, tasks: Sequence[Task]) -> Iterator[str]:
    """Yield the sentences of a run directory, for the tasks that a rule judges."""
    run = open_run(folder)
    model = str(run.manifest["model"]["name"])
    found = {task.name: JudgedSoFar() for task in tasks if not task.judged}
    for record in run.records:
        if record.trace.task in found:
            found[record.trace.task].add(record)
    for task, judged in found.items():
        yield from conclusion(judged, model, task)


def _percent(found: Interval) -> str:
    if found.low is None or found.high is None:
        return f"{found.value:.1%}"
    return f"{found.value:.1%} [{100 * found.low:.1f}, {100 * found.high:.1f}]"


def _read(found: JudgedSoFar) -> Iterator[str]:
    missing, differ = found.shares()
    if missing:
        yield f"  {missing:.1%} of the answers have none that the task's rule can read"
    if differ:
        yield f"  {differ:.1%} are judged otherwise by a second, lenient reading, e.g."
        for kind, count in sorted(found.two_ways.items(), key=lambda pair: (-pair[1], pair[0])):
            case = found.examples[kind]
            yield f"    {count} x {kind.replace('_', ' ')}: item {visible(case.item[:SHOWN])}"
            yield f"      rule read {_shown(case.first)}, lenient reading {_shown(case.second)}"
    if found.marked:
        yield f"  more than {MOST:.0%}: look at these before believing the accuracy (rarl-eval show)"


def _texts(found: JudgedSoFar) -> Iterator[str]:
    judged = found.records - found.failed
    if judged and found.empty > MANY * judged:
        yield f"  {found.empty} of {judged} texts are empty: is this the field of the model's reply?"
    if judged and found.programs > MANY * judged:
        yield f"  {found.programs} of {judged} answers look like programs, and none was run:"
        yield "  rarl-eval score --answers programs judges the values they come to"


def _shown(text: str | None) -> str:
    return "nothing" if text is None else repr(visible(text[:SHOWN]))
