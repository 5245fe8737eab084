"""The filter of system calls: a list of what is allowed, as classic BPF for x86_64 and aarch64.

Allowed calls pass; a few pass for harmless arguments only (a new thread, never a new process; a signal to oneself;
a connected pair of sockets, never a socket); calls that only an attack makes end the process; everything else
answers EPERM.
The structures are those of linux/seccomp.h, linux/filter.h and linux/audit.h.
"""

import ctypes
import errno
import os
import struct

from . import kernel, syscalls

_AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7, "arm64": 0xC00000B7}
_X32_BIT = 0x40000000
_RET_KILL, _RET_ERRNO, _RET_ALLOW = 0x80000000, 0x00050000, 0x7FFF0000
_LOAD, _JUMP, _JEQ, _JGE, _JSET, _RET = 0x20, 0x05, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCH, _ARGS = 0, 4, 16
_FILTER_MODE = 2

_CLONE_THREAD = 0x00010000
_CLONE_NEW_ANY = 0x7E020000
_AF_UNIX, _SOCK_STREAM, _SOCK_SEQPACKET = 1, 1, 5
_SOCK_FLAGS = (0, 0x80000, 0x800, 0x80800)
"""SOCK_CLOEXEC, SOCK_NONBLOCK, in all ways."""
_IOCTLS = (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)
"""TCGETS (isatty), TIOCGWINSZ, FIONREAD, FIONBIO, FIONCLEX, FIOCLEX."""
_PRCTLS = (15, 16, 0x53564D41)
"""PR_SET_NAME, PR_GET_NAME, PR_SET_VMA (the C library names its memory): not the ones that undo a wall."""
_FCNTLS_REFUSED = (8, 10, 15, 1024, 1026)
"""F_SETOWN, F_SETSIG, F_SETOWN_EX, F_SETLEASE, F_NOTIFY: each can send a signal to another process."""
_FCNTLS_LOCK, _FCNTLS_ASK_LOCK = (6, 7, 37, 38), (5, 36)
"""F_SETLK, F_SETLKW, F_OFD_SETLK, F_OFD_SETLKW; F_GETLK, F_OFD_GETLK."""
_MESSAGE_FLAGS = 0x2 | 0x20 | 0x40 | 0x100 | 0x4000 | 0x40000000
"""MSG_PEEK, MSG_TRUNC, MSG_DONTWAIT, MSG_WAITALL, MSG_NOSIGNAL, MSG_CMSG_CLOEXEC."""
_OWN_PID = 0x5E1F5E1F
"""Stands for the process's own number, which is known only once it runs."""

Instruction = tuple[int, int, int, int]


def template(machine: str, *, in_sight: bool = False, builds: bool = False) -> bytes:
    """Instructions for a machine (``os.uname().machine``), made once; KeyError for a machine that is not known.

    ``in_sight`` where paths lead to the machine's own files, as without a mount namespace. ``builds`` lets processes be
    made and programs be started.
    """
    program = [(_LOAD, 0, 0, _ARCH), (_JEQ, 1, 0, _AUDIT_ARCH[machine]), _ret(_RET_KILL), (_LOAD, 0, 0, _NUMBER)]
    if machine == "x86_64":
        program += [(_JGE, 0, 1, _X32_BIT), _ret(_RET_KILL)]
    program += _search(_segments(_answers(machine, in_sight=in_sight, builds=builds)))
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in program)


class Filter:
    """Instructions laid out in memory for the kernel, with the places where a process's own number belongs."""

    def __init__(self, instructions: bytes) -> None:
        self._held = ctypes.create_string_buffer(instructions, len(instructions))
        mark = struct.pack("=I", _OWN_PID)
        self._places = [at for at in range(0, len(instructions), 4) if instructions[at : at + 4] == mark]
        head = struct.pack("=H6xQ", len(instructions) // 8, ctypes.addressof(self._held))
        self._program = ctypes.create_string_buffer(head, len(head))

    def own(self, pid: int) -> None:
        """Write in the number of the process that will be held to it."""
        for place in self._places:
            struct.pack_into("=I", self._held, place, pid)

    @property
    def step(self) -> tuple[object, ...]:
        """The call that puts the filter on a process for good; ``no_new_privs`` must be set."""
        return kernel.prctl_step(kernel.PR_SET_SECCOMP, _FILTER_MODE, self._program)


def _ret(value: int) -> Instruction:
    return (_RET, 0, 0, value)


def _answers(machine: str, *, in_sight: bool, builds: bool) -> dict[int, list[Instruction]]:
    """Return what each known call is answered with."""
    answers: dict[int, list[Instruction]] = {}
    for table, action in (
        (syscalls.ALLOWED, _RET_ALLOW),
        (syscalls.ABSENT, _RET_ERRNO | errno.ENOSYS),
        (syscalls.KILLED, _RET_KILL),
    ):
        answers.update((number, [_ret(action)]) for number in syscalls.numbers(table, machine).values())
    for name, number in syscalls.numbers(syscalls.CHECKED, machine).items():
        answers[number] = _CHECKS[name]
    if in_sight:
        refused = [_ret(_RET_ERRNO | errno.EPERM)]
        blocks = {**dict.fromkeys(syscalls.IN_SIGHT, refused), "open": _no_truncation(1), "openat": _no_truncation(2)}
        allowed = syscalls.numbers(syscalls.ALLOWED, machine)
        answers.update((allowed[name], block) for name, block in blocks.items() if name in allowed)
    if builds:
        answers.update((number, [_ret(_RET_ALLOW)]) for number in syscalls.numbers(syscalls.BUILDING, machine).values())
        answers[syscalls.numbers(syscalls.CHECKED, machine)["clone"]] = _PROCESS
        killed = syscalls.numbers(syscalls.KILLED, machine)
        answers.update((killed[name], [_ret(_RET_ERRNO | errno.ENOSYS)]) for name in syscalls.BUILDING_ABSENT)
    return answers


def _segments(answers: dict[int, list[Instruction]]) -> list[tuple[int, list[Instruction]]]:
    """Group runs of calls with one answer, each by its first number."""
    refused = [_ret(_RET_ERRNO | errno.EPERM)]
    segments = [(0, answers.get(0, refused))]
    for number in range(1, max(answers) + 2):
        answer = answers.get(number, refused)
        if answer is not segments[-1][1] and answer != segments[-1][1]:
            segments.append((number, answer))
    return segments


def _search(segments: list[tuple[int, list[Instruction]]]) -> list[Instruction]:
    """Return a binary search for a call's run: the kernel walks the filter once for each call when it is set."""
    if len(segments) == 1:
        return segments[0][1]
    middle = len(segments) // 2
    below, above = _search(segments[:middle]), _search(segments[middle:])
    return [(_JGE, 0, 1, segments[middle][0]), (_JUMP, 0, 0, len(below)), *below, *above]


def _argument(index: int) -> Instruction:
    """Load the low half of an argument; the calls checked here read no more than that."""
    return (_LOAD, 0, 0, _ARGS + 8 * index)


def _one_of(index: int, values: tuple[int, ...], refusal: int = errno.EPERM) -> list[Instruction]:
    block = [_argument(index)]
    for value in values:
        block += [(_JEQ, 0, 1, value), _ret(_RET_ALLOW)]
    return [*block, _ret(_RET_ERRNO | refusal)]


def _fcntl() -> list[Instruction]:
    """Refuse what signals others; locks, by which processes could talk over shared files, succeed and do nothing."""
    block = [_argument(1)]
    for values, answer in (
        (_FCNTLS_REFUSED, errno.EPERM),
        (_FCNTLS_LOCK, 0),
        (_FCNTLS_ASK_LOCK, errno.EINVAL),
    ):
        for value in values:
            block += [(_JEQ, 0, 1, value), _ret(_RET_ERRNO | answer)]
    return [*block, _ret(_RET_ALLOW)]


def _flags_within(index: int, allowed: int) -> list[Instruction]:
    """Refuse a call with other flags: a byte out of band, say, which other processes can look for."""
    return [_argument(index), (_JSET, 0, 1, ~allowed & 0xFFFFFFFF), _ret(_RET_ERRNO | errno.EPERM), _ret(_RET_ALLOW)]


def _no_truncation(index: int) -> list[Instruction]:
    """Refuse to cut a file that is opened for reading, which Landlock before its third version lets pass."""
    refused = _ret(_RET_ERRNO | errno.EPERM)
    truncating, writing = (_JSET, 0, 2, os.O_TRUNC), (_JSET, 1, 0, os.O_WRONLY | os.O_RDWR)
    return [_argument(index), truncating, writing, refused, _ret(_RET_ALLOW)]


def _connected_pair() -> list[Instruction]:
    """Allow a pair of local sockets that stay connected: a datagram socket can write to any socket with a path."""
    kinds = [kind | flags for kind in (_SOCK_STREAM, _SOCK_SEQPACKET) for flags in _SOCK_FLAGS]
    return [_argument(0), (_JEQ, 1, 0, _AF_UNIX), _ret(_RET_ERRNO | errno.EPERM), *_one_of(1, tuple(kinds))]


_PROCESS = [_argument(0), (_JSET, 0, 1, _CLONE_NEW_ANY), _ret(_RET_KILL), _ret(_RET_ALLOW)]
"""A new thread or process, in no new namespace."""

_CHECKS: dict[str, list[Instruction]] = {
    "clone": [
        _argument(0),
        (_JSET, 1, 0, _CLONE_THREAD),
        _ret(_RET_ERRNO | errno.EPERM),
        (_JSET, 0, 1, _CLONE_NEW_ANY),
        _ret(_RET_KILL),
        _ret(_RET_ALLOW),
    ],
    "fcntl": _fcntl(),
    "flock": [_ret(_RET_ERRNO)],
    "ioctl": _one_of(1, _IOCTLS, errno.ENOTTY),
    "kill": _one_of(0, (_OWN_PID,)),
    "prctl": _one_of(0, _PRCTLS),
    "prlimit64": _one_of(0, (0, _OWN_PID)),
    "recvfrom": _flags_within(3, _MESSAGE_FLAGS),
    "recvmmsg": _flags_within(3, _MESSAGE_FLAGS),
    "recvmsg": _flags_within(2, _MESSAGE_FLAGS),
    "sendto": _flags_within(3, _MESSAGE_FLAGS),
    "socketpair": _connected_pair(),
    "tgkill": _one_of(0, (_OWN_PID,)),
    "tkill": _one_of(0, (_OWN_PID,)),
}
