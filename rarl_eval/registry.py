"""Names to things: tasks, model adapters, rewards and detectors, found lazily and imported when asked for.

Built-in tasks are the files under ``tasks/``; users add theirs by a path (``./my_task.py``) or by entry points of
the groups ``rarl_eval.tasks``, ``.models``, ``.rewards`` and ``.detectors``. Two owners of one name are an error.
"""

import importlib
import importlib.util
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from rarl_eval.errors import BadInput, DuplicateName, UnknownName
from rarl_eval.types import Task

DOMAINS = ("math", "code", "finance", "medicine")
FRESH = "fresh:"
"""Names of tasks whose items are generated: ``fresh:math``, ``fresh:algebra@7``."""
LM_EVAL = "lm-eval:"
"""Names of tasks that lm-eval defines: ``lm-eval:gsm8k``."""

_BUILTIN: dict[str, dict[str, str]] = {
    "models": {
        "openai": "rarl_eval.models.openai:open_model",
        "vllm": "rarl_eval.models.vllm:open_model",
        "lm-eval": "rarl_eval.models.lm_eval:open_model",
        "gguf": "rarl_eval.models.gguf:open_model",
        "replay": "rarl_eval.models.doubles:open_replay",
        "echo": "rarl_eval.models.doubles:open_echo",
    },
    "rewards": {
        "verifier": "rarl_eval.rewards.rules:open_rule",
        "exact": "rarl_eval.rewards.rules:open_rule",
        "last-number": "rarl_eval.rewards.rules:open_rule",
        "format": "rarl_eval.rewards.rules:open_rule",
        "brevity": "rarl_eval.rewards.rules:open_rule",
        "length": "rarl_eval.rewards.rules:open_rule",
        "citation": "rarl_eval.rewards.rules:open_rule",
        "unit": "rarl_eval.rewards.rules:open_rule",
        "recorded": "rarl_eval.rewards.recorded:open_recorded",
        "pointwise": "rarl_eval.rewards.judges:open_pointwise",
        "reference": "rarl_eval.rewards.judges:open_pointwise",
        "pairwise": "rarl_eval.rewards.judges:open_pairwise",
        "rubric": "rarl_eval.rewards.judges:open_rubric",
        "critique": "rarl_eval.rewards.judges:open_critique",
        "majority": "rarl_eval.rewards.consensus:open_majority",
        "clusters": "rarl_eval.rewards.consensus:open_clusters",
        "stated": "rarl_eval.rewards.stated:open_stated",
        "supported": "rarl_eval.rewards.supported:open_supported",
        "logprob": "rarl_eval.rewards.likelihood:open_likelihood",
        "certainty": "rarl_eval.rewards.likelihood:open_likelihood",
        "entropy": "rarl_eval.rewards.likelihood:open_likelihood",
        "orm": "rarl_eval.rewards.discriminative:open_outcome",
        "prm": "rarl_eval.rewards.discriminative:open_process",
        "mean": "rarl_eval.rewards.combine:open_ensemble",
        "least": "rarl_eval.rewards.combine:open_ensemble",
        "disagreement": "rarl_eval.rewards.combine:open_ensemble",
        "shaping": "rarl_eval.rewards.combine:open_shaping",
    },
    "detectors": {},
    "contamination": {
        "scan": "rarl_eval.contamination.scan:scan",
        "paraphrasing": "rarl_eval.contamination.paraphrase.choose:open_paraphrasing",
        "clean": "rarl_eval.contamination.clean:clean",
        "audit": "rarl_eval.contamination.audit:audit",
        "record": "rarl_eval.contamination.audit:record",
        "precision": "rarl_eval.contamination.audit:precision",
        "probe": "rarl_eval.contamination.probing.run:probe",
        "probe-plan": "rarl_eval.contamination.probing.findings:ProbePlan",
    },
    "laboratory": {
        "names": "rarl_eval.tasks.laboratory.fixtures:NAMES",
        "weights": "rarl_eval.tasks.laboratory.fixtures:weights",
        "recorded": "rarl_eval.tasks.laboratory.fixtures:recorded",
        "corpora": "rarl_eval.tasks.laboratory.corpora:write",
    },
    "sites": {"leaderboard": "rarl_eval.leaderboards.pages:render"},
}


def tasks(names: str, seed: int | None = None) -> list[Task]:
    """Tasks of a comma-separated list of names, groups (a domain or ``all``) and ``.py`` paths, in order, once each.

    ``seed`` makes the items of ``fresh:`` tasks whose names hold none.
    """
    found: dict[str, Task] = {}
    for name in (part.strip() for part in names.split(",")):
        if name:
            found.update((t.name, t) for t in _named_tasks(name, seed))
    if not found:
        raise BadInput(f"--task {names!r} names no task; see: rarl-eval tasks")
    return list(found.values())


def task_names() -> dict[str, str]:
    """Every registered task's name and the ``module:attribute`` that owns it, sorted by domain, then name."""
    return dict(_tasks())


def load(group: str, name: str) -> Any:
    """Return the object registered as ``name`` in ``models``, ``rewards`` or ``detectors``."""
    known = _group(group)
    if name not in known:
        raise UnknownName({"models": "model adapter"}.get(group, group.removesuffix("s")), name, known)
    return _resolve(known[name])


def _named_tasks(name: str, seed: int | None) -> list[Task]:
    known = _tasks()
    if name.startswith(FRESH):
        fresh: Task = _resolve("rarl_eval.tasks.generated:task")(name, seed)
        return [fresh]
    if name.startswith(LM_EVAL):
        other: Task = _resolve("rarl_eval.data.lm_eval:task")(name)
        return [other]
    if name.endswith(".py"):
        return [_from_file(Path(name))]
    if name == "all" or name in DOMAINS:
        every = [_as_task(ref) for ref in known.values()]
        # Embedded items are synthetic and for the demo: a group means published benchmarks.
        return [t for t in every if name in {"all", t.domain} and not t.source.path.startswith("embedded:")]
    if name not in known:
        raise UnknownName("task", name, [*known, *DOMAINS, "all"])
    return [_as_task(known[name])]


def _from_file(path: Path) -> Task:
    """Load a user's task file; its ``TASK`` is the task."""
    if not path.is_file():
        raise BadInput(f"{path} does not exist; give the path of a Python file that defines TASK")
    spec = importlib.util.spec_from_file_location(f"rarl_eval_user_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise BadInput(f"{path} cannot be loaded as Python")
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise BadInput(f"{path} fails when imported: {type(error).__name__}: {error}") from error
    task = getattr(module, "TASK", None)
    if not isinstance(task, Task):
        raise BadInput(f"{path} defines no TASK; it must hold TASK = Task(...)")
    if task.name in _tasks():
        raise DuplicateName("task", task.name, _tasks()[task.name], str(path))
    return task


def _as_task(ref: str) -> Task:
    task = _resolve(ref)
    if not isinstance(task, Task):
        raise BadInput(f"{ref} is registered as a task but is {type(task).__name__}")
    return task


@cache
def _tasks() -> dict[str, str]:
    package = importlib.import_module("rarl_eval.tasks")
    root = Path(next(iter(package.__path__)))
    names: dict[str, str] = {}
    for domain in DOMAINS:
        for file in sorted((root / domain).glob("[!_]*.py")):
            _claim("task", names, file.stem, f"rarl_eval.tasks.{domain}.{file.stem}:TASK")
    return _with_entry_points("tasks", names)


@cache
def _group(group: str) -> dict[str, str]:
    return _with_entry_points(group, dict(_BUILTIN[group]))


def _with_entry_points(group: str, names: dict[str, str]) -> dict[str, str]:
    for point in sorted(entry_points(group=f"rarl_eval.{group}"), key=lambda p: p.name):
        _claim(group.removesuffix("s"), names, point.name, point.value)
    return names


def _claim(kind: str, names: dict[str, str], name: str, owner: str) -> None:
    if names.setdefault(name, owner) != owner:
        raise DuplicateName(kind, name, names[name], owner)


def _resolve(ref: str) -> Any:
    module, _, attribute = ref.partition(":")
    return getattr(importlib.import_module(module), attribute)
