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
    os.open = _opens_handle
    last = b""
    try:
        exec(compile(job["code"], "solution.py", "exec", dont_inherit=True), module.__dict__)
        threading._shutdown()  # type: ignore[attr-defined]
        atexit._run_exitfuncs()
    except SystemExit:  # whatever its code: what was printed counts, as in the contests' own runners
        atexit._run_exitfuncs()
    except BaseException as error:
        last = codec.encode(describe_error(error))
    last = last or _flushed(sys.stdout, kept[1])
    if not last:
        vars(module).clear()  # as an interpreter does at its end: streams of the program's own write what they hold
        last = _flushed(kept[1])
    if last:
        os.write(2, last + END.pack(len(last), MARK))
    return 1 if last else 0


def _flushed(*streams: Any) -> bytes:
    """Write out what streams hold; the words of what went wrong."""
    for stream in streams:
        try:
            if not getattr(stream, "closed", True):
                stream.flush()
        except ValueError:  # its buffer was taken away, and is another's to write
            continue
        except OSError as error:
            return codec.encode(describe_error(error))
    return b""


_open, _open_handle = open, os.open
_STREAMS = {"stdin": 0, "stdout": 1, "stderr": 2, "0": 0, "1": 1, "2": 2}


def _opens(file: Any, *args: Any, **kwargs: Any) -> Any:
    """Open a file; ``/dev/stdin`` and its like, which no file here is, as the descriptor that they name."""
    stream = _stream(file)
    return _open(file, *args, **kwargs) if stream is None else _open(os.dup(stream), *args, **kwargs)


def _opens_handle(path: Any, *args: Any, **kwargs: Any) -> int:
    """Open a file, or such a stream, as a descriptor."""
    stream = _stream(path)
    return _open_handle(path, *args, **kwargs) if stream is None else os.dup(stream)


def _stream(file: Any) -> int | None:
    """Return the descriptor that a path names; None for any other file."""
    if not isinstance(file, (str, bytes, os.PathLike)):
        return None
    folder, _, name = os.fsdecode(file).rpartition("/")
    known = folder in ({"/dev"} if len(name) > 1 else {"/dev/fd", "/proc/self/fd"})
    return _STREAMS.get(name) if known else None
