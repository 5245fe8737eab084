"""A reward written by the user: a Python function of (item, trace, verdict) that returns a score.

``./mine.py:function`` names it. It may return a number, None where it cannot tell, or a list of numbers: one for each
step. It runs in this process: it is the user's own code, not a model's.
"""

import importlib.util
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from rarl_eval.errors import BadInput
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
    if not path.is_file():
        raise BadInput(f"{path} does not exist; give the path of a Python file that defines {name}")
    spec = importlib.util.spec_from_file_location(f"rarl_eval_user_reward_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise BadInput(f"{path} cannot be loaded as Python")
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:  # the user's file may raise anything
        raise BadInput(f"{path} fails when imported: {type(error).__name__}: {error}") from error
    function = getattr(module, name, None)
    if not callable(function):
        raise BadInput(f"{path} defines no function {name}; it must hold: def {name}(item, trace, verdict)")
    found: Callable[..., Any] = function
    return found


def _entry(kind: Kind, case: Case, function: Callable[..., Any], text: str, aggregate: str) -> Entry:
    trace = case.record.trace
    try:
        value = function(case.item, trace, case.record.verdict)
    except Exception as error:  # the user's code may raise anything
        raise BadInput(
            f"{text} fails on {trace.task} item {trace.item_id} sample {trace.sample}: {type(error).__name__}: {error}"
        ) from error
    if value is None or isinstance(value, int | float):
        return kind.entry(case, value)
    if isinstance(value, Sequence) and not isinstance(value, str) and all(isinstance(v, int | float) for v in value):
        steps = [float(v) for v in value]
        return kind.entry(case, join_steps(steps, aggregate), steps)
    raise BadInput(f"{text} returned {type(value).__name__} for item {trace.item_id}; return a number, None or a list")
