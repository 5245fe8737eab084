"""The walls around a program: raised once around the zygote, closed around each process it makes.

``raise_walls`` runs in the zygote, which runs no foreign code; ``close_in`` runs in the new process, before anything
foreign is read. Each step either succeeds or raises: there is no weaker way on.
"""

import ctypes
import os
import resource
import socket
import struct
import sys
from typing import Any, NamedTuple

from . import kernel, landlock, seccomp, view

_CAPSET = {"x86_64": 126}
_CAPABILITIES_V3 = 0x20080522


class Walls(NamedTuple):
    """What the zygote prepared for its processes."""

    clone_flags: int
    base: str
    """Folder in which each process gets a folder of its own."""
    rules: int | None
    """Landlock's descriptor."""
    filter: bytes | None
    """Seccomp's instructions."""
    keep: frozenset[int]
    """Descriptors through which an interpreter is read whose folder the new user cannot enter."""
    baseline_bytes: int
    """Address space of the zygote, on top of which a program's memory counts."""
    tasks: int
    """Tasks the user had elsewhere when the zygote started; they count against the same limit."""


def raise_walls(plan: dict[str, Any]) -> Walls:
    """Build what a plan asks for around this process; OSError names the step that the machine refuses."""
    packages = plan["packages"]
    base = view.PRIVATE if plan["namespaces"] else plan["base"]
    clone_flags = 0
    baseline, tasks = _address_space(), 0 if plan["namespaces"] or plan["uid"] else _tasks_of(os.getuid())
    whole, listed = view.without_hidden(view.readable(packages), packages)
    keep: frozenset[int] = frozenset()
    if plan["namespaces"]:
        _enter_namespaces(plan["uid"], packages)
        clone_flags = kernel.CLONE_NEWPID | kernel.CLONE_NEWNS
    # The rules are about the files of the root that is in force, and made while we may still open them all.
    rules = landlock.ruleset(whole, listed, base) if plan["landlock"] else None
    if plan["uid"] and not plan["namespaces"]:
        keep = _drop_user(plan["uid"], packages, base)
    template = seccomp.template(os.uname().machine) if plan["seccomp"] else None
    return Walls(clone_flags, base, rules, template, keep, baseline, tasks)


def close_in(walls: Walls, order: dict[str, Any]) -> None:
    """Shut this new process in, by the limits of its order; the private folder becomes its working folder."""
    folder = f"{walls.base}/tmp"
    if walls.clone_flags:
        size = order["disk_bytes"]
        options = f"mode=700,size={size},nr_inodes={order['files'] * 16}"
        kernel.mount("tmpfs", folder, "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV, options)
    else:
        os.mkdir(folder, 0o700)
    os.chdir(folder)
    os.environ.update(HOME=folder, TMPDIR=folder)
    _limit(walls, order)
    kernel.prctl(kernel.PR_SET_PDEATHSIG, 9)
    _drop_capabilities()
    kernel.prctl(kernel.PR_SET_DUMPABLE, 0)
    kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
    if walls.rules is not None:
        landlock.restrict(walls.rules)
        os.close(walls.rules)
    if walls.filter is not None:
        seccomp.install(walls.filter, os.getpid())


def _enter_namespaces(uid: int | None, packages: list[str]) -> None:
    """New mount, network, IPC, host-name and user namespaces, with a root of our own.

    The administrator binds what only the administrator may read, then becomes nobody and takes the user namespace as
    nobody; anyone else takes the user namespace first, which is what allows the rest.
    """
    others = kernel.CLONE_NEWNS | kernel.CLONE_NEWNET | kernel.CLONE_NEWIPC | kernel.CLONE_NEWUTS
    me = os.open("/proc/self", os.O_PATH | os.O_DIRECTORY)
    if uid is None:
        own = os.getuid(), os.getgid()
        kernel.unshare(kernel.CLONE_NEWUSER | others)
        _map_ids(me, *own)
        socket.sethostname("sandbox")
        view.enter(packages)
    else:
        kernel.unshare(others)
        socket.sethostname("sandbox")
        view.enter(packages)
        _become(uid)
        kernel.prctl(kernel.PR_SET_DUMPABLE, 1)
        kernel.unshare(kernel.CLONE_NEWUSER)
        _map_ids(me, uid, uid)
    os.close(me)


def _map_ids(me: int, uid: int, gid: int) -> None:
    for name, text in (("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"), ("gid_map", f"{gid} {gid} 1")):
        handle = os.open(name, os.O_WRONLY, dir_fd=me)
        os.write(handle, text.encode())
        os.close(handle)


def _become(uid: int) -> None:
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)


def _drop_user(uid: int, packages: list[str], base: str) -> frozenset[int]:
    """Become ``uid``; keep a descriptor of each folder of modules that it cannot enter by its path."""
    folders = [entry for entry in sys.path if os.path.isdir(entry)] + [os.path.dirname(p) for p in packages]
    held = {folder: os.open(folder, os.O_PATH | os.O_DIRECTORY) for folder in dict.fromkeys(folders)}
    os.chown(base, uid, uid)
    _become(uid)
    kept = {}
    for folder, handle in held.items():
        if os.access(folder, os.R_OK | os.X_OK):
            os.close(handle)
        else:
            kept[folder] = handle
    _read_through(kept)
    return frozenset(kept.values())


def _read_through(kept: dict[str, int]) -> None:
    """Point the import system at descriptors: a walk that begins at one needs no right to its parents."""
    longest_first = sorted(kept, key=len, reverse=True)

    def moved(path: str) -> str:
        for folder in longest_first:
            if path == folder or path.startswith(folder + "/"):
                return f"/proc/self/fd/{kept[folder]}" + path[len(folder) :]
        return path

    sys.path[:] = [moved(path) for path in sys.path]
    sys.path_importer_cache.clear()
    for module in list(sys.modules.values()):
        places = getattr(module, "__path__", None)
        if isinstance(places, list):
            places[:] = [moved(path) for path in places]


def _limit(walls: Walls, order: dict[str, Any]) -> None:
    space = walls.baseline_bytes + order["memory_bytes"]
    for name, value in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_AS, space),
        (resource.RLIMIT_FSIZE, order["disk_bytes"]),
        (resource.RLIMIT_NOFILE, order["files"]),
        (resource.RLIMIT_NPROC, walls.tasks + order["threads"] + 1),
        # The clock that ends a program is outside; this one is for a program whose zygote has died.
        (resource.RLIMIT_CPU, int(order["seconds"]) * 2 + 2),
        (resource.RLIMIT_MSGQUEUE, 0),
        (resource.RLIMIT_MEMLOCK, 0),
        (resource.RLIMIT_SIGPENDING, 256),
    ):
        hard = resource.getrlimit(name)[1]
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(name, (value, value))
    hard = resource.getrlimit(resource.RLIMIT_STACK)[1]
    deep = 64 * 2**20
    resource.setrlimit(resource.RLIMIT_STACK, (deep if hard == resource.RLIM_INFINITY else min(deep, hard), hard))


def _drop_capabilities() -> None:
    """Give up every capability (capset(2), version 3 of its structures)."""
    head = ctypes.create_string_buffer(struct.pack("=Ii", _CAPABILITIES_V3, 0))
    kernel.syscall(_CAPSET.get(os.uname().machine, 91), head, ctypes.create_string_buffer(24))


def _address_space() -> int:
    with open("/proc/self/statm") as stream:
        return int(stream.read().split()[0]) * resource.getpagesize()


def _tasks_of(uid: int) -> int:
    """Tasks of a user on this machine, plus room for as many as may come while the zygote lives."""
    count = 0
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            if os.stat(f"/proc/{name}").st_uid == uid:
                count += len(os.listdir(f"/proc/{name}/task"))
        except OSError:
            continue
    return count + 1024
