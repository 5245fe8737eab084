"""System calls that the standard library lacks, through the C library.

``PyDLL`` keeps the interpreter lock: a clone made here returns in a child that holds it, as ``os.fork`` would.
"""

import ctypes
import os

from . import syscalls

_libc = ctypes.PyDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long

CLONE_NEWNS = 0x00020000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 1, 2, 4, 32, 4096, 16384, 1 << 18
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS = 1, 4, 22, 38
MNT_DETACH = 2


def syscall(number: int, *args: object) -> int:
    """Make a system call by number; OSError where it fails."""
    return _checked(_libc.syscall(ctypes.c_long(number), *args), f"system call {number}")


def unshare(flags: int) -> None:
    """Leave namespaces for new ones (unshare(2))."""
    _checked(_libc.unshare(flags), "unshare")


def mount(source: str, target: str, kind: str | None = None, flags: int = 0, data: str | None = None) -> None:
    """Mount (mount(2))."""
    words = [None if w is None else os.fsencode(w) for w in (source, target, kind)]
    _checked(_libc.mount(*words, ctypes.c_ulong(flags), None if data is None else data.encode()), f"mount {target}")


def umount(target: str) -> None:
    """Take a mount away, at once for new look-ups."""
    _checked(_libc.umount2(os.fsencode(target), MNT_DETACH), f"umount {target}")


def prctl_step(option: int, value: object = 0, more: object = 0) -> tuple[object, ...]:
    """Return a property of the process to set (prctl(2)), for ``take``."""
    zero = ctypes.c_ulong(0)
    return ctypes.c_long(syscalls.ours("prctl")), ctypes.c_int(option), *map(_word, (value, more)), zero, zero


def step(name: str, *args: object) -> tuple[object, ...]:
    """One of our own calls with its arguments made ready, for ``take``."""
    return ctypes.c_long(syscalls.ours(name)), *map(_word, args)


def take(number: object, *args: object) -> int:
    """Make a call that was made ready: nothing is converted, so that a new process touches little memory."""
    result: int = _libc.syscall(number, *args)
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, f"system call {number} {args}: {os.strerror(error)}")
    return result


def _word(value: object) -> object:
    if isinstance(value, int):
        return ctypes.c_ulong(value)
    return ctypes.create_string_buffer(os.fsencode(value)) if isinstance(value, str) else value


def one_arena() -> None:
    """Keep the C library to one heap: each further one would take 64 MiB of a thread's address space."""
    _libc.mallopt(-8, 1)


def _checked(result: int, what: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result
