"""Partial credit is the share of a benchmark's tests that pass, each by itself; the verdict stays one of all."""

import pytest

from rarl_eval.sandbox import Outcome, Program, ProgramCase, Sandbox, Script, judge, probe, use
from rarl_eval.sandbox.partial import PATIENCE_SECONDS, parts, share

UNITS = """\
import unittest
class T(unittest.TestCase):
    def setUp(self): self.n = 3
    def test_one(self): self.assertEqual(f(self.n), 3)
    def test_two(self): self.assertEqual(f(2), 2)
    def test_three(self): self.assertEqual(f(1), 1)
found = unittest.TestResult()
unittest.defaultTestLoader.loadTestsFromTestCase(T).run(found)
assert found.wasSuccessful()
"""
CASES = tuple(ProgramCase(args=(n,), expected=n) for n in range(4))
PROGRAMS = {
    "asserts": (Program(code="def f(n): return min(n, 2)", tests="n = 1\nassert f(n) == n\nassert f(2) == 2\nassert f(3) == 3"), 2 / 3),
    "check": (
        Program(
            code="def f(n): return min(n, 2)",
            tests="def check(c):\n    assert c(1) == 1\n    for n in (1, 5):\n        assert c(n) == n\n    assert c(0) == 0",
            entry="f",
        ),
        2 / 3,
    ),
    "unit tests": (Program(code="def f(n): return max(n, 2)", tests=UNITS), 2 / 3),
    "cases": (Program(code="def f(n): return n % 3", entry="f", cases=CASES, seconds=9, case_seconds=1), 3 / 4),
    "cases after an end": (Program(code="import os\ndef f(n): return n or os._exit(0)", entry="f", cases=CASES), 3 / 4),
    "scripts": (Program(code="print(7)", scripts=tuple(Script(stdin="", stdout=n) for n in "1772")), 1 / 2),
    "one test": (Program(code="def f(): return 1", tests="assert f() == 2"), 0.0),
    "right": (Program(code="def f(): return 1", tests="assert f() == 1\nassert f()"), 1.0),
    "cannot be judged": (Program(code="def f(): return 1", tests="from unittest.mock import patch\nassert f() == 2"), None),
}  # fmt: skip


@pytest.fixture(scope="module")
def box():
    if probe().tier == "C":
        pytest.skip(f"programs are not run here: {probe().summary}")
    with Sandbox(jobs=1) as sandbox:
        yield sandbox


@pytest.mark.parametrize(("program", "found"), PROGRAMS.values(), ids=PROGRAMS)
def test_the_share_of_tests_that_pass(box, program, found):
    """Each assert, case, script or method is run alone; a loop of asserts is one test."""
    assert share(program, box.run(program), box.run) == found


def test_a_share_is_unknown_where_failing_tests_take_too_long():
    """Tests that are all used up by the clock are not run to the end, and nothing is guessed of the rest."""
    slow = Outcome(status="timeout", seconds=PATIENCE_SECONDS)
    asked = []
    program = PROGRAMS["cases"][0]
    assert share(program, slow, lambda part: asked.append(part) or slow) is None
    assert len(asked) == 2


def test_tests_that_are_no_python_have_no_parts():
    """What cannot be read is not split."""
    assert parts(Program(code="", tests="assert (")) == []


def test_a_program_asked_for_again_is_not_run_again(box):
    """The verdict and the scores of an answer are one run; another program is another."""
    program = Program(code="def f(): return 1", tests="assert f() == 1")
    with use(box):
        first = judge(program)
        assert judge(program) is first
        assert judge(Program(code="def f(): return 2", tests="assert f() == 1")) is not first
