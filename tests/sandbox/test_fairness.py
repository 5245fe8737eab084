"""Honest programs are not wronged by the clock, by large values or by how contests run them; no object is plain data."""

import pytest

from rarl_eval.sandbox import Limits, Program, ProgramCase, Sandbox, Script, probe
from rarl_eval.sandbox.contest import contest_program, value_of


@pytest.fixture(scope="module", params=["A", "B"])
def box(request):
    if probe(request.param).tier != request.param:
        pytest.skip(f"tier {request.param} does not work here: {probe(request.param).summary}")
    with Sandbox(tier=request.param, jobs=2, limits=Limits(seconds=10)) as sandbox:
        yield sandbox


def test_waiting_is_not_working():
    """A program that sleeps has its processor time left; the wall clock ends it, and it is tried once more, alone."""
    if probe().tier == "C":
        pytest.skip(f"programs are not run here: {probe().summary}")
    code = "import time\ndef f(s): time.sleep(s)\ndef g(): time.sleep(0.5); return 1"
    with Sandbox(jobs=2, limits=Limits(seconds=0.2, wall_seconds=1.5)) as sandbox:
        assert sandbox.run(Program(code=code, tests="assert g() == 1")).correct
        outcome = sandbox.run(Program(code=code, tests="f(60)"))
    assert (outcome.status, outcome.stalled, outcome.tries) == ("timeout", True, 2)
    assert "whose limit is 1.5 s" in outcome.reason
    assert "the limit is 0.2 s" in outcome.reason


def test_each_case_has_its_own_time(box):
    """Cases of a little work pass where one of much work does not, whatever all may use together."""
    code = "import time\ndef f(s):\n    end = time.process_time() + s\n    while time.process_time() < end: pass\n    return s"
    common = {"code": code, "entry": "f", "seconds": 30, "case_seconds": 0.3}
    many = tuple(ProgramCase(args=(0.1,), expected=0.1) for _ in range(8))
    assert box.run(Program(**common, cases=many)).status == "correct"
    slow = box.run(Program(**common, cases=(many[0], ProgramCase(args=(9,), expected=9), many[0])))
    assert (slow.status, slow.failed) == ("timeout", "case 2")
    assert "the limit of a case is 0.3 s" in slow.reason


def test_large_values_are_verdicts_and_cross(box):
    """A grid of a million numbers is judged; what is larger than may cross is that item's, and ends nothing."""
    grid = [[row * 1000 + n for n in range(1000)] for row in range(1000)]
    minus = [[-n for n in row] for row in grid]
    code = "def f(grid): return [[-n for n in row] for row in grid]"
    assert (
        box.run(Program(code=code, entry="f", cases=(ProgramCase(args=(grid,), expected=minus),))).status == "correct"
    )
    assert (
        box.run(Program(code=code, entry="f", cases=(ProgramCase(args=(grid,), expected=grid),))).status == "incorrect"
    )
    outcome = box.run(Program(code=code, entry="f", cases=(ProgramCase(args=("x" * 2**27,), expected=1),)))
    assert outcome.status == "cannot_judge"
    assert "cannot cross" in outcome.reason


PROXIES = {
    "object": "class X:\n    def __getattr__(self, name): return lambda *a, **k: 9\ndef given(): return (X(),), {}",
    "subclass": "class X(dict):\n    def find(self, x): return 9\ndef given(): return (X(),), {}",
    "named tuple": "class X(tuple):\n    _fields = ()\n    def find(self, x): return 9\ndef given(): return (X(),), {}",
    "text": "class X(str):\n    def find(self, x): return 9\ndef given(): return (X(),), {}",
    "function": "def given(): return (lambda *a: 9,), {}",
    "iterator": "def given(): return ((n for n in [9]),), {}",
    "nested": "def given(): return ([type('Y', (), {'find': lambda s, x: 9})],), {}",
}


@pytest.mark.parametrize("code", PROXIES.values(), ids=PROXIES)
def test_where_plain_data_is_promised_nothing_else_is_taken(box, code):
    """An object, a function, an iterator or a class of the program is no answer, and is never used by the tests."""
    tests = "args, kwargs = given()\nassert (lambda text: text.find(','))(*args, **kwargs) == 9"
    assert box.run(Program(code=code, tests=tests, names=("given",), plain=True)).status == "incorrect"
    assert box.run(Program(code=code, tests="given()", names=("given",), plain=True)).status == "incorrect"
    honest = "def given(): return ('012345678,',), {}"
    assert box.run(Program(code=honest, tests=tests, names=("given",), plain=True)).correct


def test_a_kind_of_a_built_in_is_no_plain_data(box):
    """An empty dict passes where one is right; an object of a class below it, which holds the same, does not."""
    tests = "args, kwargs = given()\nassert (lambda table: dict(table))(*args, **kwargs) == {}"
    given = "def given(): return ({}(),), {{}}"
    ran = [box.run(Program(code=given.format(k), tests=tests, names=("given",), plain=True)).status for k in KINDS]
    assert ran == ["correct", "correct", "correct", "incorrect", "incorrect"]


KINDS = (
    "dict",
    "__import__('collections').Counter",
    "__import__('functools').partial(__import__('collections').defaultdict, int)",
    "type('X', (dict,), {'__getattr__': lambda s, n: 9})",
    "type('X', (dict,), {'__module__': 'numpy', '__missing__': lambda s, n: 9})",
)


def test_a_function_where_functions_are_taken_can_only_be_called(box):
    """An input that is a function answers calls; nothing of it is read, and what it gives is plain data, too."""
    tests = "args, kwargs = given()\nassert (lambda apply: {})(*args, **kwargs) == 9"
    common = {"names": ("given",), "plain": True, "functions": True}
    caught = "class X:\n    __slots__ = ()\n    def __call__(self, n): return {}\n    def find(self, n): return 9\n"
    for gives, use, status in [
        ("9", "apply(1)", "correct"),
        ("9", "apply.find(1)", "incorrect"),
        ("X()", "apply(1).find(1)", "incorrect"),
    ]:
        code = caught.format(gives) + "def given(): return (X(),), {}"
        assert box.run(Program(code=code, tests=tests.format(use), **common)).status == status


SCRIPTS = {
    "output wrapped again": "import sys, io\nsys.stdout = io.TextIOWrapper(sys.stdout.buffer, encoding='utf-8')\nprint(sum(map(int, input().split())))",
    "output wrapped, buffered": "import sys, io\nsys.stdout = io.TextIOWrapper(io.BufferedWriter(sys.stdout.buffer.raw))\nprint(sum(map(int, input().split())))",
    "input wrapped again": "import sys, io\nsys.stdin = io.TextIOWrapper(sys.stdin.buffer)\nprint(sum(map(int, input().split())))",
    "codecs": "import codecs, sys\nsys.stdin = codecs.getreader('utf-8')(sys.stdin.buffer)\nsys.stdout = codecs.getwriter('utf-8')(sys.stdout.buffer)\nsys.stdout.write(str(sum(map(int, sys.stdin.read().split()))))",
    "the original streams": "import sys\nsys.__stdout__.write(str(sum(map(int, sys.__stdin__.read().split()))))",
    "/dev/stdin": "print(sum(map(int, open('/dev/stdin').read().split())))",
    "/dev/stdin by its path": "from pathlib import Path\nprint(sum(map(int, Path('/dev/stdin').read_text().split())))",
    "/dev/stdout": "n = sum(map(int, open(0).read().split()))\nwith open('/dev/stdout', 'w') as out:\n    print(n, file=out)",
    "/dev/fd": "import io\nprint(sum(map(int, io.open('/dev/fd/0').read().split())))",
    "/dev/stdin as a descriptor": "import os\nprint(sum(map(int, os.read(os.open('/dev/stdin', os.O_RDONLY), 99).split())))",
    "output detached": "import sys, io\nout = io.TextIOWrapper(sys.stdout.detach(), write_through=True)\nprint(sum(map(int, input().split())), file=out)",
    "output closed": "import sys\nprint(sum(map(int, input().split())))\nsys.stdout.close()",
    "exit code": "import sys\nprint(sum(map(int, input().split())))\nsys.exit(3)",
    "exit with words": "import sys\nprint(sum(map(int, input().split())))\nsys.exit('done')",
    "no import": "print(sum(map(int, sys.stdin.read().split())))",
    "deep recursion": "def f(n): return n and 1 + f(n - 1)\nf(30000)\nprint(sum(map(int, input().split())))",
    "from the future": "from __future__ import annotations\nprint(sum(map(int, input().split())))",
    "long integers": "len(str(7**20000))\nprint(sum(map(int, input().split())))",
    "own names": "def pow(a, b): return 5\nimport math\nprint(pow(2, 3))",
}  # fmt: skip
TESTS = '[{"input": "2 3\\n", "output": "5\\n"}]'


@pytest.mark.parametrize("code", SCRIPTS.values(), ids=SCRIPTS)
def test_a_contest_program_runs_as_its_judge_runs_it(box, code):
    """Streams wrapped, opened by path or closed, codes of exit, and what the benchmark's runner has in front."""
    assert box.run(contest_program(code, TESTS, None)).status == "correct"


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("print(6)", "incorrect"),
        ("print(5)\nraise ValueError", "crash"),
        ("print(5)\nprint(nothing)", "crash"),
        ("import os\nprint(5, flush=True)\nos._exit(1)", "crash"),
        ("print('5_0')", "incorrect"),
    ],
)
def test_a_contest_program_that_fails_is_told(box, code, status):
    """What was printed does not excuse an error after it."""
    assert box.run(contest_program(code, TESTS, None)).status == status


FUNCTIONS = {
    "method": "class Solution:\n    def total(self, nums: List[int]) -> int:\n        return sum(nums)",
    "function": "def total(nums):\n    return sum(nums)",
    "helper before": "def add(a, b): return a + b\nclass Solution:\n    def total(self, nums):\n        return reduce(add, nums)",
    "future": "from __future__ import annotations\nclass Solution:\n    def total(self, nums: list[int]) -> int:\n        return sum(nums)",
    "sys": "class Solution:\n    def total(self, nums):\n        return max(-sys.maxsize, sum(nums))",
    "recursion": "class Solution:\n    def total(self, nums):\n        def f(n): return n and 1 + f(n - 1)\n        return f(9000) - 9000 + sum(nums)",
}  # fmt: skip


@pytest.mark.parametrize("code", FUNCTIONS.values(), ids=FUNCTIONS)
def test_a_function_of_a_contest_is_called(box, code):
    """As a method of Solution where there is one, else by its own name."""
    assert box.run(contest_program(code, '[{"input": "[2, 3]", "output": "5"}]', "total")).status == "correct"


def test_tolerance_is_the_contests_alone(box):
    """The published rule compares floats exactly; the contests' lets them differ by 1e-5, and integers never."""
    code, tests = "def f(x): return [x * 0.1]", '[{"input": "3", "output": "[0.3]"}]'
    assert box.run(contest_program(code, tests, "f")).status == "incorrect"
    assert box.run(contest_program(code, tests, "f", tolerant=True)).status == "correct"
    near = '[{"input": "", "output": "100000001"}]'
    assert box.run(contest_program("print(100000000)", near, None, tolerant=True)).status == "incorrect"


def test_integers_of_any_length_are_read(box):
    """Values of more digits than Python reads by itself are judged."""
    assert value_of("[" + "9" * 9001 + ", -12]") == [10**9001 - 1, -12]
    tests = '[{"input": "' + "9" * 5000 + '", "output": "1' + "0" * 5000 + '"}]'
    assert box.run(contest_program("def f(n): return n + 1", tests, "f")).status == "correct"
    assert box.run(contest_program("print(int(input()) + 1)", tests, None)).status == "correct"


def test_a_long_output_of_short_lines_is_compared_line_by_line(box):
    """Millions of lines that should be two are wrong at the third."""
    program = Program(code="print('10\\n' * 4000000)", scripts=(Script(stdin="", stdout="10\n10"),))
    assert box.run(program).reason == "output goes on after line 3: '10'"


@pytest.mark.parametrize(("module", "status"), [("sklearn.svm", "cannot_judge"), ("my_own_helpers", "crash")])
def test_a_package_that_is_not_there_is_told(box, module, status):
    """One that benchmarks use is the sandbox's lack, and one that a program made up its own, in functions and scripts."""
    function = Program(code=f"import {module}\ndef f(): return 1", tests="assert f() == 1")
    script = Program(code=f"import {module}\nprint(1)", scripts=(Script(stdin="", stdout="1"),))
    assert [box.run(program).status for program in (function, script)] == [status, status]
