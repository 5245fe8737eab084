"""Tries, from inside the walls, what must not work; whatever works is a hole, and the harness then runs nothing."""

import ctypes
import mmap
import os
import resource
import socket
from collections.abc import Callable
from typing import Any

from . import codec


def main(handles: list[int]) -> int:
    """Report the names of the attempts that succeeded; descriptors: the report, the path of a file of the harness."""
    outside, _, builds = os.pread(handles[1], 4096, 0).decode().partition("\n")
    attempts = _attempts(outside)
    for name in _OF_BUILDS if builds else ():
        del attempts[name]
    holes = [name for name, attempt in attempts.items() if _succeeds(attempt)]
    os.write(handles[0], codec.encode(holes))
    return 0


_OF_BUILDS = ("make a process", "start a program", "signal another process")
"""What a compiler must do, among processes that are all the program's own."""


def _attempts(outside: str) -> dict[str, Callable[[], Any]]:
    libc = ctypes.CDLL(None, use_errno=True)
    return {
        "read the harness": lambda: open(outside).close(),
        "read /etc/passwd": lambda: open("/etc/passwd").close(),
        "read another process": lambda: open(f"/proc/{max(os.getppid(), 1)}/environ").close(),
        "write beside the harness": lambda: open(outside + ".canary", "w").close(),
        "write to /dev/shm": lambda: _fail() if os.path.islink("/dev/shm") else open("/dev/shm/canary", "w").close(),
        "open a network socket": lambda: socket.socket().close(),
        "open a local socket": lambda: socket.socket(socket.AF_UNIX).close(),
        "open a pair of datagram sockets": lambda: _close(*socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)),
        "change the rights of the harness": lambda: os.chmod(outside, os.stat(outside).st_mode & 0o7777),
        "make a process": _fork,
        "start a program": lambda: os.execv("/bin/true", ["true"]) if os.path.exists("/bin/true") else _fail(),
        "signal another process": lambda: os.kill(max(os.getppid(), 2), 0),
        "keep memory beyond its end": lambda: _nonnegative(libc.shmget(1, 4096, 0o1600)),
        "undo its parent's death signal": lambda: _nonnegative(libc.prctl(1, 0, 0, 0, 0)),
        "take more memory than its limit": lambda: mmap.mmap(-1, resource.getrlimit(resource.RLIMIT_AS)[0]),
        "become the administrator": lambda: os.setuid(0) if os.getuid() else _fail(),
    }


def _succeeds(attempt: Callable[[], Any]) -> bool:
    try:
        attempt()
    except (OSError, ValueError, OverflowError, MemoryError):
        return False
    return True


def _close(*ends: socket.socket) -> None:
    for end in ends:
        end.close()


def _fork() -> None:
    if os.fork() == 0:
        os._exit(0)


def _nonnegative(result: int) -> None:
    if result < 0:
        _fail()


def _fail() -> bool:
    raise OSError("refused")
