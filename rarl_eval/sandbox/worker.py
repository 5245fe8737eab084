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
from typing import Any

from rarl_eval.sandbox.inside import codec
from rarl_eval.sandbox.program import Limits, SandboxBroken

_START_SECONDS = 60.0
_GRACE_SECONDS = 10.0
"""How much later than its deadline a zygote may report before it counts as broken."""
_RESULT_BYTES = 2**20
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


class Zygote:
    """A running zygote; one order at a time."""

    def __init__(self, plan: Plan) -> None:
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
                stderr=None,
                start_new_session=True,
            )
        self.pid = self._process.pid
        try:
            self._send({**_plan_words(plan, self.pid), "base": self._base})
            self.receive(_START_SECONDS)
            self._test_walls(plan)
        except BaseException:
            self.close()
            raise

    def order(self, role: str, limits: Limits, handles: list[int]) -> None:
        """Have a process made; ``receive`` gives its report."""
        words = {"role": role, "outside": str(_INSIDE), **asdict(limits)}
        try:
            socket.send_fds(self.control, [json.dumps(words).encode()], handles)
        except OSError as error:
            raise SandboxBroken(f"the sandbox's zygote is gone ({error}); run again") from error

    def stop(self) -> None:
        """End the present process."""
        with contextlib.suppress(OSError):
            self.control.send(b'{"stop": true}')

    def receive(self, seconds: float) -> dict[str, Any]:
        """The next report; SandboxBroken where none comes or a wall did not stand."""
        if not select.select([self.control], [], [], seconds)[0]:
            raise SandboxBroken(f"the sandbox did not answer within {seconds:.0f} s; the machine may be overloaded")
        try:
            text = self.control.recv(1 << 16)
        except OSError as error:
            text = b""
            del error
        if not text:
            raise SandboxBroken("the sandbox's zygote ended unexpectedly; run rarl-eval doctor")
        report: dict[str, Any] = json.loads(text)
        if "broken" in report:
            raise SandboxBroken(f"the sandbox could not be closed: {report['broken']}; run rarl-eval doctor")
        return report

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
        with open(start, "rb") as stream:
            try:
                self.order("canary", Limits(seconds=_START_SECONDS), [end])
            finally:
                os.close(end)
            holes = stream.read(_RESULT_BYTES)
        report = self.receive(_START_SECONDS)
        if not holes or (found := codec.decode(holes)):
            told = ", ".join(found) if holes else f"its test ended with {report['code']}"
            raise SandboxBroken(f"the sandbox has holes on this machine ({told}); nothing was run")

    def _send(self, words: dict[str, Any]) -> None:
        with contextlib.suppress(OSError):
            self.control.send(json.dumps(words).encode())


def _plan_words(plan: Plan, pid: int) -> dict[str, Any]:
    return {
        "namespaces": plan.namespaces,
        "landlock": plan.landlock,
        "seccomp": plan.seccomp,
        "uid": _UID_BASE + pid if os.getuid() == 0 else None,
        "packages": [path for package in plan.packages for path in package.paths],
        "site": list(dict.fromkeys(package.site for package in plan.packages)),
        "preload": [package.name for package in plan.packages],
    }


class Worker:
    """A zygote for programs and one for tests, each started when first needed."""

    def __init__(self, plan: Plan, started: Callable[[int], None]) -> None:
        self._plan = plan
        self._started = started
        self._zygotes: dict[str, Zygote] = {}

    def zygote(self, side: str) -> Zygote:
        if side not in self._zygotes:
            self._zygotes[side] = Zygote(self._plan)
            self._started(self._zygotes[side].pid)
        return self._zygotes[side]

    def close(self) -> None:
        for zygote in self._zygotes.values():
            zygote.close()
        self._zygotes.clear()

    def call(self, code: dict[str, Any], tests: dict[str, Any], limits: Limits) -> dict[str, Any]:
        """Run tests against a program in two processes; the tests' result and both reports."""
        program, judge = self.zygote("program"), self.zygote("tests")
        theirs, ours = socket.socketpair()
        result_end, result_start = os.pipe()
        with theirs, ours, _memory(codec.encode(code)) as code_file, _memory(_encoded(tests)) as tests_file:
            program.order("solution", limits, [code_file, theirs.fileno()])
            judge.order("judge", limits, [tests_file, ours.fileno(), result_start])
        os.close(result_start)
        with open(result_end, "rb", buffering=0) as stream:
            result = _collect(stream.fileno(), limits.seconds + _GRACE_SECONDS)
        if result:
            program.stop()
        deadline = limits.seconds + _GRACE_SECONDS
        reports = {"judge": judge.receive(deadline), "program": program.receive(deadline)}
        return {"result": _decoded(result), **reports}

    def script(self, code: dict[str, Any], stdin: bytes, limits: Limits) -> dict[str, Any]:
        """Run a script once; its output, error output and report."""
        zygote = self.zygote("program")
        with _memory(codec.encode(code)) as code_file, _memory(stdin) as given, _memory() as out, _memory() as err:
            zygote.order("program", limits, [code_file, given, out, err])
            report = zygote.receive(limits.seconds + _GRACE_SECONDS)
            length = os.fstat(out).st_size
            words = os.pread(err, 4096, max(0, os.fstat(err).st_size - 4096))
            return {"stdout": os.pread(out, limits.output_bytes, 0), "length": length, "stderr": words, "report": report}


def _encoded(tests: dict[str, Any]) -> bytes:
    try:
        return codec.encode(tests)
    except codec.CodecError as error:
        raise SandboxBroken(f"the benchmark's tests cannot be sent: {error}") from error


@contextlib.contextmanager
def _memory(content: bytes = b"") -> Iterator[int]:
    """A file in memory for as long as it is held."""
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
    """What the tests' process writes until it ends."""
    deadline, read = time.monotonic() + seconds, bytearray()
    while len(read) <= _RESULT_BYTES:
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([handle], [], [], left)[0]:
            break
        piece = os.read(handle, 65536)
        if not piece:
            break
        read += piece
    return bytes(read)


def _decoded(result: bytes) -> dict[str, Any] | None:
    """The tests' own words; None where their process ended without any."""
    if not result:
        return None
    value = codec.decode(result)
    return value if type(value) is dict else None
