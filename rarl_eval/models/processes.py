"""Which process holds something, told so that another can see whether it still lives.

A process number alone does not do: it is given again, and another machine or container has its own.
"""

import os
import time
from functools import lru_cache
from pathlib import Path

LEASE_SECONDS = 3600.0
"""How long a process of another machine or container, which cannot be seen from here, is taken to live."""


def me() -> str:
    """Name this process: where it runs, its number, and when it began."""
    return _named(os.getpid())


@lru_cache(maxsize=4)
def _named(number: int) -> str:
    return f"{_place()}:{number}:{_began(number)}"


def alive(owner: str, since: float) -> bool:
    """Tell whether the process that ``me`` named ``owner`` at ``since`` (seconds since the epoch) still lives."""
    try:
        place, number, began = owner.rsplit(":", 2)
    except ValueError:
        return False
    if place != _place():
        return time.time() - since < LEASE_SECONDS
    return began != "" and _began(int(number)) == began


@lru_cache(maxsize=1)
def _place() -> str:
    """Machine since its last start, and namespace of processes."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
        return f"{boot}/{Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return os.uname().nodename


def _began(number: int) -> str:
    """Clock ticks at which a process began; "" where there is none."""
    try:
        # The name in brackets may hold anything; what follows it are numbers.
        fields = Path(f"/proc/{number}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
        return "" if fields[0] in "ZX" else fields[19]
    except OSError:
        return ""
