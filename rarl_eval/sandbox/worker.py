"""The harness's end: zygotes to start, orders to send, and what one run of a program costs in processes.

Each worker holds one zygote for programs and one for tests, so that neither ever holds the other's bytes.
"""

import contextlib
import json
import os
import select
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

from rarl_eval.sandbox.inside import codec
from rarl_eval.sandbox.inside.zygote import REPORT
from rarl_eval.sandbox.program import Limits, SandboxBroken

_START_SECONDS = 60.0
_GRACE_SECONDS = 10.0
"""How much later than its deadline a zygote may report before it counts as broken."""
_RESULT_BYTES = 2**20
_WORDS_BYTES = 4096
_UID_BASE = 1_900_000_000
"""Users without a name or a process, one per zygote, where the harness runs as the administrator."""
_INSIDE = Path(__file__).with_name("inside") / "__main__.py"


@dataclass(frozen=True, kw_only=True)
class Package:
    """An installed package that programs may import: its name, the folder it is found in, what it is made of."""

    name: str
    site: str
    paths: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Which walls a zygote raises, and what programs see."""

    namespaces: bool = True
    landlock: bool = True
    seccomp: bool = True
    packages: tuple[Package, ...] = ()


class Report(NamedTuple):
    """How a process ended."""

    code: int
    """Exit code; negative: the signal that ended it."""
    late: bool
    full: bool
    """It wrote more files than its limit, where no mount bounds them."""
    seconds: float
    cpu_seconds: float
    memory_bytes: int


class Call(NamedTuple):
    """Tests run against a program."""

    result: dict[str, Any] | None
    """The tests' own words; None where their process ended without any."""
    judge: Report
    program: Report


class Script(NamedTuple):
    """A script run once."""

    stdout: bytes
    """No more than the limit of it."""
    size: int
    stderr: bytes
    """The end of it."""
    report: Report


class Zygote:
    """A running zygote; one order at a time."""

    def __init__(self, plan: Plan, limits: Limits) -> None:
        self._base = None if plan.namespaces else tempfile.mkdtemp(prefix="rarl-eval-sandbox-")
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.control = ours
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-s", "-S", "-P", "-B", "-X", "utf8", str(_INSIDE), str(theirs.fileno())],
                env={"PYTHONHASHSEED": "0"},
                cwd="/",
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        self.pid = self._process.pid
        try:
            words = {**_plan_words(plan, self.pid), "base": self._base, "limits": asdict(limits)}
            with contextlib.suppress(OSError):
                ours.send(json.dumps(words).encode())
            self._hear(_START_SECONDS)
            self._test_walls(plan)
        except BaseException:
            self.close()
            raise

    def order(self, role: str, seconds: float, handles: list[int]) -> None:
        """Have a process made that may take so long; ``report`` says how it ended."""
        try:
            socket.send_fds(self.control, [f"{role} {seconds}".encode()], handles)
        except OSError as error:
            raise SandboxBroken(f"the sandbox's zygote is gone ({error}); run again") from error

    def stop(self) -> None:
        """End the present process."""
        with contextlib.suppress(OSError):
            self.control.send(b"stop")

    def report(self, seconds: float) -> Report:
        """How the present process ended; SandboxBroken where that is not heard or a wall did not stand."""
        return Report(*REPORT.unpack(self._hear(seconds)))

    def _hear(self, seconds: float) -> bytes:
        if not select.select([self.control], [], [], seconds)[0]:
            raise SandboxBroken(f"the sandbox did not answer within {seconds:.0f} s; the machine may be overloaded")
        try:
            said = self.control.recv(1 << 16)
        except OSError:
            said = b""
        if not said:
            raise SandboxBroken("the sandbox's zygote ended unexpectedly; run rarl-eval doctor")
        if said.startswith(b"!"):
            why = said[1:].decode("utf-8", "replace")
            raise SandboxBroken(f"the sandbox could not be closed: {why}; run rarl-eval doctor")
        return said

    def close(self) -> None:
        """End the zygote and all it made."""
        self.control.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._base is not None:
            shutil.rmtree(self._base, ignore_errors=True)

    def _test_walls(self, plan: Plan) -> None:
        """Have a process try what it must not be able to do; nothing foreign runs where one attempt succeeds."""
        if not (plan.seccomp and (plan.namespaces or plan.landlock)):
            return
        start, end = os.pipe()
        with os.fdopen(start, "rb") as stream:
            try:
                self.order("canary", _START_SECONDS, [end])
            finally:
                os.close(end)
            holes = stream.read(_RESULT_BYTES)
        report = self.report(_START_SECONDS)
        if not holes or (found := codec.decode(holes)):
            told = ", ".join(found) if holes else f"its test ended with {report.code}"
            raise SandboxBroken(f"the sandbox has holes on this machine ({told}); nothing was run")


def _plan_words(plan: Plan, pid: int) -> dict[str, Any]:
    return {
        "namespaces": plan.namespaces,
        "landlock": plan.landlock,
        "seccomp": plan.seccomp,
        "uid": _user_of(pid) if os.getuid() == 0 else None,
        "packages": [path for package in plan.packages for path in package.paths],
        "site": list(dict.fromkeys(package.site for package in plan.packages)),
        "preload": [package.name for package in plan.packages],
        "outside": str(_INSIDE),
    }


def _user_of(pid: int) -> int:
    """Return a user that nobody else is; ``nobody`` in a container that knows few users."""
    wanted = _UID_BASE + pid
    for line in Path("/proc/self/uid_map").read_text().splitlines():
        first, _, count = map(int, line.split())
        if first <= wanted < first + count:
            return wanted
    return 65534


class Worker:
    """A zygote for programs and one for tests, each started when first needed."""

    def __init__(self, plan: Plan, limits: Limits, started: Callable[[int], None]) -> None:
        self._plan = plan
        self._limits = limits
        self._started = started
        self._zygotes: dict[str, Zygote] = {}

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

    def call(self, code: bytes, tests: bytes, seconds: float) -> Call:
        """Run tests against a program in two processes; the tests' words and how both ended."""
        program, judge = self.zygote("program"), self.zygote("tests")
        patience = seconds + _GRACE_SECONDS
        theirs, ours = socket.socketpair()
        end, start = os.pipe()
        try:
            with theirs, ours, _memory(code) as code_file, _memory(tests) as tests_file:
                program.order("solution", seconds, [code_file, theirs.fileno()])
                judge.order("judge", seconds, [tests_file, ours.fileno(), start])
        finally:
            os.close(start)
            with os.fdopen(end, "rb", 0) as stream:
                result = _collect(stream.fileno(), patience)
        if result:
            program.stop()
        return Call(result=_decoded(result), judge=judge.report(patience), program=program.report(patience))

    def script(self, code: bytes, stdin: bytes, seconds: float) -> Script:
        """Run a script once; what it wrote and how it ended."""
        zygote = self.zygote("program")
        with _memory(code) as code_file, _memory(stdin) as given, _memory() as out, _memory() as err:
            zygote.order("program", seconds, [code_file, given, out, err])
            report = zygote.report(seconds + _GRACE_SECONDS)
            size, words = os.fstat(out).st_size, os.fstat(err).st_size
            return Script(
                stdout=os.pread(out, min(size, self._limits.output_bytes), 0),
                size=size,
                stderr=os.pread(err, _WORDS_BYTES, max(0, words - _WORDS_BYTES)),
                report=report,
            )


@contextlib.contextmanager
def _memory(content: bytes = b"") -> Iterator[int]:
    """Return a file in memory for as long as it is held."""
    handle = os.memfd_create("job", os.MFD_CLOEXEC)
    try:
        view = memoryview(content)
        while view:
            view = view[os.write(handle, view) :]
        os.lseek(handle, 0, os.SEEK_SET)
        yield handle
    finally:
        os.close(handle)


def _collect(handle: int, seconds: float) -> bytes:
    """Return what the tests' process says, a length and so many bytes; nothing where it ends or is late before."""
    deadline, read = time.monotonic() + seconds, bytearray()
    while len(read) <= _RESULT_BYTES:
        if len(read) >= 4 and len(read) >= 4 + int.from_bytes(read[:4], "little"):
            return bytes(read[4:])
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([handle], [], [], left)[0]:
            break
        piece = os.read(handle, 65536)
        if not piece:
            break
        read += piece
    return b""


def _decoded(result: bytes) -> dict[str, Any] | None:
    """Return the tests' own words; None where their process ended without any."""
    if not result:
        return None
    value = codec.decode(result)
    return value if type(value) is dict else None
