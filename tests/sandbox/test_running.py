"""Around the runs: seeds, outside runner, light import, comparison of output."""

import json
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


def test_the_key_is_of_everything_that_decides():
    """Code, tests, limits, tier, interpreter: another one is another key, and seeds what the tests draw."""
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
        assert sandbox.run(Program(code="x = 1", tests="assert (")).status == "cannot_judge"


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        ("", "ended without a reply"),
        ("hello", "no proper reply"),
        ("[1]", "no proper reply"),
        ('{"id": 7, "status": "correct"}', "another question"),
        ('{"id": 1, "status": "correct"}', "another question"),
        ('{"id": 1, "error": "no"}', "another question"),
        ('{"id": ID, "status": "fine"}', "no known status"),
        ('{"id": ID, "status": "correct", "seconds": "x"}', "no proper reply"),
        ('{"id": ID, "error": "no"}', "says: no"),
    ],
)
def test_a_runner_that_answers_badly_is_told(tmp_path, reply, told):
    """Whatever the command writes, it is a verdict on this program or one clear error."""
    script = tmp_path / "runner.py"
    write = f"print({reply!r}.replace('ID', repr(asked['id']).replace(chr(39), chr(34))))" if reply else "pass"
    script.write_text(f"import sys, json\nasked = json.loads(sys.stdin.readline())\n{write}")
    with Sandbox(command=f"{sys.executable} {script}", jobs=1) as sandbox, pytest.raises(SandboxBroken, match=told):
        sandbox.run(RIGHT)


def test_a_runner_that_speaks_before_it_is_asked_is_refused(tmp_path):
    """No reply that was written before its question, under whatever id, is a verdict."""
    script = tmp_path / "runner.py"
    script.write_text(
        "import sys, json\nfor line in sys.stdin:\n    asked = json.loads(line)\n"
        "    told = json.dumps({'id': asked['id'], 'status': 'correct'})\n    print(told + chr(10) + told, flush=True)\n"
    )
    with Sandbox(command=f"{sys.executable} {script}", jobs=1) as sandbox:
        assert sandbox.run(RIGHT).correct
        runner = sandbox._idle["python"][0]
        with pytest.raises(SandboxBroken, match="before it was asked"):
            runner.run(RIGHT, sandbox.limits)


def test_a_command_that_does_not_exist_is_told():
    """A runner that cannot be started is one clear sentence."""
    with Sandbox(command="/no/such/runner", jobs=1) as sandbox, pytest.raises(BadInput, match="cannot be started"):
        sandbox.run(RIGHT)


@safe
def test_the_shared_sandbox_can_be_replaced():
    """``judge`` uses the sandbox that ``use`` put there, and its own default otherwise."""
    with Sandbox(jobs=1, limits=Limits(seconds=7)) as sandbox, use(sandbox):
        assert judge(RIGHT).correct
        assert sandbox._idle["python"]
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
        ("1e3", "1000", "line 1 is '1e3', not '1000'"),
        ("1e3", "1e3", None),
        ("1.0e3", "1e3", None),
        ("007", "7", "line 1 is '007', not '7'"),
        ("101", "00101", "line 1 is '101', not '00101'"),
        ("1_0", "10", "line 1 is '1_0', not '10'"),
        ("\u0661", "1", "line 1 is '\u0661', not '1'"),
        ("-0.50", "-.5", None),
        ("1" * 5000 + ".0", "1" * 5000, None),
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


@pytest.mark.parametrize(
    ("printed", "expected", "same"),
    [
        ("3.141593", "3.141592653589793", True),
        ("3.14", "3.141592653589793", False),
        ("1e-07", "0.0", True),
        ("100000001", "100000000", False),
        ("2.0000001", "2", True),
        ("00101", "101.0", False),
    ],
)
def test_contests_let_numbers_with_a_point_differ(printed, expected, same):
    """By a millionth, of the number or in all; integers are exact."""
    assert (first_difference(printed, expected, 1e-6, 1e-6) is None) is same


@given(st.text(), st.text())
def test_comparison_never_fails_on_text(printed, expected):
    """Any two texts are equal or differ at some line; a text equals itself."""
    assert first_difference(printed, printed) is None
    first_difference(printed, expected, 1e-6, 1e-6)
