"""What a program can see of the file system: the standard library, chosen packages, shared libraries, devices.

With namespaces that view is a new root made of read-only binds; without them it is the list of paths that Landlock
allows. Site-packages stay out of both, and with them the harness, other packages and their data.
"""

import os
import sys
from collections.abc import Iterable, Iterator

from . import kernel, syscalls

PRIVATE = "/private"
"""Holds the one writable folder of the new root; ``/tmp`` points into it."""
_HIDDEN = ("site-packages", "dist-packages")
_FILES = ("/etc/ld.so.cache", "/etc/localtime")
_DEVICES = ("null", "zero", "full", "random", "urandom")
_STEADY_FLAGS = {2: 2, 4: 4, 8: 8, 1024: 1024, 2048: 2048, 4096: 1 << 21}
"""statvfs flag to mount flag (nosuid, nodev, noexec, noatime, nodiratime, relatime): a bind must keep them."""


def readable(packages: Iterable[str]) -> list[str]:
    """Folders and files that a program may read, the hidden ones still inside."""
    machine = os.uname().machine
    libraries = [f"{top}/{machine}-linux-gnu" for top in ("/lib", "/usr/lib")] + ["/lib64", "/usr/lib64"]
    standard = [entry for entry in sys.path if os.path.isdir(entry)]
    wanted = [*standard, *libraries, "/usr/share/zoneinfo", *_FILES, *packages]
    return [path for path in dict.fromkeys(wanted) if os.path.exists(path)]


def without_hidden(paths: Iterable[str], packages: Iterable[str]) -> tuple[list[str], list[str]]:
    """Return the same paths with site-packages cut out, and the folders that were cut, whose names may be seen.

    Landlock's rules cannot take anything back: a folder that holds something hidden is given as its other entries.
    """
    whole, cut, pending = [], [], list(paths)
    while pending:
        path = pending.pop()
        if path not in packages and any(True for _ in _hidden_in(path)):
            cut.append(path)
            pending += (entry.path for entry in os.scandir(path) if entry.name not in _HIDDEN)
        else:
            whole.append(path)
    return whole, cut


def enter(packages: list[str]) -> None:
    """Make the new root and go there; needs a mount namespace of one's own and the right to mount in it."""
    paths = readable(packages)
    root = next(top for top in ("/sys", "/mnt", "/media", "/opt") if os.path.isdir(top))
    kernel.mount("none", "/", None, kernel.MS_REC | kernel.MS_PRIVATE)
    kernel.mount("tmpfs", root, "tmpfs", kernel.MS_NOSUID, "mode=755,size=2m")
    for path in paths:
        if path not in packages:
            _bind(path, root)
            for hidden in _hidden_in(path):
                kernel.mount("tmpfs", root + hidden, "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV, "mode=755,size=1m")
    for path in packages:
        _bind(path, root)
    _furnish(root)
    os.chdir(root)
    _pivot()
    kernel.mount("none", "/", None, kernel.MS_REMOUNT | kernel.MS_BIND | kernel.MS_RDONLY | kernel.MS_NOSUID)


def _hidden_in(path: str) -> Iterator[str]:
    """Site-packages inside a folder or inside a Python folder in it."""
    for parent in [path, *(entry for entry in _subfolders(path) if os.path.basename(entry).startswith("python"))]:
        for name in _HIDDEN:
            hidden = os.path.join(parent, name)
            if os.path.isdir(hidden):
                yield hidden


def _subfolders(path: str) -> list[str]:
    try:
        return [entry.path for entry in os.scandir(path) if entry.is_dir()]
    except (NotADirectoryError, PermissionError):
        return []


def _bind(path: str, root: str) -> None:
    target = root + path
    if os.path.isdir(path):
        os.makedirs(target, exist_ok=True)
    else:
        os.makedirs(os.path.dirname(target), exist_ok=True)
        open(target, "w").close()
    kernel.mount(path, target, None, kernel.MS_BIND | kernel.MS_REC)
    had = os.statvfs(path).f_flag
    keep = sum(flag for seen, flag in _STEADY_FLAGS.items() if had & seen)
    kernel.mount("none", target, None, kernel.MS_BIND | kernel.MS_REMOUNT | kernel.MS_RDONLY | kernel.MS_NOSUID | keep)


def _furnish(root: str) -> None:
    """Return the private folder, ``/tmp`` and the harmless devices."""
    os.makedirs(f"{root}{PRIVATE}/tmp")
    if not os.path.isdir(f"{root}/tmp"):  # it is there where a package lives below /tmp; TMPDIR then shows the way
        os.symlink(f"{PRIVATE}/tmp", f"{root}/tmp")
    os.makedirs(f"{root}/dev", exist_ok=True)
    os.symlink(f"{PRIVATE}/tmp", f"{root}/dev/shm")
    for name in _DEVICES:
        open(f"{root}/dev/{name}", "w").close()
        kernel.mount(f"/dev/{name}", f"{root}/dev/{name}", None, kernel.MS_BIND)


def _pivot() -> None:
    """Make the working folder the root and let the old one go (pivot_root(2), "pivot_root . .")."""
    kernel.syscall(syscalls.ours("pivot_root"), b".", b".")
    kernel.umount(".")
    os.chdir("/")
