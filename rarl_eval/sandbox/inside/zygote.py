"""The zygote: a clean interpreter behind the walls that makes one process per order and says how it ended.

It never reads a program or a test: those are in descriptors that only the new process opens, so nothing of one
sample stays in the memory that the next one inherits. It ends with its harness, and its process ends with it.
"""

import gc
import importlib
import json
import os
import select
import signal
import socket
import sys
import time
from typing import Any

from . import kernel, walls

MODULES = (
    "typing collections collections.abc re math cmath functools itertools heapq bisect string random copy operator "
    "statistics datetime decimal fractions json dataclasses enum io contextlib traceback types abc array struct "
    "threading atexit ast reprlib"
).split()
"""Imported once for all, since exercises use them."""
_CLONE = {"x86_64": 56}
_LOOK_AROUND_SECONDS = 1.0


def main(handle: int) -> None:
    """Serve orders that come over a descriptor until its other end is closed."""
    control = socket.socket(fileno=handle)
    try:
        plan = json.loads(control.recv(1 << 16))
        _preload(plan)
        built = walls.raise_walls(plan)
    except Exception as error:  # noqa: BLE001 - whatever went wrong, the harness must say so
        control.send(json.dumps({"broken": f"{type(error).__name__}: {error}"}).encode()[:60000])
        return
    control.send(json.dumps({"ready": True}).encode())
    _serve(control, built, os.getppid())
    if plan["base"]:
        os.rmdir(plan["base"])


def _preload(plan: dict[str, Any]) -> None:
    os.environ.clear()
    os.environ.update(LANG="C.UTF-8", PATH="/usr/bin:/bin", OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1")
    kernel.one_arena()
    for name in MODULES:
        importlib.import_module(name)
    from . import canary, judge, program, solution  # noqa: F401 - imported here so that each new process has them

    sys.path += plan["site"]
    for name in plan["preload"]:
        importlib.import_module(name)
    if "numpy" in plan["preload"]:
        importlib.import_module("numpy.random")  # numpy loads it late; here it is loaded once
    del sys.path[len(sys.path) - len(plan["site"]) :]
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    gc.collect()
    gc.freeze()


def _serve(control: socket.socket, built: walls.Walls, parent: int) -> None:
    flags = built.clone_flags | signal.SIGCHLD
    number = _CLONE.get(os.uname().machine, 220)
    while True:
        if not select.select([control], [], [], _LOOK_AROUND_SECONDS)[0]:
            if os.getppid() != parent:
                return
            continue
        text, handles, _, _ = socket.recv_fds(control, 1 << 16, 8)
        if not text:
            return
        order = json.loads(text)
        if "role" not in order:
            continue
        pid = kernel.syscall(number, flags, 0, 0, 0, 0)
        if pid == 0:
            _run(control, built, order, handles)
        for handle in handles:
            os.close(handle)
        report = _watch(pid, order, control, None if built.clone_flags else f"{built.base}/tmp")
        if not built.clone_flags:
            remove(f"{built.base}/tmp")
        control.send(json.dumps(report).encode())


def _run(control: socket.socket, built: walls.Walls, order: dict[str, Any], handles: list[int]) -> None:
    """Be the new process: never returns."""
    code = 1
    try:
        handles = _only_these(control, built, order, handles)
        walls.close_in(built, order)
    except BaseException as error:  # noqa: BLE001 - a wall that cannot be closed must be told, and nothing run
        control.send(json.dumps({"broken": f"{type(error).__name__}: {error}"}).encode()[:60000])
        os._exit(1)
    try:
        os.close(control.detach())
        role = importlib.import_module(f"{__package__}.{order['role']}")
        code = role.main(order, handles)
    except BaseException:
        import traceback; os.write(2,traceback.format_exc().encode())
    finally:
        os._exit(code)


def _only_these(control: socket.socket, built: walls.Walls, order: dict[str, Any], handles: list[int]) -> list[int]:
    """Close every descriptor but the order's own, the walls' and, until the walls stand, the control socket."""
    keep = {control.fileno(), *built.keep, *handles}
    if built.rules is not None:
        keep.add(built.rules)
    if order["role"] == "program":
        for target, handle in enumerate(handles[1:4]):
            os.dup2(handle, target, inheritable=True)
        keep -= set(handles[1:4])
        handles = handles[:1]
    low = 3
    for handle in sorted(keep - {0, 1, 2}):
        os.closerange(low, handle)
        low = handle + 1
    os.closerange(low, 4096)
    return handles


def _watch(pid: int, order: dict[str, Any], control: socket.socket, folder: str | None) -> dict[str, Any]:
    """Wait for the process, end it when its time is up or the harness says so, and say how it went.

    ``folder`` is watched for its size where no mount bounds it.
    """
    began = time.monotonic()
    handle = os.pidfd_open(pid)
    late = full = False
    poller = select.poll()
    poller.register(handle, select.POLLIN)
    poller.register(control, select.POLLIN)
    while True:
        left = max(0.0, began + order["seconds"] - time.monotonic())
        ready = {number for number, _ in poller.poll(1000 * (min(left, 0.1) if folder else left))}
        if handle in ready:
            break
        late = time.monotonic() >= began + order["seconds"]
        full = folder is not None and _holds_more(folder, order["disk_bytes"], order["files"] * 16)
        if late or full or control.fileno() in ready:
            os.kill(pid, signal.SIGKILL)
            break
    _, status, usage = os.wait4(pid, 0)
    os.close(handle)
    return {
        "code": os.waitstatus_to_exitcode(status),
        "late": late,
        "full": full,
        "seconds": time.monotonic() - began,
        "cpu_seconds": usage.ru_utime + usage.ru_stime,
        "memory_bytes": usage.ru_maxrss * 1024,
    }


def remove(folder: str) -> None:
    """Remove a tree that a hostile program made: of any depth, rights taken away, never following a link.

    Each folder is first moved up beside the top, so that no path grows long and nothing recurses.
    """
    pending, moved = [folder], 0
    while pending:
        place = pending.pop()
        os.chmod(place, 0o700)
        for entry in list(os.scandir(place)):
            if entry.is_dir(follow_symlinks=False):
                moved += 1
                os.chmod(entry.path, 0o700)
                pending.append(f"{folder}.{moved}")
                os.rename(entry.path, pending[-1])
            else:
                os.unlink(entry.path)
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
