"""Programs that use up what they share with others; ``attempt`` returns how far it got, if it returns.

``SNIPPETS`` maps a name to the program and to what its control shows in an ordinary process: ``hangs`` (still alive
when the time is up), ``grows`` (that, or out of memory), ``gets`` (returns evidence) or ``dies`` (takes its own process down), ``writes`` (floods). Bombs are bounded, so
that the control is safe to run.
"""

SNIPPETS: dict[str, tuple[str, str]] = {
    "endless loop": ("def attempt():\n    while True: pass", "hangs"),
    "loop that catches everything": (
        "def attempt():\n    while True:\n        try:\n            while True: pass\n        except BaseException: pass",
        "hangs",
    ),
    "loop that ignores signals": (
        "import signal\ndef attempt():\n    for n in range(1, 65):\n        try: signal.signal(n, signal.SIG_IGN)\n        except (OSError, ValueError): pass\n    while True: pass",
        "hangs",
    ),
    "loop when loaded": ("while True: pass", "hangs"),
    "alarm taken over": (
        "import signal, time\ndef attempt():\n    signal.setitimer(signal.ITIMER_REAL, 0)\n    signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))\n    time.sleep(100)",
        "hangs",
    ),
    "loop inside C": ("def attempt(): return sum(range(10**13))", "hangs"),
    "backtracking expression": ("import re\ndef attempt(): return re.match(r'(a+)+$', 'a' * 40 + 'b')", "hangs"),
    "sleep": ("import time\ndef attempt(): time.sleep(1000)", "hangs"),
    "lock never opened": (
        "import threading\ndef attempt():\n    lock = threading.Lock()\n    lock.acquire()\n    lock.acquire()",
        "hangs",
    ),
    "stops itself": (
        "import os, signal\ndef attempt():\n    os.kill(os.getpid(), signal.SIGSTOP)\n    while True: pass",
        "hangs",
    ),
    "endless generator": ("def attempt():\n    while True:\n        yield 1", "hangs"),
    "keys that collide": ("def attempt(): return len({i * (2**61 - 1): i for i in range(200_000)})", "hangs"),
    "huge power": ("def attempt(): return len(str(7 ** (7 ** 9)))", "hangs"),
    "thread that never ends": (
        "import threading\ndef spin():\n    while True: pass\ndef attempt():\n    for _ in range(4): threading.Thread(target=spin).start()\n    while True: pass",
        "hangs",
    ),
    "memory in one piece": (
        "def attempt():\n    held = bytearray(1 << 30)\n    held[:: 4096] = b'x' * len(held[:: 4096])\n    return 'held'",
        "gets",
    ),
    "memory in many pieces": (
        "def attempt():\n    held = [bytes(1 << 20) + bytes([i % 251]) for i in range(1000)]\n    return f'held {len(held)}'",
        "gets",
    ),
    "memory by mapping": (
        "import mmap\ndef attempt():\n    held = [mmap.mmap(-1, 1 << 28) for _ in range(6)]\n    for m in held: m[:: 1 << 20] = bytes(256)\n    return 'held'",
        "gets",
    ),
    "forks": (
        "import os, time\ndef attempt():\n    made = 0\n    for _ in range(30):\n        if os.fork() == 0:\n            time.sleep(0.3)\n            os._exit(0)\n        made += 1\n    return f'made {made}'",
        "gets",
    ),
    "threads": (
        "import threading, time\nthreading.stack_size(65536)\ndef attempt():\n    made = 0\n    for _ in range(400):\n"
        "        threading.Thread(target=time.sleep, args=(0.2,), daemon=True).start()\n        made += 1\n    return f'made {made}'",
        "gets",
    ),
    "one large file": (
        "import os\ndef attempt():\n    with open('large', 'wb') as f:\n        for _ in range(300): f.write(bytes(1 << 20))\n    size = os.path.getsize('large')\n    os.remove('large')\n    return f'wrote {size}'",
        "gets",
    ),
    "many files": (
        "import os\ndef attempt():\n    for i in range(5_000): open(f'file{i}', 'w').close()\n    found = len(os.listdir('.'))\n"
        "    for i in range(5_000): os.remove(f'file{i}')\n    return f'made {found}' if found >= 5_000 else ''",
        "gets",
    ),
    "many descriptors": (
        "import os\ndef attempt():\n    made = [os.dup(0) for _ in range(500)]\n    return f'made {len(made)}'",
        "gets",
    ),
    "300 MB printed": (
        "import sys\ndef attempt():\n    for _ in range(300): sys.stdout.write('x' * (1 << 20))\n    sys.stdout.flush()\n    return ''",
        "writes",
    ),
    "300 MB on raw descriptors": (
        "import os\ndef attempt():\n    for handle in (1, 2):\n        for _ in range(300):\n            try: os.write(handle, b'x' * (1 << 20))\n            except OSError: break\n    return ''",
        "writes",
    ),
    "huge text": ("def attempt(): return 'x' * (1 << 28)", "gets"),
    "huge list": ("def attempt(): return [None] * 5_000_000", "gets"),
    "huge integer": ("def attempt(): return 1 << (1 << 26)", "gets"),
    "deep list": ("def attempt():\n    x = ['deep']\n    for _ in range(100_000): x = [x]\n    return x", "gets"),
    "list that holds itself": ("def attempt():\n    x = ['loop']\n    x.append(x)\n    return x", "gets"),
    "wide text": ("def attempt(): return '\\U0001F600\\u0301' * 20_000_000", "gets"),
    "zip bomb": (
        "import zlib\ndef attempt():\n    data = zlib.compress(bytes(1 << 28))\n    return zlib.decompress(zlib.decompress(zlib.compress(data)) )",
        "gets",
    ),
    "endless recursion": ("import sys\nsys.setrecursionlimit(10**9)\ndef attempt(): return attempt()", "grows"),
    "recursion in C": (
        "import sys, json\nsys.setrecursionlimit(10**9)\ndef attempt():\n    x = []\n    for _ in range(10**6): x = [x]\n    return repr(x)[:10]",
        "dies",
    ),
    "crash": ("import ctypes\ndef attempt(): return ctypes.string_at(0)", "dies"),
    "abort": ("import os\ndef attempt(): os.abort()", "dies"),
    "kills itself": ("import os\ndef attempt():\n    os.kill(os.getpid(), 9)\n    return ''", "dies"),
    "every descriptor closed": ("import os\ndef attempt():\n    os.closerange(0, 4096)\n    return 'closed'", "dies"),
    "text of an error that is a bomb": (
        "class Bomb(Exception):\n    def __str__(self): return 'x' * (1 << 30)\ndef attempt(): raise Bomb",
        "dies",
    ),
    "text of an error that never comes": (
        "class Bomb(Exception):\n    def __str__(self):\n        while True: pass\ndef attempt(): raise Bomb",
        "hangs",
    ),
    "name of an error that is a bomb": (
        "def attempt(): raise type('x' * (1 << 20), (Exception,), {})('y' * (1 << 26))",
        "dies",
    ),
    "repr that is a bomb": (
        "class Bomb:\n    def __repr__(self): return 'x' * (1 << 30)\ndef attempt(): return [Bomb()]",
        "gets",
    ),
    "endless walk": (
        "class Walk:\n    def __iter__(self): return self\n    def __next__(self): return 0\ndef attempt(): return Walk()",
        "hangs",
    ),
    "thread that floods the output": (
        "import sys, threading\ndef flood():\n    for _ in range(300): sys.stdout.write('x' * (1 << 20))\n"
        "def attempt():\n    thread = threading.Thread(target=flood)\n    thread.start()\n    thread.join()\n    sys.stdout.flush()\n    return ''",
        "writes",
    ),
    "text without characters": ("def attempt(): return '\\ud800' * 100_000", "gets"),
    "error that moves the cursor": ("def attempt(): raise ValueError('\\x1b[2J\\x1b]0;x\\x07\\u202e' * 50)", "dies"),
    "error inside errors": (
        "def attempt():\n    error = ValueError('x')\n    for _ in range(100_000): error = ExceptionGroup('x', [error])\n    raise error",
        "dies",
    ),
    "numbers too long to print": ("def attempt(): return [1 << 400_000] * 100", "gets"),
    "mapping that grows while walked": (
        "class Endless(dict):\n    def __iter__(self): return self\n    def __next__(self): return 0\n"
        "def attempt():\n    for _ in Endless(): pass",
        "hangs",
    ),
    "loop in a finaliser": (
        "class End:\n    def __del__(self):\n        while True: pass\ndef attempt():\n    End()",
        "hangs",
    ),
    "loop in an attribute": (
        "class Odd:\n    @property\n    def __class__(self):\n        while True: pass\n"
        "def attempt(): return [isinstance(Odd(), int)]",
        "hangs",
    ),
    "timers without end": (
        "import signal, time\nsignal.signal(signal.SIGALRM, lambda *a: None)\nsignal.setitimer(signal.ITIMER_REAL, 1e-5, 1e-5)\n"
        "def attempt():\n    while True: time.sleep(1)",
        "hangs",
    ),
}
