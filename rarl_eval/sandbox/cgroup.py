"""A control group around all of a sandbox's processes, where the machine lets us make one (version 1 or 2).

It is a second bound on memory and tasks, over all programs together; each program's own limits hold without it.
"""

import contextlib
import os
from pathlib import Path

from rarl_eval.sandbox.program import Limits

_ROOT = Path("/sys/fs/cgroup")
_OVERHEAD_BYTES = 2**30


class Group:
    """One folder per hierarchy; none where they cannot be made, which ``folders`` then shows."""

    def __init__(self, limits: Limits, jobs: int) -> None:
        memory = _OVERHEAD_BYTES + 2 * jobs * (limits.memory_bytes + limits.disk_bytes)
        tasks = 16 + 4 * jobs * (limits.threads + 4)
        self.folders = [
            folder
            for controller, files in (
                ("memory", {"memory.max": memory, "memory.limit_in_bytes": memory}),
                ("pids", {"pids.max": tasks}),
            )
            if (folder := _make(controller, files)) is not None
        ]

    def add(self, pid: int) -> None:
        """Put a zygote into the group; what it makes is born there."""
        for folder in self.folders:
            with contextlib.suppress(OSError):
                (folder / "cgroup.procs").write_text(str(pid))

    def close(self) -> None:
        """Remove the group."""
        for folder in self.folders:
            with contextlib.suppress(OSError):
                folder.rmdir()
        self.folders = []


def _make(controller: str, files: dict[str, int]) -> Path | None:
    for parent in (_ROOT / controller / _own(controller), _ROOT / controller, _ROOT / _own("")):
        if not (parent / "cgroup.procs").is_file():
            continue
        _sweep(parent)
        folder = parent / f"rarl-eval-{os.getpid()}-{id(files):x}"
        try:
            folder.mkdir()
        except OSError:
            continue
        known = [name for name in files if (folder / name).is_file()]
        try:
            for name in known:
                (folder / name).write_text(str(files[name]))
        except OSError:
            known = []
        if known:
            return folder
        folder.rmdir()
    return None


def _own(controller: str) -> str:
    """Return this process's group in a hierarchy, as a relative path."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/cgroup").read_text().splitlines():
            _, names, path = line.split(":", 2)
            if controller in names.split(","):
                return path.lstrip("/")
    return ""


def _sweep(parent: Path) -> None:
    """Remove the empty groups of harnesses that were killed."""
    for folder in parent.glob("rarl-eval-*"):
        pid = folder.name.split("-")[2]
        if not Path(f"/proc/{pid}").exists():
            with contextlib.suppress(OSError):
                folder.rmdir()
