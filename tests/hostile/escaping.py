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
        _RAW + "def attempt():\n    words = (ctypes.c_char_p * 3)(b'echo', b'EVIDENCE replaced', None)\n"
        "    libc.syscall(322, -100, b'/bin/echo', words, None, 0)\n    return ''"
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
        "import resource\ndef attempt():\n    for limit in (resource.RLIMIT_AS, resource.RLIMIT_FSIZE, resource.RLIMIT_NPROC):\n"
        "        try: resource.setrlimit(limit, (-1, -1))\n        except (OSError, ValueError): continue\n"
        "        return 'raised'\n    return ''"
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
    "signal by a process's descriptor": (
        _RAW
        + "def attempt():\n    handle = libc.syscall(434, PLACES['victim'], 0)\n    return 'killed' if libc.syscall(424, handle, 9, None, 0) == 0 else ''"
    ),
    "another process's score for the memory killer": (
        "def attempt():\n    with open(f'/proc/{PLACES[\"victim\"]}/oom_score_adj', 'w') as f: f.write('1000')\n    return 'marked'"
    ),
    "another process's memory written": (
        "import re\ndef attempt():\n    place = f'/proc/{PLACES[\"victim\"]}/'\n    low = re.search(r'(\\w+)-\\w+ rw', open(place + 'maps').read())[1]\n"
        "    with open(place + 'mem', 'r+b', 0) as f:\n        f.seek(int(low, 16))\n        data = f.read(8)\n        f.seek(int(low, 16))\n        f.write(data)\n    return 'written'"
    ),
    "another process's priority": (
        "import os\ndef attempt():\n    os.setpriority(os.PRIO_PROCESS, PLACES['victim'], 19)\n    return 'lowered'"
    ),
    "another process's processors": (
        "import os\ndef attempt():\n    os.sched_setaffinity(PLACES['victim'], {0})\n    return 'pinned'"
    ),
    "another process's list of locks": (
        _RAW + "def attempt():\n    head, size = ctypes.c_void_p(), ctypes.c_size_t()\n"
        "    return 'read' if libc.syscall(274, PLACES['victim'], ctypes.byref(head), ctypes.byref(size)) == 0 else ''"
    ),
    "another process's namespaces": (
        _RAW
        + "def attempt():\n    handle = os.open(f'/proc/{PLACES[\"victim\"]}/ns/net', os.O_RDONLY)\n    return 'entered' if libc.setns(handle, 0) == 0 else ''"
    ),
    "real-time priority": (
        "import os\ndef attempt():\n    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))\n    return 'raised'"
    ),
    "performance counters": (
        _RAW
        + "def attempt():\n    about = (ctypes.c_uint32 * 32)(1, 128)\n    return 'handle' if libc.syscall(298, about, 0, -1, -1, 0) >= 0 else ''"
    ),
    "program for the kernel": (
        _RAW
        + "def attempt():\n    about = (ctypes.c_uint32 * 32)(2, 4, 4, 1)\n    return 'map' if libc.syscall(321, 0, about, 128) >= 0 else ''"
    ),
    "filter of its own": (
        _RAW + "def attempt():\n    libc.prctl(38, 1, 0, 0, 0)\n    allow = (ctypes.c_uint16 * 4)(6, 0, 0, 0x7fff)\n"
        "    class Filter(ctypes.Structure): _fields_ = [('size', ctypes.c_ushort), ('code', ctypes.c_void_p)]\n"
        "    return 'filtered' if libc.prctl(22, 2, ctypes.byref(Filter(1, ctypes.addressof(allow))), 0, 0) == 0 else ''"
    ),
    "readable by others again": _RAW
    + "def attempt():\n    return 'dumpable' if libc.prctl(4, 1, 0, 0, 0) == 0 else ''",
    "parent of other people's children": _RAW
    + "def attempt():\n    return 'reaper' if libc.prctl(36, 1, 0, 0, 0) == 0 else ''",
    "watch on a folder of the user": (
        _RAW + "def attempt():\n    handle = libc.inotify_init1(0)\n"
        "    return 'watching' if libc.inotify_add_watch(handle, os.path.dirname(PLACES['file']).encode(), 0xfff) >= 0 else ''"
    ),
    "notice of a folder's changes": (
        "import fcntl, os\ndef attempt():\n    fcntl.fcntl(os.open('.', os.O_RDONLY), fcntl.F_NOTIFY, 1)\n    return 'watching'"
    ),
    "lock on a file of the harness": (
        "import fcntl\ndef attempt():\n    fcntl.flock(open(PLACES['harness']), fcntl.LOCK_EX | fcntl.LOCK_NB)\n    return 'locked'"
    ),
    "device of its own": (
        "import os, stat\ndef attempt():\n    os.mknod('memory', 0o600 | stat.S_IFCHR, os.makedev(1, 1))\n    return 'made'"
    ),
    "POSIX message queue": _RAW
    + "def attempt():\n    return 'queue' if libc.mq_open(b'/sandbox', 0o102, 0o600, None) >= 0 and libc.mq_unlink(b'/sandbox') == 0 else ''",
    "semaphores that outlive it": _RAW
    + "def attempt():\n    number = libc.semget(0, 1, 0o1600)\n    return 'made' if number >= 0 and libc.semctl(number, 0, 0) == 0 else ''",
    "tree of mounts taken along": _RAW
    + "def attempt():\n    return 'handle' if libc.syscall(428, -100, b'/', 1) >= 0 else ''",
    "name of the machine": "import os, socket\ndef attempt():\n    socket.sethostname(os.uname().nodename)\n    return 'named'",
    "clock of the machine": (
        "import time\ndef attempt():\n    time.clock_settime(time.CLOCK_REALTIME, time.clock_gettime(time.CLOCK_REALTIME))\n    return 'set'"
    ),
    "link out of its folder": (
        "import os\ndef attempt():\n    os.symlink(os.path.dirname(PLACES['file']), 'out')\n    open('out/' + os.path.basename(PLACES['file']), 'a').write('#')\n    return 'written'"
    ),
    "datagram to a socket with a path": (
        "import socket\ndef attempt():\n    ours, _ = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)\n"
        "    ours.sendto(b'forged entry', PLACES['log'])\n    return 'sent'"
    ),
    "datagram by a raw message": (
        "import ctypes, os, struct\nlibc = ctypes.CDLL(None, use_errno=True)\ndef attempt():\n    pair = (ctypes.c_int * 2)()\n"
        "    if libc.socketpair(1, 3, 0, pair): return ''\n"
        "    to, text = struct.pack('<H108s', 1, PLACES['log'].encode()), b'forged entry'\n"
        "    piece = (ctypes.c_void_p * 2)(ctypes.cast(text, ctypes.c_void_p), len(text))\n"
        "    head = (ctypes.c_void_p * 7)(ctypes.cast(to, ctypes.c_void_p), len(to), ctypes.addressof(piece), 1, 0, 0, 0)\n"
        "    return 'sent' if libc.sendmsg(pair[0], head, 0) > 0 else ''"
    ),
    "hard link to a file of the user": "import os\ndef attempt():\n    os.link(PLACES['file'], 'mine')\n    open('mine', 'a').write('#')\n    return 'written'",
    "own file put over a file of the user": "import os\ndef attempt():\n    open('mine', 'w').write('#')\n    os.replace('mine', PLACES['file'])\n    return 'moved'",
    "remove a file of the user": "import os\ndef attempt():\n    os.remove(PLACES['file'])\n    return 'removed'",
    "cut a file of the user": "import os\ndef attempt():\n    os.truncate(PLACES['file'], 0)\n    return 'cut'",
    "cut a file by opening it to read": "import os\ndef attempt():\n    os.open(PLACES['file'], os.O_RDONLY | os.O_TRUNC)\n    return 'cut'",
    "times of a file of the user": "import os\ndef attempt():\n    os.utime(PLACES['file'], (1, 1))\n    return 'set'",
    "pipe beside a file of the user": "import os\ndef attempt():\n    os.mkfifo(PLACES['file'] + '.pipe')\n    os.remove(PLACES['file'] + '.pipe')\n    return 'made'",
    "link beside a file of the user": "import os\ndef attempt():\n    os.symlink('/', PLACES['file'] + '.link')\n    os.remove(PLACES['file'] + '.link')\n    return 'made'",
    "folder beside a file of the user": "import os\ndef attempt():\n    os.mkdir(PLACES['file'] + '.d')\n    os.rmdir(PLACES['file'] + '.d')\n    return 'made'",
    "file without a name in a folder of the user": "import os\ndef attempt():\n    os.open(os.path.dirname(PLACES['file']), os.O_TMPFILE | os.O_RDWR)\n    return 'made'",
    "timer that signals another": (
        _RAW + "def attempt():\n    about = ctypes.create_string_buffer(64)\n    number = ctypes.c_int()\n"
        "    return 'made' if libc.syscall(222, 0, None, ctypes.byref(number)) == 0 else ''"
    ),
    "session of its own": "import os\ndef attempt():\n    if os.getpid() == os.getsid(0): return ''\n    os.setsid()\n    return 'made'",
    "personality without random addresses": _RAW
    + "def attempt():\n    return 'changed' if libc.personality(0x0040000) >= 0 else ''",
}
