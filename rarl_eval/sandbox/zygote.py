"""A zygote as the harness holds it: started, given orders, heard, ended."""

import contextlib
import json
import os
import re
import select
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

from rarl_eval.sandbox.inside import codec
from rarl_eval.sandbox.inside.zygote import READY, REPORT
from rarl_eval.sandbox.languages import Tools
from rarl_eval.sandbox.program import Limits, SandboxBroken

_START_SECONDS = 60.0
GRACE_SECONDS = 10.0
"""How much later than its deadline a zygote may report before it counts as broken."""
_HOLES_BYTES = 2**20
_BUILD_DISK = 256 * 2**20
"""Room for what a compiler writes."""
_STATUS_BYTES = 2**14
_UID_BASE = 1_900_000_000
"""Users without a name or a process, one per zygote, where the harness runs as the administrator."""
_INSIDE = Path(__file__).with_name("inside") / "__main__.py"
_PEAK = re.compile(rb"^VmHWM:\s*(\d+) kB$", re.MULTILINE)


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
    user: bool = True
    """Become a user that nobody else is, where the administrator starts it."""
    packages: tuple[Package, ...] = ()
    tools: Tools | None = None
    """Of another language, whose programs build and start programs."""


class ZygoteReport(NamedTuple):
    """How a process ended."""

    code: int
    """Exit code; negative: the signal that ended it."""
    late: int
    """1: its processor time was used up; 2: its wall-clock time was over; 0: neither."""
    full: bool
    """It wrote more files than its limit, where no mount bounds them."""
    seconds: float
    cpu_seconds: float
    memory_bytes: int


class Zygote:
    """A running zygote; one order at a time."""

    def __init__(self, plan: Plan, limits: Limits) -> None:
        self._base = None if plan.namespaces else tempfile.mkdtemp(prefix="rarl-eval-sandbox-")
        self._next = 0
        self._status: int | None = None
        self._running = False
        self.control, control = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._orders, orders = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with control, orders:
            ends = [control.fileno(), orders.fileno()]
            self._process = subprocess.Popen(
                [sys.executable, "-s", "-S", "-P", "-B", "-X", "utf8", str(_INSIDE), *map(str, ends)],
                env={"PYTHONHASHSEED": "0"},
                cwd="/",
                pass_fds=ends,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        self.pid = self._process.pid
        try:
            if plan.tools:
                limits = replace(limits, disk_bytes=max(limits.disk_bytes, _BUILD_DISK), files=max(limits.files, 1024))
            words = {**_plan_words(plan, self.pid), "base": self._base, "limits": asdict(limits)}
            self._outside = words.pop("outside")  # the canary is told; nothing else in there knows where we are
            with contextlib.suppress(OSError):
                self.control.send(json.dumps(words).encode())
            self.report(_START_SECONDS)
            self._test_walls(plan)
        except BaseException:
            self.close()
            raise

    def ready(self) -> None:
        """Wait for the end of the last process, where nobody asked for its report; the next is then there."""
        if self._running:
            self.report(GRACE_SECONDS)

    def order(self, role: str, seconds: float, wall: float, handles: list[int]) -> None:
        """Hand the waiting process what it is to do, and the time it may use; ``report`` says how it ended.

        The zygote is told of the time, and never sees the descriptors.
        """
        self.ready()
        self._running = True
        self._watch()
        try:
            socket.send_fds(self._orders, [f"{role} {seconds}".encode()], handles)
            self.control.send(f"{seconds} {wall}".encode())
        except OSError as error:
            raise SandboxBroken(f"the sandbox's zygote is gone ({error}); run again") from error

    def stop(self) -> None:
        """End the present process."""
        with contextlib.suppress(OSError):
            self.control.send(b"stop")

    def peak_bytes(self) -> int | None:
        """Return peak resident memory of the present process so far; None where it has ended or that is not shown."""
        if self._status is None:
            return None
        try:
            found = _PEAK.search(os.pread(self._status, _STATUS_BYTES, 0))
        except OSError:
            return None
        # Once a report is there it may have died before its order, which another process has then.
        ended = select.select([self.control], [], [], 0)[0]
        return int(found[1]) * 1024 if found and not ended else None

    def used_seconds(self) -> float:
        """Processor seconds of the present process so far; 0 where it has ended."""
        try:
            return time.clock_gettime((~self._next << 3) | 2)
        except OSError:
            return 0.0

    def _watch(self) -> None:
        """Open the status of the process that the next order is for: reading it later costs less than finding it."""
        self._unwatch()
        with contextlib.suppress(OSError):
            self._status = os.open(f"/proc/{self._next}/status", os.O_RDONLY | os.O_CLOEXEC)

    def _unwatch(self) -> None:
        if self._status is not None:
            os.close(self._status)
            self._status = None

    def report(self, seconds: float) -> ZygoteReport:
        """How the present process ended; SandboxBroken where that is not heard or a wall did not stand.

        The next one then waits for its order.
        """
        self._next, *report = REPORT.unpack(self._hear(seconds))
        self._running = False
        return ZygoteReport(*report)

    def _hear(self, seconds: float) -> bytes:
        if not select.select([self.control], [], [], seconds)[0]:
            raise SandboxBroken(f"the sandbox did not answer within {seconds:.0f} s; the machine may be overloaded")
        try:
            said = self.control.recv(1 << 16)
        except OSError:
            said = b""
        if not said:
            raise SandboxBroken("the sandbox's zygote ended unexpectedly; run rarl-eval doctor")
        if said[:1] != READY:
            why = said[1:].decode("utf-8", "replace")
            raise SandboxBroken(f"the sandbox could not be closed: {why}; run rarl-eval doctor")
        return said[1:]

    def close(self) -> None:
        """End the zygote and all it made."""
        self._unwatch()
        self._orders.close()
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
        with os.fdopen(start, "rb") as stream, tempfile.TemporaryFile(buffering=0) as path:
            path.write(f"{self._outside}\n{'builds' if plan.tools else ''}".encode())
            path.seek(0)
            try:
                self.order("canary", _START_SECONDS, _START_SECONDS, [end, path.fileno()])
            finally:
                os.close(end)
            holes = stream.read(_HOLES_BYTES)
        report = self.report(_START_SECONDS)
        if not holes or (found := codec.decode(holes)):
            told = ", ".join(found) if holes else f"its test ended with {report.code}"
            raise SandboxBroken(f"the sandbox has holes on this machine ({told}); nothing was run")


def _plan_words(plan: Plan, pid: int) -> dict[str, Any]:
    return {
        "namespaces": plan.namespaces,
        "landlock": plan.landlock,
        "seccomp": plan.seccomp,
        "uid": _user_of(pid) if plan.user and os.getuid() == 0 else None,
        "packages": [path for package in plan.packages for path in package.paths],
        "site": list(dict.fromkeys(package.site for package in plan.packages)),
        "preload": [package.name for package in plan.packages],
        "tools": list(plan.tools.folders) if plan.tools else [],
        "stack": plan.tools.stack_bytes if plan.tools else None,
        "outside": str(_INSIDE),
    }


def _user_of(pid: int) -> int:
    """Return a user that nobody else is; ``nobody`` in a container that knows few users."""
    wanted, known = _UID_BASE + pid, ""
    with contextlib.suppress(OSError):
        known = Path("/proc/self/uid_map").read_text()
    for line in known.splitlines():
        first, _, count = map(int, line.split())
        if first <= wanted < first + count:
            return wanted
    return 65534
