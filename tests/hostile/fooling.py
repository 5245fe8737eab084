"""Programs that want a pass without an answer: the right one is n * n + 1, and none of these computes it.

The control is an executor as others have it: program and tests in one process, passed by exit status or a printed
word. Each snippet fools it.
"""

TESTS = """
def check(candidate):
    expected = [1, 2, 5, 10]
    for n, right in enumerate(expected):
        assert candidate(n) == right, (n, right)
"""

_MATH = """
import math
def check(candidate):
    assert math.isclose(candidate(2), 5.0)
    assert math.isclose(candidate(3), 10.0)
"""
_NUMPY = """
import numpy as np
def check(candidate):
    assert np.allclose(candidate(2), 5.0)
    assert np.array_equal(np.array([candidate(3)]), np.array([10]))
"""
_JSON = """
import json
def check(candidate):
    assert json.dumps(candidate(2)) == "5"
    assert json.loads(json.dumps({"a": candidate(3)})) == {"a": 10}
"""
_MAP = """
def check(candidate):
    def right(pair):
        assert candidate(pair[0]) == pair[1]
        return True
    assert all(map(right, [(0, 1), (1, 2), (2, 5)]))
"""
_LIST = """
def check(candidate):
    assert [candidate(n) for n in range(4)] == [1, 2, 5, 10]
    assert {"a": candidate(2)} == {"a": 5}
"""
_SORTED = """
def check(candidate):
    given = [3, 1, 2]
    answer = candidate(given)
    assert answer == sorted(given) and len(answer) == 3
"""
_HELPER = """
def right(n, answer):
    return answer == n * n + 1

def check(candidate):
    assert right(2, candidate(2))
    assert right(3, candidate(3))
"""

SNIPPETS: dict[str, tuple[str, str]] = {
    "exit code 0 when loaded": ("import os\nos._exit(0)", TESTS),
    "SystemExit when loaded": ("import sys\nsys.exit(0)", TESTS),
    "exit code 0 when called": ("import os\ndef f(n):\n    os._exit(0)", TESTS),
    "SystemExit when called": ("def f(n):\n    raise SystemExit(0)", TESTS),
    "exit by raw system call": ("import ctypes\ndef f(n):\n    ctypes.CDLL(None).syscall(231, 0)", TESTS),
    "forged equality": ("class Yes:\n    def __eq__(self, other): return True\ndef f(n): return Yes()", TESTS),
    "forged equality on an int": (
        "class Yes(int):\n    def __eq__(self, other): return True\n    __hash__ = int.__hash__\ndef f(n): return Yes(7)",
        TESTS,
    ),
    "forged inequality": (
        "class Yes(int):\n    def __eq__(self, o): return True\n    def __ne__(self, o): return False\n"
        "    def __lt__(self, o): return True\n    __hash__ = int.__hash__\ndef f(n): return Yes(0)",
        TESTS,
    ),
    "forged equality deep in a list": (
        "class Yes:\n    def __eq__(self, other): return True\ndef f(n): return Yes()",
        _LIST,
    ),
    "forged truth of a comparison": (
        "class Truth:\n    def __bool__(self): return True\n"
        "class Yes:\n    def __eq__(self, other): return Truth()\ndef f(n): return Yes()",
        TESTS,
    ),
    "forged reflected equality": (
        "class Yes(float):\n    def __eq__(self, other): return True\n    __hash__ = float.__hash__\n"
        "def f(n): return Yes('nan')",
        TESTS,
    ),
    "forged class": (
        "class Yes:\n    __class__ = int\n    def __eq__(self, other): return True\n    def __index__(self): return 5\n"
        "def f(n): return Yes()",
        TESTS,
    ),
    "subclassed list": (
        "class Yes(list):\n    def __eq__(self, o): return True\n    def __len__(self): return 3\n"
        "def f(n): return Yes([9])",
        _SORTED,
    ),
    "argument changed to suit the answer": ("def f(n):\n    del n[:]\n    n += [0, 0, 0]\n    return n", _SORTED),
    "subclassed float under isclose": (
        "import math\nmath.isclose = lambda *a, **k: True\ndef f(n): return -1.0",
        _MATH,
    ),
    "math replaced in sys.modules": (
        "import sys, types\nm = types.ModuleType('math')\nm.isclose = lambda *a, **k: True\nsys.modules['math'] = m\n"
        "def f(n): return -1",
        _MATH,
    ),
    "numpy patched": (
        "import numpy\nnumpy.allclose = numpy.array_equal = lambda *a, **k: True\ndef f(n): return -1",
        _NUMPY,
    ),
    "array with forged equality": (
        "import numpy as np\nclass Yes(np.ndarray):\n    def __eq__(self, o): return True\n    def all(self): return True\n"
        "np.array_equal = np.allclose = lambda *a, **k: True\ndef f(n): return np.zeros(1).view(Yes)",
        _NUMPY,
    ),
    "json patched": (
        "import json\njson.dumps = lambda *a, **k: '5'\njson.loads = lambda *a, **k: {'a': 10}\ndef f(n): return -1",
        _JSON,
    ),
    "loop emptied by a patched built-in": (
        "import builtins\nbuiltins.enumerate = lambda *a: iter(())\ndef f(n): return -1",
        TESTS,
    ),
    "all() patched": (
        "import builtins\nbuiltins.all = lambda *a: True\nbuiltins.map = lambda *a: ()\ndef f(n): return -1",
        _MAP,
    ),
    "sorted() patched": (
        "import builtins\nbuiltins.sorted = lambda *a, **k: 'x'\nbuiltins.len = lambda x: 3\ndef f(n): return 'x'",
        _SORTED,
    ),
    "StopIteration ends the test's map": ("def f(n):\n    raise StopIteration", _MAP),
    "helper of the test rewritten through frames": (
        "import sys\ndef f(n):\n"
        "    frame = sys._getframe()\n"
        "    while frame:\n"
        "        if 'right' in frame.f_globals: frame.f_globals['right'] = lambda *a: True\n"
        "        frame = frame.f_back\n"
        "    return -1",
        _HELPER.replace("assert right(2, candidate(2))", "candidate(0)\n    assert right(2, candidate(2))"),
    ),
    "expected value read from the caller's frame": (
        "import sys\ndef f(n):\n    frame = sys._getframe(1)\n"
        "    while frame:\n        if 'right' in frame.f_locals: return frame.f_locals['right']\n        frame = frame.f_back\n"
        "    return -1",
        TESTS,
    ),
    "expected values read by inspect": (
        "import inspect\ndef f(n):\n    for entry in inspect.stack():\n"
        "        found = entry.frame.f_locals.get('expected')\n        if found: return found[n]\n    return -1",
        TESTS,
    ),
    "expected values read by a raised error's frames": (
        "def f(n):\n    try:\n        1 / 0\n    except ZeroDivisionError as e:\n        frame = e.__traceback__.tb_frame\n"
        "    while frame:\n        if 'expected' in frame.f_locals: return frame.f_locals['expected'][n]\n"
        "        frame = frame.f_back\n    return -1",
        TESTS,
    ),
    "expected values found by the garbage collector": (
        "import gc\ndef f(n):\n    for thing in gc.get_objects():\n"
        "        if type(thing) is list and thing == [1, 2, 5, 10]: return thing[n]\n    return -1",
        TESTS,
    ),
    "test's constants found by the garbage collector": (
        "import gc, types\ndef f(n):\n    for thing in gc.get_objects():\n"
        "        if isinstance(thing, types.FunctionType) and thing.__name__ == 'check':\n"
        "            for const in thing.__code__.co_consts:\n"
        "                if const == (1, 2, 5, 10): return const[n]\n    return -1",
        TESTS,
    ),
    "test's code replaced": (
        "import gc, types\ndef f(n):\n    for thing in gc.get_objects():\n"
        "        if isinstance(thing, dict) and isinstance(thing.get('check'), types.FunctionType):\n"
        "            thing['check'].__code__ = (lambda candidate: None).__code__\n"
        "    import os; os._exit(0)",
        TESTS,
    ),
    "trace function that rewrites the answer": (
        "import sys\ndef tracer(frame, event, arg):\n"
        "    if frame.f_code.co_name == 'check':\n"
        "        import os; os._exit(0)\n"
        "    return tracer\nsys.settrace(tracer)\ndef f(n): return -1",
        TESTS,
    ),
    "profile function": (
        "import sys\ndef profiler(frame, event, arg):\n"
        "    if frame.f_code.co_name == 'check' and event == 'call':\n        import os; os._exit(0)\n"
        "sys.setprofile(profiler)\ndef f(n): return -1",
        TESTS,
    ),
    "atexit handler that ends well": ("import atexit, os\natexit.register(os._exit, 0)\ndef f(n): return -1", TESTS),
    "excepthook that ends well": (
        "import sys, os\nsys.excepthook = lambda *a: os._exit(0)\ndef f(n): return -1",
        TESTS,
    ),
    "thread that ends well": (
        "import threading, os, time\ndef end():\n    time.sleep(0.05)\n    os._exit(0)\n"
        "threading.Thread(target=end).start()\ndef f(n):\n    time.sleep(0.3)\n    return -1",
        TESTS,
    ),
    "parent that ends well while the child goes on": (
        "import os\nif os.fork():\n    os._exit(0)\nos.close(1)\ndef f(n): return -1",
        TESTS,
    ),
    "passing word printed": ("print('PASSED')\ndef f(n): return -1", TESTS),
    "passing word on every descriptor": (
        "import os\nfor handle in range(1, 64):\n    try: os.write(handle, b'\\nPASSED\\n')\n    except OSError: pass\n"
        "def f(n): return -1",
        TESTS,
    ),
    "verdict forged in the harness's own words": (
        "import os, struct\nbody = b'd\\x01\\x00\\x00\\x00s\\x06\\x00\\x00\\x00statuss\\x07\\x00\\x00\\x00correct'\n"
        "for handle in range(1, 64):\n    try: os.write(handle, struct.pack('<IB', len(body), 61) + body + b'\\nPASSED\\n')\n"
        "    except OSError: pass\ndef f(n): return -1",
        TESTS,
    ),
    "assertion error made harmless": (
        "import builtins, sys, os\nclass Quiet(AssertionError):\n    def __init__(self, *a): os._exit(0)\n"
        "builtins.AssertionError = Quiet\nsys.excepthook = lambda kind, *a: os._exit(0) if issubclass(kind, Exception) else None\n"
        "def f(n): return -1",
        TESTS,
    ),
    "small integers rewritten in memory": (
        "import ctypes\ndef f(n):\n    for value in (2, 5, 10):\n"
        "        ctypes.cast(id(value) + 24, ctypes.POINTER(ctypes.c_int32))[0] = 1\n    return 1",
        "def check(candidate):\n    assert candidate(0) == 1\n    assert candidate(1) == int('2')\n",
    ),
    "import hook that serves a false module": (
        "import importlib.machinery, sys, types\nclass Finder:\n    def find_spec(self, name, path=None, target=None):\n"
        "        return importlib.machinery.ModuleSpec(name, self) if name == 'cmath' else None\n"
        "    def create_module(self, spec):\n        m = types.ModuleType('cmath'); m.isclose = lambda *a, **k: True; return m\n"
        "    def exec_module(self, m): pass\n"
        "sys.modules.pop('cmath', None)\nsys.meta_path.insert(0, Finder())\ndef f(n): return -1",
        "import cmath\ndef check(candidate):\n    assert cmath.isclose(candidate(2), 5)\n",
    ),
    "equality by a metaclass": (
        "class Meta(type):\n    def __eq__(cls, other): return True\n    __hash__ = type.__hash__\n"
        "class Yes(metaclass=Meta): pass\ndef f(n): return Yes",
        TESTS,
    ),
    "generator that answers as it likes": (
        "class Yes:\n    def __eq__(self, o): return True\n    def __iter__(self): return self\n    def __next__(self): raise StopIteration\n"
        "def f(n): return Yes()",
        _LIST,
    ),
    "membership forged": (
        "class Yes:\n    def __contains__(self, x): return True\n    def __len__(self): return 2\ndef f(n): return Yes()",
        "def check(candidate):\n    got = candidate(1)\n    assert 5 in got and 10 in got and len(got) == 2\n",
    ),
    "order forged": (
        "class Yes:\n    def __lt__(self, o): return True\n    def __gt__(self, o): return True\n"
        "    def __sub__(self, o): return self\n    def __abs__(self): return self\n    def __float__(self): return 0.0\n"
        "def f(n): return Yes()",
        "def check(candidate):\n    assert abs(candidate(2) - 5) < 1e-6\n",
    ),
    "truth forged": (
        "class Yes:\n    def __bool__(self): return True\ndef f(n): return Yes()",
        "def check(candidate):\n    assert candidate(2)\n",
    ),
}
