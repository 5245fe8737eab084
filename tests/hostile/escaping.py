"""Programs that reach for what is not theirs; ``attempt`` returns evidence that it worked.

Attempts on processes report what the victim's own fate must confirm: the tests look at it afterwards.
"""

_RAW = "import ctypes, os\nlibc = ctypes.CDLL(None, use_errno=True)\n"

SNIPPETS: dict[str, str] = {
    "kill the parent": "import os, signal\ndef attempt():\n    os.kill(os.getppid() or 1, 9)\n    return 'killed'",
    "kill a process of the harness": "import os\ndef attempt():\n    os.kill(PLACES['victim'], 9)\n    return 'killed'",
    "kill everything": "import os\ndef attempt():\n    os.kill(-1, 9)\n    return 'killed'",
    "kill the process group": "import os\ndef attempt():\n    os.kill(0, 15)\n    os.killpg(os.getpgid(os.getppid()), 9)\n    return 'killed'",
    "signal by a raw thread call": (
        _RAW + "def attempt(): return 'killed' if libc.syscall(234, PLACES['victim'], PLACES['victim'], 9) == 0 else ''"
    ),
    "signal by a descriptor's owner": (
        "import fcntl, os\ndef attempt():\n    a, b = os.pipe()\n    fcntl.fcntl(a, fcntl.F_SETOWN, PLACES['victim'])\n"
        "    return 'owner set' if fcntl.fcntl(a, fcntl.F_GETOWN) == PLACES['victim'] else ''"
    ),
    "queue a signal": (
        _RAW
        + "def attempt():\n    info = ctypes.create_string_buffer(128)\n    ctypes.memmove(info, b'\\x0f\\0\\0\\0\\0\\0\\0\\0\\xff\\xff\\xff\\xff', 12)\n"
        "    return 'killed' if libc.syscall(129, PLACES['victim'], 15, info) == 0 else ''"
    ),
    "double fork": (
        "import os, time\ndef attempt():\n    if os.fork() == 0:\n        os.setsid()\n        if os.fork() == 0:\n            time.sleep(20)\n        os._exit(0)\n    return 'forked'"
    ),
    "raw fork": _RAW
    + "def attempt():\n    pid = libc.syscall(57)\n    if pid == 0: os._exit(0)\n    return 'forked' if pid > 0 else ''",
    "raw clone3": (
        _RAW
        + "def attempt():\n    args = (ctypes.c_uint64 * 11)()\n    args[4] = 17\n    pid = libc.syscall(435, args, 88)\n"
        "    if pid == 0: os._exit(0)\n    return 'forked' if pid > 0 else ''"
    ),
    "start a shell": "import subprocess\ndef attempt(): return subprocess.run(['/bin/sh', '-c', 'echo ran'], capture_output=True, text=True).stdout",
    "os.system": "import os\ndef attempt(): return 'ran' if os.system('true') == 0 else ''",
    "replace itself by execveat": (
        _RAW
        + "def attempt():\n    libc.syscall(322, -100, b'/bin/true', (ctypes.c_char_p * 2)(b'true', None), None, 0)\n    return ''"
    ),
    "overwrite a file of the harness": "def attempt():\n    open(PLACES['harness'], 'a').write('#')\n    return 'written'",
    "overwrite a file of the user": "def attempt():\n    open(PLACES['file'], 'a').write('#')\n    return 'written'",
    "replace a file of the user": "import os\ndef attempt():\n    os.rename(PLACES['file'], PLACES['file'] + '.gone')\n    return 'moved'",
    "change a file's rights": "import os\ndef attempt():\n    os.chmod(PLACES['file'], 0o777)\n    return 'changed'",
    "write to the standard library": (
        "import os\ndef attempt():\n    place = os.path.join(os.path.dirname(os.__file__), 'PLACES.txt')\n    open(place, 'w').close()\n    os.remove(place)\n    return 'written'"
    ),
    "trace another process": _RAW
    + "def attempt(): return 'traced' if libc.ptrace(16, PLACES['victim'], 0, 0) == 0 else ''",
    "raise its limits": (
        "import resource\ndef attempt():\n    soft, hard = resource.getrlimit(resource.RLIMIT_MSGQUEUE)\n"
        "    resource.setrlimit(resource.RLIMIT_MSGQUEUE, (hard + 1, hard + 1))\n    return 'raised'"
    ),
    "change another process's limits": (
        "import resource\ndef attempt():\n    resource.prlimit(PLACES['victim'], resource.RLIMIT_NOFILE, (64, 64))\n    return 'changed'"
    ),
    "new user namespace": _RAW + "def attempt(): return 'entered' if libc.unshare(0x10000000) == 0 else ''",
    "clone into new namespaces": (
        _RAW
        + "def attempt():\n    pid = libc.syscall(56, 0x10000000 | 17, 0, 0, 0, 0)\n    if pid == 0: os._exit(0)\n    return 'entered' if pid > 0 else ''"
    ),
    "mount": (
        _RAW
        + "def attempt():\n    if libc.unshare(0x10020000): return ''\n    return 'mounted' if libc.mount(b'none', b'/tmp', b'tmpfs', 0, None) == 0 else ''"
    ),
    "change the root": _RAW + "def attempt(): return 'changed' if libc.chroot(b'/') == 0 else ''",
    "become the administrator": "import os\ndef attempt():\n    os.setresuid(0, 0, 0)\n    return 'administrator'",
    "io_uring": _RAW
    + "def attempt(): return 'ring' if libc.syscall(425, 8, ctypes.create_string_buffer(120)) > 0 else ''",
    "kernel keyring": _RAW
    + "def attempt(): return 'key' if libc.syscall(248, b'user', b'sandbox', b'x', 1, -3) > 0 else ''",
    "userfaultfd": _RAW + "def attempt(): return 'handle' if libc.syscall(323, 1) >= 0 else ''",
    "file in memory": "import os\ndef attempt(): return f'handle {os.memfd_create(\"x\")}'",
    "32-bit system call numbers": (
        "import ctypes, mmap\ndef attempt():\n    code = bytes([0xb8, 20, 0, 0, 0, 0xcd, 0x80, 0xc3])\n"
        "    page = mmap.mmap(-1, 4096, prot=7)\n    page.write(code)\n"
        "    run = ctypes.CFUNCTYPE(ctypes.c_long)(ctypes.addressof(ctypes.c_char.from_buffer(page)))\n"
        "    return 'called' if run() > 0 else ''"
    ),
    "clear its death signal": _RAW + "def attempt(): return 'cleared' if libc.prctl(1, 0, 0, 0, 0) == 0 else ''",
    "descriptor to another process": _RAW
    + "def attempt(): return 'handle' if libc.syscall(434, PLACES['victim'], 0) > 0 else ''",
}
