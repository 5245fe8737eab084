"""What one run of a program is: orders to zygotes, what comes back, how long is waited.

Each worker holds one zygote for programs and one for tests, so that neither ever holds the other's bytes.
"""

import contextlib
import os
import select
import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from rarl_eval.sandbox.inside import codec
from rarl_eval.sandbox.program import STATUSES, Limits
from rarl_eval.sandbox.zygote import GRACE_SECONDS, Plan, Zygote, ZygoteReport

_RESULT_BYTES = 2**20
_WORDS_BYTES = 4096


class Time(NamedTuple):
    """What a run may use, in seconds."""

    cpu: float
    """Processor time of the program."""
    wall: float
    tests: float
    """Processor time of the tests."""
    case: float | None = None
    """Processor time of the program for each case."""


class Call(NamedTuple):
    """Tests run against a program."""

    result: dict[str, Any] | None
    """The tests' own words; None where their process ended without any."""
    seconds: float
    memory_bytes: int
    """Peak of the program's process."""
    ends: tuple[ZygoteReport, ZygoteReport] | None
    """How the tests' process and the program's ended; None where the tests' words say it all."""


class WorkerScript(NamedTuple):
    """A script run once."""

    stdout: bytes
    """No more than the limit of it."""
    size: int
    stderr: bytes
    """The end of it."""
    report: ZygoteReport


class Worker:
    """A zygote for programs and one for tests, each started when first needed."""

    def __init__(self, plan: Plan, limits: Limits, started: Callable[[int], None]) -> None:
        self._plan = plan
        self._limits = limits
        self._started = started
        self._zygotes: dict[str, Zygote] = {}
        self._built: tuple[bytes, bytes] | None = None

    def zygote(self, side: str) -> Zygote:
        """Return the zygote for ``program`` or ``tests``."""
        if side not in self._zygotes:
            self._zygotes[side] = Zygote(self._plan, self._limits)
            self._started(self._zygotes[side].pid)
        return self._zygotes[side]

    def close(self) -> None:
        """End both."""
        for zygote in self._zygotes.values():
            zygote.close()
        self._zygotes.clear()

    def call(self, code: bytes, tests: bytes, time_left: Time) -> Call:
        """Run tests against a program in two processes; the tests' words and how both ended.

        Where the tests give a verdict while the program is still there, their end is not waited for here, but before
        the next order. Until then the program believes the tests are there, since ``ours`` is still open.
        """
        program, judge = self.zygote("program"), self.zygote("tests")
        patience = time_left.wall + GRACE_SECONDS
        theirs, ours = socket.socketpair()
        end, start = os.pipe()
        with ours, os.fdopen(end, "rb", 0) as words:
            try:
                with theirs, _memory(code) as code_file, _memory(tests) as tests_file:
                    for zygote in (program, judge):
                        zygote.ready()  # both, before the clock of either starts
                    program.order("solution", time_left.cpu, time_left.wall, [code_file, theirs.fileno()])
                    judge.order("judge", time_left.tests, time_left.wall, [tests_file, ours.fileno(), start])
            finally:
                os.close(start)
            began = time.monotonic()
            result = _decoded(_collect(words.fileno(), patience, program.used_seconds, time_left.case))
            spent = time.monotonic() - began
            known = result is not None and result["status"] in STATUSES
            peak = program.peak_bytes() if known else None
        if known:
            program.stop()
            judge.stop()
        if peak is not None:
            return Call(result, spent, peak, None)
        ends = judge.report(patience), program.report(patience)
        return Call(result, ends[0].seconds, ends[1].memory_bytes, ends)

    def script(self, code: bytes, stdin: bytes, time_left: Time, built: bytes | None = None) -> WorkerScript:
        """Run a script once, or a program of another language that was ``built``; what it wrote and how it ended."""
        with contextlib.ExitStack() as held:
            handles = [held.enter_context(_memory(content)) for content in (code, stdin, b"", b"")]
            if built is not None:
                handles.append(held.enter_context(_memory(built)))
            return self._written("program" if built is None else "start", time_left, handles, *handles[2:4])

    def build(self, job: bytes, time_left: Time) -> bytes | WorkerScript:
        """Build a program of another language; what it is run from, or what the build said and how it ended.

        What was built last is not built again.
        """
        if self._built is not None and self._built[0] == job:
            return self._built[1]
        with _memory(job) as job_file, _memory() as said, _memory() as made:
            run = self._written("build", time_left, [job_file, said, made], said, said)
            content = os.pread(made, os.fstat(made).st_size, 0)
            if run.report.code != 0 or not content:
                return run
            self._built = job, content
            return content

    def _written(self, role: str, time_left: Time, handles: list[int], out: int, err: int) -> WorkerScript:
        zygote = self.zygote("program")
        zygote.order(role, time_left.cpu, time_left.wall, handles)
        report = zygote.report(time_left.wall + GRACE_SECONDS)
        size, words = os.fstat(out).st_size, os.fstat(err).st_size
        return WorkerScript(
            stdout=os.pread(out, min(size, self._limits.output_bytes), 0),
            size=size,
            stderr=os.pread(err, _WORDS_BYTES, max(0, words - _WORDS_BYTES)),
            report=report,
        )


@contextlib.contextmanager
def _memory(content: bytes = b"") -> Iterator[int]:
    """Return a file in memory for as long as it is held."""
    handle = _unnamed_file()
    try:
        view = memoryview(content)
        while view:
            view = view[os.write(handle, view) :]
        os.lseek(handle, 0, os.SEEK_SET)
        yield handle
    finally:
        os.close(handle)


def _unnamed_file() -> int:
    """Return a file that nobody can find: in memory, else one on disk without a name."""
    try:
        return os.memfd_create("job", os.MFD_CLOEXEC)
    except OSError:
        with tempfile.TemporaryFile(buffering=0) as file:
            return os.dup(file.fileno())


def _collect(handle: int, seconds: float, used: Callable[[], float], case: float | None) -> bytes:
    """Return what the tests' process says, a length and so many bytes; nothing where it ends or is late before.

    An empty word says that a case begins: ``used`` processor seconds of the program are then counted for it.
    """
    deadline, read, number, before = time.monotonic() + seconds, bytearray(), 0, 0.0
    while len(read) <= _RESULT_BYTES:
        while case is not None and read[:4] == b"\0\0\0\0":
            if number and used() - before > case:
                return _slow_case(number, used() - before, case)
            del read[:4]
            number, before = number + 1, used()
        if len(read) >= 4 and len(read) >= 4 + int.from_bytes(read[:4], "little"):
            return bytes(read[4:])
        left = deadline - time.monotonic()
        if case is not None and number:
            if (spent := used() - before) > case:
                return _slow_case(number, spent, case)
            left = min(left, max(case - spent, 0.01))
        if not select.select([handle], [], [], max(left, 0))[0]:
            if time.monotonic() >= deadline:
                break
            continue
        piece = os.read(handle, 65536)
        if not piece:
            break
        read += piece
    return b""


def _slow_case(number: int, spent: float, case: float) -> bytes:
    reason = f"used {spent:.3g} s of processor time; the limit of a case is {case:g} s"
    return codec.encode({"status": "timeout", "reason": reason, "failed": f"case {number}", "calls": number})


def _decoded(result: bytes) -> dict[str, Any] | None:
    """Return the tests' own words; None where their process ended without any."""
    if not result:
        return None
    value = codec.decode(result)
    return value if type(value) is dict else None
