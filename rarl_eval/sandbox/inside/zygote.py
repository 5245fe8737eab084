"""The zygote: a clean interpreter behind the walls that makes one process per order and says how it ended.

It never reads a program or a test: those are in descriptors that only the new process opens, so nothing of one
sample stays in the memory that the next one inherits. Once a sample's process is gone, that of the next is made and
closed in, and waits for its order: it serves one, is thrown away after it, and never lives beside another. The zygote
ends with its harness, and its processes end with it.
"""

import _sitebuiltins
import builtins
import gc
import importlib
import json
import os
import select
import signal
import socket
import struct
import sys
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from . import kernel, rehearsal, walls

Role = Callable[[list[int]], int]
"""What a new process does with its descriptors; the exit code."""

MODULES = (
    "typing", "collections", "collections.abc", "re", "math", "cmath", "functools", "itertools",
    "heapq", "bisect", "string", "random", "copy", "operator", "statistics", "datetime",
    "decimal", "fractions", "json", "dataclasses", "enum", "io", "contextlib", "traceback",
    "types", "abc", "array", "struct", "threading", "atexit", "ast", "reprlib",
)  # fmt: skip
"""Imported once for all, since exercises use them."""
_LOOK_AROUND_SECONDS = 1.0
_SIZE_SECONDS = 0.1
"""How often a folder on disk is measured."""
REPORT = struct.Struct("<iBBddQ")
"""Exit code (negative: signal), late, full, seconds, processor seconds, peak memory in bytes."""
_REHEARSALS = 20
"""Enough for the interpreter to settle on how it runs the code that every process runs."""
_SAID = b"!"
"""Before the words of what went wrong with the walls."""


def main(handle: int) -> None:
    """Serve orders that come over a descriptor until its other end is closed.

    First comes the plan, as JSON; then each order is a role and its seconds, with descriptors for the new process, and
    is answered by a report.
    """
    control = socket.socket(fileno=handle)
    try:
        plan = json.loads(control.recv(1 << 16))
        roles = _preload(plan)
        built = walls.raise_walls(plan)
    except Exception as error:
        _tell(control, error)
        return
    control.send(b"ready")
    _serve(control, built, plan["limits"], roles)
    if plan["base"]:
        os.rmdir(plan["base"])


def _preload(plan: dict[str, Any]) -> dict[bytes, Role]:
    os.environ.clear()
    os.environ.update(LANG="C.UTF-8", PATH="/usr/bin:/bin", OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1")
    # Scripts call these, which only an interactive interpreter's start defines.
    builtins.exit = builtins.quit = _sitebuiltins.Quitter("exit", "end of file")
    kernel.one_arena()
    for name in MODULES:
        importlib.import_module(name)
    from . import canary, judge, program, solution

    sys.path += plan["site"]
    for name in plan["preload"]:
        importlib.import_module(name)
    if "numpy" in plan["preload"]:
        importlib.import_module("numpy.random")  # numpy loads it late; here it is loaded once
    del sys.path[len(sys.path) - len(plan["site"]) :]
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    for _ in range(_REHEARSALS):
        rehearsal.rehearse()
    gc.collect()
    gc.freeze()
    outside = plan["outside"]
    return {
        b"canary": lambda handles: canary.main(outside, handles),
        b"judge": judge.main,
        b"program": program.main,
        b"solution": solution.main,
    }


class _Spare(NamedTuple):
    """A process that waits for its order."""

    pid: int
    handle: int
    """Descriptor of the process."""
    channel: socket.socket


def _serve(control: socket.socket, built: walls.Walls, limits: dict[str, Any], roles: dict[bytes, Role]) -> None:
    clone = kernel.step("clone", built.clone_flags | signal.SIGCHLD, 0, 0, 0, 0)
    parent = os.getppid()
    spare: _Spare | None = None

    def prepare() -> _Spare:
        return _make(control, built, roles, clone)

    while True:
        if not select.select([control], [], [], _LOOK_AROUND_SECONDS)[0]:
            if os.getppid() != parent:
                return
            continue
        order, handles, _, _ = socket.recv_fds(control, 64, 8)
        if not order:
            return
        name, _, seconds = order.partition(b" ")
        if name not in roles:
            continue  # "stop", for a process that ended by itself meanwhile
        running = _usable(spare) or prepare()
        began = time.monotonic()
        _hand_over(running, order, handles)
        report = _watch(running, began, float(seconds), control, None if built.clone_flags else (built.base, limits))
        if not built.clone_flags:
            clear(built.base)
        try:
            control.send(report)
        except OSError:
            return  # the harness is gone
        spare = prepare()


def _make(control: socket.socket, built: walls.Walls, roles: dict[bytes, Role], clone: tuple[object, ...]) -> _Spare:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        try:
            pid = kernel.take(*clone)
        except OSError:
            ours.close()
            raise
        if pid == 0:
            _run(control, theirs, built, roles)
    return _Spare(pid, os.pidfd_open(pid), ours)


def _usable(spare: _Spare | None) -> _Spare | None:
    """Return a spare that still lives; one that does not is buried."""
    if spare is None or not select.select([spare.handle], [], [], 0)[0]:
        return spare
    os.waitpid(spare.pid, 0)
    os.close(spare.handle)
    spare.channel.close()
    return None


def _hand_over(running: _Spare, order: bytes, handles: list[int]) -> None:
    """Give a process its order, and keep nothing of it that the next process could inherit."""
    try:
        socket.send_fds(running.channel, [order], handles)
    except OSError:
        pass  # it ended this very moment, which its report will say
    finally:
        running.channel.close()
        for handle in handles:
            os.close(handle)


def _run(control: socket.socket, channel: socket.socket, built: walls.Walls, roles: dict[bytes, Role]) -> None:
    """Be the new process: never returns."""
    code = 1
    try:
        _only_these({control.fileno(), channel.fileno(), *built.keep}, built.rules)
        walls.close_in(built)
        rehearsal.rehearse()
        order, handles, _, _ = socket.recv_fds(channel, 64, 8)
        if not order:
            os._exit(0)  # the zygote ended
        name, _, seconds = order.partition(b" ")
        walls.settle(built, float(seconds))
    except BaseException as error:
        _tell(control, error)
        os._exit(1)
    try:
        os.close(channel.detach())
        os.close(control.detach())
        code = roles[name](handles)
    finally:
        os._exit(code)


def _tell(control: socket.socket, error: BaseException) -> None:
    control.send(_SAID + f"{type(error).__name__}: {error}".encode("utf-8", "replace")[:60000])


def _only_these(keep: set[int], rules: int | None) -> None:
    """Close every descriptor but the standard ones and a few; the walls' own go when the walls stand."""
    if rules is not None:
        keep.add(rules)
    low = 3
    for handle in sorted(keep):
        if handle > low:
            os.closerange(low, handle)
        low = max(low, handle + 1)
    os.closerange(low, 4096)


def _watch(
    running: _Spare, began: float, seconds: float, control: socket.socket, folder: tuple[str, dict[str, Any]] | None
) -> bytes:
    """Wait for the process, end it when its time is up or the harness says so, and say how it went.

    ``folder``, with its limits, is watched for its size where no mount bounds it.
    """
    late = full = False
    poller = select.poll()
    poller.register(running.handle, select.POLLIN)
    poller.register(control, select.POLLIN)
    while True:
        left = max(0.0, began + seconds - time.monotonic())
        ready = {number for number, _ in poller.poll(1000 * (min(left, _SIZE_SECONDS) if folder else left))}
        if running.handle in ready:
            break
        late = time.monotonic() >= began + seconds
        full = folder is not None and _holds_more(folder[0], folder[1]["disk_bytes"], folder[1]["files"] * 16)
        if late or full or control.fileno() in ready:
            os.kill(running.pid, signal.SIGKILL)
            break
    _, status, usage = os.wait4(running.pid, 0)
    os.close(running.handle)
    spent = usage.ru_utime + usage.ru_stime
    code = os.waitstatus_to_exitcode(status)
    return REPORT.pack(code, late, full, time.monotonic() - began, spent, usage.ru_maxrss * 1024)


def clear(base: str) -> None:
    """Empty a folder that a hostile program wrote in: trees of any depth, rights taken away, never following a link.

    Each folder is first moved up into the base, so that no path grows long and nothing recurses.
    """
    os.chmod(base, 0o700)
    os.utime(base, (0, 0))  # what a program sets here the next one could read
    unused, moved, pending = os.urandom(8).hex(), 0, [base]
    while pending:
        place = pending.pop()
        for entry in list(os.scandir(place)):
            if entry.is_dir(follow_symlinks=False):
                moved += 1
                os.chmod(entry.path, 0o700)
                pending.append(f"{base}/{unused}.{moved}")
                os.rename(entry.path, pending[-1])
            else:
                os.unlink(entry.path)
        if place != base:
            os.rmdir(place)


def _holds_more(folder: str, limit_bytes: int, limit_entries: int) -> bool:
    """Whether the files of a folder, all levels, take more room than allowed, or are more."""
    total = entries = 0
    pending = [folder]
    while pending:
        try:
            for entry in os.scandir(pending.pop()):
                entries += 1
                if entry.is_dir(follow_symlinks=False):
                    pending.append(entry.path)
                else:
                    total += entry.stat(follow_symlinks=False).st_blocks * 512
                if total > limit_bytes or entries > limit_entries:
                    return True
        except OSError:
            continue
    return False
