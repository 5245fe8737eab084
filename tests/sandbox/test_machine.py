"""What a machine offers is told as it is, and what it lacks is done without where that is safe."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from rarl_eval.errors import BadInput
from rarl_eval.sandbox import Program, Sandbox, examine, probe
from rarl_eval.sandbox.images import command_of
from rarl_eval.sandbox.packages import found

ROOT = Path(__file__).parents[2]
NUMBERS = {"pidfd_open": 434, "memfd_create": 319, "unshare": 272, "landlock": 444}
REFUSE = """
import ctypes, os, struct, sys
numbers = [int(word) for word in sys.argv[1].split(",") if word]
program = [(0x20, 0, 0, 0)]
for number in numbers:
    program += [(0x15, 0, 1, number), (6, 0, 0, 0x00050001)]
program.append((6, 0, 0, 0x7FFF0000))
held = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *step) for step in program))
head = ctypes.create_string_buffer(struct.pack("=H6xQ", len(program), ctypes.addressof(held)))
libc = ctypes.CDLL(None)
assert libc.prctl(38, 1, 0, 0, 0) == 0 and libc.prctl(22, 2, ctypes.byref(head), 0, 0) == 0
os.execv(sys.executable, [sys.executable, "-c", sys.argv[2]])
"""
TOLD = """
import json
from rarl_eval.sandbox import Program, Sandbox, Script, examine, probe
tier = probe().tier
statuses = []
if tier != "C":
    with Sandbox(jobs=1) as sandbox:
        for program in (
            Program(code="def f(): return 1", tests="assert f() == 1"),
            Program(code="def f():\\n    while True: pass", tests="f()", seconds=0.3),
            Program(code="print(input())", scripts=(Script(stdin="3", stdout="3"),)),
        ):
            statuses.append(sandbox.run(program).status)
print(json.dumps([tier, sorted(name for name, said in examine().items() if said.startswith("missing")), statuses]))
"""
JUDGED = ["correct", "timeout", "correct"]

linux = pytest.mark.skipif(
    os.uname().machine != "x86_64" or probe().tier != "A", reason="what is taken away here must be there at first"
)


def told(*command):
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.split("\n")[-2])


@linux
@pytest.mark.parametrize(
    ("refused", "tier"),
    [
        ((), "A"),
        (("pidfd_open",), "A"),
        (("memfd_create",), "A"),
        (("pidfd_open", "memfd_create"), "A"),
        (("unshare",), "B"),
        (("landlock",), "B"),
    ],
)
def test_programs_are_judged_without_what_a_container_refuses(refused, tier):
    """A wall that is refused is named and costs its tier; other calls are done without, and named as well."""
    numbers = ",".join(str(NUMBERS[name]) for name in refused)
    names = {"pidfd_open": "pidfd", "memfd_create": "memfd", "unshare": "namespaces", "landlock": "landlock"}
    assert told(sys.executable, "-c", REFUSE, numbers, TOLD) == [tier, sorted(names[name] for name in refused), JUDGED]


@linux
def test_nothing_is_judged_where_no_file_is_hidden():
    """Without namespaces and Landlock there is no safe way, and seccomp alone is said to work."""
    assert told(sys.executable, "-c", REFUSE, "272,444", TOLD) == ["C", ["landlock", "namespaces"], []]


@linux
@pytest.mark.skipif(os.getuid() != 0, reason="only the administrator can take these away")
@pytest.mark.parametrize(
    ("wrapper", "tier", "missing"),
    [
        (["unshare", "-Ur"], "A", ["another user"]),
        (["setpriv", "--bounding-set=-all", "--inh-caps=-all"], "B", ["another user", "namespaces"]),
    ],
)
def test_only_changing_user_fails_where_only_that_fails(wrapper, tier, missing):
    """An administrator of a namespace alone, or without capabilities, keeps the walls that need none."""
    if subprocess.run([*wrapper, "true"], check=False, capture_output=True).returncode:
        pytest.skip(f"{wrapper[0]} does not work here")
    found_tier, found_missing, statuses = told(*wrapper, sys.executable, "-c", TOLD)
    assert found_tier in {tier, "A"}  # kernels differ in what a user without capabilities may map
    assert set(found_missing) <= {*missing, "control groups"}
    assert "another user" in found_missing
    assert statuses == JUDGED


@linux
@pytest.mark.skipif(os.getuid() != 0, reason="only the administrator can hide /proc")
def test_a_machine_without_proc_has_no_namespaces_and_no_traceback():
    """Tier B works by guesses on the safe side."""
    hidden = f'mount -t tmpfs none /proc && exec {sys.executable} -c "$0"'
    if subprocess.run(["unshare", "-m", "mount", "-t", "tmpfs", "none", "/proc"], check=False).returncode:
        pytest.skip("mounts are refused here")
    assert told("unshare", "-m", "sh", "-c", hidden, TOLD) == ["B", ["/proc", "namespaces"], JUDGED]


def test_everything_is_named_with_a_reason():
    """Each thing works, is not needed, or is missing for a reason."""
    said = examine()
    assert set(said) == {
        "namespaces", "landlock", "seccomp", "another user", "control groups", "pidfd", "memfd", "/proc",
    }  # fmt: skip
    assert all(value == "works" or value.startswith(("missing: ", "not needed: ")) for value in said.values())


LOOK = """
import gc, os, socket, sys, types
def f(words):
    seen, found = set(), []
    def look(value, depth):
        if depth > 6 or id(value) in seen:
            return
        seen.add(id(value))
        if isinstance(value, str):
            found.extend(word for word in words if word in value)
        elif isinstance(value, dict):
            for pair in list(value.items()): look(pair[0], depth + 1); look(pair[1], depth + 1)
        elif isinstance(value, (list, tuple, set, frozenset)):
            for part in list(value): look(part, depth + 1)
        elif isinstance(value, types.CodeType):
            look(value.co_filename, depth + 1); look(value.co_consts, depth + 1)
        elif isinstance(value, types.FunctionType):
            look(value.__code__, depth + 1); look(value.__globals__, depth + 1)
        elif isinstance(value, type):
            look(dict(vars(value)), depth + 1)
        elif hasattr(value, '__dict__'):
            look(vars(value), depth + 1)
    look(dict(sys.modules), 0)
    frame = sys._getframe()
    while frame:
        if frame.f_code is not f.__code__:
            look(frame.f_globals, 0); look(frame.f_code, 0)
            look({n: v for n, v in frame.f_locals.items() if v is not words and n not in ('args', 'given', 'operands', 'question', 'value')}, 0)
        frame = frame.f_back
    look([sys.path, sys.argv, sys.orig_argv, sys.executable, dict(os.environ), sys.path_importer_cache], 0)
    return sorted(set(found)), socket.gethostname()
"""


@pytest.fixture(scope="module", params=["A", "B"])
def box(request):
    if probe(request.param).tier != request.param:
        pytest.skip(f"tier {request.param} does not work here: {probe(request.param).summary}")
    with Sandbox(tier=request.param, jobs=1) as sandbox:
        yield sandbox


def test_neither_host_nor_install_path_show(box):
    """No module, frame or variable of the process names the folder of the harness; the host is called sandbox."""
    if box.tier == "B" and os.getuid():
        pytest.skip("in tier B only the administrator can give the host another name")
    words = [str(ROOT / "rarl_eval"), "rarl_eval/sandbox"]
    outcome = box.run(Program(code=LOOK, tests=f"assert f({words!r}) == ([], 'sandbox'), f({words!r})"))
    assert outcome.correct, outcome


def test_a_processs_name_is_not_its_memory(box):
    """What a program calls itself is not read as what it used."""
    code = "import ctypes\ndef f():\n    ctypes.CDLL(None).prctl(15, b'VmHWM: 7 kB', 0, 0, 0)\n    return 1"
    outcome = box.run(Program(code=code, tests="assert f() == 1"))
    assert outcome.correct
    assert outcome.memory_bytes > 2**20


PAIR = "import socket\ndef f():\n    a, b = socket.socketpair()\n"


@pytest.mark.parametrize(
    ("code", "answer"),
    [
        ("    a.send(b'x')\n    return b.recv(1)", "b'x'"),
        (
            "    b.setblocking(False)\n    try: b.recv(1, socket.MSG_DONTWAIT)\n    except BlockingIOError: return 1",
            "1",
        ),
        ("    try: a.send(b'x', socket.MSG_OOB)\n    except PermissionError: return 2", "2"),
        ("    try: b.recv(1, socket.MSG_OOB)\n    except PermissionError: return 2", "2"),
        ("    try: a.sendto(b'x', socket.MSG_MORE, '/x')\n    except OSError: return 2", "2"),
    ],
)
def test_pairs_of_sockets_carry_bytes_and_nothing_else(box, code, answer):
    """Flags that leave a mark beside the bytes are refused."""
    assert box.run(Program(code=PAIR + code, tests=f"assert f() == {answer}")).correct


def test_locks_say_nothing_of_others(box):
    """A lock succeeds and does nothing: two descriptors of one file both hold it, and nobody can ask."""
    code = (
        "import fcntl, os, sqlite3, struct\ndef f():\n    a, b = open('x', 'w'), open('x', 'w')\n"
        "    for handle in (a, b):\n        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)\n"
        "        fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)\n"
        "    try: fcntl.fcntl(a, fcntl.F_GETLK, struct.pack('hhqqi', 1, 0, 0, 0, 0))\n    except OSError: pass\n"
        "    else: return 'told'\n"
        "    base = sqlite3.connect('base')\n    base.execute('create table t (n)')\n"
        "    base.execute('insert into t values (1)')\n    base.commit()\n"
        "    return base.execute('select n from t').fetchall()\n"
    )
    assert box.run(Program(code=code, tests="assert f() == [(1,)]")).correct


@pytest.mark.parametrize("tier", ["A", "B"])
def test_packages_that_start_threads_work(tier):
    """pandas is imported before any sample, in each tier; tables cross both ways, and what is not named is not there."""
    pytest.importorskip("pandas")
    if probe(tier).tier != tier:
        pytest.skip(f"tier {tier} does not work here")
    test = (
        "import pandas as pd\ndef check(candidate):\n    table = pd.DataFrame({'a': [1, 2], 'b': ['x', 'y']})\n"
        "    pd.testing.assert_frame_equal(candidate(table), pd.DataFrame({'a': [2, 4], 'b': ['x', 'y']}))\n"
        "    assert table['a'].sum() == 3\n"
    )
    code = "import pandas as pd\ndef f(t):\n    t = t.copy()\n    t['a'] = t['a'] * 2\n    return t"
    with Sandbox(tier=tier, jobs=1, packages=("numpy", "pandas")) as sandbox:
        assert sandbox.run(Program(code=code, tests=test, entry="f")).status == "correct"
        wrong = sandbox.run(Program(code=code.replace("* 2", "* 3"), tests=test, entry="f"))
        assert wrong.status == "incorrect"
        other = sandbox.run(Program(code="import scipy\nimport pandas\ndef f(): return 1", tests="assert f() == 1"))
        assert (other.status, "scipy" in other.reason) == ("cannot_judge", True)


def test_a_package_comes_with_what_it_requires():
    """pandas with dateutil and numpy; one that is not installed is left out."""
    pytest.importorskip("pandas")
    (pandas,) = found(["pandas", "no_such_package"])
    tops = {Path(path).name for path in pandas.paths}
    assert {"pandas", "dateutil", "numpy"} <= tops


@pytest.mark.parametrize("given", ["docker", "docker:", "sandbox:x", "command: ", "kubernetes:x", ""])
def test_what_is_no_runner_is_refused(given):
    """A runner is a command or an image."""
    with pytest.raises(BadInput, match="none of command:CMD"):
        command_of(given)


def test_an_image_is_run_by_its_client(tmp_path, monkeypatch):
    """podman:IMAGE starts the client without network and rights, and speaks the documented protocol with it."""
    if probe().tier == "C":
        pytest.skip(f"programs are not run here: {probe().summary}")
    client = tmp_path / "podman"
    client.write_text(
        f'#!/bin/sh\necho "$@" > {tmp_path}/asked\nexec {sys.executable} -m rarl_eval.sandbox --unsafe-local\n'
    )
    client.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    with Sandbox(command=command_of("podman:bigcode/image:1"), jobs=1) as sandbox:
        outcome = sandbox.run(Program(code="def f(): return 1", tests="assert f() == 1"))
    assert (outcome.status, outcome.tier) == ("correct", "command")
    asked = (tmp_path / "asked").read_text().split()
    assert asked[-5:] == ["bigcode/image:1", "python", "-m", "rarl_eval.sandbox", "--unsafe-local"]
    assert asked[0] == "run"
    assert "none" in asked
