"""Names to things: tasks, model adapters, rewards, readers and detectors, found lazily and imported when asked for.

Built-in tasks are the files under ``tasks/``; users add theirs by a path (``./my_task.py``) or by entry points of
the groups ``rarl_eval.tasks``, ``.models``, ``.rewards``, ``.importers`` and ``.detectors``. Two owners of one name are
an error where the name is used. A plug-in that cannot be loaded is a sentence with its distribution, and no more.
"""

import importlib
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, get_args

from rarl_eval.errors import BadInput, DuplicateName, RarlEvalError, UnknownName
from rarl_eval.files.modules import load_file
from rarl_eval.registry.claims import Owner, claim, only, resolve, with_entry_points
from rarl_eval.registry.shipped import SHIPPED
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
    return only(_kind(group), known[name])


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


def _named_tasks(name: str, seed: int | None, say: Callable[[str], None]) -> Iterator[tuple[Task, str]]:
    """Yield the tasks that a name means, each with its owner."""
    if name.startswith(FRESH):
        yield resolve("rarl_eval.tasks.generated:task")(name, seed), name
    elif name.startswith(LM_EVAL):
        yield from ((found, found.name) for found in resolve("rarl_eval.data.lm_eval:tasks")(name))
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
    owner = only("task", claims)
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
            claim(names, Owner(file.stem, f"rarl_eval.tasks.{domain}.{file.stem}:TASK"))
    return with_entry_points("tasks", names)


@cache
def _group(group: str) -> dict[str, list[Owner]]:
    return with_entry_points(group, {name: [Owner(name, ref)] for name, ref in SHIPPED[group].items()})
