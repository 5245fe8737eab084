"""Hostile programs: none passes, leaks, escapes or exhausts, in tier A or B, and each works on a weaker executor."""

import contextlib
import ctypes
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from rarl_eval.sandbox import Limits, Outcome, Program, Sandbox, Script, probe
from tests.hostile import escaping, exhausting, fooling, impersonating, leaking

NAIVE = Path(__file__).with_name("naive.py")
LIMITS = Limits(seconds=1.0, wall_seconds=2.0, memory_bytes=512 * 2**20)
ENDLESS = Limits(seconds=0.4, wall_seconds=0.8, memory_bytes=512 * 2**20)
"""Of programs that would never end: a short time bounds them as a long one does."""
CONTROL_SECONDS = 0.4
CONTAINED = ["unshare", "--pid", "--fork", "--kill-child", "--mount", "--mount-proc", "--net", "--"]


@pytest.fixture(scope="module", params=["A", "B"])
def box(request):
    if probe(request.param).tier != request.param:
        pytest.skip(f"tier {request.param} does not work here: {probe(request.param).summary}")
    with Sandbox(tier=request.param, jobs=2, limits=LIMITS) as sandbox:
        yield sandbox


class World:
    """What there is to steal and to break: one token in many places, a file, a process."""

    def __init__(self, folder: Path) -> None:
        self.token = "token-" + os.urandom(16).hex()
        self.file = folder / "secret.txt"
        self.file.write_text(self.token)
        self.file.chmod(0o644)
        self.handle = os.open(self.file, os.O_RDONLY)
        os.set_inheritable(self.handle, True)
        self.buffer = ctypes.create_string_buffer(self.token.encode())
        self.victim = subprocess.Popen(["sleep", "600"])
        self.servers = [
            self._serve(socket.AF_INET, ("127.0.0.1", 0)),
            self._serve(socket.AF_UNIX, f"\0{self.token[:20]}"),
        ]
        self.path = tempfile.mktemp(prefix="rarl-token-", dir="/tmp")
        self.servers.append(self._serve(socket.AF_UNIX, self.path))
        self.log = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)  # as the system's log is
        self.log.bind(self.path + ".log")
        for path in (self.path, self.path + ".log"):
            Path(path).chmod(0o777)
        libc = ctypes.CDLL(None, use_errno=True)
        libc.shmat.restype = ctypes.c_void_p
        self.key = int.from_bytes(os.urandom(3)) + 1
        self.shm = libc.shmget(self.key, 4096, 0o1666)
        self._libc, self._at = libc, libc.shmat(self.shm, None, 0)
        ctypes.memmove(self._at, self.token.encode(), len(self.token))
        self.queue = libc.msgget(self.key, 0o1666)
        for _ in range(16):  # a reader takes one away
            libc.msgsnd(self.queue, b"\1\0\0\0\0\0\0\0" + self.token.encode(), len(self.token), 0o4000)
        self.harness = Path(sys.modules["rarl_eval.sandbox.worker"].__file__).with_name("inside") / "zygote.py"
        self.text = self.harness.read_text()

    def _serve(self, family, address):
        server = socket.socket(family)
        server.bind(address)
        server.listen(32)

        def answer() -> None:
            while True:
                try:
                    client, _ = server.accept()
                except OSError:
                    return
                with client, contextlib.suppress(OSError):  # who asked may be gone
                    client.sendall(self.token.encode())

        threading.Thread(target=answer, daemon=True).start()
        return server

    @property
    def places(self) -> dict:
        return {
            "file": str(self.file),
            "harness": str(self.harness),
            "port": self.servers[0].getsockname()[1],
            "abstract": "\0" + self.token[:20],
            "path": self.path,
            "log": self.path + ".log",
            "pid": os.getpid(),
            "address": ctypes.addressof(self.buffer),
            "shm": self.key,
            "victim": self.victim.pid,
        }

    def unharmed(self) -> bool:
        whole = self.file.read_text() == self.token and self.harness.read_text() == self.text
        return whole and self.victim.poll() is None and (self.file.stat().st_mode & 0o777) == 0o644

    def close(self) -> None:
        self.victim.kill()
        self.victim.wait()
        for server in self.servers:
            server.close()
        self.log.close()
        Path(self.path).unlink()
        Path(self.path + ".log").unlink()
        os.close(self.handle)
        self._libc.shmdt(ctypes.c_void_p(self._at))
        self._libc.shmctl(self.shm, 0, None)
        self._libc.msgctl(self.queue, 0, None)


@pytest.fixture(scope="module")
def world():
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        made = World(Path(folder))
        os.environ["SANDBOX_TOKEN"] = made.token
        yield made
        del os.environ["SANDBOX_TOKEN"]
        made.close()


def with_places(code: str, world: World) -> str:
    return f"PLACES = {world.places!r}\nTOKEN_START = 'token-'\n{code}"


def naive(mode: str, job: dict, prefix: tuple = (), handles: tuple = ()) -> tuple[int | None, str]:
    """Exit code (None: still running when time was up) and output of the weaker executor."""
    command = [*prefix, sys.executable, str(NAIVE), mode]
    seconds = 30.0 if mode != "attempt" or prefix or job.get("patient") else CONTROL_SECONDS
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        process = subprocess.Popen(command, **pipes, pass_fds=handles, start_new_session=True, cwd=folder)
        try:
            output, _ = process.communicate(json.dumps(job).encode() + b"\n", timeout=seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, 9)
            process.communicate()
            return None, ""
        return process.returncode, output.decode("utf-8", "replace")


# Fooling

TRICKS = {**fooling.SNIPPETS, **impersonating.SNIPPETS}


@pytest.fixture(scope="module")
def fooled(box) -> dict[str, Outcome]:
    programs = [Program(code=code, tests=tests, entry="f") for code, tests in TRICKS.values()]
    return dict(zip(TRICKS, box.run_all(programs), strict=True))


@pytest.mark.parametrize("name", TRICKS)
def test_no_program_passes_without_the_answer(fooled, name):
    """A program that does not compute the answer does not pass, whatever it does to the process it runs in."""
    outcome = fooled[name]
    if name == "truth forged":
        # An object is true in Python; a class of its own idea of truth is refused.
        assert outcome.status == "incorrect"
    assert not outcome.correct, outcome


@pytest.fixture(scope="module")
def naive_verdicts() -> dict[str, bool]:
    def judge(pair: tuple[str, str]) -> bool:
        code, output = naive("verdict", {"code": pair[0], "tests": pair[1]})
        return code == 0 or "PASSED" in output.splitlines()

    with ThreadPoolExecutor(4) as threads:
        return dict(zip(TRICKS, threads.map(judge, TRICKS.values()), strict=True))


@pytest.mark.parametrize("name", TRICKS)
def test_each_trick_fools_a_weaker_executor(naive_verdicts, name):
    """The same program and tests in one process, judged by exit status or a printed word, pass."""
    assert naive_verdicts[name]


@pytest.mark.parametrize("tests", sorted({tests for _, tests in TRICKS.values()}))
def test_the_right_answer_passes_each_of_those_tests(box, tests):
    """Every test the tricks are tried on passes for a program that answers it."""
    answers = {
        "helper": "def f(n): return n * n + 1",
        "sorted": "def f(n): return sorted(n)",
        "got": "def f(n): return {5, 10}",
        "int('2')": "def f(n): return n + 1",
    }
    code = next((text for mark, text in answers.items() if mark in tests), answers["helper"])
    assert box.run(Program(code=code, tests=tests, entry="f")).status == "correct"


# Leaking


@pytest.fixture(scope="module")
def leaked(box, world) -> dict[str, Outcome]:
    tests = "got = attempt()\nassert 'token-' not in str(got), str(got)[:200]"
    programs = [Program(code=with_places(code, world), tests=tests) for code in leaking.SNIPPETS.values()]
    return dict(zip(leaking.SNIPPETS, box.run_all(programs), strict=True))


@pytest.mark.parametrize("name", leaking.SNIPPETS)
def test_no_program_finds_the_token(leaked, name):
    """Environment, files, sockets, descriptors, memory and processes of the harness are out of a program's sight."""
    outcome = leaked[name]
    assert "token-" not in outcome.reason.replace("'token-' not in", ""), outcome
    assert outcome.status in {"correct", "crash", "forbidden", "incorrect"}


@pytest.fixture(scope="module")
def naive_finds(world) -> dict[str, str]:
    Path("/tmp/token").write_text(world.token)

    def look(code: str) -> str:
        job = {"code": code, "places": world.places, "patient": True}
        return naive("attempt", job, handles=(world.handle,))[1]

    try:
        with ThreadPoolExecutor(4) as threads:
            return dict(zip(leaking.SNIPPETS, threads.map(look, leaking.SNIPPETS.values()), strict=True))
    finally:
        Path("/tmp/token").unlink()


@pytest.mark.parametrize("name", leaking.SNIPPETS)
def test_an_ordinary_process_finds_the_token(naive_finds, name):
    """The detector sees each leak where there is one."""
    assert "EVIDENCE" in naive_finds[name]


def test_nothing_of_a_sample_is_left_for_the_next(box, world):
    """Files and text of one sample are gone when the next runs in the same worker."""
    box.run_all([Program(code=f"TOKEN = {world.token!r}\n{leaking.LEAVE}", tests="assert attempt() == 'left'")] * 6)
    found = "got = attempt()\nassert 'token-' not in got, got"
    outcomes = box.run_all(
        [Program(code=with_places(leaking.SNIPPETS["files left in /tmp and /dev/shm"], world), tests=found)] * 4
    )
    assert {o.status for o in outcomes} == {"correct"}


def test_memory_of_a_sample_holds_nothing_of_an_earlier_one(box, world):
    """A program that searches all memory it can read finds its own token, and not an earlier sample's."""
    earlier, own = os.urandom(8).hex(), os.urandom(8).hex()
    before = Program(code=f"HELD = ['{earlier}' + str(i) for i in range(999)]", tests="assert len(HELD) == 999")
    code = leaking.SEARCH + f"HELD = ['{own}' + str(i) for i in range(99)]\n"
    tests = f"assert count(b'{own}') >= 99\nassert count(bytes.fromhex('{earlier.encode().hex()}')) < 20  # the needle itself"
    with Sandbox(tier=box.tier, jobs=1, limits=Limits(seconds=20)) as one:
        assert one.run(before).correct
        outcome = one.run(Program(code=code, tests=tests))
        # The detector sees the text where it is: in the same process.
        both = one.run(Program(code=before.code + "\n" + code, tests=tests))
    assert outcome.status == "correct", outcome
    assert both.failed is not None
    assert "< 20" in both.failed


# Escaping


@pytest.fixture(scope="module")
def escaped(box, world) -> dict[str, Outcome]:
    programs = [
        Program(code=with_places(code, world), tests="assert not attempt()") for code in escaping.SNIPPETS.values()
    ]
    return dict(zip(escaping.SNIPPETS, box.run_all(programs), strict=True))


HARMLESS_IN_ITS_OWN_NAMESPACE = {"kill everything", "kill the process group", "kill the parent"}
"""Among processes of its own there is nobody to kill; without a namespace the call is refused."""


@pytest.mark.parametrize("name", escaping.SNIPPETS)
def test_no_program_reaches_out(box, world, escaped, name):
    """No attempt on other processes, files, limits or namespaces works; nothing of the harness is harmed."""
    outcome = escaped[name]
    if name not in HARMLESS_IN_ITS_OWN_NAMESPACE:
        assert outcome.status != "incorrect", outcome
    if name == "replace itself by execveat":
        # What replaced it would have ended by itself: the attempt returned, or was ended for it.
        assert outcome.status in {"correct", "forbidden"}, outcome
    assert world.unharmed()
    assert box.run(Program(code="def f(): return 1", tests="assert f() == 1")).status == "correct"


@pytest.fixture(scope="module")
def naive_escapes(world) -> dict[str, tuple[int | None, str]]:
    if (
        shutil.which("unshare") is None
        or subprocess.run([*CONTAINED, "true"], check=False, capture_output=True).returncode
    ):
        pytest.skip("controls of escapes need a PID namespace around them: unshare --pid does not work here")

    def strike(code: str) -> tuple[int | None, str]:
        with tempfile.TemporaryDirectory(dir="/tmp") as folder:
            copy = Path(folder) / "harness.py"
            copy.write_text("# harness\n")
            target = Path(folder) / "file.txt"
            target.write_text("whole\n")
            job = {"code": code, "places": {**world.places, "harness": str(copy), "file": str(target)}, "patient": True}
            code_, output = naive("victim", job, prefix=(*CONTAINED, "sh", "-c", 'exec 3>&1; "$@"; true', "sh"))
            harmed = copy.read_text() != "# harness\n" or not target.exists() or target.read_text() != "whole\n"
            return code_, output + (" HARMED" if harmed else "")

    with ThreadPoolExecutor(4) as threads:
        return dict(zip(escaping.SNIPPETS, threads.map(strike, escaping.SNIPPETS.values()), strict=True))


MAY_BE_MISSING = {
    "32-bit system call numbers": "kernels may be built without them",
    "userfaultfd": "off by sysctl on many machines",
    "io_uring": "off by sysctl on some machines",
    "program for the kernel": "kernels may be built without them, or keep them from a container",
    "performance counters": "off in many machines",
    "POSIX message queue": "kernels may be built without them",
    "tree of mounts taken along": "kernels before 5.2 have no such call",
    "real-time priority": "control groups may give no time for it",
}
"""What a machine may refuse to everybody; the control then says with which error, and is skipped."""


@pytest.mark.parametrize("name", escaping.SNIPPETS)
def test_an_ordinary_process_reaches_out(naive_escapes, name):
    """The same attempt works, or kills its victim or its harness, where nothing stands in its way."""
    _, output = naive_escapes[name]
    if name in MAY_BE_MISSING and (refused := re.search(r"REFUSED (\w+)", output)):
        pytest.skip(f"this machine refuses it to everybody ({refused[1]}): {MAY_BE_MISSING[name]}")
    ended = name in HARMLESS_IN_ITS_OWN_NAMESPACE and "at last" not in output
    assert "EVIDENCE" in output or "victim dead" in output or ended or "HARMED" in output


# Exhausting


@pytest.fixture(scope="module")
def exhausted(box) -> dict[str, Outcome]:
    tests = "got = attempt()\nfor _ in got if hasattr(got, '__next__') else (): pass\nassert got == 'the answer'"

    programs = {name: Program(code=code, tests=tests) for name, (code, _) in exhausting.SNIPPETS.items()}
    idle = [name for name, (_, kind) in exhausting.SNIPPETS.items() if kind == "hangs"]
    busy = [name for name in programs if name not in idle]
    # Those that only wait for their end do so side by side.
    with Sandbox(tier=box.tier, jobs=9, limits=ENDLESS) as wide:
        ended = zip(idle, wide.run_all([programs[name] for name in idle]), strict=True)
    return {**dict(ended), **dict(zip(busy, box.run_all([programs[name] for name in busy]), strict=True))}


BOUNDED = ("held", "made", "wrote", "closed")


@pytest.mark.parametrize("name", exhausting.SNIPPETS)
def test_no_program_takes_more_than_its_share(exhausted, name):
    """Time, memory, processes, files and answers are bounded, and the verdict names what ran out."""
    outcome = exhausted[name]
    assert not outcome.correct
    assert len(outcome.reason) <= 1000
    assert outcome.reason.isprintable()
    assert not any(f"gave '{word}" in outcome.reason for word in BOUNDED), outcome
    if exhausting.SNIPPETS[name][1] == "hangs":
        assert outcome.status == "timeout", outcome


@pytest.mark.parametrize("name", ["300 MB printed", "300 MB on raw descriptors"])
def test_a_script_that_floods_its_output_is_cut_off(box, name):
    """A script's output is bounded on disk and in the verdict."""
    code = exhausting.SNIPPETS[name][0] + "\nattempt()\n"
    outcome = box.run(Program(code=code, scripts=(Script(stdin="", stdout="x"),)))
    assert outcome.status in {"incorrect", "crash", "timeout", "memory"}
    assert len(outcome.output) <= 1000


@pytest.fixture(scope="module")
def naive_takes() -> dict[str, tuple[int | None, str]]:
    def take(pair: tuple[str, str]) -> tuple[int | None, str]:
        return naive("attempt", {"code": pair[0], "places": {}, "patient": pair[1] not in {"hangs", "grows"}})

    with ThreadPoolExecutor(6) as threads:
        return dict(zip(exhausting.SNIPPETS, threads.map(take, exhausting.SNIPPETS.values()), strict=True))


@pytest.mark.parametrize("name", exhausting.SNIPPETS)
def test_an_ordinary_process_is_exhausted(naive_takes, name):
    """Without limits each program hangs, dies, floods, or gets what it asks for."""
    code, output = naive_takes[name]
    kind = exhausting.SNIPPETS[name][1]
    seen = {
        "hangs": code is None,
        "gets": "EVIDENCE" in output,
        "dies": code not in {0, None},
        "grows": code != 0,
        "writes": len(output) >= 300 * 2**20,
    }
    assert seen[kind], (code, output[:200])


def test_the_harness_outlives_all_of_it(box):
    """After every snippet above the sandbox still judges rightly, and no process of theirs is left."""
    assert box.run(Program(code="def f(n): return n", tests="assert f(2) == 2")).status == "correct"
    assert box.run(Program(code="def f(n): return n", tests="assert f(2) == 3")).status == "incorrect"
