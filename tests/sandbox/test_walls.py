"""The walls: what the filter answers on both machines, what stays when features are missing, what is left behind."""

import json
import os
import signal
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from rarl_eval.sandbox import Limits, Program, Sandbox, SandboxBroken, probe
from rarl_eval.sandbox import zygote as starting
from rarl_eval.sandbox.inside import private, seccomp, syscalls, view

ROOT = Path(__file__).parents[2]
probing = sys.modules["rarl_eval.sandbox.tiers"]  # the package's name for it is the function in it
KILL, ALLOW, EPERM, ENOSYS = 0x80000000, 0x7FFF0000, 0x00050001, 0x00050026
ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}


def answer(machine: str, number: int, args=(0,) * 6, arch=None, *, in_sight: bool = False) -> int:
    """What the filter returns for a call: classic BPF, run here."""
    program = list(struct.iter_unpack("=HBBI", seccomp.template(machine, in_sight=in_sight)))
    data = struct.pack("=iIQ6Q", number, ARCH[machine] if arch is None else arch, 0, *args)
    place, held = 0, 0
    while True:
        code, true, false, value = program[place]
        place += 1
        if code == 0x06:
            return value
        if code == 0x20:
            held = struct.unpack_from("=I", data, value)[0]
        elif code == 0x05:
            place += value
        else:
            passed = {0x15: held == value, 0x35: held >= value, 0x45: bool(held & value)}[code]
            place += true if passed else false


@pytest.mark.parametrize("machine", ARCH)
def test_the_filter_answers_each_call_as_its_table_says(machine):
    """Allowed calls pass, hostile ones end the process, absent ones are unknown, and all others are refused."""
    tables = {ALLOW: syscalls.ALLOWED, KILL: syscalls.KILLED, ENOSYS: syscalls.ABSENT}
    named = {}
    for expected, table in tables.items():
        for name, number in syscalls.numbers(table, machine).items():
            named[number] = name
            assert answer(machine, number) == expected, name
    checked = set(syscalls.numbers(syscalls.CHECKED, machine).values())
    for number in set(range(600)) - set(named) - checked:
        assert answer(machine, number) == EPERM, number


@pytest.mark.parametrize("machine", ARCH)
def test_the_filter_looks_at_arguments(machine):
    """A thread may be made and no process; a signal may go to oneself; a socket may only be a local pair."""
    call = syscalls.numbers(syscalls.CHECKED, machine)
    own = 0x5E1F5E1F  # stands for the process's number until it is written in
    thread, process, namespaces = 0x003D0F00, 17, 0x10000000 | 0x00010000
    table = [
        ("clone", (thread,), ALLOW), ("clone", (process,), EPERM), ("clone", (namespaces,), KILL),
        ("kill", (own,), ALLOW), ("kill", (1,), EPERM), ("kill", (0xFFFFFFFF,), EPERM),
        ("tgkill", (own, own), ALLOW), ("tgkill", (1, 1), EPERM),
        ("socketpair", (1, 1), ALLOW), ("socketpair", (1, 0x80805), ALLOW), ("socketpair", (2, 1), EPERM),
        ("socketpair", (1, 2), EPERM), ("socketpair", (1, 3), EPERM), ("socketpair", (1, 0x80002), EPERM),
        ("prctl", (15,), ALLOW), ("prctl", (1,), EPERM), ("prctl", (4,), EPERM), ("prctl", (22,), EPERM),
        ("fcntl", (0, 3), ALLOW), ("fcntl", (0, 8), EPERM), ("fcntl", (0, 1024), EPERM),
        ("ioctl", (0, 0x5401), ALLOW), ("ioctl", (0, 0x5412), 0x00050019),
        ("prlimit64", (0,), ALLOW), ("prlimit64", (1,), EPERM),
    ]  # fmt: skip
    for name, args, expected in table:
        assert answer(machine, call[name], (*args, *(0,) * (6 - len(args)))) == expected, (name, args)


@pytest.mark.parametrize("machine", ARCH)
def test_where_files_are_in_sight_their_rights_times_and_lengths_stay(machine):
    """Without a mount namespace a path may be the user's own file: no call changes it but an open for writing."""
    call = syscalls.numbers(syscalls.ALLOWED, machine)
    for name, number in call.items():
        expected = EPERM if name in syscalls.IN_SIGHT else ALLOW
        assert answer(machine, number, in_sight=True) == expected, name
    for name, at in (("open", 1), ("openat", 2)):
        for flags, expected in ((0, ALLOW), (0o1000, EPERM), (0o1001, ALLOW), (0o1102, ALLOW), (0o2000000, ALLOW)):
            args = (*(0,) * at, flags, *(0,) * (5 - at))
            if name in call:
                assert answer(machine, call[name], args, in_sight=True) == expected, (name, flags)
                assert answer(machine, call[name], args) == ALLOW


def test_calls_of_another_architecture_end_the_process():
    """Numbers of 32-bit and x32 programs mean other calls, so none of them passes."""
    assert answer("x86_64", 1, arch=0x40000003) == KILL
    assert answer("x86_64", 0x40000000 | 1) == KILL
    assert answer("aarch64", 64, arch=ARCH["x86_64"]) == KILL


def test_no_call_stands_in_two_tables():
    """Each call has one answer."""
    names = [name for table in (syscalls.ALLOWED, syscalls.CHECKED, syscalls.ABSENT, syscalls.KILLED) for name in table]
    assert len(names) == len(set(names))


def test_probe_is_quick_to_say_what_works():
    """The summary names the tier, and what is missing where something is."""
    found = probe()
    assert found.tier in {"A", "B", "C"}
    assert (found.missing == {}) == (found.tier == "A")
    assert found.summary.startswith(f"sandbox tier {found.tier}")


@pytest.mark.parametrize(
    ("broken", "tier"),
    [
        ({"namespaces"}, "B"),
        ({"landlock"}, "B"),
        ({"seccomp"}, "C"),
        ({"namespaces", "landlock"}, "C"),
        ({"namespaces", "landlock", "seccomp"}, "C"),
    ],
)
def test_a_machine_that_lacks_a_wall_gets_the_tier_below(monkeypatch, broken, tier):
    """A tier is what works when tried; a missing wall is named, and A is refused."""
    real = probing._stands
    monkeypatch.setattr(probing, "_stands", lambda walls: "not here" if walls & broken else real(walls))
    probing.probe.cache_clear()
    try:
        found = probe()
        if real(frozenset({"landlock", "seccomp"})) is None and real(frozenset({"namespaces", "seccomp"})) is None:
            assert found.tier == tier
        assert set(found.missing) >= broken
        with pytest.raises(Exception, match="does not work on this machine"):
            Sandbox(tier="A")
        if found.tier == "C":
            with pytest.raises(Exception, match="unprotected"):
                Sandbox()
    finally:
        probing.probe.cache_clear()


def test_a_wall_with_a_hole_is_found_before_anything_runs(monkeypatch):
    """Where an attempt of the canary works, nothing foreign is run."""
    if probe("A").tier != "A":
        pytest.skip("tier A does not work here")
    plan = starting.Plan()
    words = starting._plan_words(plan, 1)
    monkeypatch.setattr(starting, "_plan_words", lambda plan, pid: {**words, "outside": os.devnull})
    with pytest.raises(SandboxBroken, match=r"holes on this machine .*read the harness"):
        starting.Zygote(plan, Limits())


def test_an_interpreter_that_cannot_start_is_told(monkeypatch):
    """A zygote that ends before it is ready is an error, and leaves nothing."""
    monkeypatch.setattr(starting.sys, "executable", "/bin/false")
    with pytest.raises(SandboxBroken, match="ended unexpectedly"):
        starting.Zygote(starting.Plan(), Limits())


def test_hidden_folders_are_cut_out(tmp_path):
    """A folder that holds site-packages is given as its other entries; names of what was cut may be seen."""
    for name in ("a", "site-packages/secret", "python3.11/dist-packages/x", "python3.11/json"):
        (tmp_path / name).mkdir(parents=True)
    whole, cut = view.without_hidden([str(tmp_path)], [])
    assert sorted(whole) == [str(tmp_path / "a"), str(tmp_path / "python3.11" / "json")]
    assert sorted(cut) == [str(tmp_path), str(tmp_path / "python3.11")]


def test_a_hostile_tree_is_removed(tmp_path):
    """Depth beyond any path's length, rights taken away, links to elsewhere: gone, and elsewhere is untouched."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "file").write_text("x")
    top = tmp_path / "top"
    top.mkdir()
    here = os.open(top, os.O_RDONLY)
    for _ in range(1500):
        os.mkdir("d", dir_fd=here)
        below = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(here)
    (top / "link").symlink_to(outside)
    (top / "locked").mkdir()
    (top / "locked" / "f").write_text("x")
    (top / "locked").chmod(0)
    private.clear(str(top))
    assert list(top.iterdir()) == []
    assert (outside / "file").read_text() == "x"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["outside", "top"]


def count(folder: str) -> int:
    return sum(1 for _ in Path(folder).iterdir())


def children(pid: int | None = None) -> set[str]:
    """Child processes of all threads of a process."""
    return {
        pid
        for listed in Path(f"/proc/{pid or os.getpid()}/task").glob("*/children")
        for pid in listed.read_text().split()
    }


@pytest.mark.parametrize("tier", ["A", "B"])
def test_a_run_of_many_leaves_nothing_behind(tier):
    """No process, descriptor, file or mount more after three hundred programs, hostile ones among them."""
    if probe(tier).tier != tier:
        pytest.skip(f"tier {tier} does not work here")
    codes = [
        "def f(): return 1",
        "def f(): open('x', 'w').write('y' * 999); return 2",
        "import os\ndef f(): os._exit(0)",
    ]
    before = children(), count("/proc/self/fd"), Path("/proc/self/mounts").read_text()
    with Sandbox(tier=tier, jobs=2) as sandbox:
        programs = [Program(code=code, tests="assert f() == 1") for code in codes]
        sandbox.run_all(programs * 20)
        steady = count("/proc/self/fd")
        outcomes = sandbox.run_all(programs * 80)
        assert count("/proc/self/fd") == steady
        pids = children() - before[0]
        assert all(count(f"/proc/{pid}/fd") < 16 for pid in pids) or os.getuid() != 0
        bases = [w._zygotes[s]._base for idle in sandbox._idle.values() for w in idle for s in w._zygotes]
        deadline = time.monotonic() + 10
        while any(base and count(base) for base in bases):  # emptied after the verdict, before the next program
            assert time.monotonic() < deadline
            time.sleep(0.005)
    assert [o.correct for o in outcomes] == [True, False, False] * 80
    assert (children(), count("/proc/self/fd"), Path("/proc/self/mounts").read_text()) == before
    assert not any(base and Path(base).exists() for base in bases)


@pytest.mark.parametrize("last", ["while True: pass", "return 1"])
@pytest.mark.parametrize("tier", ["A", "B"])
def test_nothing_outlives_a_killed_harness(tier, last, tmp_path):
    """SIGKILL of the harness, programs running that ignore every signal, or none: all gone, and their folders too."""
    if probe(tier).tier != tier:
        pytest.skip(f"tier {tier} does not work here")
    script = (
        "from rarl_eval.sandbox import *\n"
        f"s = Sandbox(tier={tier!r}, jobs=2)\n"
        "code = 'import signal\\nfor n in range(1, 65):\\n  try: signal.signal(n, signal.SIG_IGN)\\n  except (OSError, ValueError): pass\\n'\n"
        f'code += \'def f():\\n  open("x", "w").write("y")\\n  {last}\'\n'
        "import time\ns.run_all([Program(code=code, tests='f()', seconds=60)] * 2)\ntime.sleep(60)\n"
    )
    env = {**os.environ, "TMPDIR": str(tmp_path), "PYTHONPATH": str(ROOT)}
    for folder in (tmp_path.parent, tmp_path.parent.parent):
        if folder.stat().st_uid == os.getuid() and folder != Path("/tmp"):
            folder.chmod(0o755)
    tmp_path.chmod(0o1777)  # as the system's own folder for temporary files
    harness = subprocess.Popen([sys.executable, "-c", script], env=env, start_new_session=True)
    deadline = time.monotonic() + 60
    least = 8 if "while" in last else 4
    while len(busy := descendants(harness.pid)) < least and time.monotonic() < deadline:
        time.sleep(0.05)
    assert len(busy) >= least
    harness.send_signal(signal.SIGKILL)
    harness.wait()
    deadline = time.monotonic() + 60
    while (left := [pid for pid in busy if alive(pid)] + list(tmp_path.iterdir())) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert left == []


@pytest.mark.parametrize("tier", ["A", "B"])
def test_nothing_is_left_beside_the_private_folder(tier):
    """What a program writes or sets above its folder, be it a name that cleaning up would use, the next cannot find."""
    if probe(tier).tier != tier:
        pytest.skip(f"tier {tier} does not work here")
    leave = (
        "import os\ndef f():\n"
        "  for act in (lambda: open('../left', 'w'), lambda: os.makedirs('../tmp.1/x'), lambda: os.mkdir('deep'),\n"
        "              lambda: os.utime('..', (7, 7)), lambda: os.chmod('..', 0o500)):\n"
        "    try: act()\n    except OSError: pass\n  return 1"
    )
    look = "import os\ndef f(): return os.listdir('..'), os.listdir('.'), int(os.stat('..').st_atime) == 7"
    with Sandbox(tier=tier, jobs=1, packages=()) as sandbox:
        assert sandbox.run(Program(code=leave, tests="assert f() == 1")).correct
        (worker,) = sandbox._idle["python"]
        seen = sandbox.run(Program(code=look, tests="assert f() == (['tmp'], [], False)"))
        assert sandbox._idle["python"] == [worker]
    assert seen.correct, seen.reason


@pytest.mark.parametrize("tier", ["A", "B"])
def test_a_process_made_beforehand_serves_once_and_need_not_live(tier):
    """Each program runs in a process made before its order came; where that has died, another is made."""
    if probe(tier).tier != tier:
        pytest.skip(f"tier {tier} does not work here")
    program = Program(code="import os\ndef f(): return 1", tests="assert f() == 1")
    used = set()
    with Sandbox(tier=tier, jobs=1, packages=()) as sandbox:
        for _ in range(3):
            assert sandbox.run(program).correct
            (worker,) = sandbox._idle["python"]
            pids = [z.pid for z in worker._zygotes.values()]
            deadline = time.monotonic() + 10
            # The last one's end is not waited for before its verdict.
            waiting: list[set[str]] = [set()]
            while not all(len(those) == 1 and not those & used for those in waiting):
                assert time.monotonic() < deadline, waiting
                time.sleep(0.005)
                waiting = [children(pid) for pid in pids]
            used |= set.union(*waiting)
        for pid in set.union(*waiting):
            os.kill(int(pid), signal.SIGKILL)
        while any(alive(int(pid)) for pid in set.union(*waiting)):
            time.sleep(0.005)
        # Its order is still there, for the one made in its place.
        assert sandbox.run(program).correct
        assert sandbox._idle["python"] == [worker]


ORDINARY = """
import json, os, sys, tempfile
from rarl_eval.sandbox import Program, Sandbox, probe
handle, path = tempfile.mkstemp(dir="/tmp")
os.chmod(path, 0o600)
os.utime(path, (7, 7))
code = f"import os\\ndef rights(): os.chmod({path!r}, 0o777)\\ndef times(): os.utime({path!r}, (1, 1))"
found = [os.getuid()]
if probe("B").tier == "B":
    with Sandbox(tier="B", jobs=1, packages=()) as box:
        found += [box.run(Program(code=code, tests=f"{name}()")).status for name in ("rights", "times")]
state = os.stat(path)
os.remove(path)
print(json.dumps([*found, oct(state.st_mode & 0o7777), state.st_mtime]))
"""


@pytest.mark.skipif(os.getuid() != 0, reason="only the administrator can become an ordinary user")
def test_an_ordinary_users_files_keep_their_rights_and_times():
    """Where programs run as the user whose files are in sight, no call reaches what Landlock does not watch."""
    home = Path(sys.base_prefix)
    inside = ":".join([str(ROOT), *(p for p in sys.path if p.endswith("site-packages"))])
    steps = (
        f"mount --make-rprivate / && mount --bind {home} /mnt && exec setpriv --reuid 54321 --regid 54321 "
        f"--clear-groups --inh-caps=-all --bounding-set=-all /mnt/bin/{Path(sys.executable).resolve().name} -c"
    )
    done = subprocess.run(
        ["unshare", "-m", "sh", "-c", steps + ' "$0"', ORDINARY],
        env={**os.environ, "PYTHONPATH": inside, "HOME": "/tmp"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode or json.loads(done.stdout)[0] != 54321:
        pytest.skip(f"an ordinary user cannot be had here: {done.stderr[-300:]}")
    if len(told := json.loads(done.stdout)) == 3:
        pytest.skip("tier B does not work for an ordinary user here")
    assert told[1:] == ["forbidden", "forbidden", "0o600", 7.0]


@pytest.mark.parametrize("tier", [t for t in "AB" if probe(t).tier == t])
def test_a_process_made_beside_a_program_holds_nothing_of_it(tier):
    """While a program runs the next process is there, waiting; it has the descriptors that the first had, no more."""
    look = (
        "import os, time\ndef held():\n    found = []\n    for n in range(128):\n        try: os.fstat(n)\n"
        "        except OSError: continue\n        found.append(n)\n    return found\ndef slow(): time.sleep(0.5)\n"
    )
    with Sandbox(tier=tier, jobs=1, packages=()) as sandbox:
        held = [
            sandbox.run(Program(code=look, tests="slow()\nassert not held()", names=("held",))).reason for _ in range(3)
        ]
        (worker,) = sandbox._idle["python"]
        pid = worker.zygote("program").pid
        order = threading.Thread(target=sandbox.run, args=(Program(code=look, tests="slow()"),))
        order.start()
        most = 0
        while order.is_alive():
            most = max(most, len(children(pid)))
        order.join()
    assert len(set(held)) == 1, held
    assert most == 2


@pytest.mark.skipif(probe().tier == "C", reason="no tier works here")
def test_no_clock_starts_before_both_processes_wait(monkeypatch):
    """A program has all of its time also where the last tests' process is slow to end."""
    heard: list[tuple[str, int]] = []
    for name in ("ready", "order"):
        real = getattr(starting.Zygote, name)

        def noted(self, *args, _name=name, _real=real):
            heard.append((_name, self.pid))
            return _real(self, *args)

        monkeypatch.setattr(starting.Zygote, name, noted)
    with Sandbox(jobs=1, packages=()) as sandbox:
        for _ in range(2):
            heard.clear()
            assert sandbox.run(Program(code="def f(): return 1", tests="assert f() == 1")).correct
    first = [name for name, _ in heard].index("order")
    assert len({pid for _, pid in heard[:first]}) == 2


def descendants(pid: int) -> set[int]:
    found, pending = set(), [pid]
    while pending:
        try:
            below = set(map(int, children(pending.pop())))
        except OSError:
            continue
        found |= below
        pending += below
    return found


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
