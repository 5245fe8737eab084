"""Around the runs: cache, outside runner, light import, comparison of output."""

import json
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rarl_eval.errors import BadInput
from rarl_eval.sandbox import Limits, Program, ProgramCase, Sandbox, SandboxBroken, Script, judge, probe, use
from rarl_eval.sandbox.command import program_of, words_of
from rarl_eval.sandbox.prepare import job_of
from rarl_eval.sandbox.program import fingerprint
from rarl_eval.sandbox.verdicts import first_difference

ROOT = Path(__file__).parents[2]
RIGHT = Program(code="def f(): return 1", tests="assert f() == 1")
safe = pytest.mark.skipif(probe().tier == "C", reason=f"programs are not run here: {probe().summary}")


@safe
def test_a_verdict_is_kept_and_found_again(tmp_path):
    """The second run of a program comes from the cache, in another sandbox too; a timeout never does."""
    slow = Program(code="def f():\n    while True: pass", tests="f()", seconds=0.2)
    for again in (False, True):
        with Sandbox(cache=tmp_path / "verdicts.sqlite", jobs=1) as sandbox:
            assert sandbox.run(RIGHT).cached is again
            assert not sandbox.run(slow).cached
        with Sandbox(cache=tmp_path / "verdicts.sqlite", jobs=1, limits=Limits(seconds=9 - again)) as other:
            assert not other.run(RIGHT).cached


def test_the_key_is_of_everything_that_decides():
    """Code, tests, limits, tier, interpreter: another one is another key."""
    other = [
        (Program(code=RIGHT.code + " ", tests=RIGHT.tests), Limits(), "A", "3.11"),
        (Program(code=RIGHT.code, tests=RIGHT.tests + " "), Limits(), "A", "3.11"),
        (Program(code=RIGHT.code, tests=RIGHT.tests, names=("f",)), Limits(), "A", "3.11"),
        (RIGHT, Limits(memory_bytes=2**29), "A", "3.11"),
        (RIGHT, Limits(), "B", "3.11"),
        (RIGHT, Limits(), "A", "3.12"),
        (RIGHT, Limits(), "A", "3.11"),
    ]
    assert len({fingerprint(*given) for given in other}) == 7


def test_a_file_that_is_no_cache_is_named(tmp_path):
    """A cache that cannot be read is one clear sentence."""
    (tmp_path / "x").write_text("no database, but text of some length " * 40)
    with pytest.raises(BadInput, match="cannot hold verdicts"):
        Sandbox(cache=tmp_path / "x", tier="C", unsafe_local=True)
    assert sqlite3.sqlite_version


PROGRAMS = [
    RIGHT,
    Program(code="x", tests="assert x", names=("x",), preamble="y = 1", entry="x", rtol=0.5, seconds=2.5),
    Program(
        code="x",
        entry="f",
        cases=(ProgramCase(args=((1, {2}), b"x"), kwargs={"a": [None]}, expected={1: (2,)}),),
        loose=True,
    ),
    Program(code="x", scripts=(Script(stdin="\ud800", stdout="b"),)),
]


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_program_crosses_to_an_outside_runner(program):
    """A program is JSON there and the same program again on the other side."""
    assert program_of(json.loads(json.dumps(words_of(program)))) == program


@safe
def test_an_outside_runner_judges():
    """The package's own runner serves the protocol; verdicts say that they come from outside."""
    command = f"{sys.executable} -m rarl_eval.sandbox"
    with Sandbox(command=command, jobs=1) as sandbox:
        first = sandbox.run(RIGHT)
        assert (first.status, first.tier) == ("correct", "command")
        wrong = sandbox.run(Program(code="def f(): return 2", tests=RIGHT.tests))
        assert (wrong.status, wrong.failed) == ("incorrect", "assert f() == 1")
        with pytest.raises(SandboxBroken, match="do not compile"):
            sandbox.run(Program(code="x = 1", tests="assert ("))


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        ("", "ended without a reply"),
        ("hello", "no proper reply"),
        ("[1]", "no proper reply"),
        ('{"id": 7, "status": "correct"}', "another question"),
        ('{"id": 1, "status": "fine"}', "another question"),
        ('{"id": 1, "status": "correct", "seconds": "x"}', "no proper reply"),
        ('{"id": 1, "error": "no"}', "says: no"),
    ],
)
def test_a_runner_that_answers_badly_is_told(tmp_path, reply, told):
    """Whatever the command writes, it is a verdict on this program or one clear error."""
    script = tmp_path / "runner.py"
    script.write_text(f"import sys\nsys.stdin.readline()\n{f'print({reply!r})' if reply else 'pass'}")
    with Sandbox(command=f"{sys.executable} {script}", jobs=1) as sandbox, pytest.raises(SandboxBroken, match=told):
        sandbox.run(RIGHT)


def test_a_command_that_does_not_exist_is_told():
    """A runner that cannot be started is one clear sentence."""
    with Sandbox(command="/no/such/runner", jobs=1) as sandbox, pytest.raises(BadInput, match="cannot be started"):
        sandbox.run(RIGHT)


@safe
def test_the_shared_sandbox_can_be_replaced():
    """``judge`` uses the sandbox that ``use`` put there, and its own default otherwise."""
    with Sandbox(jobs=1, limits=Limits(seconds=7)) as sandbox, use(sandbox):
        assert judge(RIGHT).correct
        assert sandbox._idle[False]
    assert judge(RIGHT).correct


def test_importing_the_sandbox_is_light():
    """Neither numpy nor any other heavy package comes with it."""
    script = "import sys, rarl_eval.sandbox\nprint([m for m in ('numpy', 'pandas', 'datasets', 'numba', 'asyncio', 'torch') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_tests_are_compiled_once_and_quietly():
    """What the compiler would warn of in a benchmark's text does not reach the user."""
    program = Program(code="x = 1", tests="assert x == 1 and '\\d'\nassert 1 is 1 or x")
    assert job_of(program, 1) == job_of(program, 1)


@pytest.mark.parametrize(
    ("printed", "expected", "difference"),
    [
        ("1\n2\n", "1\n2", None),
        ("1 \n 2", "1\n2\n\n", None),
        ("1.0", "1", None),
        ("1e3", "1000", None),
        ("YES", "yes", "line 1 is 'YES', not 'yes'"),
        ("1\n3", "1\n2", "line 2 is '3', not '2'"),
        ("1", "1\n2", "output ends before line 2: '2'"),
        ("1\n2", "1", "output goes on after line 2: '2'"),
        ("1 2", "1  2", None),
        ("12", "1 2", "line 1 is '12', not '1 2'"),
        ("nan", "nan", None),
        ("nan", "NaN", "line 1 is 'nan', not 'NaN'"),
        ("sNaN", "1", "line 1 is 'sNaN', not '1'"),
    ],
)
def test_output_is_compared_by_line_and_value(printed, expected, difference):
    """The first line that differs is told."""
    assert first_difference(printed, expected) == difference


@given(st.text(), st.text())
def test_comparison_never_fails_on_text(printed, expected):
    """Any two texts are equal or differ at some line; a text equals itself."""
    assert first_difference(printed, printed) is None
    first_difference(printed, expected, 1e-6, 1e-6)
