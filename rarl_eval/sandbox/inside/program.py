"""A program of standard input and output: run as a script; what it wrote is judged outside."""

import atexit
import builtins
import io
import os
import struct
import sys
import threading
import types
from typing import Any

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
    kept = sys.stdin, sys.stdout, sys.stderr
    vars(sys).update(__stdin__=kept[0], __stdout__=kept[1], __stderr__=kept[2])
    """Else a program that wraps their buffers anew, and lets go of these, would have the buffers closed."""
    builtins.open = io.open = _opens
    last = b""
    try:
        exec(compile(job["code"], "solution.py", "exec", dont_inherit=True), module.__dict__)
        threading._shutdown()  # type: ignore[attr-defined]
        atexit._run_exitfuncs()
    except SystemExit:  # whatever its code: what was printed counts, as in the contests' own runners
        atexit._run_exitfuncs()
    except BaseException as error:
        last = codec.encode(describe_error(error))
    for stream in (sys.stdout, kept[1]):
        try:
            if not getattr(stream, "closed", True):
                stream.flush()
        except (OSError, ValueError) as error:
            last = last or codec.encode(describe_error(error))
    if last:
        os.write(2, last + END.pack(len(last), MARK))
    return 1 if last else 0


_open = open
_STREAMS = {"stdin": 0, "stdout": 1, "stderr": 2, "0": 0, "1": 1, "2": 2}


def _opens(file: Any, *args: Any, **kwargs: Any) -> Any:
    """Open a file; ``/dev/stdin`` and its like, which no file here is, as the descriptor that they name."""
    if isinstance(file, (str, bytes, os.PathLike)):
        folder, _, name = os.fsdecode(file).rpartition("/")
        if name in _STREAMS and folder in ({"/dev"} if len(name) > 1 else {"/dev/fd", "/proc/self/fd"}):
            return _open(os.dup(_STREAMS[name]), *args, **kwargs)
    return _open(file, *args, **kwargs)
