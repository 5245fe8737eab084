"""The zygote: a clean interpreter behind the walls that makes one process per order and says how it ended.

It never reads a program or a test: those are in descriptors that only the new process opens, so nothing of one
sample stays in the memory that the next one inherits. While a sample runs, the process of the next is made and closed
in; it reads nothing before its order, which comes once the last sample's process is gone and its folder empty, serves
one, and is thrown away after it. The zygote ends with its harness, and its processes end with it.
"""

import _sitebuiltins
import _socket
import builtins
import gc
import importlib
import json
import os
import select
import signal
import struct
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from . import kernel, packages, private, rehearsal, walls

Role = Callable[[list[int]], int]
"""What a new process does with its descriptors; the exit code."""

MODULES = (
    "typing", "collections", "collections.abc", "re", "math", "cmath", "functools", "itertools",
    "heapq", "bisect", "string", "random", "copy", "operator", "statistics", "datetime",
    "decimal", "fractions", "json", "dataclasses", "enum", "io", "contextlib", "traceback",
    "types", "abc", "array", "struct", "threading", "atexit", "ast", "reprlib",
)  # fmt: skip
"""Imported once for all, since exercises use them."""
_LOOK_AROUND_MILLISECONDS = 1000
_SIZE_SECONDS = 0.1
"""How often a folder on disk is measured."""
REPORT = struct.Struct("<iiBBddQ")
"""Number of the process that waits for the next order; then, of the last one, exit code (negative: signal), late (1:
its processor time is used up, 2: its wall-clock time is over), full, seconds, processor seconds, peak memory, bytes."""
_LOADING_SECONDS = 0.0005
"""How long a sample runs before the process of the next is made beside it."""
_LOOK_SECONDS = 0.002
"""How often a process is looked at where no descriptor says when it ends."""
_LEAST_SECONDS = 0.01
"""How often processor time is looked at, where nearly all is used."""
_REHEARSALS = 20
"""Enough for the interpreter to settle on how it runs the code that every process runs."""
_STOP = b"stop"
_KILL = int(signal.SIGKILL)
_HANDLES_BYTES = _socket.CMSG_LEN(8 * 4)
READY, WRONG = b"=", b"!"
"""The first letter of a message to the harness: before a report, or the words of what went wrong with the walls."""


def main(control_handle: int, orders_handle: int) -> None:
    """Make processes for the harness, until it closes its ends of two sockets.

    Over ``control`` comes the plan, as JSON; then, whenever a process waits for an order, goes a report of the last.
    The order, a role and its processor seconds with descriptors, goes over ``orders`` straight to the process that
    waits there; these seconds and those of the wall clock then come here.
    """
    # The C types: those of the socket module are Python, and each page of it that a process touches is copied.
    control, orders = _socket.socket(fileno=control_handle), _socket.socket(fileno=orders_handle)
    try:
        plan = json.loads(control.recv(1 << 16))
        roles = _preload()
        built = walls.raise_walls(plan, lambda: packages.load(plan["site"], plan["preload"], plan["packages"]))
        gc.collect()
        gc.freeze()
    except Exception as error:
        _tell(control, error)
        return
    rules = set() if built.rules is None else {built.rules}
    _only_these({control_handle, orders_handle, *built.keep, *rules})
    base, limits = plan["base"], plan["limits"]
    plan.clear()  # what the processes need not know: where packages and the harness are
    try:
        _serve(control, orders, built, limits, roles)
    finally:
        if base:
            os.rmdir(base)


def _preload() -> dict[bytes, Role]:
    os.environ.clear()
    os.environ.update(LANG="C.UTF-8", PATH="/usr/bin:/bin", OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1")
    # Scripts call these, which only an interactive interpreter's start defines.
    builtins.exit = builtins.quit = _sitebuiltins.Quitter("exit", "end of file")
    kernel.one_arena()
    for name in MODULES:
        importlib.import_module(name)
    from . import canary, judge, native, program, solution

    signal.signal(signal.SIGINT, signal.SIG_DFL)
    for _ in range(_REHEARSALS):
        rehearsal.rehearse()
    return {
        b"build": native.build,
        b"start": native.start,
        b"canary": canary.main,
        b"judge": judge.main,
        b"program": program.main,
        b"solution": solution.main,
    }


class _Ends(NamedTuple):
    """What the zygote listens to."""

    control: select.poll
    """The harness, and each process while it runs."""
    untaken: select.poll
    """Whether an order waits to be taken."""


def _serve(
    control: _socket.socket,
    orders: _socket.socket,
    built: walls.Walls,
    limits: dict[str, Any],
    roles: dict[bytes, Role],
) -> None:
    """Make one process after the other. What this touches between two of them is copied each time: it stays small."""
    clone = kernel.step("clone", built.clone_flags | signal.SIGCHLD, 0, 0, 0, 0)
    parent, folder = os.getppid(), None if built.clone_flags else (built.base, limits)
    ends = _Ends(select.poll(), select.poll())
    ends.control.register(control.fileno(), select.POLLIN)
    ends.untaken.register(orders.fileno(), select.POLLIN)

    def make(present: int = -1) -> int:
        pid = kernel.take(*clone)
        if pid == 0:
            if present >= 0:
                os.close(present)
            _run(control, orders, built, roles)
        return pid

    report: tuple[Any, ...] | None = (0, 0, False, 0.0, 0.0, 0)
    began, limits_now = 0.0, (0.0, 0.0)
    pid = make()
    while True:
        if report is not None:
            limits_now = _asked(READY + REPORT.pack(pid, *report), control, ends.control, parent)
            if not limits_now[0]:
                os.kill(pid, _KILL)
                os.waitpid(pid, 0)  # the control group is empty once this process has ended
                return
            began = time.monotonic()
        report, spare = _watch(pid, began, limits_now, ends, make, folder)
        if folder is not None:
            private.clear(folder[0])
        if not spare:
            if report is not None and ends.untaken.poll(0):
                _drop(orders)
            spare = make()
        pid = spare


def _asked(report: bytes, control: _socket.socket, ends: select.poll, parent: int) -> tuple[float, float]:
    """Return the processor and wall-clock seconds that the next process may take; 0 where the harness is gone."""
    try:
        control.send(report)
        while os.getppid() == parent:
            # A stop would be for a process that had ended by itself.
            if ends.poll(_LOOK_AROUND_MILLISECONDS) and (said := control.recv(64)) != _STOP:
                cpu, _, wall = said.partition(b" ")
                return float(cpu or 0), float(wall or 0)
    except OSError:  # it went, perhaps without having read all reports
        pass
    return 0, 0


def _drop(orders: _socket.socket) -> None:
    """Throw away an order that its process was too slow to take."""
    for handle in _taken(orders)[1]:
        os.close(handle)


def _taken(orders: _socket.socket) -> tuple[bytes, list[int]]:
    order, passed, _, _ = orders.recvmsg(64, _HANDLES_BYTES)
    return order, memoryview(passed[0][2]).cast("i").tolist() if passed else []


def _run(control: _socket.socket, orders: _socket.socket, built: walls.Walls, roles: dict[bytes, Role]) -> None:
    """Be the new process: never returns."""
    code = 1
    try:
        walls.close_in(built)
        order, handles = _taken(orders)
        if not order:
            os._exit(0)  # the harness or its zygote ended
        name, _, seconds = order.partition(b" ")
        walls.settle(built, float(seconds))
        orders.close()
    except BaseException as error:
        try:
            _tell(control, error)
        finally:
            os._exit(1)
    try:
        control.close()
        code = roles[name](handles)
    finally:
        os._exit(code)


def _tell(control: _socket.socket, error: BaseException) -> None:
    control.send(WRONG + f"{type(error).__name__}: {error}".encode("utf-8", "replace")[:60000])


def _only_these(keep: set[int]) -> None:
    """Close every descriptor but the standard ones and a few; what processes inherit are these."""
    low = 3
    for handle in sorted(keep):
        os.closerange(low, handle)
        low = max(low, handle + 1)
    os.closerange(low, 4096)


def _watch(
    pid: int,
    began: float,
    limits: tuple[float, float],
    ends: _Ends,
    make: Callable[[int], int],
    folder: tuple[str, dict[str, Any]] | None,
) -> tuple[tuple[Any, ...] | None, int]:
    """Wait for a process, end it when its time is up or the harness says so; how it went, and the next process.

    The next one is made meanwhile, by ``make`` without this one's descriptor, once this one has taken its order; 0
    where there was no time for that.
    No report where this one died before it took its order, which is then the next one's. ``folder``, with its limits,
    is watched for its size where no mount bounds it.
    """
    late, full, ended = 0, False, False
    spare, pause = 0, _LOADING_SECONDS
    left, end = limits[0], began + limits[1]
    handle = _watched(pid)
    if handle >= 0:
        ends.control.register(handle, select.POLLIN)
    while not ended:
        now = time.monotonic()
        wait = max(0.0, min(end - now, max(left, _LEAST_SECONDS), pause))
        ready = ends.control.poll(1000 * (wait if handle >= 0 else min(wait, _LOOK_SECONDS)))
        if (handle in dict(ready)) if handle >= 0 else _has_ended(pid):
            break
        left = limits[0] - _used(pid)
        late = 1 if left <= 0 else 2 if time.monotonic() >= end else 0
        if not ready and not late and not spare and not ends.untaken.poll(0):
            spare, pause = make(handle), limits[1] if folder is None else _SIZE_SECONDS
            continue
        full = folder is not None and private.holds_more(folder[0], folder[1]["disk_bytes"], folder[1]["files"] * 16)
        if late or full or ready:
            os.kill(pid, _KILL)
            ended = True
    if handle >= 0:
        ends.control.unregister(handle)
        os.close(handle)
    _, status, usage = os.wait4(pid, 0)
    if not ended and not spare and ends.untaken.poll(0):
        return None, 0
    code, spent = os.waitstatus_to_exitcode(status), usage.ru_utime + usage.ru_stime
    return (code, late, full, time.monotonic() - began, spent, usage.ru_maxrss * 1024), spare


def _watched(pid: int) -> int:
    """Return a descriptor that says when a process ends; -1 where the kernel or a container's filter has none."""
    try:
        return os.pidfd_open(pid)
    except OSError:
        return -1


def _has_ended(pid: int) -> bool:
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _used(pid: int) -> float:
    """Processor seconds of a process of ours, all its threads together (clock_getcpuclockid(3)); 0 if it has ended."""
    try:
        return time.clock_gettime((~pid << 3) | 2)
    except OSError:
        return 0.0
