"""Names to things: tasks, model adapters, rewards, readers and detectors, found lazily and imported when asked for.

Built-in tasks are the files under ``tasks/``; users add theirs by a path (``./my_task.py``) or by entry points of
the groups ``rarl_eval.tasks``, ``.models``, ``.rewards``, ``.importers`` and ``.detectors``. Two owners of one name are
an error where the name is used. A plug-in that cannot be loaded is a sentence with its distribution, and no more.
"""

import importlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.metadata import Distribution, EntryPoint, distributions
from pathlib import Path
from typing import Any, get_args

from rarl_eval.errors import BadInput, DuplicateName, Fault, RarlEvalError, UnknownName, attempt
from rarl_eval.files.modules import load_file
from rarl_eval.types import Domain, Task
from rarl_eval.windows import part_of

DOMAINS: tuple[Domain, ...] = ("math", "code", "finance", "medicine", "science", "general")
"""Each is a group of tasks, in the order in which pages show them."""
FRESH_DOMAINS: tuple[Domain, ...] = DOMAINS[:4]
"""Those that have generated items too."""
FRESH = "fresh:"
"""Names of tasks whose items are generated: ``fresh:math``, ``fresh:algebra@7``."""
LM_EVAL = "lm-eval:"
"""Names of tasks that lm-eval defines: ``lm-eval:gsm8k``."""

_BUILTIN: dict[str, dict[str, str]] = {
    "models": {
        "openai": "rarl_eval.models.openai:open_model",
        "vllm": "rarl_eval.models.vllm:open_model",
        "lm-eval": "rarl_eval.models.lm_eval:open_model",
        "litellm": "rarl_eval.models.litellm:open_model",
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
        "template": "rarl_eval.rewards.templates:open_template",
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
    "importers": {
        "lm-eval": "rarl_eval.importers.lm_eval:read_lm_eval",
        "inspect": "rarl_eval.importers.inspect:read_inspect_json",
        "lighteval": "rarl_eval.importers.lighteval:read_lighteval",
        "eee": "rarl_eval.importers.eee:read_eee",
        "openai-batch": "rarl_eval.importers.batches:OPENAI",
        "anthropic-batch": "rarl_eval.importers.batches:ANTHROPIC",
        "evalscope": "rarl_eval.importers.evalscope:PREDICTIONS",
        "evalscope-reviews": "rarl_eval.importers.evalscope:REVIEWS",
        "evalscope-0": "rarl_eval.importers.evalscope:OLD",
        "helm": "rarl_eval.importers.helm:STATE",
        "helm-display": "rarl_eval.importers.helm:DISPLAY",
        "matharena": "rarl_eval.importers.matharena:PROBLEM",
        "matharena-table": "rarl_eval.importers.matharena:TABLE",
        "opencompass": "rarl_eval.importers.opencompass:PREDICTIONS",
        "opencompass-details": "rarl_eval.importers.opencompass:DETAILS",
        "livecodebench": "rarl_eval.importers.livecodebench:LIVECODEBENCH",
        "lighteval-old": "rarl_eval.importers.lighteval_old:OLD",
        "nemo-skills": "rarl_eval.importers.nemo_skills:NEMO_SKILLS",
        "simple-evals": "rarl_eval.importers.simple_evals:SIMPLE_EVALS",
        "alpaca-eval": "rarl_eval.importers.alpaca_eval:OUTPUTS",
        "alpaca-eval-annotations": "rarl_eval.importers.alpaca_eval:ANNOTATIONS",
        "rewardbench": "rarl_eval.importers.rewardbench:REWARDBENCH",
        "messages": "rarl_eval.importers.messages:MESSAGES",
        "rarl-eval": "rarl_eval.importers.own:read_own",
        "jsonl": "rarl_eval.importers.generic:read_generic",
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


@dataclass(frozen=True)
class Owner:
    """Who a name belongs to."""

    name: str
    reference: str
    """``module:attribute``, or the path of a user's file."""
    distribution: str | None = None
    """Name and version of the package that brought it; None for what ships here."""

    def __str__(self) -> str:
        return f"{self.reference} ({self.distribution})" if self.distribution else self.reference

    def resolve(self, kind: str) -> Any:
        """Import it; raises BadInput naming the package that brought it."""
        if self.distribution is None:
            return _resolve(self.reference)
        point = EntryPoint(self.name, self.reference, "")
        found = attempt(self.reference, point.load)
        if isinstance(found, Fault):
            raise BadInput(
                f"the {kind} {self.name!r} of {self.distribution} ({self.reference}) cannot be loaded: {found.error}"
            )
        return found


_known: dict[str, Task] = {}
"""Tasks of users' files that this process has loaded, by name: the last of a name."""


def tasks(
    names: str | Iterable[str], seed: int | None = None, say: Callable[[str], None] = lambda _: None
) -> list[Task]:
    """Tasks of names, groups (a domain or ``all``) and ``.py`` paths, commas between them or one each, once each.

    ``seed`` makes the items of ``fresh:`` tasks whose names hold none. ``say`` is told of plug-ins that a group should
    hold and that cannot be loaded. Raises DuplicateName where two files given define tasks of one name.
    """
    given = [names] if isinstance(names, str) else list(names)
    found: dict[str, tuple[Task, str]] = {}
    for name in (part.strip() for text in given for part in text.split(",")):
        for task, owner in _named_tasks(name, seed, say) if name else ():
            if found.setdefault(task.name, (task, owner))[1] != owner:
                raise DuplicateName("task", task.name, found[task.name][1], owner)
    if not found:
        raise BadInput(f"--task {','.join(given)!r} names no task; see: rarl-eval tasks")
    return [task for task, _ in found.values()]


def task(name: str) -> Task:
    """Return the task that a run calls by this name: a registered one, or one of a file loaded before.

    Raises UnknownName where there is none.
    """
    if name in _known:
        return _known[name]
    # A run's files are read, and never the reason to run code; a group is no task.
    if "," in name or name.endswith(".py") or name in {*get_args(Domain), "all"}:
        raise UnknownName("task", name, _tasks())
    return tasks([name])[0]


def task_names() -> dict[str, str]:
    """Every registered task's name and the ``module:attribute`` that owns it, sorted by domain, then name."""
    return {name: owners[0].reference for name, owners in _tasks().items()}


def owners(group: str) -> dict[str, list[Owner]]:
    """Names of ``tasks``, ``models``, ``rewards``, ``importers`` or ``detectors``, and who claims each."""
    return dict(_tasks() if group == "tasks" else _group(group))


def owner(group: str, name: str) -> Owner:
    """Return who a name of a group belongs to; raises UnknownName or DuplicateName."""
    known = owners(group)
    if name not in known:
        raise UnknownName(_kind(group), name, known)
    return _only(_kind(group), known[name])


def load(group: str, name: str) -> Any:
    """Return the object registered as ``name``; raises UnknownName, DuplicateName, or BadInput for a broken plug-in."""
    return owner(group, name).resolve(_kind(group))


def detector(name: str) -> Callable[..., Any]:
    """Return the detector that an installed package or ``FILE.py:FUNCTION`` names; docs/contamination.md says more."""
    file, _, function = name.rpartition(":")
    found = (
        getattr(load_file(Path(file), function), function, None) if file.endswith(".py") else load("detectors", name)
    )
    if not callable(found):
        raise BadInput(f"{name} is no detector; it must be a function of the scanned items")
    opener: Callable[..., Any] = found
    return opener


def _kind(group: str) -> str:
    return {"models": "model adapter", "importers": "reader"}.get(group, group.removesuffix("s"))


def _only(kind: str, claims: list[Owner]) -> Owner:
    if len(claims) > 1:
        raise DuplicateName(kind, claims[0].name, str(claims[0]), str(claims[1]))
    return claims[0]


def _named_tasks(name: str, seed: int | None, say: Callable[[str], None]) -> Iterator[tuple[Task, str]]:
    """Yield the tasks that a name means, each with its owner."""
    if name.startswith(FRESH):
        yield _resolve("rarl_eval.tasks.generated:task")(name, seed), name
    elif name.startswith(LM_EVAL):
        yield from ((found, found.name) for found in _resolve("rarl_eval.data.lm_eval:tasks")(name))
    elif name.endswith(".py"):
        yield _from_file(Path(name)), str(Path(name).resolve())
    elif name == "all" or name in get_args(Domain):
        yield from _grouped(name, say)
    elif name in _tasks():
        yield _registered(_tasks()[name])
    elif "@" in name and name.partition("@")[0] in _tasks():
        whole, owner = _registered(_tasks()[name.partition("@")[0]])
        yield part_of(whole, name), f"{owner}, {name}"
    else:
        raise UnknownName("task", name, [*_tasks(), *_known, *get_args(Domain), "all"])


def _grouped(name: str, say: Callable[[str], None]) -> Iterator[tuple[Task, str]]:
    for claims in _tasks().values():
        try:
            found, owner = _registered(claims)
        except RarlEvalError as error:
            say(f"left out: {error}")
            continue
        if name in {"all", found.domain}:
            yield found, owner


def _registered(claims: list[Owner]) -> tuple[Task, str]:
    owner = _only("task", claims)
    found = owner.resolve("task")
    if not isinstance(found, Task):
        raise BadInput(f"{owner} is registered as a task but is {type(found).__name__}")
    if found.name != owner.name:
        raise BadInput(f"{owner} is registered as the task {owner.name!r} but calls itself {found.name!r}")
    return found, str(owner)


def _from_file(path: Path) -> Task:
    """Load a user's task file; its ``TASK`` is the task, and can be found by its name from now on."""
    found = getattr(load_file(path, "TASK"), "TASK", None)
    if not isinstance(found, Task):
        raise BadInput(f"{path} defines no TASK; it must hold TASK = Task(...)")
    if found.name in _tasks():
        raise DuplicateName("task", found.name, str(_tasks()[found.name][0]), str(path))
    _known[found.name] = found
    return found


@cache
def _tasks() -> dict[str, list[Owner]]:
    package = importlib.import_module("rarl_eval.tasks")
    root = Path(next(iter(package.__path__)))
    names: dict[str, list[Owner]] = {}
    for domain in get_args(Domain):
        for file in sorted((root / domain).glob("[!_]*.py")):
            _claim(names, Owner(file.stem, f"rarl_eval.tasks.{domain}.{file.stem}:TASK"))
    return _with_entry_points("tasks", names)


@cache
def _group(group: str) -> dict[str, list[Owner]]:
    return _with_entry_points(group, {name: [Owner(name, ref)] for name, ref in _BUILTIN[group].items()})


def _with_entry_points(group: str, names: dict[str, list[Owner]]) -> dict[str, list[Owner]]:
    for owner in sorted(plugged(f"rarl_eval.{group}"), key=lambda o: (o.name, o.reference)):
        _claim(names, owner)
    return names


def plugged(group: str) -> Iterator[Owner]:
    """Yield what installed packages bring to a group of entry points; of two copies of a package the first counts."""
    seen: set[str] = set()
    for found in distributions():
        points = attempt("entry points", _points, found, group)
        if isinstance(points, Fault) or not points:
            continue
        name = str(found.metadata["Name"]).lower()
        if name not in seen:
            seen.add(name)
            told = f"{found.metadata['Name']} {found.version}"
            yield from (Owner(point.name, point.value, told) for point in points)


def _points(found: Distribution, group: str) -> list[EntryPoint]:
    """Entry points of one package; most have none of ours, which their text tells at once."""
    text = found.read_text("entry_points.txt")
    return [point for point in found.entry_points if point.group == group] if text and group in text else []


def _claim(names: dict[str, list[Owner]], owner: Owner) -> None:
    claims = names.setdefault(owner.name, [])
    if owner.reference not in {claim.reference for claim in claims}:
        claims.append(owner)


def _resolve(ref: str) -> Any:
    module, _, attribute = ref.partition(":")
    return getattr(importlib.import_module(module), attribute)
