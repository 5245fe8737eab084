"""Tests of every shape, judged: what passes, what fails, and what the verdict says."""

import threading

import pytest

from rarl_eval.errors import BadInput
from rarl_eval.sandbox import Limits, Program, ProgramCase, Sandbox, SandboxBroken, Script, probe


@pytest.fixture(scope="module", params=["A", "B"])
def box(request):
    if probe(request.param).tier != request.param:
        pytest.skip(f"tier {request.param} does not work here: {probe(request.param).summary}")
    with Sandbox(tier=request.param, jobs=2, limits=Limits(seconds=10)) as sandbox:
        yield sandbox


CLASS = """
class Stack:
    size = 0
    def __init__(self, *items): self.items = list(items)
    def push(self, x): self.items.append(x); return self
    def pop(self): return self.items.pop()
    def __len__(self): return len(self.items)
    def __eq__(self, other): return isinstance(other, Stack) and self.items == other.items
    def __add__(self, other): return Stack(*self.items, *other.items)
    def __getitem__(self, i): return self.items[i]
    def __contains__(self, x): return x in self.items
    def __iter__(self): return iter(self.items)
    def __str__(self): return 'Stack' + str(self.items)
class Empty(ValueError): pass
def first(stack):
    if not stack.items: raise Empty('no first')
    return stack.items[0]
class Node:
    def __init__(self, value, next=None): self.value, self.next = value, next
def chain(values):
    head = None
    for v in reversed(values): head = Node(v, head)
    return head
"""

PASSING = {
    "expression": ("def f(x): return x + 1", "assert f(1) + f(2) == 5 and not f(-1)"),
    "isclose": ("def f(x): return x / 3", "import math\nassert math.isclose(f(1), 0.333333, rel_tol=1e-4)"),
    "isclose, math from the program": ("import math\ndef f(x): return x / 3", "assert math.isclose(f(1), 1 / 3)"),
    "sets": ("def f(x): return x", "assert set(f([1, 2, 2])) == {1, 2} and f({1}) | f({2}) == {1, 2}"),
    "helper in the test": ("def f(x): return x * 2", "def twice(x):\n    return x + x\nfor i in range(9):\n    assert f(i) == twice(i)"),
    "generator": ("def f(n):\n    for i in range(n): yield i", "assert list(f(3)) == [0, 1, 2]\nassert sum(f(4)) == 6"),
    "endless generator": ("import itertools\ndef f(): return itertools.count(5)", "g = f()\nassert next(g) == 5 and next(g) == 6"),
    "iterators": ("def f(x): return map(str, x)\ndef g(x): return zip(x, x)", "assert list(f([1])) == ['1']\nassert dict(g([1])) == {1: 1}"),
    "function as argument": ("def f(g, xs): return [g(x) for x in xs]", "assert f(lambda x: x * x, [1, 2]) == [1, 4]\nassert f(len, ['ab']) == [2]"),
    "function as result": ("def f(n): return lambda x: x + n", "add = f(2)\nassert add(3) == 5\nassert f(1)(1) == 2"),
    "function there and back": ("def f(g): return g", "def h(): return 3\nassert f(h) is h\nassert f(h)() == 3"),
    "calls back and forth": ("def f(n, g): return 1 if n == 0 else n * g(n - 1)", "def g(n): return f(n, g)\nassert f(5, g) == 120"),
    "class driven": (CLASS, "s = Stack(1)\ns.push(2)\nassert s.pop() == 2 and len(s) == 1 and s.items == [1]"),
    "class with operators": (CLASS, "assert (Stack(1) + Stack(2))[1] == 2\nassert Stack(1) == Stack(1)\nassert Stack(1) != Stack(2)\nassert 1 in Stack(1)"),
    "class as text": (CLASS, "assert str(Stack(1)) == 'Stack[1]'\nassert f'{Stack(2)}' == 'Stack[2]'"),
    "class truth": (CLASS, "assert Stack(1)\nassert not Stack()"),
    "class walked": (CLASS, "assert [x for x in Stack(3, 4)] == [3, 4]"),
    "class attribute": (CLASS, "assert Stack.size == 0\ns = Stack()\ns.size = 4\nassert s.size == 4"),
    "isinstance": (CLASS, "assert isinstance(Stack(), Stack)\nassert not isinstance(3, Stack)"),
    "object to function": (CLASS, "assert first(Stack(7)) == 7"),
    "own exception": (CLASS, "try:\n    first(Stack())\nexcept Empty as e:\n    assert 'no first' in str(e)\nelse:\n    assert False"),
    "built-in exception": ("def f(x): return 1 // x", "try:\n    f(0)\nexcept ZeroDivisionError:\n    pass\nelse:\n    raise AssertionError"),
    "linked list walked": (CLASS, "node, seen = chain([1, 2]), []\nwhile node:\n    seen.append(node.value)\n    node = node.next\nassert seen == [1, 2]"),
    "tree made by the test": (CLASS, "n = Node(1)\nn.next = Node(2)\nassert n.next.value == 2"),
    "argument changed in place": ("def f(xs): xs.sort()", "xs = [3, 1, 2]\nf(xs)\nassert xs == [1, 2, 3]"),
    "keyword arguments": ("def f(a, *, b=1, **c): return a + b + sum(c.values())", "assert f(1) == 2\nassert f(1, b=2, x=3) == 6"),
    "coroutine": ("async def f(x): return x + 1", "import asyncio\nasync def main():\n    return await f(1)\nassert asyncio.run(main()) == 2"),
    "constant": ("LIMIT = 7", "assert LIMIT == 7"),
    "counter": ("from collections import Counter\ndef f(s): return Counter(s)", "assert f('aab') == {'a': 2, 'b': 1}"),
    "named tuple": ("from collections import namedtuple\nP = namedtuple('P', 'x y')\ndef f(): return P(1, 2)", "assert f() == (1, 2)"),
    "dataclass": ("from dataclasses import dataclass\n@dataclass\nclass P:\n    x: int = 1\ndef f(): return P(2)", "assert f().x == 2\nassert P(2) == f()"),
    "type as argument": ("def f(xs, t): return [x for x in xs if type(x) is t]", "assert f([1, 'a'], int) == [1]"),
    "numpy": ("import numpy as np\ndef f(): return np.arange(3) * 2", "import numpy as np\nassert np.allclose(f(), [0, 2, 4])\nassert f().sum() == 6"),
    "printing and reading": ("import sys\ndef f():\n    print('x'); sys.stderr.write('y'); return sys.stdin.read()", "assert f() == ''"),
    "threads": ("import threading\ndef f():\n    out = []\n    ts = [threading.Thread(target=out.append, args=(i,)) for i in range(8)]\n    [t.start() for t in ts]; [t.join() for t in ts]\n    return sorted(out)", "assert f() == list(range(8))"),
    "files of its own": ("import tempfile, os\ndef f():\n    with tempfile.NamedTemporaryFile('w+') as t:\n        t.write('a'); t.seek(0); return t.read(), os.path.exists('/tmp')", "assert f()[0] == 'a'"),
    "late imports": ("def f():\n    import csv, zlib, xml.dom.minidom, unicodedata, hashlib, sqlite3\n    return zlib.crc32(b'a')", "assert f() == 3904355907"),
    "deep recursion": ("import sys\nsys.setrecursionlimit(10**5)\ndef f(n): return n and 1 + f(n - 1)", "assert f(20000) == 20000"),
    "main guard": ("def f(): return 1\nif __name__ == '__main__':\n    raise SystemExit('not a script')", "assert f() == 1"),
}  # fmt: skip


@pytest.mark.parametrize("name", PASSING)
def test_tests_of_every_shape_pass(box, name):
    """A right program passes, however its tests reach into it."""
    code, tests = PASSING[name]
    outcome = box.run(Program(code=code, tests=tests))
    assert outcome.status == "correct", outcome
    assert outcome.tier == box.tier


FAILING = {
    "wrong": ("def f(x): return x", "assert f(1) == 1\nassert f(2) == 3", "incorrect", "assert f(2) == 3", "f(2) gave 2"),
    "told": ("def f(x): return x", "assert f(1) == 2, 'first'", "incorrect", "assert f(1) == 2, 'first'", "'first'"),
    "raised": ("def f(x):\n    return x[0]", "assert f(1) == 2", "crash", "assert f(1) == 2", "TypeError"),
    "not Python": ("def f(x) return", "assert f(1)", "crash", None, "SyntaxError"),
    "missing": ("x = 1", "assert f(1)", "incorrect", "assert f(1)", "NameError"),
    "null bytes": ("x = 1\0", "assert x", "crash", None, "null"),
    "memory": ("def f(): return [0] * (1 << 40)", "assert f()", "memory", "assert f()", "memory"),
    "socket": ("import socket\ndef f(): return socket.socket()", "assert f()", "forbidden", "assert f()", "PermissionError"),
    "killed call": ("import ctypes\ndef f(): ctypes.CDLL(None).ptrace(0, 0, 0, 0)", "f()", "forbidden", None, "system call"),
    "exit": ("import os\ndef f(): os._exit(3)", "f()", "crash", None, "exit code 3"),
    "signal": ("import ctypes\ndef f(): ctypes.string_at(8)", "f()", "crash", None, "SIGSEGV"),
    "died unseen": ("import os\ndef f(): os._exit(0)", "try:\n    f()\nexcept BaseException:\n    pass", "crash", None, "exit code 0"),
    "deep answer": ("def f():\n    x = []\n    for _ in range(1999): x = [x]\n    return x", "assert f()", "incorrect", "assert f()", "nested"),
    "test object": ("def f(x): return x", "class T: pass\nassert f(T())", "cannot_judge", "assert f(T())", "cannot be handed"),
    "equality of an answer": ("class E:\n    def __eq__(s, o): return True\ndef f(): return E()", "assert f() == 1", "incorrect", "assert f() == 1", "<E>"),
    "equality of a class's object": ("class f:\n    def __init__(s, n): pass\n    def __lt__(s, o): return True", "assert f(2) < 5", "incorrect", "assert f(2) < 5", "no plain data"),
    "module of the program": ("class math: isclose = print", "assert math.isclose(1, 2)", "incorrect", "assert math.isclose(1, 2)", ""),
    "control characters": ("def f(): raise ValueError('\x1b[2J\u202e')", "f()", "crash", "f()", r"\x1b[2J\u202e"),
    "private names": ("def f(): return f", "assert f.__globals__", "incorrect", "assert f.__globals__", "AttributeError"),
}  # fmt: skip


@pytest.mark.parametrize("name", FAILING)
def test_a_verdict_says_what_failed(box, name):
    """Status, first failing test and reason, each bounded."""
    code, tests, status, failed, reason = FAILING[name]
    outcome = box.run(Program(code=code, tests=tests))
    assert (outcome.status, outcome.failed) == (status, failed), outcome
    assert reason in outcome.reason
    assert len(outcome.reason) <= 1000


def test_a_name_of_the_library_is_the_librarys_unless_it_was_asked_for(box):
    """Tests that lean on the reference's imports get the real thing; a program asked for such a name gives its own."""
    forged = "def isclose(a, b): return True\ndef f(): return 1"
    lean = {"code": forged, "tests": "assert isclose(f(), 2)"}
    assert box.run(Program(**lean, names=("f",))).status == "incorrect"
    assert box.run(Program(**lean, entry="f")).status == "incorrect"
    assert box.run(Program(**lean, names=("f", "isclose"))).status == "correct"
    assert box.run(Program(code="def f(): return 1", tests="assert isclose(f(), 1)", names=("f",))).status == "correct"
    own = "class statistics:\n    def mean(): return 7"
    assert box.run(Program(code=own, tests="assert statistics.mean() == 7", names=("statistics",))).status == "correct"


def test_time_is_the_programs_own(box):
    """A program's own time replaces the sandbox's."""
    outcome = box.run(Program(code="def f():\n    while True: pass", tests="f()", seconds=0.3))
    assert (outcome.status, outcome.stalled, outcome.tries) == ("timeout", False, 1)
    assert outcome.reason.endswith("s of processor time; the limit is 0.3 s")


@pytest.mark.parametrize(
    ("expected", "given", "options", "status"),
    [
        (0.3, 0.1 + 0.2, {"rtol": 1e-9}, "correct"),
        (0.3, 0.1 + 0.2, {}, "incorrect"),
        ([1.0, [2.0]], [1.0000001, [2.0]], {"atol": 1e-5}, "correct"),
        ([1, 2], (1, 2), {"loose": True}, "correct"),
        ([1, 2], (1, 2), {}, "incorrect"),
        ({"a": 1.0}, {"a": 1.1}, {"atol": 0.2}, "correct"),
        ([1, 2], [1, 2, 3], {"loose": True}, "incorrect"),
        (True, 1, {}, "correct"),
        (1.0, float("nan"), {"atol": 1.0}, "incorrect"),
        (float("inf"), float("inf"), {"rtol": 1e-6}, "correct"),
    ],
)
def test_cases_compare_values(box, expected, given, options, status):
    """Cases are compared exactly, or within the tolerance a benchmark sets."""
    code = f"nan, inf = float('nan'), float('inf')\ndef f(): return {given!r}"
    program = Program(code=code, entry="f", cases=(ProgramCase(expected=expected),), **options)
    outcome = box.run(program)
    assert outcome.status == status
    if status == "incorrect":
        assert outcome.failed == "case 1"


def test_a_method_is_driven_by_cases(box):
    """LeetCode's shape: one instance, one method, many cases; the first that fails is named."""
    code = "class Solution:\n    def add(self, a, b=1): return a + b if a < 9 else 0"
    cases = (
        ProgramCase(args=(1, 2), expected=3),
        ProgramCase(args=(1,), kwargs={"b": 4}, expected=5),
        ProgramCase(args=(9,), expected=10),
    )
    outcome = box.run(Program(code=code, entry="Solution().add", cases=cases))
    assert (outcome.status, outcome.failed) == ("incorrect", "case 3")
    assert "Solution().add(9) gave 0, not 10" in outcome.reason
    assert box.run(Program(code=code, entry="Solution().add", cases=cases[:2])).correct


@pytest.mark.parametrize(
    ("code", "stdout", "options", "status"),
    [
        ("print(int(input()) * 2)", "6\n", {}, "correct"),
        ("print(' 6 ')", "6", {}, "correct"),
        ("print(6.0)", "6", {}, "correct"),
        ("print('6\\n7')", "6\n", {}, "incorrect"),
        ("pass", "6\n", {}, "incorrect"),
        ("print(6.001)", "6", {"rtol": 1e-2}, "correct"),
        ("import sys\nprint(sum(map(int, sys.stdin)) + 3)", "6", {}, "correct"),
        ("import atexit\natexit.register(print, 6)", "6", {}, "correct"),
        ("import threading\nthreading.Thread(target=print, args=(6,)).start()", "6", {}, "correct"),
        ("print(6)\nexit()", "6", {}, "correct"),
        ("print(6)\nimport sys; sys.exit(1)", "6", {}, "correct"),
        ("if __name__ == '__main__':\n    print(6)", "6", {}, "correct"),
        ("print(1 / 0)", "6", {}, "crash"),
        ("print(6)\nimport ctypes; ctypes.string_at(8)", "6", {}, "crash"),
        ("print([0] * (1 << 40))", "6", {}, "memory"),
        ("open('/srv/x', 'w')", "6", {}, "forbidden"),
    ],
)
def test_scripts_are_judged_by_what_they_print(box, code, stdout, options, status):
    """White space at the ends and the form of numbers do not count; how the script ends does."""
    outcome = box.run(Program(code=code, scripts=(Script(stdin="3\n", stdout=stdout),), **options))
    if status == "forbidden" and outcome.status == "crash":
        assert "FileNotFoundError" in outcome.reason  # there is no such folder in a root of its own
    else:
        assert outcome.status == status, outcome


def test_the_first_failing_input_is_shown(box):
    """A script stops at its first failing input, which the verdict shows with what was printed."""
    scripts = tuple(Script(stdin=f"{n}\n", stdout=f"{n * n}\n") for n in (1, 3, 5))
    outcome = box.run(Program(code="print(int(input()) ** 2 if 1 else 0) if input else 0", scripts=scripts[:1]))
    assert outcome.correct
    outcome = box.run(Program(code="print(1)", scripts=scripts))
    assert outcome.failed == "input 2: '3\\n'"
    assert outcome.output == "1\n"
    assert outcome.reason == "line 1 is '1', not '9'"


def test_no_script_sees_another_ones_globals_or_files(box):
    """Each run of a script begins anew."""
    code = "import os\nprint(os.path.exists('mark'))\nopen('mark', 'w').close()"
    assert box.run(Program(code=code, scripts=(Script(stdin="", stdout="False"),) * 3)).correct


def test_runs_can_be_repeated_and_are_not_foreseen(box):
    """What tests draw at random is the same in every run, and not what the program draws."""
    tests = "import random\nx = random.random()\nassert f() != x and False, x"
    program = Program(code="import random\ndef f(): return random.random()", tests=tests)
    first, second = box.run(program), box.run(program)
    assert first.reason == second.reason


def test_many_threads_share_a_sandbox(box):
    """Outcomes go to whom they belong."""
    programs = [Program(code=f"def f(): return {n}", tests=f"assert f() == {n if n % 3 else -1}") for n in range(40)]
    seen = []
    outcomes = box.run_all(programs, lambda done, of: seen.append((done, of)))
    assert [o.correct for o in outcomes] == [n % 3 != 0 for n in range(40)]
    assert seen[-1] == (40, 40)
    results = {}
    threads = [threading.Thread(target=lambda n=n: results.update({n: box.run(programs[n]).correct})) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == {n: n % 3 != 0 for n in range(8)}


@pytest.mark.parametrize(
    "made",
    [
        lambda: Program(code="x"),
        lambda: Program(code="x", tests="assert x", scripts=(Script(stdin="", stdout=""),)),
        lambda: Program(code="x", cases=(ProgramCase(),)),
        lambda: Program(code="x", tests="assert x", seconds=-1),
        lambda: Limits(seconds=0),
        lambda: Sandbox(tier="Z"),
        lambda: Sandbox(tier="C"),
    ],
)
def test_bad_input_is_one_sentence(made):
    """What cannot be run is refused before anything runs."""
    with pytest.raises(BadInput) as caught:
        made()
    assert "\n" not in str(caught.value)


def test_tests_that_are_no_python_are_the_benchmarks_fault(box):
    """Broken tests are that item's, which cannot be judged, and never a verdict on the program."""
    outcome = box.run(Program(code="x = 1", tests="assert ("))
    assert outcome.status == "cannot_judge"
    assert "do not compile" in outcome.reason


def test_a_closed_sandbox_says_so():
    """A sandbox that was closed runs nothing."""
    sandbox = Sandbox(tier="C", unsafe_local=True)
    sandbox.close()
    with pytest.raises(BadInput, match="closed"):
        sandbox.run(Program(code="x = 1", tests="assert x"))


def test_tier_c_runs_when_the_risk_is_accepted():
    """Without walls programs still run in processes of their own, with limits."""
    with Sandbox(tier="C", unsafe_local=True, jobs=1) as sandbox:
        assert sandbox.run(Program(code="def f(): return 1", tests="assert f() == 1")).correct
        outcome = sandbox.run(Program(code="def f():\n    while True: pass", tests="f()", seconds=0.3))
        assert (outcome.status, outcome.tier) == ("timeout", "C")
    assert issubclass(SandboxBroken, Exception)
