"""What is asked of the kernel, call by call."""

import ctypes
import os
from typing import Any

import pytest

from rarl_eval.sandbox.inside import kernel, zygote


class Asked:
    """A C library that writes down what it is asked, and says what it is told to."""

    def __init__(self, answer: int = 0) -> None:
        self.calls: list[tuple[Any, ...]] = []
        self.answer = answer

    def mount(self, *words: Any) -> int:
        self.calls.append(tuple(w.value if isinstance(w, ctypes.c_ulong) else w for w in words))
        return self.answer


def test_a_mount_hands_over_what_is_given_and_null_for_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names as bytes, flags as a number, and nothing where no kind or data is given."""
    libc = Asked()
    monkeypatch.setattr(kernel, "_libc", libc)
    kernel.mount("tmpfs", "/tmp/ä", "tmpfs", kernel.MS_NOSUID, "size=8m")
    kernel.mount("/usr", "/usr", flags=kernel.MS_BIND | kernel.MS_REC)
    assert libc.calls == [
        (b"tmpfs", "/tmp/ä".encode(), b"tmpfs", 2, b"size=8m"),
        (b"/usr", b"/usr", None, 4096 | 16384, None),
    ]


def test_a_mount_that_fails_is_an_error_that_names_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """OSError, with the folder."""
    monkeypatch.setattr(kernel, "_libc", Asked(-1))
    with pytest.raises(OSError, match="/nowhere"):
        kernel.mount("tmpfs", "/nowhere", "tmpfs")


def test_a_process_has_ended_once_it_can_be_waited_for() -> None:
    """Not while it runs; once it has ended, as often as it is asked, until it is waited for."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(write)
        os.read(read, 1)
        os._exit(0)
    os.close(read)
    try:
        assert not zygote._has_ended(pid)
    finally:
        os.close(write)
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    assert [zygote._has_ended(pid), zygote._has_ended(pid)] == [True, True]
    os.waitpid(pid, 0)
