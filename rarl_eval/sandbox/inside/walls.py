"""The walls around a program: raised once around the zygote, closed around each process it makes.

``raise_walls`` runs in the zygote, which runs no foreign code; ``close_in`` and ``settle`` run in the new process,
before anything foreign is read. Each step either succeeds or raises: there is no weaker way on.
"""

import contextlib
import ctypes
import os
import resource
import socket
import struct
import sys
from collections.abc import Callable
from typing import Any, NamedTuple

from . import kernel, landlock, seccomp, view

_CAPABILITIES_V3 = 0x20080522
_ENDLESS = resource.RLIM_INFINITY
_GUESSED_SPACE = 256 * 2**20
"""Address space of a bare interpreter where /proc does not tell it."""
_BUILDING_BYTES = 512 * 2**20
"""What a compiler or a virtual machine takes beside its program."""
_DEEP_BYTES = 64 * 2**20
"""Stack of the main thread: programs that recurse are common, and the memory limit bounds it anyway."""


class Walls(NamedTuple):
    """What the zygote prepared for its processes."""

    clone_flags: int
    base: str
    """The only place where a process can write."""
    folder: str
    """Its private folder there."""
    rules: int | None
    """Landlock's descriptor."""
    keep: frozenset[int]
    """Descriptors through which an interpreter is read whose folder the new user cannot enter."""
    steps: tuple[tuple[object, ...], ...]
    """System calls, ready to be made, that close a process in."""
    filter: seccomp.Filter | None
    filter_step: tuple[object, ...] | None


def raise_walls(plan: dict[str, Any], load: Callable[[], None] = lambda: None) -> Walls:
    """Build what a plan asks for around this process; OSError names the step that the machine refuses.

    ``load`` imports packages: once the namespaces are entered, since packages start threads and a process that has
    threads may enter none; before another user is become, who may not read them; before memory is bounded.
    """
    packages, uid, builds = [*plan["packages"], *plan["tools"]], plan["uid"], bool(plan["tools"])
    base = view.PRIVATE if plan["namespaces"] else plan["base"]
    tasks = 0 if plan["namespaces"] or uid else _tasks_of(os.getuid())
    told = _space_told()
    whole, listed = view.without_hidden(view.readable(packages), packages)
    keep: frozenset[int] = frozenset()
    if plan["namespaces"]:
        _enter_namespaces(uid, packages)
    load()
    # The rules are about the files of the root that is in force, and made while we may still open them all.
    rules = landlock.ruleset(whole, listed, base, starts=builds) if plan["landlock"] else None
    if not plan["namespaces"]:
        _hide_host_name()
    if uid and not plan["namespaces"]:
        keep = _drop_user(uid, packages, base)
    folder = f"{base}/tmp"
    os.environ.update(HOME=folder, TMPDIR=folder)
    _limit(plan["limits"], _address_space(told), tasks, plan["stack"])
    sieve = _sieve(plan) if plan["seccomp"] else None
    return Walls(
        clone_flags=kernel.CLONE_NEWPID | kernel.CLONE_NEWNS if plan["namespaces"] else 0,
        base=base,
        folder=folder,
        rules=rules,
        keep=keep,
        steps=_steps(plan["limits"], folder if plan["namespaces"] else None, rules),
        filter=sieve,
        filter_step=sieve.step if sieve else None,
    )


def _sieve(plan: dict[str, Any]) -> seccomp.Filter:
    in_sight, builds = not plan["namespaces"], bool(plan["tools"])
    return seccomp.Filter(seccomp.template(os.uname().machine, in_sight=in_sight, builds=builds))


def close_in(walls: Walls) -> None:
    """Shut this new process in: all but what ``settle`` does once the program that it is for is known.

    Memory is shared with the zygote until written to, and each page costs microseconds: the calls were made ready
    there, and limits that the zygote can live with are its own.
    """
    for step in walls.steps:
        kernel.take(*step)
    if walls.rules is not None:
        os.close(walls.rules)
    if walls.filter is not None and walls.filter_step is not None:
        walls.filter.own(os.getpid())
        kernel.take(*walls.filter_step)


def settle(walls: Walls, seconds: float) -> None:
    """Make the private folder the working folder, and bound the processor time."""
    if not walls.clone_flags:
        os.mkdir(walls.folder, 0o700)  # on disk, where the last program's was until it had ended
    os.chdir(walls.folder)
    # The clock that ends a program is outside; this limit is for a program whose zygote has died.
    most = int(seconds) * 2 + 2
    resource.setrlimit(resource.RLIMIT_CPU, (most, most))


def _steps(limits: dict[str, Any], folder: str | None, rules: int | None) -> tuple[tuple[object, ...], ...]:
    """Return a private folder in memory, no life after the zygote's, no capabilities, no new ones, Landlock."""
    steps = []
    if folder is not None:
        options = f"mode=700,size={limits['disk_bytes']},nr_inodes={limits['files'] * 16}"
        flags = kernel.MS_NOSUID | kernel.MS_NODEV
        steps.append(kernel.step("mount", "tmpfs", folder, "tmpfs", flags, options))
    nothing = ctypes.create_string_buffer(24)
    head = ctypes.create_string_buffer(struct.pack("=Ii", _CAPABILITIES_V3, 0))
    steps += [
        kernel.prctl_step(kernel.PR_SET_PDEATHSIG, 9),
        kernel.step("capset", head, nothing),
        kernel.prctl_step(kernel.PR_SET_DUMPABLE, 0),
        kernel.prctl_step(kernel.PR_SET_NO_NEW_PRIVS, 1),
    ]
    return (*steps, landlock.step(rules)) if rules is not None else tuple(steps)


def _enter_namespaces(uid: int | None, packages: list[str]) -> None:
    """Enter new mount, network, IPC, host-name and user namespaces, with a root of our own.

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
        kernel.take(*kernel.prctl_step(kernel.PR_SET_DUMPABLE, 1))
        kernel.unshare(kernel.CLONE_NEWUSER)
        _map_ids(me, uid, uid)
    os.close(me)


def _hide_host_name() -> None:
    """Take another host name, where the administrator may."""
    with contextlib.suppress(OSError):
        kernel.unshare(kernel.CLONE_NEWUTS)
        socket.sethostname("sandbox")


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


def _limit(limits: dict[str, Any], space: int, tasks: int, stack: int | None) -> None:
    """Limits that the zygote's processes inherit, and that it can live with itself.

    Where programs are built (``stack`` is then their threads'), what they may write to is bounded instead of their
    address space: virtual machines reserve far more than they use.
    """
    memory = (resource.RLIMIT_AS, space) if stack is None else (resource.RLIMIT_DATA, _BUILDING_BYTES)
    for name, value in (
        (resource.RLIMIT_CORE, 0),
        (memory[0], memory[1] + limits["memory_bytes"]),
        (resource.RLIMIT_FSIZE, limits["disk_bytes"]),
        (resource.RLIMIT_NOFILE, limits["files"]),
        (resource.RLIMIT_NPROC, tasks + limits["threads"] + 2),  # the zygote and the next process beside it
        (resource.RLIMIT_MSGQUEUE, 0),
        (resource.RLIMIT_MEMLOCK, 0),
        (resource.RLIMIT_SIGPENDING, 256),
    ):
        hard = resource.getrlimit(name)[1]
        bound = value if hard == _ENDLESS else min(value, hard)
        resource.setrlimit(name, (bound, bound))
    hard = resource.getrlimit(resource.RLIMIT_STACK)[1]
    deep = stack or _DEEP_BYTES
    resource.setrlimit(resource.RLIMIT_STACK, (deep if hard == _ENDLESS else min(deep, hard), hard))


def _space_told() -> int:
    """Return a descriptor that tells this process's address space, also where /proc is out of sight; -1 without one."""
    try:
        return os.open("/proc/self/statm", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return -1


def _address_space(told: int) -> int:
    if told < 0:
        return _GUESSED_SPACE
    pages = int(os.pread(told, 256, 0).split()[0])
    os.close(told)
    return pages * resource.getpagesize()


def _tasks_of(uid: int) -> int:
    """Tasks of a user on this machine, plus room for as many as may come while the zygote lives."""
    count = 0
    for name in filter(str.isdigit, os.listdir("/proc") if os.path.isdir("/proc") else ()):
        try:
            if os.stat(f"/proc/{name}").st_uid == uid:
                count += len(os.listdir(f"/proc/{name}/task"))
        except OSError:
            continue
    return count + 1024
