"""A reward written by the user: a Python function of (item, trace, verdict) that returns a score.

``./mine.py:function`` names it. It may return a number, None where it cannot tell, or a list of numbers: one for each
step. It runs in this process: it is the user's own code, not a model's. What it raises, or returns amiss, is the
missing score of that trace, with the reason.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from rarl_eval.errors import BadInput, Fault, attempt
from rarl_eval.files.modules import load_file
from rarl_eval.files.plain import digest
from rarl_eval.rewards import Case, Group, Kind, Reach, RewardSource
from rarl_eval.rewards.steps import join_steps
from rarl_eval.runs.added import Entry


def open_function(text: str, reach: Reach) -> RewardSource:
    """Open ``PATH.py:FUNCTION``; its identity holds a hash of the file, so that an edited one is another reward."""
    file, _, name = text.rpartition(":")
    path = Path(file)
    function = _load(path, name)
    kind = Kind(name=reach.name or name, judge="rule")

    def score(groups: Iterable[Group]) -> Iterator[Entry]:
        for group in groups:
            for case in group:
                yield _entry(kind, case, function, text, reach.aggregate)

    identity = {"function": f"{path.name}:{name}", "file": digest(path.read_text("utf-8"))}
    return RewardSource(kind=kind, score=score, identity=identity)


def _load(path: Path, name: str) -> Callable[..., Any]:
    function = getattr(load_file(path, name), name, None)
    if not callable(function):
        raise BadInput(f"{path} defines no function {name}; it must hold: def {name}(item, trace, verdict)")
    found: Callable[..., Any] = function
    return found


def _entry(kind: Kind, case: Case, function: Callable[..., Any], text: str, aggregate: str) -> Entry:
    value = attempt(text, function, case.item, case.record.trace, case.record.verdict)
    if isinstance(value, Fault):
        return kind.missing(case, value.reason)
    steps = value.tolist() if hasattr(value, "tolist") else value  # arrays and numbers of other libraries
    if steps is None or isinstance(steps, int | float):
        return kind.entry(case, steps)
    if isinstance(steps, Sequence) and not isinstance(steps, str) and all(isinstance(v, int | float) for v in steps):
        listed = [float(v) for v in steps]
        return kind.entry(case, join_steps(listed, aggregate), listed)
    return kind.missing(case, f"{text} returned {type(value).__name__}, not a number, None or a list of numbers")
