"""Landlock: which files a process can open, told to the kernel once and for good (linux/landlock.h).

Reading is allowed beneath given paths, writing beneath one folder; executing nowhere, but what compilers make, TCP
nowhere, and, where the kernel knows scopes, no abstract socket or signal reaches outside. Everything else stays as the
kernel has it.
"""

import os
import struct
from collections.abc import Iterable
from ctypes import c_int, c_size_t, c_uint, create_string_buffer

from . import kernel

_CREATE, _ADD_RULE = 444, 445
_VERSION_FLAG = 1
_PATH_BENEATH = 1
_EXECUTE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 2, 1 << 3
_WRITE_FILE, _TRUNCATE = 1 << 1, 1 << 14
_MAKE_AND_REMOVE = sum(1 << bit for bit in (4, 5, 7, 8, 9, 10, 12))
"""Remove and make files, folders, sockets, pipes and links; never device nodes."""
_FS_BITS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
"""How many file rights each version handles; 5 and later know sixteen."""


def version() -> int:
    """Return the kernel's version of Landlock; 0 where it is missing or switched off."""
    try:
        return kernel.syscall(_CREATE, None, c_size_t(0), c_uint(_VERSION_FLAG))
    except OSError:
        return 0


def ruleset(readable: Iterable[str], listed: Iterable[str], writable: str, *, starts: bool = False) -> int:
    """Return a descriptor of rules: read beneath ``readable``, see names beneath ``listed``, write in ``writable``.

    ``starts`` lets programs be started from what is readable.
    """
    started = _EXECUTE if starts else 0
    abi = version()
    handled = (1 << _FS_BITS.get(abi, 16)) - 1
    attribute = struct.pack("=Q", handled)
    if abi >= 4:
        attribute += struct.pack("=Q", 0b11)
    if abi >= 6:
        attribute += struct.pack("=Q", 0b11)
    rules = kernel.syscall(
        _CREATE, create_string_buffer(attribute, len(attribute)), c_size_t(len(attribute)), c_uint(0)
    )
    for path in readable:
        _allow(rules, path, _READ_FILE | _READ_DIR | started)
    for path in listed:
        _allow(rules, path, _READ_DIR)
    _allow(rules, writable, (_READ_FILE | _READ_DIR | _WRITE_FILE | _TRUNCATE | _MAKE_AND_REMOVE | started) & handled)
    for path in ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"):
        _allow(rules, path, _READ_FILE | _WRITE_FILE)
    return rules


def step(rules: int) -> tuple[object, ...]:
    """Return the call that holds a process to the rules; ``no_new_privs`` must be set."""
    return kernel.step("landlock_restrict_self", rules, 0)


def _allow(rules: int, path: str, access: int) -> None:
    """Add a rule; a path that does not exist needs none."""
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except (FileNotFoundError, PermissionError):
        return
    try:
        if not os.path.isdir(path):
            access &= _EXECUTE | _READ_FILE | _WRITE_FILE
        rule = struct.pack("=Qi", access, place)
        kernel.syscall(_ADD_RULE, c_int(rules), c_uint(_PATH_BENEATH), create_string_buffer(rule, len(rule)), c_uint(0))
    finally:
        os.close(place)
