"""Programs that look for the token where they should find nothing; ``attempt`` returns what it found.

``PLACES`` in a snippet is filled in with where the token really is: a file, ports, processes. The control runs the
same text in an ordinary process and must find it.
"""

SNIPPETS: dict[str, str] = {
    "environment": "import os\ndef attempt(): return os.environ.get('SANDBOX_TOKEN', '')",
    "environment by the C library": (
        "import ctypes\nlibc = ctypes.CDLL(None)\nlibc.getenv.restype = ctypes.c_char_p\n"
        "def attempt(): return (libc.getenv(b'SANDBOX_TOKEN') or b'').decode()"
    ),
    "own environment by /proc": ("def attempt(): return open('/proc/self/environ').read()"),
    "parent's environment by /proc": (
        "import os, glob\ndef attempt():\n    found = ''\n    for place in glob.glob('/proc/[0-9]*/environ'):\n"
        "        try: found += open(place, errors='replace').read()\n        except OSError: pass\n    return found if TOKEN_START in found else ''"
    ),
    "file in the home folder": "def attempt(): return open(PLACES['file']).read()",
    "file by a raw system call": (
        "import ctypes, os\nlibc = ctypes.CDLL(None, use_errno=True)\n"
        "def attempt():\n    handle = libc.open(PLACES['file'].encode(), 0)\n    return os.read(handle, 100).decode() if handle >= 0 else ''"
    ),
    "file by a hard link": (
        "import os\ndef attempt():\n    os.link(PLACES['file'], 'linked')\n    return open('linked').read()"
    ),
    "file by climbing out of the root": ("def attempt(): return open('../' * 40 + PLACES['file'].lstrip('/')).read()"),
    "file by another process's root": "def attempt(): return open(f'/proc/{PLACES[\"pid\"]}/root' + PLACES['file']).read()",
    "harness's own text": "def attempt():\n    text = open(PLACES['harness']).read()\n    return 'found ' + TOKEN_START if 'zygote' in text else ''",
    "loopback": (
        "import socket\ndef attempt():\n    with socket.create_connection(('127.0.0.1', PLACES['port']), 1) as s: return s.recv(100).decode()"
    ),
    "loopback over IPv6 socket": (
        "import socket\ndef attempt():\n    s = socket.socket(socket.AF_INET6, socket.SOCK_STREAM)\n    s.settimeout(1)\n"
        "    s.connect(('::ffff:127.0.0.1', PLACES['port']))\n    return s.recv(100).decode()"
    ),
    "abstract socket": (
        "import socket\ndef attempt():\n    s = socket.socket(socket.AF_UNIX)\n    s.settimeout(1)\n    s.connect(PLACES['abstract'])\n    return s.recv(100).decode()"
    ),
    "socket with a path": (
        "import socket\ndef attempt():\n    s = socket.socket(socket.AF_UNIX)\n    s.settimeout(1)\n    s.connect(PLACES['path'])\n    return s.recv(100).decode()"
    ),
    "datagram out": (
        "import socket\ndef attempt():\n    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
        "    return 'sent ' + TOKEN_START if s.sendto(b'x', ('127.0.0.1', PLACES['port'])) else ''"
    ),
    "inherited descriptors": (
        "import os\ndef attempt():\n    found = ''\n    for handle in range(3, 256):\n"
        "        try: found += os.pread(handle, 4096, 0).decode('utf-8', 'replace')\n        except OSError: pass\n"
        "    return found if TOKEN_START in found else ''"
    ),
    "parent's memory by /proc": (
        "import os, re\ndef attempt():\n    for pid in (os.getppid(), PLACES['pid']):\n        try:\n"
        "            maps = open(f'/proc/{pid}/maps').read()\n            with open(f'/proc/{pid}/mem', 'rb', 0) as mem:\n"
        "                for low, high in re.findall(r'^(\\w+)-(\\w+) rw', maps, re.M):\n"
        "                    low, high = int(low, 16), int(high, 16)\n                    mem.seek(low)\n"
        "                    try: data = mem.read(min(high - low, 1 << 26))\n                    except OSError: continue\n"
        "                    if TOKEN_START.encode() in data: return 'read ' + TOKEN_START\n        except OSError: continue\n    return ''"
    ),
    "parent's memory by process_vm_readv": (
        "import ctypes, re\nclass Vec(ctypes.Structure): _fields_ = [('base', ctypes.c_void_p), ('size', ctypes.c_size_t)]\n"
        "def attempt():\n    libc = ctypes.CDLL(None, use_errno=True)\n    here = ctypes.create_string_buffer(64)\n"
        "    a, b = Vec(ctypes.addressof(here), 64), Vec(PLACES['address'], 64)\n"
        "    n = libc.process_vm_readv(PLACES['pid'], ctypes.byref(a), 1, ctypes.byref(b), 1, 0)\n"
        "    return here.raw.decode('latin-1') if n > 0 else ''"
    ),
    "processes of the machine": (
        "import os\ndef attempt():\n    found = [p for p in os.listdir('/proc') if p.isdigit()]\n"
        "    names = ''\n    for p in found:\n        try: names += open(f'/proc/{p}/cmdline').read()\n        except OSError: pass\n"
        "    return 'saw ' + TOKEN_START if str(PLACES['pid']) in found and names else ''"
    ),
    "shared memory segment": (
        "import ctypes\ndef attempt():\n    libc = ctypes.CDLL(None, use_errno=True)\n    libc.shmat.restype = ctypes.c_void_p\n"
        "    number = libc.shmget(PLACES['shm'], 0, 0)\n    if number < 0: return ''\n"
        "    return ctypes.string_at(libc.shmat(number, None, 0), 40).decode('latin-1')"
    ),
    "message queue": (
        "import ctypes\ndef attempt():\n    libc = ctypes.CDLL(None, use_errno=True)\n    number = libc.msgget(PLACES['shm'], 0)\n"
        "    held = ctypes.create_string_buffer(200)\n"
        "    return held.raw[8:60].decode('latin-1') if number >= 0 and libc.msgrcv(number, held, 190, 0, 0o4000) > 0 else ''"
    ),
    "descriptors of another process by /proc": (
        "import glob\ndef attempt():\n    found = ''\n    for place in glob.glob(f'/proc/{PLACES[\"pid\"]}/fd/*'):\n"
        "        try:\n            with open(place, errors='replace') as f:\n                if f.seekable(): found += f.read(4096)\n"
        "        except OSError: pass\n    return found if TOKEN_START in found else ''"
    ),
    "descriptor taken from another process": (
        "import ctypes, os\nlibc = ctypes.CDLL(None, use_errno=True)\ndef attempt():\n    found = ''\n"
        "    process = libc.syscall(434, PLACES['pid'], 0)\n    for handle in range(64):\n"
        "        own = libc.syscall(438, process, handle, 0)\n        if own < 0: continue\n"
        "        try: found += os.pread(own, 4096, 0).decode('utf-8', 'replace')\n        except OSError: pass\n"
        "    return found if TOKEN_START in found else ''"
    ),
    "another process's working folder": (
        "import os\ndef attempt():\n    os.chdir(f'/proc/{PLACES[\"pid\"]}/cwd')\n    return open('../' * 40 + PLACES['file'].lstrip('/')).read()"
    ),
    "names of the network's interfaces": (
        "import socket\ndef attempt(): return TOKEN_START + str(socket.if_nameindex())"
    ),
    "listening on the loopback": (
        "import socket\ndef attempt():\n    s = socket.socket()\n    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)\n"
        "    s.bind(('127.0.0.1', 0))\n    s.listen()\n    return TOKEN_START + str(s.getsockname())"
    ),
    "walk up from an inherited folder": (
        "import os\ndef attempt():\n    found = ''\n    for handle in [*range(3, 64), os.open('.', os.O_PATH)]:\n"
        "        try: found += os.read(os.open('../' * 40 + PLACES['file'].lstrip('/'), os.O_RDONLY, dir_fd=handle), 100).decode()\n"
        "        except OSError: pass\n    return found"
    ),
    "where the harness runs": (
        "import os\ndef attempt():\n    found = ''\n    for what in ('cwd', 'exe', 'root', 'fd/0', 'ns/net'):\n"
        "        try: found += os.readlink(f'/proc/{PLACES[\"pid\"]}/{what}')\n        except OSError: pass\n"
        "    return TOKEN_START + found if found else ''"
    ),
    "lines of a file by the line cache": "import linecache\ndef attempt(): return ''.join(linecache.getlines(PLACES['file']))",
    "file by the import system": (
        "import importlib.machinery\ndef attempt():\n    return importlib.machinery.SourceFileLoader('x', PLACES['file']).get_data(PLACES['file']).decode()"
    ),
    "file mapped into memory": (
        "import mmap, os\ndef attempt():\n    handle = os.open(PLACES['file'], os.O_RDONLY)\n"
        "    return mmap.mmap(handle, 0, prot=mmap.PROT_READ)[:100].decode()"
    ),
    "files left in /tmp and /dev/shm": (
        "import os\ndef attempt():\n    found = ''\n    for folder in ('/tmp', '/var/tmp', '/dev/shm', '.', os.environ.get('TMPDIR', '/tmp')):\n"
        "        try: names = os.listdir(folder)\n        except OSError: continue\n        for name in names:\n"
        "            if 'token' in name:\n                try: found += open(os.path.join(folder, name)).read(100)\n                except OSError: pass\n"
        "    return found"
    ),
}

LEAVE = (
    "import os, ctypes\ndef attempt():\n    for folder in ('/tmp', '/var/tmp', '/dev/shm', '.'):\n"
    "        try: open(folder + '/token', 'w').write(TOKEN)\n        except OSError: pass\n"
    "    keep = [TOKEN + str(i) for i in range(1000)]\n    return 'left'\n"
)
"""An earlier sample that leaves the token behind in files and memory."""

SEARCH = """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)

def count(text):
    # Every page within 64 MiB of this process's small objects, large objects and C heap; a pipe tells what is mapped.
    found, size, (end, start) = 0, 1 << 15, os.pipe()
    near = [id(object()), id(bytes(1 << 18)), ctypes.addressof(ctypes.create_string_buffer(600))]
    for place in sorted({(n >> 15 << 15) + step for n in near for step in range(-1 << 26, 1 << 26, size)}):
        if place > 0 and (got := libc.write(start, ctypes.c_void_p(place), size)) > 0:
            found += os.read(end, got).count(text)
    return found
"""
"""Searches the memory that a process has, the freed pieces too."""
