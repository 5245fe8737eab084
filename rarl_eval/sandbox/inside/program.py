"""A program of standard input and output: run as a script; what it wrote is judged outside."""

import atexit
import os
import struct
import sys
import threading
import types

from . import codec
from .peer import describe_error
from .solution import read_all, seed

END = struct.Struct("<I8s")
"""Stands after a program's last words: their length and a mark."""
MARK = b"\0words\n\0"


def main(handles: list[int]) -> int:
    """Run one script; descriptors: the code, then its standard input, output and error.

    An error it dies of goes to standard error as its last words.
    """
    job = codec.decode(read_all(handles[0]))
    for target, handle in enumerate(handles[1:4]):
        os.dup2(handle, target)
        os.close(handle)
    seed(job["seed"])
    module = types.ModuleType("__main__")
    sys.modules["__main__"] = module
    sys.argv = ["solution.py"]
    sys.stdin = open(0, encoding="utf-8", errors="surrogateescape", closefd=False)
    sys.stdout = open(1, "w", encoding="utf-8", errors="surrogateescape", closefd=False)
    sys.stderr = open(2, "w", encoding="utf-8", errors="backslashreplace", buffering=1, closefd=False)
    code, last = 0, b""
    try:
        exec(compile(job["code"], "solution.py", "exec", dont_inherit=True), module.__dict__)
        threading._shutdown()  # type: ignore[attr-defined]
        atexit._run_exitfuncs()
    except SystemExit as error:
        atexit._run_exitfuncs()
        code = error.code if isinstance(error.code, int) else int(error.code is not None)
    except BaseException as error:
        code, last = 1, codec.encode(describe_error(error))
    try:
        sys.stdout.flush()
    except (OSError, ValueError) as error:
        code, last = 1, codec.encode(describe_error(error))
    if last:
        os.write(2, last + END.pack(len(last), MARK))
    return code & 0xFF
