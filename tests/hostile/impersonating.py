"""Programs that stand in for what the tests lean on: a module, a class, a key, a text; same aim as fooling.py.

The right answer is n * n + 1 again, none computes it, and the same naive executor is fooled by each.
"""

_YES = (
    "class Yes:\n    def __init__(self, *a): pass\n"
    "    def __eq__(self, o): return True\n    def __hash__(self): return hash(5)\n"
    "    def __lt__(self, o): return True\n    def __gt__(self, o): return True\n"
    "    def __sub__(self, o): return 0\n    def __mod__(self, o): return 0\n    def __round__(self, n=0): return self\n"
    "    def __contains__(self, o): return True\n    def __len__(self): return 2\n"
    "    def __str__(self): return Text('x')\n    def __format__(self, s): return Text('x')\n"
    "class Text(str):\n    def __eq__(self, o): return True\n    __hash__ = str.__hash__\n"
)
_MATH = (
    "def check(candidate):\n    assert math.isclose(candidate(2), 5.0)\n    assert math.isclose(candidate(3), 10.0)\n"
)
_BARE = "def check(candidate):\n    assert isclose(candidate(2), 5.0)\n    assert isclose(candidate(3), 10.0)\n"
_BETWEEN = "def check(candidate):\n    assert 4.9 < candidate(2) < 5.1\n"
_MEMBER = "def check(candidate):\n    got = candidate(1)\n    assert 5 in got and 10 in got and len(got) == 2\n"
_REST = "def check(candidate):\n    assert candidate(2) % 5 == 0 and not candidate(2) - 5\n"
_KEY = "def check(candidate):\n    assert {5: 'right'}.get(candidate(2)) == 'right'\n"
_TEXT = "def check(candidate):\n    assert str(candidate(2)) == '5' and f'{candidate(3)}' == '10'\n"
_ROUND = "def check(candidate):\n    assert round(candidate(2), 2) == 5\n"
_MEAN = "import statistics\ndef check(candidate):\n    assert statistics.fmean([candidate(1), candidate(2)]) == 3.5\n"
_TESTS = "def check(candidate):\n    for n, right in enumerate([1, 2, 5, 10]):\n        assert candidate(n) == right\n"
_SET = "def check(candidate):\n    assert {candidate(0), candidate(1), candidate(2)} == {1, 2, 5}\n"
_WALK = "def check(candidate):\n    assert [x for x in map(candidate, range(3))] == [1, 2, 5]\n    assert sum(map(candidate, range(3))) == 8\n"

SNIPPETS: dict[str, tuple[str, str]] = {
    "class in place of a module": (
        "class math:\n    isclose = staticmethod(lambda *a, **k: True)\ndef f(n): return -1",
        _MATH,
    ),
    "object in place of a module": (
        "class Any:\n    def __getattr__(self, name): return lambda *a, **k: True\nmath = Any()\ndef f(n): return -1",
        _MATH,
    ),
    "function of the library under its own name": ("def isclose(*a, **k): return True\ndef f(n): return -1", _BARE),
    "class for a function: order": (_YES + "f = Yes", _BETWEEN),
    "class for a function: membership": (_YES + "f = Yes", _MEMBER),
    "class for a function: remainder": (_YES + "f = Yes", _REST),
    "class for a function by __new__": (_YES + "class f:\n    def __new__(cls, n): return Yes()", _BETWEEN),
    "class with a call of its metaclass": (
        _YES + "class Meta(type):\n    def __call__(cls, n): return Yes()\nclass f(metaclass=Meta): pass",
        _MEMBER,
    ),
    "key of a forged hash": (_YES + "def f(n): return Yes()", _KEY),
    "integer with a forged hash": (
        "class Yes(int):\n    def __eq__(self, o): return True\n    def __hash__(self): return hash(5)\ndef f(n): return Yes(0)",
        _KEY,
    ),
    "text of forged equality": (_YES + "def f(n): return Yes()", _TEXT),
    "rounded to itself": (_YES + "def f(n): return Yes()", _ROUND),
    "module with a __getattr__ of its own": (
        _YES
        + "import sys, types\nclass M(types.ModuleType):\n    def __getattr__(self, name): return lambda *a: Yes()\n"
        "sys.modules['statistics'] = M('statistics')\ndef f(n): return -1",
        _MEAN,
    ),
    "set of forged members": (
        "import builtins\nclass Yes(int):\n    def __eq__(self, o): return True\n    def __hash__(self): return Yes.n\n"
        "def f(n):\n    Yes.n = [1, 2, 5][n]\n    builtins.hash = lambda o: 0\n    return Yes(n)\n"
        "import os, sys\nsys.excepthook = lambda *a: os._exit(0)",
        _SET,
    ),
    "sum that ends where it likes": (
        "class Sum(int):\n    def __add__(self, o): return self\n    __radd__ = __add__\n    def __eq__(self, o): return True\n"
        "    __hash__ = int.__hash__\ndef f(n): return Sum(0)",
        _WALK,
    ),
    "audit hook that ends well": (
        "import sys, os\nsys.addaudithook(lambda event, args: os._exit(0) if event == 'sys.excepthook' else None)\n"
        "def f(n): return -1",
        _TESTS,
    ),
    "finaliser that ends well": (
        "import os\nclass End:\n    def __del__(self, end=os._exit): end(0)\nkeep = End()\nimport sys\n"
        "sys.keep = keep\ndef f(n): return -1",
        _TESTS,
    ),
    "alarm that ends well": (
        "import os, signal, time\nsignal.signal(signal.SIGALRM, lambda *a: os._exit(0))\n"
        "signal.setitimer(signal.ITIMER_REAL, 0.02)\ndef f(n):\n    time.sleep(0.3)\n    return -1",
        _TESTS,
    ),
    "answers sent before they are asked for": (
        "import os, struct\nbody = b'i' + struct.pack('<q', 5)\n"
        "for handle in range(3, 64):\n    try: os.write(handle, (struct.pack('<IB', 9, 61) + body) * 64)\n    except OSError: pass\n"
        "print('PASSED')\ndef f(n): return 5",
        _TESTS,
    ),
}
